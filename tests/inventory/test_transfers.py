"""Transfers: pieces leave one warehouse, are in transit, and arrive in another, or are lost on the way."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from core.errors import Conflict, DomainError, InvalidInput, InvalidTransition, NotAllowed
from core.models import EventRecord
from inventory.models import ShelfStock, StockEntry, StockItem, Transfer
from inventory.outlook import arrivals_of
from inventory.selectors.moving import is_late, lines_of_transfer, pieces_to_move, transfers_under_way
from inventory.services.moving import (
    ArrivedPieces,
    TransferPieces,
    add_by_code,
    cancel_transfer,
    close_transfer,
    create_transfer,
    put_transfer_lines,
    receive_transfer,
    send_transfer,
)
from tests.factories import make_stock, make_user, make_variant, make_warehouse
from tests.inventory.moving import make_transfer, numbers, receive_lots, reserve
from tests.inventory.transfers import states, told
from tests.orders.stories import assert_sound

pytestmark = pytest.mark.django_db


# --- drafts


def test_a_draft_moves_nothing():
    item = make_stock(on_hand=10)
    transfer = make_transfer((item, 4), expected_on=date(2026, 8, 1), note="For the sale")

    assert (transfer.number, transfer.state, transfer.note) == ("TR-0000001", "draft", "For the sale")
    assert states(transfer) == [(4, 0, 0, 0)]
    assert numbers(item) == (10, 0, 0)
    assert told(transfer) == ["Drafted: 4 pieces"]
    assert_sound()


def test_the_same_key_makes_one_draft():
    item = make_stock()
    there = make_warehouse()
    first = make_transfer((item, 4), destination=there, key="a")
    assert make_transfer((item, 4), destination=there, key="a") == first
    with pytest.raises(Conflict):
        make_transfer((item, 5), destination=there, key="a")
    assert Transfer.objects.count() == 1


def test_what_a_draft_refuses():
    item, closed = make_stock(), make_warehouse(is_active=False)
    here = item.warehouse_id
    with pytest.raises(InvalidInput, match="two different"):
        create_transfer(source_id=here, destination_id=here)
    with pytest.raises(InvalidInput, match="closed"):
        create_transfer(source_id=here, destination_id=closed.pk)
    for line in (
        TransferPieces(variant_id=item.variant_id, quantity=0),
        TransferPieces(variant_id=item.variant_id, quantity=10_000_001),
        TransferPieces(variant_id=0, quantity=1),
        TransferPieces(variant_id=item.variant_id, quantity=1, lot_id=7),
    ):
        with pytest.raises(InvalidInput):
            create_transfer(source_id=here, destination_id=make_warehouse().pk, lines=[line])
    assert not Transfer.objects.exists()
    assert not EventRecord.objects.filter(name__startswith="inventory.transfer").exists()


def test_lines_are_replaced_as_a_whole():
    shirt, cap = make_stock(), make_stock()
    transfer = make_transfer((shirt, 4))
    wanted = [
        TransferPieces(variant_id=cap.variant_id, quantity=2),
        TransferPieces(variant_id=cap.variant_id, quantity=1),
    ]

    put_transfer_lines(transfer_id=transfer.pk, lines=wanted)
    put_transfer_lines(transfer_id=transfer.pk, lines=wanted)

    assert list(transfer.lines.values_list("variant", "quantity")) == [(cap.variant_id, 3)]
    assert told(transfer)[1:] == [f"Changed: {cap.variant.sku} 0 → 3; {shirt.variant.sku} 4 → 0"]


def test_scanned_codes_add_up():
    item = make_stock(make_variant(sku="TEE-M", barcode="4006381333931"))
    transfer = make_transfer((make_stock(), 1))

    add_by_code(transfer_id=transfer.pk, code=" TEE-M ", quantity=2)
    line = add_by_code(transfer_id=transfer.pk, code="4006381333931", quantity=1)

    assert (line.variant_id, line.quantity) == (item.variant_id, 3)
    assert transfer.lines.count() == 2
    with pytest.raises(InvalidInput, match="Nobody knows"):
        add_by_code(transfer_id=transfer.pk, code="", quantity=1)
    with pytest.raises(InvalidInput, match="NOPE"):
        add_by_code(transfer_id=transfer.pk, code="NOPE", quantity=1)


def test_a_draft_is_cancelled_and_what_left_is_not():
    item = make_stock()
    given_up, sent = make_transfer((item, 1)), make_transfer((item, 1))
    assert cancel_transfer(transfer_id=given_up.pk).state == "cancelled"
    send_transfer(transfer_id=sent.pk)
    for refused in (given_up, sent):
        with pytest.raises(InvalidTransition):
            cancel_transfer(transfer_id=refused.pk)
        with pytest.raises(InvalidTransition):
            put_transfer_lines(transfer_id=refused.pk, lines=[])
    with pytest.raises(InvalidTransition):
        send_transfer(transfer_id=given_up.pk)
    assert_sound()


# --- sending


def test_what_is_sent_is_in_transit():
    item = make_stock(on_hand=10)
    transfer = make_transfer((item, 4), expected_on=date(2026, 8, 1))

    sent = send_transfer(transfer_id=transfer.pk)

    assert sent.state == "in_transit"
    assert sent.sent_at is not None
    assert numbers(item) == (6, 0, 0)
    assert states(transfer) == [(4, 4, 0, 0)]
    entry = StockEntry.objects.get(transfer=transfer)
    assert (entry.kind, entry.reference) == ("transfer_out", transfer.number)
    assert list(entry.movements.values_list("kind", "on_hand_change", "on_hand_after")) == [("moved_out", -4, 6)]
    [arrival] = transfers_under_way(variant_ids=[item.variant_id])
    assert (arrival.warehouse_id, arrival.quantity, arrival.expected_on, arrival.reference, arrival.is_transfer) == (
        transfer.destination_id, 4, date(2026, 8, 1), transfer.number, True,
    )  # fmt: skip
    assert arrivals_of(variant_ids=[item.variant_id]) == {item.variant_id: [arrival]}
    assert told(transfer)[-1] == "Sent: 4 pieces"
    assert_sound()


def test_reserved_and_held_pieces_stay():
    item, other = make_stock(on_hand=10), make_stock(on_hand=3)
    reserve(item, 7)
    transfer = make_transfer((item, 4), (other, 3), destination=make_warehouse())

    with pytest.raises(InvalidInput, match=item.variant.sku):
        send_transfer(transfer_id=transfer.pk)
    assert (numbers(item), numbers(other)) == ((10, 7, 0), (3, 0, 0))
    assert states(transfer) == [(4, 0, 0, 0), (3, 0, 0, 0)]
    assert told(transfer) == ["Drafted: 7 pieces"]

    send_transfer(transfer_id=transfer.pk, as_far_as_there=True)
    assert (numbers(item), numbers(other)) == ((7, 7, 0), (0, 0, 0))
    assert states(transfer) == [(4, 3, 0, 0), (3, 3, 0, 0)]
    assert told(transfer)[-1] == "Sent: 6 pieces, 1 were not there"
    assert_sound()


def test_nothing_at_all_is_not_sent():
    item = make_stock(on_hand=0)
    for transfer in (make_transfer((item, 4)), make_transfer()):
        with pytest.raises(InvalidInput):
            send_transfer(transfer_id=transfer.pk, as_far_as_there=True)
        transfer.refresh_from_db()
        assert transfer.state == "draft"


def test_the_same_key_sends_once():
    item = make_stock(on_hand=10)
    transfer = make_transfer((item, 4))
    for _again in range(2):
        send_transfer(transfer_id=transfer.pk, key="a")
    assert numbers(item) == (6, 0, 0)
    with pytest.raises(InvalidTransition):
        send_transfer(transfer_id=transfer.pk)


def test_lots_travel_along_the_first_to_expire_first():
    item = make_stock(on_hand=2)
    receive_lots(item, L1=3, L2=5)
    transfer = make_transfer((item, 9))

    send_transfer(transfer_id=transfer.pk)
    lines = list(transfer.lines.order_by("pk").values_list("lot__number", "quantity", "sent"))
    assert sorted(lines, key=str) == [("L1", 3, 3), ("L2", 5, 5), (None, 1, 1)]
    assert numbers(item) == (1, 0, 0)

    parts = [ArrivedPieces(line_id=line.pk, quantity=line.sent) for line in transfer.lines.all()]
    receive_transfer(transfer_id=transfer.pk, pieces=parts)
    there = StockItem.objects.get(variant=item.variant, warehouse=transfer.destination)
    assert there.on_hand == 9
    shelves = ShelfStock.objects.filter(stock_item=there).order_by("lot__number")
    assert list(shelves.values_list("lot__number", "quantity")) == [("L1", 3), ("L2", 5)]
    assert not ShelfStock.objects.filter(stock_item=item, quantity__gt=0).exists()
    assert_sound()


def test_a_line_of_a_lot_takes_that_lot():
    item = make_stock(on_hand=0)
    receive_lots(item, L1=3, L2=5)
    lot = item.variant.lots.get(number="L2")
    lines = [
        TransferPieces(variant_id=item.variant_id, quantity=4),
        TransferPieces(variant_id=item.variant_id, quantity=4, lot_id=lot.pk),
    ]
    transfer = create_transfer(source_id=item.warehouse_id, destination_id=make_warehouse().pk, lines=lines)

    send_transfer(transfer_id=transfer.pk)

    sums = dict(transfer.lines.values_list("lot__number", "sent"))
    assert sums == {"L1": 3, "L2": 5}
    too_much = create_transfer(
        source_id=item.warehouse_id,
        destination_id=make_warehouse().pk,
        lines=[TransferPieces(variant_id=item.variant_id, quantity=1, lot_id=lot.pk)],
    )
    with pytest.raises(InvalidInput, match="free at the source"):
        send_transfer(transfer_id=too_much.pk)
    assert_sound()


# --- rights and reads


def test_only_people_of_the_warehouse_move_stock():
    item, stranger = make_stock(on_hand=10), make_user(permissions=["inventory.adjust_stock"])
    mover = make_user(permissions=["inventory.move_stock"])
    transfer = make_transfer((item, 6), actor=mover)
    calls = [
        lambda actor: create_transfer(source_id=item.warehouse_id, destination_id=transfer.destination_id, actor=actor),
        lambda actor: put_transfer_lines(transfer_id=transfer.pk, lines=[], actor=actor),
        lambda actor: add_by_code(transfer_id=transfer.pk, code=item.variant.sku, quantity=1, actor=actor),
        lambda actor: send_transfer(transfer_id=transfer.pk, actor=actor),
        lambda actor: cancel_transfer(transfer_id=transfer.pk, actor=actor),
        lambda actor: receive_transfer(transfer_id=transfer.pk, pieces=[], actor=actor),
        lambda actor: close_transfer(transfer_id=transfer.pk, reason="x", actor=actor),
    ]
    for call in calls:
        with pytest.raises(NotAllowed):
            call(stranger)
    assert Transfer.objects.count() == 1
    assert send_transfer(transfer_id=transfer.pk, actor=mover).state == "in_transit"


def test_a_line_knows_what_is_in_transit_and_what_is_left_at_its_source():
    item = make_stock(on_hand=10)
    there = make_stock(item.variant, on_hand=1, warehouse=make_warehouse())
    transfer = make_transfer((item, 6), destination=there.warehouse)
    send_transfer(transfer_id=transfer.pk)
    [row] = lines_of_transfer(transfer=transfer)
    assert (row.line.in_transit, row.available) == (6, 4)


def test_late_is_what_was_expected_before_today():
    today = timezone.localdate(timezone.now(), timezone.get_default_timezone())
    item = make_stock(on_hand=10)
    late = make_transfer((item, 1), expected_on=today - timedelta(days=1))
    for transfer in (late, make_transfer((item, 1), expected_on=today), make_transfer((item, 1))):
        send_transfer(transfer_id=transfer.pk)
    make_transfer((item, 1), expected_on=today - timedelta(days=1))  # a draft
    assert list(Transfer.objects.filter(is_late())) == [late]


def test_what_runs_low_there_and_can_be_spared_here_is_suggested():
    here, there = make_warehouse(), make_warehouse()
    variants = [make_variant() for _number in range(3)]
    for variant, on_hand, low_at in zip(variants, (50, 12, 3), (10, 10, 5), strict=True):
        make_stock(variant, on_hand=on_hand, warehouse=here, low_at=low_at)
        make_stock(variant, on_hand=2, warehouse=there, low_at=4)
    [first, second] = pieces_to_move(source_id=here.pk, destination_id=there.pk)
    assert (first.variant_id, first.quantity) == (variants[0].pk, 6)
    assert (second.variant_id, second.quantity) == (variants[1].pk, 2)

    lines = [TransferPieces(variant_id=variants[0].pk, quantity=6)]
    under_way = create_transfer(source_id=here.pk, destination_id=there.pk, lines=lines)
    send_transfer(transfer_id=under_way.pk)
    assert [row.variant_id for row in pieces_to_move(source_id=here.pk, destination_id=there.pk)] == [variants[1].pk]


def test_a_refusal_is_answered_again_under_its_key():
    item = make_stock(on_hand=1)
    transfer = make_transfer((item, 2))
    for _again in range(2):
        with pytest.raises(DomainError):
            send_transfer(transfer_id=transfer.pk, key="a")
    assert numbers(item) == (1, 0, 0)
