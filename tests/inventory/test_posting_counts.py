"""Posting a stocktake: the difference of the count on what sales have left, and nothing that is promised."""

import pytest

from core.errors import Conflict, InvalidInput, InvalidTransition, NotAllowed
from inventory.models import (
    CountReason,
    EntryKind,
    HoldKind,
    Reservation,
    ShelfMovement,
    ShelfStock,
    StockEntry,
    StockItem,
    StockMovement,
    StockPolicy,
)
from inventory.services import EntryLine, HoldWish, Portion, hold_stock, post_entry, release_stock, ship_stock
from inventory.services.counting import (
    approve_stocktake,
    cancel_stocktake,
    count_line,
    investigate_lines,
    leave_out_lines,
    post_stocktake,
    recount_lines,
    review_stocktake,
)
from tests.factories import make_stock, make_user
from tests.inventory.counting import approved, counted, line_of, make_counter, make_judge, make_stocktake, reserve
from tests.orders.stories import assert_sound, counters

pytestmark = pytest.mark.django_db


@pytest.fixture
def kim():
    return make_counter(username="kim")


@pytest.fixture
def judge():
    return make_judge(username="park")


def test_the_difference_is_posted_on_what_sales_have_left(kim, judge):
    item = make_stock(on_hand=10)
    reserve(item, 4)
    stocktake = make_stocktake(item, tolerance_pieces=9)
    counted(stocktake, item, 9, kim)
    ship_stock(portions=[Portion(Reservation.objects.get().pk)])  # after the count
    approved(stocktake, judge)

    outcome = post_stocktake(stocktake_id=stocktake.pk, actor=judge)

    assert counters(item) == (5, 0)
    assert outcome.refused == []
    movement = StockMovement.objects.latest("id")
    assert (movement.kind, movement.on_hand_change, movement.on_hand_after) == ("counted", -1, 5)
    entry = outcome.entry
    assert (entry.kind, entry.stocktake, entry.reference) == (EntryKind.COUNT, stocktake, stocktake.number)
    assert line_of(stocktake, item).entry == entry
    stocktake.refresh_from_db()
    assert (stocktake.state, stocktake.approved_by) == ("posted", judge)
    assert_sound()


def test_a_stocktake_without_difference_is_posted_without_entry(kim, judge):
    item = make_stock(on_hand=10)
    stocktake = make_stocktake(item)
    counted(stocktake, item, 10, kim)
    approved(stocktake, judge)

    assert post_stocktake(stocktake_id=stocktake.pk, actor=judge).entry is None

    stocktake.refresh_from_db()
    assert stocktake.state == "posted"
    assert StockEntry.objects.filter(kind=EntryKind.COUNT).count() == 0
    assert_sound()


def test_promised_pieces_are_refused_with_a_way_out_and_the_others_post(kim, judge):
    promised, free = make_stock(on_hand=10), make_stock(on_hand=10)
    reserve(promised, 9)
    stocktake = make_stocktake(promised, free, tolerance_pieces=9)
    counted(stocktake, promised, 7, kim)
    counted(stocktake, free, 12, kim)
    approved(stocktake, judge)

    outcome = post_stocktake(stocktake_id=stocktake.pk, actor=judge)

    [(line, why)] = outcome.refused
    assert line.stock_item == promised
    assert why == (
        f"{promised.variant.sku}: 3 are missing, but only 1 are neither reserved nor held. "
        "Release 2 of them from orders or holds, or count again."
    )
    assert (counters(promised), counters(free)) == ((10, 9), (12, 0))
    stocktake.refresh_from_db()
    assert stocktake.state == "approved"

    release_stock(portions=[Portion(Reservation.objects.get().pk, 2)])
    assert post_stocktake(stocktake_id=stocktake.pk, actor=judge).refused == []

    assert (counters(promised), counters(free)) == ((7, 7), (12, 0))
    stocktake.refresh_from_db()
    assert stocktake.state == "posted"
    with pytest.raises(InvalidTransition):
        post_stocktake(stocktake_id=stocktake.pk, actor=judge)
    assert_sound()


def test_a_refused_line_can_be_counted_again_or_left_out(kim, judge):
    promised, free = make_stock(on_hand=10), make_stock(on_hand=10)
    reserve(promised, 9)
    stocktake = make_stocktake(promised, free, tolerance_pieces=9)
    counted(stocktake, promised, 7, kim)
    counted(stocktake, free, 12, kim)
    approved(stocktake, judge)
    post_stocktake(stocktake_id=stocktake.pk, actor=judge)
    line = line_of(stocktake, promised)

    recount_lines(line_ids=[line.pk], actor=judge)
    stocktake.refresh_from_db()
    assert (stocktake.state, stocktake.approved_by) == ("counting", None)
    with pytest.raises(Conflict, match="posted already"):
        counted(stocktake, free, 10, kim)
    leave_out_lines(line_ids=[line.pk], actor=kim)
    approved(stocktake, judge)
    post_stocktake(stocktake_id=stocktake.pk, actor=judge)

    assert (counters(promised), counters(free)) == ((10, 9), (12, 0))
    stocktake.refresh_from_db()
    assert stocktake.state == "posted"
    assert_sound()


def test_what_was_counted_otherwise_since_is_not_corrected_twice(kim, judge):
    item = make_stock(on_hand=10)
    stocktake = make_stocktake(item, tolerance_pieces=9)
    counted(stocktake, item, 8, kim)
    line = EntryLine(variant_id=item.variant_id, warehouse_id=item.warehouse_id, quantity=8)
    post_entry(kind=EntryKind.COUNT, lines=[line])
    approved(stocktake, judge)

    outcome = post_stocktake(stocktake_id=stocktake.pk, actor=judge)

    assert [why for _line, why in outcome.refused] == [
        f"{item.variant.sku} was counted by another document since. Count it again."
    ]
    assert counters(item) == (8, 0)


def test_who_planned_or_counted_does_not_approve(kim, judge):
    item = make_stock(on_hand=10)
    own = make_judge(username="own")
    stocktake = make_stocktake(item, actor=own)
    counted(stocktake, item, 10, judge)
    review_stocktake(stocktake_id=stocktake.pk, actor=own)

    for person in (own, judge, kim, make_user()):
        with pytest.raises(NotAllowed):
            approve_stocktake(stocktake_id=stocktake.pk, actor=person)

    stocktake.refresh_from_db()
    assert (stocktake.state, stocktake.approved_by) == ("review", None)


def test_nothing_is_approved_while_a_difference_has_no_reason(kim, judge):
    item = make_stock(on_hand=10)
    stocktake = make_stocktake(item)
    counted(stocktake, item, 8, kim)
    line = counted(stocktake, item, 8, make_counter())
    review_stocktake(stocktake_id=stocktake.pk, actor=kim)

    with pytest.raises(InvalidInput, match="1 line is still being looked into"):
        approve_stocktake(stocktake_id=stocktake.pk, actor=judge)
    with pytest.raises(NotAllowed):
        investigate_lines(line_ids=[line.pk], reason=CountReason.DAMAGED, actor=kim)
    assert investigate_lines(line_ids=[line.pk], reason=CountReason.DAMAGED, note=" wet ", actor=judge) == 1
    approve_stocktake(stocktake_id=stocktake.pk, actor=judge)
    post_stocktake(stocktake_id=stocktake.pk, actor=judge)

    line.refresh_from_db()
    assert (line.state, line.reason, line.note) == ("accepted", "damaged", "wet")
    assert counters(item) == (8, 0)
    assert_sound()


def test_review_waits_for_every_line_or_leaves_it_out(kim):
    one, two = make_stock(on_hand=10), make_stock(on_hand=5)
    stocktake = make_stocktake(one, two)
    counted(stocktake, one, 10, kim)

    with pytest.raises(InvalidInput, match="1 line waits for a count"):
        review_stocktake(stocktake_id=stocktake.pk, actor=kim)
    review_stocktake(stocktake_id=stocktake.pk, leave_out=True, actor=kim)

    assert [line_of(stocktake, item).state for item in (one, two)] == ["counted", "skipped"]


def test_a_cancelled_stocktake_changes_nothing_and_frees_its_items(kim):
    item = make_stock(on_hand=10)
    stocktake = make_stocktake(item, tolerance_pieces=9)
    counted(stocktake, item, 8, kim)

    cancel_stocktake(stocktake_id=stocktake.pk, note="wrong day", actor=kim)

    assert counters(item) == (10, 0)
    assert make_stocktake(item).lines.count() == 1


def count(line, pieces, actor):
    """Count one line, whatever place it names."""
    return count_line(line_id=line.pk, counted=pieces, key=f"line{line.pk}", actor=actor)


def shelve(item, code, pieces):
    """Put pieces of an item on a shelf, as shelving does."""
    place = item.warehouse.bins.get_or_create(code=code, defaults={"zone": "A"})[0]
    shelf = ShelfStock.objects.create(stock_item=item, bin=place, quantity=pieces)
    ShelfMovement.objects.create(shelf=shelf, change=pieces, after=pieces)
    return shelf


def test_shelves_are_counted_one_by_one_and_move_with_the_stock(kim, judge):
    item = make_stock(on_hand=10)
    one, two = shelve(item, "A-1", 4), shelve(item, "A-2", 5)
    stocktake = make_stocktake(item, tolerance_pieces=9)
    lines = {line.bin_id: line for line in stocktake.lines.all()}
    assert set(lines) == {one.bin_id, two.bin_id, None}
    for place, pieces in ((one.bin_id, 2), (two.bin_id, 7), (None, 0)):
        assert count(lines[place], pieces, kim).expected == {one.bin_id: 4, two.bin_id: 5, None: 1}[place]
    approved(stocktake, judge)

    outcome = post_stocktake(stocktake_id=stocktake.pk, actor=judge)

    assert outcome.refused == []
    assert counters(item) == (9, 0)
    assert list(ShelfStock.objects.order_by("pk").values_list("quantity", flat=True)) == [2, 7]
    assert list(ShelfMovement.objects.order_by("pk").values_list("change", "after"))[2:] == [(2, 7), (-2, 2)]
    assert_sound()


def test_pieces_that_only_lay_elsewhere_post_even_when_all_are_promised(kim, judge):
    item = make_stock(on_hand=9)
    one, two = shelve(item, "A-1", 4), shelve(item, "A-2", 5)
    reserve(item, 9)
    stocktake = make_stocktake(item, tolerance_pieces=9)
    lines = {line.bin_id: line for line in stocktake.lines.all()}
    count(lines[one.bin_id], 2, kim)
    count(lines[two.bin_id], 7, kim)
    approved(stocktake, judge)

    assert post_stocktake(stocktake_id=stocktake.pk, actor=judge).refused == []

    assert counters(item) == (9, 9)
    assert_sound()


def test_pieces_moved_from_the_shelf_since_are_refused(kim, judge):
    item = make_stock(on_hand=10)
    shelf = shelve(item, "A-1", 4)
    stocktake = make_stocktake(item, tolerance_pieces=9)
    for line in stocktake.lines.all():
        count(line, 1 if line.bin_id else 6, kim)
    ShelfStock.objects.filter(pk=shelf.pk).update(quantity=2)
    ShelfMovement.objects.create(shelf=shelf, change=-2, after=2)
    approved(stocktake, judge)

    [(_line, why)] = post_stocktake(stocktake_id=stocktake.pk, actor=judge).refused

    assert "moved from this place" in why
    assert StockItem.objects.get(pk=item.pk).on_hand == 10


def test_pieces_that_a_hold_keeps_on_the_shelf_are_refused(kim, judge):
    item = make_stock(on_hand=10)
    shelf = shelve(item, "A-1", 4)
    wish = HoldWish(stock_item_id=item.pk, quantity=3, kind=HoldKind.DAMAGED, bin_id=shelf.bin_id)
    hold_stock(wishes=[wish])
    stocktake = make_stocktake(item, tolerance_pieces=9)
    for line in stocktake.lines.all():
        count(line, 2 if line.bin_id else 6, kim)
    approved(stocktake, judge)

    [(_line, why)] = post_stocktake(stocktake_id=stocktake.pk, actor=judge).refused

    assert "held there" in why
    assert counters(item) == (10, 0)
    assert_sound()


def test_pieces_with_serial_numbers_are_adjusted_by_their_numbers(kim, judge):
    item = make_stock(on_hand=10)
    StockPolicy.objects.create(variant=item.variant, tracks_serials=True)
    stocktake = make_stocktake(item, tolerance_pieces=9)
    counted(stocktake, item, 9, kim)
    approved(stocktake, judge)

    [(_line, why)] = post_stocktake(stocktake_id=stocktake.pk, actor=judge).refused

    assert "by its numbers" in why
    assert counters(item) == (10, 0)
