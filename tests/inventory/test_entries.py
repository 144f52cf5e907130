"""Counts, receipts, returns and adjustments."""

import pytest

from core.errors import Conflict, DomainError, InvalidInput, NotAllowed
from core.models import EventRecord
from inventory.models import EntryKind, StockEntry, StockItem, StockMovement
from inventory.services import (
    EntryLine,
    Need,
    StockRequest,
    post_entry,
    reserve_stock,
    take_back_stock,
    write_off_stock,
)
from tests.factories import make_stock, make_user, make_variant, make_warehouse
from tests.orders.stories import assert_sound, counters

pytestmark = pytest.mark.django_db


def line(item, quantity):
    return EntryLine(variant_id=item.variant_id, warehouse_id=item.warehouse_id, quantity=quantity)


def reserve(item, quantity):
    need = Need(key=f"k{quantity}", variant_id=item.variant_id, quantity=quantity)
    assert reserve_stock(requests=[StockRequest(reference="x", needs=[need])])[0].is_served


def last_movement():
    return StockMovement.objects.values_list("kind", "on_hand_change", "on_hand_after", "reserved_after").latest("id")


def test_an_opening_count_makes_stock_items_on_first_use():
    shirt, cap, seoul = make_variant(), make_variant(), make_warehouse()
    lines = [EntryLine(variant_id=v.pk, warehouse_id=seoul.pk, quantity=n) for v, n in ((shirt, 5), (cap, 0))]

    entry = post_entry(kind=EntryKind.OPENING, lines=lines)

    assert list(StockItem.objects.order_by("variant").values_list("variant", "on_hand")) == [(shirt.pk, 5), (cap.pk, 0)]
    assert list(entry.movements.order_by("id").values_list("kind", "on_hand_change", "on_hand_after")) == [
        ("counted", 5, 5),
        ("counted", 0, 0),
    ]
    assert entry.number == "E-0000001"
    assert_sound()


def test_an_opening_count_of_an_item_with_history_is_refused_by_sku():
    item = make_stock(on_hand=5)

    with pytest.raises(InvalidInput, match=item.variant.sku):
        post_entry(kind=EntryKind.OPENING, lines=[line(item, 9)])

    assert counters(item) == (5, 0)
    assert StockEntry.objects.count() == 1


@pytest.mark.parametrize(
    ("kind", "quantity", "after", "movement"),
    [
        (EntryKind.RECEIPT, 3, 8, ("received", 3, 8, 2)),
        (EntryKind.RETURN, 1, 6, ("returned", 1, 6, 2)),
        (EntryKind.COUNT, 4, 4, ("counted", -1, 4, 2)),
        (EntryKind.COUNT, 5, 5, ("counted", 0, 5, 2)),
        (EntryKind.COUNT, 2, 2, ("counted", -3, 2, 2)),
        (EntryKind.ADJUSTMENT, -3, 2, ("adjusted", -3, 2, 2)),
        (EntryKind.ADJUSTMENT, 7, 12, ("adjusted", 7, 12, 2)),
    ],
)
def test_each_kind_changes_on_hand_its_own_way(kind, quantity, after, movement):
    item = make_stock(on_hand=5)
    reserve(item, 2)

    entry = post_entry(kind=kind, lines=[line(item, quantity)], reason="because", reference="PO-1")

    assert counters(item) == (after, 2)
    assert last_movement() == movement
    assert (entry.kind, entry.reason, entry.reference) == (kind, "because", "PO-1")
    assert_sound()


@pytest.mark.parametrize(
    ("kind", "quantity"),
    [
        (EntryKind.COUNT, 1),
        (EntryKind.COUNT, -1),
        (EntryKind.ADJUSTMENT, -4),
        (EntryKind.ADJUSTMENT, 0),
        (EntryKind.RECEIPT, 0),
        (EntryKind.RECEIPT, -1),
        (EntryKind.RECEIPT, 100_000_000),
        (EntryKind.RETURN, 0),
    ],
)
def test_impossible_quantities_are_refused_and_nothing_changes(kind, quantity):
    item = make_stock(on_hand=5)
    reserve(item, 2)
    before = (StockEntry.objects.count(), StockMovement.objects.count(), EventRecord.objects.count())

    with pytest.raises(InvalidInput):
        post_entry(kind=kind, lines=[line(item, quantity)], reason="because")

    assert counters(item) == (5, 2)
    assert (StockEntry.objects.count(), StockMovement.objects.count(), EventRecord.objects.count()) == before


def test_one_bad_line_refuses_the_whole_entry():
    good, short = make_stock(on_hand=5), make_stock(on_hand=5)

    with pytest.raises(InvalidInput, match=short.variant.sku):
        post_entry(kind=EntryKind.ADJUSTMENT, lines=[line(good, -1), line(short, -6)], reason="broken")

    assert counters(good) == counters(short) == (5, 0)


def test_an_item_counted_twice_is_refused_but_may_be_received_twice():
    item = make_stock(on_hand=5)

    with pytest.raises(InvalidInput, match="twice"):
        post_entry(kind=EntryKind.COUNT, lines=[line(item, 1), line(item, 2)])
    post_entry(kind=EntryKind.RECEIPT, lines=[line(item, 1), line(item, 2)])

    assert counters(item) == (8, 0)
    assert list(StockMovement.objects.order_by("id").values_list("on_hand_after", flat=True)) == [5, 6, 8]
    assert_sound()


def test_the_balance_may_not_dip_below_what_is_reserved_within_an_entry():
    item = make_stock(on_hand=5)

    with pytest.raises(InvalidInput):
        post_entry(kind=EntryKind.ADJUSTMENT, lines=[line(item, -6), line(item, 6)], reason="odd")

    assert counters(item) == (5, 0)


def test_an_adjustment_needs_a_reason_and_an_entry_lines():
    item = make_stock(on_hand=5)

    with pytest.raises(InvalidInput, match="why"):
        post_entry(kind=EntryKind.ADJUSTMENT, lines=[line(item, 1)], reason=" ")
    with pytest.raises(InvalidInput, match="at least one line"):
        post_entry(kind=EntryKind.RECEIPT, lines=[])


def test_the_same_key_enters_once_and_other_content_is_a_conflict():
    item = make_stock(on_hand=5)

    first = post_entry(kind=EntryKind.RECEIPT, lines=[line(item, 3)], key="delivery-7")
    again = post_entry(kind=EntryKind.RECEIPT, lines=[line(item, 3)], key="delivery-7")

    assert first == again
    assert counters(item) == (8, 0)
    with pytest.raises(Conflict):
        post_entry(kind=EntryKind.RECEIPT, lines=[line(item, 4)], key="delivery-7")
    assert counters(item) == (8, 0)


def test_a_refused_key_is_refused_again():
    item = make_stock(on_hand=5)
    for _ in range(2):
        with pytest.raises(DomainError, match="Less than what is reserved"):
            post_entry(kind=EntryKind.ADJUSTMENT, lines=[line(item, -6)], reason="x", key="k")
        post_entry(kind=EntryKind.RECEIPT, lines=[line(item, 1)])
    assert counters(item) == (7, 0)


def test_the_right_to_adjust_is_needed_and_the_actor_is_kept():
    item = make_stock(on_hand=5)
    keeper = make_user(permissions=["inventory.adjust_stock"])
    stranger = make_user(permissions=["inventory.view_stockitem"])

    with pytest.raises(NotAllowed):
        post_entry(kind=EntryKind.COUNT, lines=[line(item, 1)], actor=stranger)
    assert counters(item) == (5, 0)

    assert post_entry(kind=EntryKind.COUNT, lines=[line(item, 1)], actor=keeper).created_by == keeper
    assert EventRecord.objects.latest("id").actor == keeper


def test_services_of_other_documents_need_no_right_of_their_own():
    item = make_stock(on_hand=5)
    stranger = make_user()

    back = take_back_stock(lines=[line(item, 2)], reason="too small", reference="R-1", actor=stranger)
    lost = write_off_stock(lines=[line(item, 3)], reason="damaged", reference="O-1", actor=stranger)

    assert (back.kind, lost.kind) == ("return", "adjustment")
    assert counters(item) == (4, 0)
    assert_sound()


def test_an_entry_tells_its_story():
    item = make_stock(on_hand=0)
    post_entry(kind=EntryKind.RECEIPT, lines=[line(item, 3)])
    names = list(EventRecord.objects.order_by("id").values_list("name", "data"))
    assert [name for name, _data in names] == [
        "inventory.stock_entry_posted",
        "inventory.stock_replenished",
        "inventory.stock_entry_posted",
    ]
    assert names[1][1] == {
        "stock_item_id": item.pk,
        "variant_id": item.variant_id,
        "warehouse_id": item.warehouse_id,
        "available": 3,
        "added": 3,
    }
