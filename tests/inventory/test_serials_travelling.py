"""Numbered pieces that go from one warehouse to another: each one is somewhere at every moment."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from core.errors import Conflict, InvalidInput
from core.events import sentences_of
from core.models import EventRecord
from inventory.models import EntryKind, SerialNumber, StockItem, StockPolicy, TransferSerial
from inventory.services import EntryLine, LotGiven, Portion, post_entry, ship_stock
from inventory.services.moving import ArrivedPieces, close_transfer, receive_transfer, send_transfer
from tests.factories import make_stock, make_variant, make_warehouse
from tests.inventory.moving import make_transfer, numbers, stock_at
from tests.inventory.test_serials import reserve
from tests.orders.stories import assert_sound

pytestmark = pytest.mark.django_db


@pytest.fixture
def phones():
    variant = make_variant()
    StockPolicy.objects.create(variant=variant, tracks_serials=True)
    item = make_stock(variant, on_hand=0)
    enter(item, "A", "B", "C")
    return item


def enter(item, *serials, lot=None, kind=EntryKind.RECEIPT):
    line = EntryLine(
        variant_id=item.variant_id, warehouse_id=item.warehouse_id, quantity=len(serials), serials=serials,
        lot=lot and LotGiven(number=lot, expires_on=date(2099, int(lot[-1]), 1)),
    )  # fmt: skip
    return post_entry(kind=kind, lines=[line], reason="x")


def send(transfer, *serials, **options):
    return send_transfer(transfer_id=transfer.pk, serials={transfer.lines.get().pk: serials}, **options)


def receive(transfer, line, *serials, quantity=None, damaged=0, **options):
    part = ArrivedPieces(line_id=line.pk, quantity=quantity or len(serials), damaged=damaged, serials=serials)
    return receive_transfer(transfer_id=transfer.pk, pieces=[part], **options)


def where(item):
    """Return number -> (state, warehouse) of the variant's pieces."""
    rows = SerialNumber.objects.filter(variant=item.variant_id).order_by("number")
    return {
        number: (state, place) for number, state, place in rows.values_list("number", "state", "stock_item__warehouse")
    }


def travels(transfer):
    rows = TransferSerial.objects.filter(line__transfer=transfer).order_by("serial__number")
    return list(rows.values_list("serial__number", "state"))


def test_numbers_leave_arrive_and_are_lost(phones):
    transfer = make_transfer((phones, 3))
    here, there = phones.warehouse_id, transfer.destination_id

    send(transfer, "A", "B", "C")

    gone = ("in_transit", None)
    assert where(phones) == {"A": gone, "B": gone, "C": gone}
    assert_sound()
    receive(transfer, transfer.lines.get(), "B", damaged=1)
    assert where(phones) == {"A": gone, "B": ("in_stock", there), "C": gone}
    assert stock_at(phones.variant, transfer.destination) == (1, 0, 1)
    assert_sound()
    close_transfer(transfer_id=transfer.pk, reason="Stolen")
    assert where(phones) == {"A": ("lost", None), "B": ("in_stock", there), "C": ("lost", None)}
    assert travels(transfer) == [("A", "lost"), ("B", "received"), ("C", "lost")]
    assert_sound()
    # found again, it comes back by a count of what lies there; the story of the transfer stays
    enter(phones, "A", kind=EntryKind.ADJUSTMENT)
    assert where(phones)["A"] == ("in_stock", here)
    assert travels(transfer)[0] == ("A", "lost")
    assert_sound()


def test_each_number_tells_its_way(phones):
    transfer = make_transfer((phones, 1))
    send(transfer, "A")
    receive(transfer, transfer.lines.get(), "A")

    serial = SerialNumber.objects.get(number="A")
    records = EventRecord.objects.filter(name="inventory.serial_moved", subject_id=serial.pk).order_by("id")
    places = f"{phones.warehouse.name} → {transfer.destination.name}"
    assert sentences_of(list(records))[1:] == [
        f"In transit: {places}, {transfer.number}",
        f"In stock: {transfer.destination.name}, {transfer.number}",
    ]
    assert serial.entry.transfer == transfer


@pytest.mark.parametrize(
    ("serials", "reason"),
    [
        ((), "Give one serial number for each of the 2 pieces"),
        (("A",), "Give one serial number for each of the 2 pieces"),
        (("A", "A"), "none twice"),
        (("A", "B", "C"), "for each of the 2 pieces"),
        (("A", "elsewhere"), "not in stock here: elsewhere"),
        (("A", "typo"), "Name the serial numbers that are gone"),
    ],
)
def test_what_cannot_leave(phones, serials, reason):
    enter(make_stock(phones.variant, on_hand=0, warehouse=make_warehouse()), "elsewhere")
    transfer = make_transfer((phones, 2))
    before = where(phones)

    with pytest.raises(InvalidInput, match=reason):
        send(transfer, *serials)

    assert where(phones) == before
    assert (numbers(phones), TransferSerial.objects.count()) == ((3, 0, 0), 0)
    assert_sound()


def test_fewer_numbers_send_fewer_pieces_if_that_is_meant(phones):
    transfer = make_transfer((phones, 3))
    send(transfer, "B", as_far_as_there=True)
    assert transfer.lines.values_list("quantity", "sent").get() == (3, 1)
    assert numbers(phones) == (2, 0, 0)
    assert_sound()


def test_reserved_pieces_do_not_leave_whatever_numbers_are_given(phones):
    reserve(phones, 2)
    transfer = make_transfer((phones, 2))
    with pytest.raises(InvalidInput, match="Fewer pieces are free"):
        send(transfer, "A", "B", as_far_as_there=True)
    assert where(phones)["A"] == ("in_stock", phones.warehouse_id)


def test_a_piece_older_than_the_policy_gets_its_number_on_the_way():
    item = make_stock(on_hand=2)
    StockPolicy.objects.create(variant=item.variant, tracks_serials=True)
    transfer = make_transfer((item, 1))
    send(transfer, "old")
    assert where(item) == {"old": ("in_transit", None)}
    receive(transfer, transfer.lines.get(), "old")
    assert where(item) == {"old": ("in_stock", transfer.destination_id)}
    assert_sound()


def test_numbers_decide_which_lots_leave():
    variant = make_variant()
    StockPolicy.objects.create(variant=variant, tracks_serials=True, tracks_lots=True)
    item = make_stock(variant, on_hand=0)
    enter(item, "A", "B", lot="L1")
    enter(item, "C", "D", lot="L2")
    transfer = make_transfer((item, 3))

    send(transfer, "A", "C", "D")

    lines = {line.lot.number: line for line in transfer.lines.select_related("lot")}
    assert {lot: line.sent for lot, line in lines.items()} == {"L1": 1, "L2": 2}
    assert list(lines["L2"].serials.order_by("pk").values_list("serial__number", flat=True)) == ["C", "D"]
    with pytest.raises(Conflict, match="not on their way with this line: C"):
        receive(transfer, lines["L1"], "C")
    receive(transfer, lines["L2"], "C", "D")
    assert SerialNumber.objects.get(number="C").lot.number == "L2"
    assert_sound()


def test_a_number_of_another_lot_does_not_leave_with_a_lots_line():
    variant = make_variant()
    StockPolicy.objects.create(variant=variant, tracks_serials=True, tracks_lots=True)
    item = make_stock(variant, on_hand=0)
    enter(item, "A", lot="L1")
    enter(item, "C", lot="L2")
    transfer = make_transfer((item, 1))
    transfer.lines.update(lot=variant.lots.get(number="L1"))

    with pytest.raises(InvalidInput, match="of another lot than their line: C"):
        send(transfer, "C")

    assert where(item)["C"] == ("in_stock", item.warehouse_id)


@pytest.mark.parametrize(
    ("serials", "quantity", "error", "reason"),
    [
        ((), 1, InvalidInput, "for each of the 1 pieces"),
        (("A",), 2, InvalidInput, "for each of the 2 pieces"),
        (("A", "A"), 2, InvalidInput, "none twice"),
        (("C",), 1, Conflict, "not on their way with this line: C"),
    ],
)
def test_what_cannot_have_arrived(phones, serials, quantity, error, reason):
    transfer = make_transfer((phones, 2))
    send(transfer, "A", "B")
    before = where(phones)

    with pytest.raises(error, match=reason):
        receive(transfer, transfer.lines.get(), *serials, quantity=quantity)

    assert where(phones) == before
    assert transfer.lines.get().received == 0
    assert_sound()


def test_the_same_key_sends_and_receives_numbers_once(phones):
    transfer = make_transfer((phones, 1))
    line = transfer.lines.get()
    for _press in range(2):
        send(transfer, "A", key="a")
    for _press in range(2):
        receive(transfer, line, "A", key="b")
    assert travels(transfer) == [("A", "received")]
    with pytest.raises(Conflict):
        send(transfer, "B", key="a")


def test_a_number_in_transit_can_neither_be_sold_nor_received_nor_sent_again(phones):
    reservation = reserve(phones, 1)
    transfer, other = make_transfer((phones, 1)), make_transfer((phones, 1))
    send(transfer, "A")

    with pytest.raises(Conflict, match="not in stock here: A"):
        ship_stock(portions=[Portion(reservation.pk, 1, serials=("A",))])
    for attempt in (
        lambda: send(other, "A"),
        lambda: enter(phones, "A"),
        lambda: enter(phones, "A", kind=EntryKind.RETURN),
    ):
        with pytest.raises(InvalidInput, match="A"):
            attempt()

    assert where(phones)["A"] == ("in_transit", None)
    assert StockItem.objects.get(pk=phones.pk).on_hand == 2
    assert_sound()


def test_the_database_refuses_two_ways_at_once_and_unknown_states(phones):
    transfer, other = make_transfer((phones, 1)), make_transfer((phones, 1))
    send(transfer, "A")
    travel = TransferSerial.objects.get()
    with pytest.raises(IntegrityError, match="one_way_at_a_time"), transaction.atomic():
        TransferSerial.objects.create(line=other.lines.get(), serial=travel.serial)
    with pytest.raises(IntegrityError, match="inventory_transferserial_once"), transaction.atomic():
        TransferSerial.objects.create(line=travel.line, serial=travel.serial, state="lost")
    with pytest.raises(IntegrityError, match="inventory_transferserial_state"), transaction.atomic():
        TransferSerial.objects.update(state="flying")
