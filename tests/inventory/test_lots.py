"""Lots, bins and the order in which pieces leave."""

from datetime import date, datetime, time, timedelta

import pytest
from django.utils import timezone

from core.errors import Conflict, InvalidInput, NotAllowed
from core.models import EventRecord
from inventory.models import (
    Bin,
    EntryKind,
    HoldKind,
    Lot,
    Reservation,
    ShelfMovement,
    ShelfStock,
    StockHold,
    StockItem,
    StockPolicy,
)
from inventory.selectors.lots import lot_deliveries, lots_ending, lots_taken
from inventory.selectors.shelves import racks_of, shop_day
from inventory.services import (
    EntryLine,
    HoldWish,
    LotGiven,
    Need,
    Portion,
    StockRequest,
    correct_lot,
    dispose_held,
    hold_expiring_lots,
    hold_stock,
    move_between_bins,
    post_entry,
    put_away,
    release_hold,
    release_stock,
    reserve_stock,
    ship_stock,
)
from tests.factories import make_stock, make_user, make_variant, make_warehouse
from tests.orders.stories import assert_sound

pytestmark = pytest.mark.django_db


def day(days):
    return shop_day() + timedelta(days=days)


def receive(variant, place, quantity, number="", days=None, bin_=None, **over):
    lot = LotGiven(number=number, expires_on=None if days is None else day(days)) if number else None
    line = EntryLine(
        variant_id=variant.pk, warehouse_id=place.pk, quantity=quantity, lot=lot, bin_id=bin_.pk if bin_ else None,
        **over,
    )  # fmt: skip
    return post_entry(kind=EntryKind.RECEIPT, lines=[line])


def item_of(variant):
    return StockItem.objects.get(variant=variant)


def lying(variant):
    """Return [(lot, bin, pieces)] in the order of taking."""
    item = item_of(variant)
    names = dict(Lot.objects.values_list("pk", "number"))
    bins = dict(Bin.objects.values_list("pk", "code"))
    return [
        (names.get(shelf.lot_id, ""), bins.get(shelf.bin_id, ""), shelf.quantity)
        for shelf in racks_of(stock_item_ids=[item.pk])[item.pk].shelves
    ]


def ship(variant, quantity, key="k", **over):
    need = Need(key=key, variant_id=variant.pk, quantity=quantity)
    [answer] = reserve_stock(requests=[StockRequest(reference=key, needs=[need])])
    assert answer.is_served
    reservation = Reservation.objects.get(key=key)
    return ship_stock(portions=[Portion(reservation.pk, quantity, **over)])


@pytest.fixture
def place():
    return make_warehouse()


@pytest.fixture
def cream(place):
    variant = make_variant()
    StockPolicy.objects.create(variant=variant, tracks_lots=True, block_days=30)
    return variant


def test_a_receipt_without_the_lot_that_is_asked_for_is_refused(cream, place):
    with pytest.raises(InvalidInput, match=cream.sku):
        receive(cream, place, 5)

    assert not StockItem.objects.filter(on_hand__gt=0).exists()
    assert not Lot.objects.exists()


def test_receipts_of_a_lot_come_together_and_contradicting_dates_are_refused(cream, place):
    receive(cream, place, 5, "L1", 100)
    receive(cream, place, 3, "L1")
    with pytest.raises(InvalidInput, match="L1"):
        receive(cream, place, 1, "L1", 101)

    assert lying(cream) == [("L1", "", 8)]
    assert item_of(cream).on_hand == 8
    assert Lot.objects.get().expires_on == day(100)
    assert_sound()


def test_a_lot_of_another_product_is_refused(cream, place):
    receive(cream, place, 5, "L1", 100)
    line = EntryLine(variant_id=make_variant().pk, warehouse_id=place.pk, quantity=1, lot_id=Lot.objects.get().pk)

    with pytest.raises(InvalidInput, match="another product"):
        post_entry(kind=EntryKind.RECEIPT, lines=[line])

    assert ShelfStock.objects.count() == 1


def test_the_first_to_expire_leaves_first_then_by_the_way_of_the_picker_then_unplaced(cream, place):
    near, far = (Bin.objects.create(warehouse=place, code=code, pick_rank=rank) for code, rank in (("N", 1), ("F", 9)))
    receive(cream, place, 2, "LATE", 300, near)
    receive(cream, place, 2, "SOON", 100, far)
    receive(cream, place, 2, "SOON", 100, near)
    receive(cream, place, 2, "NEVER", None, near)
    post_entry(
        kind=EntryKind.ADJUSTMENT,
        reason="found",
        lines=[EntryLine(variant_id=cream.pk, warehouse_id=place.pk, quantity=2)],
    )
    steps = []
    for n in range(10):
        ship(cream, 1, key=f"k{n}")
        steps.append(ShelfMovement.objects.filter(movement__reservation__key=f"k{n}").select_related("shelf").first())

    taken = [(step.shelf.lot.number, step.shelf.bin.code) if step else None for step in steps]
    assert taken == [
        ("SOON", "N"), ("SOON", "N"), ("SOON", "F"), ("SOON", "F"), ("LATE", "N"), ("LATE", "N"), ("NEVER", "N"),
        ("NEVER", "N"), None, None,
    ]  # fmt: skip
    assert lying(cream) == []
    assert_sound()


def test_one_shipment_takes_from_two_lots_and_says_which(cream, place):
    receive(cream, place, 2, "A", 100)
    receive(cream, place, 2, "B", 200)

    ship(cream, 3)

    assert list(
        ShelfMovement.objects.filter(change__lt=0).order_by("id").values_list("shelf__lot__number", "change", "after")
    ) == [("A", -2, 0), ("B", -1, 1)]
    assert_sound()


def test_blocked_and_held_lots_are_left_for_the_last_and_expired_ones_never_leave(cream, place):
    receive(cream, place, 2, "BLOCKED", 30)
    receive(cream, place, 2, "HELD", 40)
    receive(cream, place, 2, "GOOD", 50)
    item, held_lot = item_of(cream), Lot.objects.get(number="HELD")
    hold_stock(wishes=[HoldWish(stock_item_id=item.pk, kind=HoldKind.QUARANTINE, quantity=2, lot_id=held_lot.pk)])

    ship(cream, 3)

    assert lying(cream) == [("BLOCKED", "", 1), ("HELD", "", 2)]
    Lot.objects.filter(number="BLOCKED").update(expires_on=day(-1))
    with pytest.raises(Conflict, match=cream.sku):
        ship(cream, 1, key="late")
    assert lying(cream) == [("BLOCKED", "", 1), ("HELD", "", 2)]


def test_a_lot_can_be_chosen_and_must_have_enough(cream, place):
    receive(cream, place, 2, "A", 100)
    receive(cream, place, 2, "B", 200)
    wanted = Lot.objects.get(number="B").pk

    ship(cream, 2, lot_id=wanted, lot_reason="The customer asked")
    with pytest.raises(Conflict):
        ship(cream, 1, key="more", lot_id=wanted, lot_reason="The customer asked")

    assert lying(cream) == [("A", "", 2)]


def test_a_named_lot_is_adjusted_counted_and_disposed_of(cream, place):
    shelf = Bin.objects.create(warehouse=place, code="Q")
    receive(cream, place, 5, "A", 100)
    receive(cream, place, 5, "B", 200)
    lots = dict(Lot.objects.values_list("number", "pk"))
    where = {"variant_id": cream.pk, "warehouse_id": place.pk}

    post_entry(kind=EntryKind.ADJUSTMENT, reason="x", lines=[EntryLine(**where, quantity=-1, lot_id=lots["B"])])
    post_entry(
        kind=EntryKind.COUNT,
        lines=[
            EntryLine(**where, quantity=3, lot_id=lots["A"]),
            EntryLine(**where, quantity=2, lot_id=lots["B"], bin_id=shelf.pk),
        ],
    )
    assert lying(cream) == [("A", "", 3), ("B", "Q", 2), ("B", "", 4)]
    item = item_of(cream)
    assert item.on_hand == 9
    wish = HoldWish(stock_item_id=item.pk, kind=HoldKind.DAMAGED, quantity=3, lot_id=lots["B"])
    [hold] = hold_stock(wishes=[wish])
    with pytest.raises(InvalidInput):
        post_entry(kind=EntryKind.ADJUSTMENT, reason="x", lines=[EntryLine(**where, quantity=-4, lot_id=lots["B"])])
    dispose_held(hold_id=hold.pk, note="mould")

    assert [row for row in lying(cream) if row[0] == "A"] == [("A", "", 3)]
    assert sum(pieces for _lot, _bin, pieces in lying(cream)) == item_of(cream).on_hand == 6
    assert_sound()


def test_more_of_a_lot_than_lies_there_cannot_be_held(cream, place):
    receive(cream, place, 2, "A", 100)
    receive(cream, place, 5, "B", 200)
    lot = Lot.objects.get(number="A")

    with pytest.raises(InvalidInput):
        hold_stock(wishes=[HoldWish(stock_item_id=item_of(cream).pk, kind=HoldKind.DAMAGED, quantity=3, lot_id=lot.pk)])

    assert not StockHold.objects.exists()


def test_a_count_of_everything_takes_unplaced_pieces_before_shelves(place):
    item = make_stock(on_hand=10)
    bin_ = Bin.objects.create(warehouse=item.warehouse, code="A")
    put_away(stock_item_id=item.pk, quantity=6, bin_id=bin_.pk)
    line = {"variant_id": item.variant_id, "warehouse_id": item.warehouse_id}

    post_entry(kind=EntryKind.COUNT, lines=[EntryLine(**line, quantity=7)])
    assert lying(item.variant) == [("", "A", 6)]
    post_entry(kind=EntryKind.COUNT, lines=[EntryLine(**line, quantity=4)])
    assert lying(item.variant) == [("", "A", 4)]
    assert_sound()


def test_pieces_are_put_away_and_moved_and_their_hold_follows():
    item = make_stock(on_hand=10)
    a, b = (Bin.objects.create(warehouse=item.warehouse, code=code) for code in "AB")
    mover = make_user(permissions=["inventory.adjust_stock"])

    shelf = put_away(stock_item_id=item.pk, quantity=6, bin_id=a.pk, actor=mover)
    hold_stock(wishes=[HoldWish(stock_item_id=item.pk, kind=HoldKind.DISPLAY, quantity=4, bin_id=a.pk)])
    with pytest.raises(InvalidInput, match="Only 4"):
        put_away(stock_item_id=item.pk, quantity=5, bin_id=b.pk)
    with pytest.raises(InvalidInput, match="Only 6"):
        move_between_bins(shelf_id=shelf.pk, bin_id=b.pk, quantity=7)
    with pytest.raises(NotAllowed):
        move_between_bins(shelf_id=shelf.pk, bin_id=b.pk, quantity=1, actor=make_user())

    move_between_bins(shelf_id=shelf.pk, bin_id=b.pk, quantity=2, actor=mover)
    assert StockHold.objects.get().bin_id == a.pk
    move_between_bins(shelf_id=shelf.pk, bin_id=b.pk, quantity=4, actor=mover)

    assert StockHold.objects.get().bin_id == b.pk
    assert lying(item.variant) == [("", "B", 6)]
    assert set(ShelfMovement.objects.values_list("moved_by", flat=True)) == {mover.pk}
    assert StockItem.objects.get().on_hand == 10
    assert_sound()


def test_a_bin_of_another_warehouse_is_refused_everywhere():
    item = make_stock(on_hand=10)
    elsewhere = Bin.objects.create(warehouse=make_warehouse(), code="X")
    line = EntryLine(variant_id=item.variant_id, warehouse_id=item.warehouse_id, quantity=1, bin_id=elsewhere.pk)

    with pytest.raises(InvalidInput, match="another warehouse"):
        put_away(stock_item_id=item.pk, quantity=1, bin_id=elsewhere.pk)
    with pytest.raises(InvalidInput, match="another warehouse"):
        post_entry(kind=EntryKind.RECEIPT, lines=[line])
    with pytest.raises(InvalidInput, match="another warehouse"):
        hold_stock(wishes=[HoldWish(stock_item_id=item.pk, kind=HoldKind.DISPLAY, quantity=1, bin_id=elsewhere.pk)])

    assert not ShelfStock.objects.exists()


def test_a_lot_is_corrected_by_who_may(cream, place):
    receive(cream, place, 5, "A", 100)
    lot = Lot.objects.get()

    with pytest.raises(NotAllowed):
        correct_lot(lot_id=lot.pk, expires_on=None, actor=make_user())
    with pytest.raises(InvalidInput):
        correct_lot(lot_id=lot.pk, expires_on=date(2026, 1, 1), made_on=date(2026, 1, 2))
    correct_lot(lot_id=lot.pk, expires_on=date(2030, 1, 1), actor=make_user(permissions=["inventory.adjust_stock"]))

    lot.refresh_from_db()
    assert (lot.expires_on, lot.made_on) == (date(2030, 1, 1), None)


def test_lots_that_end_soon_are_held_and_the_second_run_finds_nothing(cream, place):
    receive(cream, place, 4, "TODAY+30", 30)
    receive(cream, place, 4, "TODAY+31", 31)

    assert hold_expiring_lots() == 4
    assert hold_expiring_lots() == 0

    held = StockHold.objects.get()
    assert (held.kind, held.lot.number, held.quantity) == ("expiry", "TODAY+30", 4)
    assert item_of(cream).available == 4
    assert told(cream) == [("TODAY+30", 4, 0)]
    assert_sound()


def told(variant):
    records = EventRecord.objects.filter(name="inventory.lot_blocked").order_by("id")
    assert {record.subject_id for record in records} <= {item_of(variant).pk}
    return [(record.data["number"], record.data["held"], record.data["reserved"]) for record in records]


def test_the_day_changes_at_the_midnight_of_the_shop(cream, place):
    receive(cream, place, 1, "L", 31)
    midnight = datetime.combine(day(1), time(), timezone.get_default_timezone())

    assert hold_expiring_lots(now=midnight - timedelta(seconds=1)) == 0
    assert hold_expiring_lots(now=midnight) == 1


def test_a_lot_that_ends_today_is_blocked_without_any_policy(place):
    variant = make_variant()
    receive(variant, place, 2, "TODAY", 0)
    receive(variant, place, 2, "TOMORROW", 1)

    assert hold_expiring_lots() == 2
    assert StockHold.objects.get().lot.number == "TODAY"


def test_reserved_pieces_stay_reserved_are_told_once_and_held_when_they_are_released(cream, place):
    receive(cream, place, 4, "L", 10)
    need = Need(key="k", variant_id=cream.pk, quantity=4)
    reserve_stock(requests=[StockRequest(reference="A-1", needs=[need])])

    assert [hold_expiring_lots(), hold_expiring_lots()] == [0, 0]
    assert told(cream) == [("L", 0, 4)]
    release_stock(portions=[Portion(Reservation.objects.get().pk, 3)])
    assert hold_expiring_lots() == 3
    release_stock(portions=[Portion(Reservation.objects.get().pk)])
    assert hold_expiring_lots() == 1

    held = StockHold.objects.get()
    assert (held.quantity, held.released) == (4, 0)
    assert told(cream) == [("L", 0, 4), ("L", 3, 1), ("L", 1, 0)]
    assert_sound()


def test_a_corrected_lot_is_freed_and_an_expiry_hold_not_by_hand(cream, place):
    receive(cream, place, 4, "L", 10)
    hold_expiring_lots()
    held = StockHold.objects.get()
    with pytest.raises(InvalidInput, match="lot ends soon"):
        release_hold(hold_id=held.pk)
    assert item_of(cream).available == 0

    correct_lot(lot_id=held.lot_id, expires_on=day(100))
    assert hold_expiring_lots() == 0

    assert item_of(cream).available == 4
    Lot.objects.update(expires_on=day(10))
    assert hold_expiring_lots() == 4
    assert StockHold.objects.values_list("quantity", "released").get() == (8, 4)
    assert_sound()


def test_a_recall_finds_who_got_the_lot(cream, place):
    receive(cream, place, 2, "A", 100)
    receive(cream, place, 5, "B", 200)
    ship(cream, 1, key="orderline:1")
    ship(cream, 3, key="orderline:2")
    lots = dict(Lot.objects.values_list("number", "pk"))

    found = lot_deliveries(lot_id=lots["A"])

    assert [(row.key, row.document, row.pieces) for row in found] == [
        ("orderline:2", "orderline:2", 1),
        ("orderline:1", "orderline:1", 1),
    ]
    second = Reservation.objects.get(key="orderline:2")
    assert [(row.lot.number, row.pieces) for row in lots_taken(reservation_ids=[second.pk])] == [("A", 1), ("B", 2)]
    assert [(row.number, row.pieces, row.days_left) for row in lots_ending(within_days=200)] == [("B", 3, 200)]
    assert lots_ending(within_days=199) == []
