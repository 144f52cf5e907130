"""What lies too long, and what to do about it."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from catalog.models import Price
from inventory.models import StockMovement
from purchasing.models import CostLayer, DemandDay, StockHealth
from purchasing.services.replenishing.ageing import judge_stock
from tests.factories import make_channel, make_stock
from tests.purchasing.making import make_supplier_item

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 22)
NOON = datetime(2026, 11, 22, 12, tzinfo=ZoneInfo("Asia/Seoul"))


def make_layers(*layers, sold=()):
    """Make a variant with (age in days, pieces, cost) and sales (days ago, pieces)."""
    item = make_stock(on_hand=sum(pieces for _age, pieces, _cost in layers))
    channel = make_channel()
    movement = StockMovement.objects.get(stock_item=item)
    for age, pieces, cost in layers:
        movement.pk = None
        movement.save(force_insert=True)
        CostLayer.objects.create(
            variant=item.variant,
            movement=movement,
            received_at=NOON - timedelta(days=age),
            quantity=pieces,
            remaining=pieces,
            unit_cost=Decimal(cost),
        )
    for days, pieces in sold:
        DemandDay.objects.create(
            variant=item.variant, sales_channel=channel, day=TODAY - timedelta(days=days), pieces=pieces
        )
    return item.variant


def judged(variant):
    judge_stock(today=TODAY)
    return StockHealth.objects.get(variant=variant)


def test_pieces_by_age_and_money_tied_up():
    variant = make_layers((30, 5, 100), (31, 4, 110), (400, 1, "90.5"), sold=[(1, 45), (89, 45), (90, 1000)])
    row = judged(variant)
    ages = [row.age_30, row.age_60, row.age_90, row.age_180, row.age_365, row.age_older]
    assert (row.on_hand, ages, row.value) == (10, [5, 4, 0, 0, 0, 1], 1031)
    assert (row.daily, row.cover_days, row.verdict, row.remedy, row.excess_value) == (1, 10, "healthy", "", 0)
    assert (row.last_sold_on, row.last_received_on) == (TODAY - timedelta(days=1), TODAY - timedelta(days=30))


@pytest.mark.parametrize(
    ("layers", "sold", "verdict"),
    [
        ([(181, 10, 1)], [(180, 1)], "dead"),
        ([(181, 10, 1)], [], "dead"),
        ([(181, 10, 1)], [(179, 1)], "slow"),  # sold once within half a year
        ([(100, 10, 1)], [(90, 1)], "slow"),
        ([(100, 10, 1)], [(89, 9)], "healthy"),
        ([(100, 36_600, 1)], [(5, 9_000)], "slow"),  # a hundred a day, lasts 366 days
        ([(10, 36_600, 1)], [(5, 9_000)], "excess"),  # came lately
        ([(10, 18_100, 1)], [(5, 9_000)], "excess"),
        ([(10, 18_000, 1)], [(5, 9_000)], "healthy"),
        ([(20, 10, 1)], [], "healthy"),  # had no time to sell
    ],
)
def test_the_verdict(layers, sold, verdict):
    row = judged(make_layers(*layers, sold=sold))
    assert row.verdict == verdict
    assert (row.cover_days is None) == (row.daily == 0)  # nothing sold lately: it lasts for ever, not 100,000 days


def test_too_much_is_what_half_a_year_does_not_sell():
    row = judged(make_layers((10, 20_000, 7), sold=[(5, 9_000)]))
    assert (row.verdict, row.remedy, row.value, row.excess_value) == ("excess", "stop", 140_000, 14_000)


def test_what_came_lately_goes_back_and_what_is_nowhere_listed_is_sold_elsewhere():
    recent, old = make_layers((185, 10, 1), (110, 5, 1)), make_layers((185, 10, 1))
    make_supplier_item(recent)
    make_supplier_item(old)
    assert (judged(recent).remedy, judged(old).remedy) == ("send_back", "move")


def test_again_it_is_the_same_and_rows_of_sold_out_variants_go():
    variant, sold_out = make_layers((185, 10, 1)), make_layers((185, 10, 1))
    assert judge_stock(today=TODAY) == 2
    CostLayer.objects.filter(variant=sold_out).update(remaining=0)
    assert judge_stock(today=TODAY) == 1
    assert list(StockHealth.objects.values_list("variant", flat=True)) == [variant.pk]


def test_pieces_of_unknown_cost_are_worth_what_their_price_counts_with():
    variant = make_layers((400, 3, 0))
    CostLayer.objects.filter(variant=variant).update(is_known=False)
    Price.objects.create(
        variant=variant, sales_channel=make_channel(), currency="KRW", amount=1200, cost=700, starts_at=NOON
    )
    assert judged(variant).value == 2100
    CostLayer.objects.filter(variant=variant).update(is_known=True)
    assert judged(variant).value == 0
