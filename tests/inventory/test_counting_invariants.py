"""What ``verify`` finds when somebody bends a stocktake behind the services, and what the database refuses."""

import pytest
from django.db import IntegrityError, connection, transaction

from core.verify import verify
from inventory.models import CountPlan, Stocktake, StocktakeLine
from inventory.services.counting import post_stocktake
from tests.factories import make_stock
from tests.inventory.counting import approved, counted, make_counter, make_judge, make_stocktake

pytestmark = pytest.mark.django_db


@pytest.fixture
def posted():
    item, kim, judge = make_stock(on_hand=10), make_counter(), make_judge()
    stocktake = make_stocktake(item, tolerance_pieces=5)
    counted(stocktake, item, 8, kim)
    approved(stocktake, judge)
    post_stocktake(stocktake_id=stocktake.pk, actor=judge)
    stocktake.refresh_from_db()
    return stocktake


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(statement)


PLANTS = {
    "inventory.stocktakes_equal_movements": "UPDATE inventory_stocktakeline SET counted = counted + 1",
    "inventory.posted_stocktakes_are_done": "UPDATE inventory_stocktakeline SET entry_id = NULL",
    "inventory.lines_say_their_last_count": "UPDATE inventory_stocktakeline SET expected = expected - 1",
    "inventory.stocktake_numbers_below_sequence": (
        "UPDATE core_sequence SET next_value = 1 WHERE name = 'inventory.stocktake'"
    ),
}


def test_a_sound_stocktake_holds(posted):
    assert [finding.invariant.name for finding in verify() if not finding.holds] == []


@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_breach_is_found_and_named(name, posted):
    sql(PLANTS[name])

    [finding] = verify(names=[name])

    assert finding.count == 1
    assert all(value is not None for row in finding.breaches for value in row.values())


def test_an_approval_of_ones_own_counts_is_found(posted):
    Stocktake.objects.update(created_by=posted.approved_by)

    [finding] = verify(names=["inventory.posted_stocktakes_are_done"])

    assert finding.count == 1


@pytest.mark.parametrize(
    ("model", "change", "constraint"),
    [
        (Stocktake, {"scope": "moon"}, "inventory_stocktake_scope"),
        (Stocktake, {"state": "lost"}, "inventory_stocktake_state"),
        (Stocktake, {"approved_at": None}, "inventory_stocktake_posted_only_approved"),
        (Stocktake, {"blind_counts": 4}, "inventory_stocktake_blind_counts"),
        (Stocktake, {"blind_counts": 0}, "inventory_stocktake_blind_counts"),
        (Stocktake, {"tolerance_value": -1}, "inventory_stocktake_tolerance"),
        (StocktakeLine, {"state": "lost", "entry": None}, "inventory_stocktakeline_state"),
        (StocktakeLine, {"reason": "moon"}, "inventory_stocktakeline_reason"),
        (StocktakeLine, {"counted": None}, "inventory_stocktakeline_counted_when_it_says_so"),
        (StocktakeLine, {"state": "skipped"}, "inventory_stocktakeline_posted_when_decided"),
        (StocktakeLine, {"unit_cost": 1, "currency": ""}, "inventory_stocktakeline_cost"),
    ],
)
def test_rules_of_one_row(posted, model, change, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        model.objects.update(**change)


@pytest.mark.parametrize(
    ("over", "constraint"),
    [
        ({"abc": "X"}, "inventory_countplan_abc"),
        ({"every_days": 0}, "inventory_countplan_moves"),
        ({"lines_a_day": 0}, "inventory_countplan_moves"),
        ({"abc": "A"}, "inventory_countplan_once"),
    ],
)
def test_rules_of_a_plan(posted, over, constraint):
    plan = {"warehouse": posted.warehouse, "every_days": 30}
    CountPlan.objects.create(abc="A", **plan)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        CountPlan.objects.create(**{"abc": "B", **plan, **over})


def test_a_plan_has_one_stocktake_a_day(posted):
    plan = CountPlan.objects.create(warehouse=posted.warehouse, abc="A", every_days=30)
    day = {"warehouse": posted.warehouse, "scope": "abc", "plan": plan, "planned_for": "2026-01-05"}
    Stocktake.objects.create(number="C-1", **day)
    with pytest.raises(IntegrityError, match="inventory_stocktake_plan_day_once"), transaction.atomic():
        Stocktake.objects.create(number="C-2", **day)
