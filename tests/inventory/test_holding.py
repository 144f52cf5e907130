"""Pieces held back, freed again, disposed of; and pieces that arrive straight into a hold."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.errors import Conflict, InvalidInput, NotAllowed
from core.models import EventRecord
from inventory.models import AdjustReason, EntryKind, HoldKind, StockEntry, StockHold, StockItem, StockMovement
from inventory.services import (
    EntryLine,
    HoldWish,
    Need,
    StockRequest,
    dispose_held,
    hold_stock,
    post_entry,
    release_ended_holds,
    release_held_for,
    release_hold,
    reserve_stock,
    take_back_stock,
)
from inventory.tasks import free_ended_holds
from tests.factories import make_stock, make_user
from tests.orders.stories import assert_sound

pytestmark = pytest.mark.django_db


def numbers(item):
    """Return (on hand, reserved, held)."""
    return StockItem.objects.values_list("on_hand", "reserved", "held").get(pk=item.pk)


def wish(item, quantity, **over):
    return HoldWish(**{"stock_item_id": item.pk, "kind": HoldKind.DISPLAY, "quantity": quantity, **over})


def hold(item, quantity, actor=None, **over):
    return hold_stock(wishes=[wish(item, quantity, **over)], actor=actor)[0]


def reserve(item, quantity, key="k"):
    need = Need(key=key, variant_id=item.variant_id, quantity=quantity)
    return reserve_stock(requests=[StockRequest(reference="x", needs=[need])])[0].is_served


def movements(item):
    return list(
        StockMovement.objects.filter(stock_item=item)
        .order_by("id")
        .values_list("kind", "on_hand_change", "held_change", "on_hand_after", "held_after")
    )[1:]


def line(item, quantity, **over):
    return EntryLine(variant_id=item.variant_id, warehouse_id=item.warehouse_id, quantity=quantity, **over)


def test_held_pieces_are_there_and_cannot_be_reserved():
    item = make_stock(on_hand=10)
    keeper = make_user(permissions=["inventory.hold_stock"])

    held = hold(item, 7, keeper, reference="Window", note="Spring")

    assert numbers(item) == (10, 0, 7)
    assert (held.quantity, held.released, held.kind, held.created_by, held.note) == (7, 0, "display", keeper, "Spring")
    assert movements(item) == [("held", 0, 7, 10, 7)]
    assert not reserve(item, 4)
    assert reserve(item, 3)
    assert_sound()


def test_reserved_pieces_cannot_be_held():
    item = make_stock(on_hand=10)
    reserve(item, 6)

    with pytest.raises(InvalidInput, match="Only 2 pieces"):
        hold_stock(wishes=[wish(item, 2), wish(item, 3)])

    assert numbers(item) == (10, 6, 0)
    assert not StockHold.objects.exists()


def test_a_key_holds_once_and_only_for_the_same():
    item = make_stock(on_hand=10)
    first = hold(item, 2, key="exchange:1")

    assert hold(item, 2, key="exchange:1") == first
    with pytest.raises(Conflict):
        hold(item, 3, key="exchange:1")

    assert numbers(item) == (10, 0, 2)


@pytest.mark.parametrize("quantity", [0, -1])
def test_nothing_cannot_be_held(quantity):
    item = make_stock(on_hand=10)

    with pytest.raises(InvalidInput):
        hold(item, quantity)

    assert numbers(item) == (10, 0, 0)


def test_holding_freeing_and_disposing_need_their_rights():
    item = make_stock(on_hand=10)
    held = hold(item, 2)
    nobody, keeper = make_user(), make_user(permissions=["inventory.hold_stock"])

    with pytest.raises(NotAllowed):
        hold(item, 1, nobody)
    with pytest.raises(NotAllowed):
        release_hold(hold_id=held.pk, actor=nobody)
    with pytest.raises(NotAllowed):
        dispose_held(hold_id=held.pk, note="broken", actor=keeper)

    assert numbers(item) == (10, 0, 2)
    assert release_hold(hold_id=held.pk, actor=keeper).released == 2


def test_a_hold_is_freed_in_parts_and_a_second_press_frees_nothing_more():
    item = make_stock(on_hand=10)
    held = hold(item, 5)

    release_hold(hold_id=held.pk, quantity=2)
    with pytest.raises(InvalidInput, match="keeps 3"):
        release_hold(hold_id=held.pk, quantity=4)
    release_hold(hold_id=held.pk)
    release_hold(hold_id=held.pk)

    assert numbers(item) == (10, 0, 0)
    assert movements(item) == [("held", 0, 5, 10, 5), ("freed", 0, -2, 10, 3), ("freed", 0, -3, 10, 0)]
    assert EventRecord.objects.filter(name="inventory.stock_replenished").count() == 3  # opening, two releases
    assert_sound()


def test_what_is_held_under_a_key_is_freed_by_its_holder():
    item = make_stock(on_hand=10)
    hold(item, 5, key="exchange:1")

    assert release_held_for(key="exchange:1") == 5
    assert release_held_for(key="exchange:1") == 0
    assert numbers(item) == (10, 0, 0)


def test_the_clock_frees_what_was_held_until_a_moment_and_nothing_else():
    item = make_stock(on_hand=10)
    soon = timezone.now() + timedelta(hours=1)
    ending, later, open_end = hold(item, 1, until=soon), hold(item, 2, until=soon + timedelta(hours=1)), hold(item, 3)

    assert release_ended_holds(now=soon) == 1
    assert release_ended_holds(now=soon) == 0

    assert [StockHold.objects.get(pk=one.pk).released for one in (ending, later, open_end)] == [1, 0, 0]
    assert numbers(item) == (10, 0, 5)
    assert free_ended_holds() == 0


def test_a_moment_that_is_over_is_refused():
    item = make_stock(on_hand=10)

    with pytest.raises(InvalidInput, match="still to come"):
        hold(item, 1, until=timezone.now() - timedelta(seconds=1))

    assert numbers(item) == (10, 0, 0)


def test_disposing_takes_held_pieces_out_in_one_go():
    item = make_stock(on_hand=10)
    held = hold(item, 5, kind=HoldKind.DAMAGED, reference="R-1")

    entry = dispose_held(hold_id=held.pk, quantity=3, reason_code=AdjustReason.DAMAGED, note="crushed")

    assert numbers(item) == (7, 0, 2)
    assert movements(item) == [("held", 0, 5, 10, 5), ("freed", 0, -3, 10, 2), ("adjusted", -3, 0, 7, 2)]
    assert (entry.kind, entry.reason_code, entry.reason, entry.reference) == (
        "adjustment", "damaged", "crushed", "R-1",
    )  # fmt: skip
    assert not EventRecord.objects.filter(name="inventory.stock_replenished", data__added=3).exists()
    assert_sound()


@pytest.mark.parametrize(("pieces", "code", "note"), [(6, "damaged", "x"), (1, "because", "x"), (1, "damaged", " ")])
def test_disposing_refuses_too_many_an_unknown_cause_and_no_note(pieces, code, note):
    item = make_stock(on_hand=10)
    held = hold(item, 5)

    with pytest.raises(InvalidInput):
        dispose_held(hold_id=held.pk, quantity=pieces, reason_code=code, note=note)

    assert numbers(item) == (10, 0, 5)
    assert StockEntry.objects.count() == 1


def test_a_damaged_return_is_never_for_sale():
    item = make_stock(on_hand=2)
    reserve(item, 2)

    take_back_stock(lines=[line(item, 1, hold_kind=HoldKind.DAMAGED)], reason="dented", reference="R-9")

    assert numbers(item) == (3, 2, 1)
    assert movements(item)[-2:] == [("returned", 1, 0, 3, 0), ("held", 0, 1, 3, 1)]
    held = StockHold.objects.get()
    assert (held.kind, held.quantity, held.reference, held.note) == ("damaged", 1, "R-9", "dented")
    assert EventRecord.objects.filter(name="inventory.stock_replenished").count() == 1  # the opening count's
    assert_sound()


def test_one_receipt_brings_good_and_held_pieces():
    item = make_stock(on_hand=0)

    post_entry(kind=EntryKind.RECEIPT, lines=[line(item, 5), line(item, 2, hold_kind=HoldKind.INSPECTION)])

    assert numbers(item) == (7, 0, 2)
    assert_sound()


@pytest.mark.parametrize(
    ("kind", "quantity", "hold_kind"),
    [
        (EntryKind.COUNT, 5, "damaged"),
        (EntryKind.ADJUSTMENT, -1, "damaged"),
        (EntryKind.RECEIPT, 1, "nonsense"),
    ],
)
def test_only_what_arrives_goes_into_a_known_hold(kind, quantity, hold_kind):
    item = make_stock(on_hand=5)

    with pytest.raises(InvalidInput):
        post_entry(kind=kind, lines=[line(item, quantity, hold_kind=hold_kind)], reason="x")

    assert numbers(item) == (5, 0, 0)


def test_held_pieces_cannot_be_counted_away():
    item = make_stock(on_hand=5)
    hold(item, 3)

    with pytest.raises(InvalidInput, match="held back"):
        post_entry(kind=EntryKind.COUNT, lines=[line(item, 2)])

    assert numbers(item) == (5, 0, 3)


def test_an_adjustment_keeps_its_cause():
    item = make_stock(on_hand=5)

    entry = post_entry(
        kind=EntryKind.ADJUSTMENT, lines=[line(item, -1)], reason="fell", reason_code=AdjustReason.DAMAGED
    )
    with pytest.raises(InvalidInput, match="cause"):
        post_entry(kind=EntryKind.ADJUSTMENT, lines=[line(item, -1)], reason="fell", reason_code="gravity")

    assert entry.reason_code == "damaged"
    assert numbers(item) == (4, 0, 0)
