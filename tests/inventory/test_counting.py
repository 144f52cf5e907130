"""Counting: what the books said at the moment of the count, who counts again, what a second press does."""

import pytest

from core.errors import Conflict, InvalidInput, NotAllowed
from inventory.models import EntryKind, StocktakeCount, StocktakeScope
from inventory.services import EntryLine, post_entry
from inventory.services.counting import (
    CountScope,
    add_to_stocktake,
    count_line,
    plan_stocktake,
    recount_lines,
    review_stocktake,
)
from tests.factories import make_stock, make_user, make_variant, make_warehouse
from tests.inventory.counting import counted, line_of, make_counter, make_judge, make_stocktake
from tests.orders.stories import assert_sound, counters

pytestmark = pytest.mark.django_db


@pytest.fixture
def kim():
    return make_counter(username="kim")


@pytest.fixture
def sato():
    return make_counter(username="sato")


def test_a_count_notes_what_the_books_say_and_changes_no_stock(kim):
    item = make_stock(on_hand=10)
    stocktake = make_stocktake(item)

    line = counted(stocktake, item, 10, kim)

    assert (line.state, line.counted, line.expected, line.difference, line.counted_by) == ("counted", 10, 10, 0, kim)
    [count] = StocktakeCount.objects.all()
    assert (count.counted, count.expected, count.counted_by, count.at) == (10, 10, kim, line.counted_at)
    assert counters(item) == (10, 0)
    assert_sound()


def test_the_same_key_counts_once_and_another_number_under_it_is_refused(kim):
    item = make_stock(on_hand=10)
    stocktake = make_stocktake(item)
    counted(stocktake, item, 10, kim, key="once")

    again = counted(stocktake, item, 10, kim, key="once")
    with pytest.raises(Conflict, match="already sent"):
        counted(stocktake, item, 9, kim, key="once")

    assert (again.state, again.counted) == ("counted", 10)
    assert StocktakeCount.objects.count() == 1


def test_a_replayed_count_does_not_undo_a_later_one(kim):
    item = make_stock(on_hand=10)
    stocktake = make_stocktake(item, tolerance_pieces=5)
    counted(stocktake, item, 8, kim, key="first")
    counted(stocktake, item, 9, kim, key="second")

    counted(stocktake, item, 8, kim, key="first")

    assert line_of(stocktake, item).counted == 9


def test_a_difference_beyond_the_tolerance_needs_another_person(kim, sato):
    item = make_stock(on_hand=10)
    stocktake = make_stocktake(item, tolerance_pieces=1)

    assert counted(stocktake, item, 8, kim).state == "recount"
    assert counted(stocktake, item, 10, kim).state == "recount"  # his own correction lifts nothing
    assert counted(stocktake, item, 9, sato).state == "counted"  # within the tolerance

    assert StocktakeCount.objects.count() == 3
    assert_sound()


@pytest.mark.parametrize("second", [8, 7])
def test_a_difference_that_another_person_finds_as_well_is_looked_into(kim, sato, second):
    item = make_stock(on_hand=10)
    stocktake = make_stocktake(item)
    counted(stocktake, item, 8, kim)

    line = counted(stocktake, item, second, sato)

    assert (line.state, line.difference, line.counted_by) == ("investigate", second - 10, sato)


def test_money_is_a_tolerance_as_well(kim):
    dear, cheap = make_stock(on_hand=10), make_stock(on_hand=10)
    stocktake = make_stocktake(dear, cheap, tolerance_pieces=5, tolerance_value=10_000)
    stocktake.lines.filter(stock_item=dear).update(unit_cost=10_001, currency="KRW")
    stocktake.lines.filter(stock_item=cheap).update(unit_cost=5_000, currency="KRW")

    assert counted(stocktake, dear, 9, kim).state == "recount"
    assert counted(stocktake, cheap, 8, kim).state == "counted"


def test_a_stocktake_may_ask_for_two_people_in_any_case(kim, sato):
    item = make_stock(on_hand=10)
    stocktake = make_stocktake(item, blind_counts=2)

    assert counted(stocktake, item, 10, kim).state == "recount"
    assert counted(stocktake, item, 10, kim).state == "recount"
    assert counted(stocktake, item, 10, sato).state == "counted"


def test_expected_follows_sales_until_the_moment_of_the_count(kim):
    item = make_stock(on_hand=10)
    stocktake = make_stocktake(item)
    sold = EntryLine(variant_id=item.variant_id, warehouse_id=item.warehouse_id, quantity=-3)
    post_entry(kind=EntryKind.ADJUSTMENT, lines=[sold], reason="sold")

    line = counted(stocktake, item, 7, kim)

    assert (line.expected, line.difference, line.state) == (7, 0, "counted")


@pytest.mark.parametrize("pieces", [-1, 100_000_000])
def test_a_number_that_cannot_be_is_refused(kim, pieces):
    item = make_stock(on_hand=10)
    stocktake = make_stocktake(item)

    with pytest.raises(InvalidInput):
        counted(stocktake, item, pieces, kim)

    assert StocktakeCount.objects.count() == 0


def test_who_may_not_count_counts_nothing():
    item = make_stock(on_hand=10)
    stocktake = make_stocktake(item)

    with pytest.raises(NotAllowed):
        counted(stocktake, item, 10, make_user())

    assert StocktakeCount.objects.count() == 0


def test_nothing_is_counted_before_the_start_or_after_the_end(kim):
    item = make_stock(on_hand=10)
    stocktake = make_stocktake(item, is_started=False)

    with pytest.raises(Conflict, match="not being counted"):
        counted(stocktake, item, 10, kim)

    assert StocktakeCount.objects.count() == 0


def test_what_was_not_planned_is_added_and_a_second_press_finds_it(kim):
    item, found = make_stock(on_hand=10), make_variant()
    stocktake = make_stocktake(item)

    line = add_to_stocktake(stocktake_id=stocktake.pk, variant_id=found.pk, key="a", actor=kim)
    again = add_to_stocktake(stocktake_id=stocktake.pk, variant_id=found.pk, key="b", actor=kim)

    assert again == line
    assert (line.stock_item.variant, line.stock_item.on_hand, line.state) == (found, 0, "open")
    counted_line = count_line(line_id=line.pk, counted=2, key="c", actor=kim)
    assert (counted_line.expected, counted_line.difference) == (0, 2)
    assert_sound()


def test_what_another_stocktake_counts_is_neither_planned_nor_added(kim):
    item, other = make_stock(on_hand=10), make_stock(on_hand=5)
    make_stocktake(item)
    second = make_stocktake(other)
    scope = CountScope(kind=StocktakeScope.CHOSEN, stock_item_ids=[item.pk])

    with pytest.raises(Conflict, match="Another stocktake"):
        add_to_stocktake(stocktake_id=second.pk, variant_id=item.variant_id, key="a", actor=kim)
    with pytest.raises(InvalidInput, match="being counted already"):
        plan_stocktake(warehouse_id=item.warehouse_id, scope=scope, actor=kim)

    assert second.lines.count() == 1


def test_a_bin_of_another_warehouse_is_refused(kim):
    item = make_stock(on_hand=10)
    stocktake = make_stocktake(item)
    foreign = make_warehouse().bins.create(code="Z-1")

    with pytest.raises(InvalidInput, match="another warehouse"):
        add_to_stocktake(stocktake_id=stocktake.pk, variant_id=item.variant_id, bin_id=foreign.pk, key="a", actor=kim)

    assert stocktake.lines.count() == 1


def test_a_reviewer_has_lines_counted_again_by_somebody_else(kim, sato):
    item, judge = make_stock(on_hand=10), make_judge()
    stocktake = make_stocktake(item, tolerance_pieces=2)
    line = counted(stocktake, item, 9, kim)
    review_stocktake(stocktake_id=stocktake.pk, actor=kim)

    assert recount_lines(line_ids=[line.pk], actor=judge) == 1

    stocktake.refresh_from_db()
    assert stocktake.state == "counting"
    assert counted(stocktake, item, 10, kim).state == "recount"
    assert counted(stocktake, item, 10, sato).state == "counted"
    with pytest.raises(NotAllowed):
        recount_lines(line_ids=[line.pk], actor=kim)
