"""What is chosen to be counted: by class, zone, signs, and by the clock."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.errors import InvalidInput, NotAllowed
from inventory.models import (
    CountPlan,
    EntryKind,
    ShelfStock,
    StockIncident,
    StockItem,
    StockPolicy,
    Stocktake,
    StocktakeLine,
    StocktakeScope,
)
from inventory.services import EntryLine, post_entry
from inventory.services.counting import (
    CountRules,
    CountScope,
    plan_cycle_counts,
    plan_stocktake,
    post_stocktake,
    start_stocktake,
)
from inventory.suspecting import sentences
from tests.factories import make_order, make_stock, make_user, make_variant, make_warehouse
from tests.inventory.counting import approved, counted, make_counter, make_judge, make_stocktake

pytestmark = pytest.mark.django_db


def plan(warehouse, kind, **over):
    return plan_stocktake(warehouse_id=warehouse.pk, scope=CountScope(kind=kind, **over), actor=make_counter())


def items_of(stocktake):
    return {line.stock_item_id for line in stocktake.lines.all()}


def classed(item, abc):
    StockPolicy.objects.create(variant=item.variant, abc=abc)
    return item


def test_the_whole_warehouse_and_no_other():
    here, elsewhere = make_stock(on_hand=10), make_stock(on_hand=3, warehouse=make_warehouse())
    empty = StockItem.objects.create(variant=make_variant(), warehouse=here.warehouse)

    stocktake = plan(here.warehouse, StocktakeScope.ALL)

    assert items_of(stocktake) == {here.pk, empty.pk}
    assert elsewhere.pk not in items_of(stocktake)
    assert (stocktake.number, stocktake.state, stocktake.is_blind) == ("C-0000001", "planned", True)


def test_an_abc_class_and_what_has_none():
    a, b, none = classed(make_stock(), "A"), classed(make_stock(), "B"), make_stock()

    of_a = plan(a.warehouse, StocktakeScope.ABC, value="A")
    of_none = plan(a.warehouse, StocktakeScope.ABC, value="")

    assert (items_of(of_a), items_of(of_none)) == ({a.pk}, {none.pk})
    assert [line.abc for line in of_a.lines.all()] == ["A"]
    with pytest.raises(InvalidInput, match="nothing to count"):
        plan(a.warehouse, StocktakeScope.ABC, value="C")
    assert b.stocktake_lines.count() == 0


def test_a_zone_counts_its_shelves_only():
    item = make_stock(on_hand=10)
    near, far = (item.warehouse.bins.create(code=code, zone=code[0]) for code in ("A-1", "B-1"))
    for place in (near, far):
        ShelfStock.objects.create(stock_item=item, bin=place, quantity=3)

    stocktake = plan(item.warehouse, StocktakeScope.ZONE, value="A")

    assert [(line.stock_item, line.bin) for line in stocktake.lines.all()] == [(item, near)]


def test_where_something_looks_wrong_says_why_on_each_line():
    fine, wrong, often = make_stock(on_hand=10), make_stock(on_hand=10), make_stock(on_hand=10)
    StockIncident.objects.create(rule="test", stock_item=wrong, found={})
    for _time in range(3):
        lines = [EntryLine(variant_id=often.variant_id, warehouse_id=often.warehouse_id, quantity=-1)]
        post_entry(kind=EntryKind.ADJUSTMENT, lines=lines, reason="broken")

    stocktake = plan(fine.warehouse, StocktakeScope.SUSPECT, sign_codes=["incident", "adjusted"])

    told = [(line.stock_item, sentences(line.signs)) for line in stocktake.lines.order_by("pk")]
    assert told == [(wrong, ["1 open incident"]), (often, ["Adjusted 3 times in 90 days"])]


def test_what_orders_wait_for_is_a_sign():
    item = make_stock(on_hand=0)
    make_order((item.variant, 2), status="awaiting_stock")
    make_stock(on_hand=5)

    stocktake = plan(item.warehouse, StocktakeScope.SUSPECT, sign_codes=["short"])

    assert [(line.stock_item, sentences(line.signs)) for line in stocktake.lines.all()] == [
        (item, ["1 order waits for it"])
    ]


def test_what_was_never_counted_is_a_sign():
    counted_at_opening = make_stock(on_hand=10)
    lines = [EntryLine(variant_id=make_variant().pk, warehouse_id=counted_at_opening.warehouse_id, quantity=4)]
    post_entry(kind=EntryKind.RECEIPT, lines=lines)
    never = StockItem.objects.latest("pk")

    stocktake = plan(never.warehouse, StocktakeScope.SUSPECT, sign_codes=["never"])

    assert items_of(stocktake) == {never.pk}


def test_nobody_without_the_right_plans():
    item = make_stock()

    with pytest.raises(NotAllowed):
        plan_stocktake(warehouse_id=item.warehouse_id, scope=CountScope(kind=StocktakeScope.ALL), actor=make_user())

    assert Stocktake.objects.count() == 0


def test_four_counts_of_a_line_are_too_many():
    item = make_stock()

    with pytest.raises(InvalidInput, match="One, two or three"):
        plan_stocktake(
            warehouse_id=item.warehouse_id,
            scope=CountScope(kind=StocktakeScope.ALL),
            rules=CountRules(blind_counts=4),
            actor=make_counter(),
        )

    assert Stocktake.objects.count() == 0


def make_plan(warehouse, **over):
    return CountPlan.objects.create(**{"warehouse": warehouse, "abc": "A", "every_days": 30, "lines_a_day": 2, **over})


def test_the_clock_plans_what_is_due_once_a_day():
    items = [classed(make_stock(), "A") for _ in range(3)]
    make_plan(items[0].warehouse)
    later = timezone.localdate() + timedelta(days=31)

    assert plan_cycle_counts() == []  # all were counted at their opening, today
    [stocktake] = plan_cycle_counts(today=later)
    assert plan_cycle_counts(today=later) == []

    assert items_of(stocktake) == {items[0].pk, items[1].pk}
    assert (stocktake.scope, stocktake.scope_value, stocktake.planned_for) == ("abc", "A", later)


def test_nothing_piles_up_while_a_planned_count_was_not_begun():
    items = [classed(make_stock(), "A") for _ in range(3)]
    make_plan(items[0].warehouse)
    later = timezone.localdate() + timedelta(days=31)
    [first] = plan_cycle_counts(today=later)

    assert plan_cycle_counts(today=later + timedelta(days=1)) == []
    start_stocktake(stocktake_id=first.pk)
    [second] = plan_cycle_counts(today=later + timedelta(days=1))

    assert items_of(second) == {items[2].pk}


def test_a_posted_count_without_difference_counts_as_counted():
    item = classed(make_stock(on_hand=5), "A")
    lines = [EntryLine(variant_id=make_variant().pk, warehouse_id=item.warehouse_id, quantity=4)]
    post_entry(kind=EntryKind.RECEIPT, lines=lines)
    never = classed(StockItem.objects.latest("pk"), "A")
    make_plan(item.warehouse)
    stocktake = make_stocktake(never)
    counted(stocktake, never, 4, make_counter())
    judge = make_judge()
    approved(stocktake, judge)
    post_stocktake(stocktake_id=stocktake.pk, actor=judge)

    assert plan_cycle_counts() == []

    StocktakeLine.objects.filter(stock_item=never).update(counted_at=timezone.now() - timedelta(days=31))
    [planned] = plan_cycle_counts()
    assert items_of(planned) == {never.pk}


def test_a_plan_that_rests_plans_nothing():
    item = classed(make_stock(), "A")
    make_plan(item.warehouse, is_active=False)

    assert plan_cycle_counts(today=timezone.localdate() + timedelta(days=99)) == []
