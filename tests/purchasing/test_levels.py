"""When to order and how much: examples worked out by hand."""

from datetime import date, timedelta

import pytest

from purchasing.services.replenishing.levels import Demand, Level, Stock, Wish, factor, level_of
from purchasing.services.replenishing.rounding import Amount, Terms, amount_of, in_packs

TODAY = date(2026, 11, 22)
STEADY = Demand(mean=4, deviation=2, lead_days=9)


def day(number):
    return TODAY + timedelta(days=number)


def test_how_many_deviations_cover_a_share():
    assert [round(factor(percent), 3) for percent in (50, 90, 95, 98)] == [0.0, 1.282, 1.645, 2.054]


def test_reorder_point_is_demand_over_the_lead_time_and_safety_stock():
    # z(95) x sqrt(9 x 2^2) = 1.645 x 6 = 9.87; 4 x 9 = 36; up to 4 x (9 + 14) + 10 = 102
    stock = Stock(available=20, waiting=2, incoming=[(day(3), 24)])
    found = level_of(demand=STEADY, stock=stock, wish=Wish(percent=95, cover_days=14), today=TODAY)
    # 18 pieces last 4 days, on day 3 come 24: 18 - 12 + 24 = 30 from there, 7 days more
    assert found == Level(safety=10, reorder_point=46, order_up_to=102, wanted=60, runs_out_on=day(10), order_by=day(1))


def test_a_lead_time_that_varies_needs_more_safety():
    demand = Demand(mean=4, deviation=2, lead_days=9, lead_deviation=3)
    # z(95) x sqrt(36 + (4 x 3)^2) = 1.645 x 13.416 = 22.07
    found = level_of(demand=demand, stock=Stock(available=100), wish=Wish(percent=95, cover_days=14), today=TODAY)
    assert (found.safety, found.reorder_point, found.wanted) == (23, 59, 0)


def test_above_the_reorder_point_nothing_is_ordered_and_at_it_something_is():
    wish = Wish(percent=95, cover_days=14)
    assert level_of(demand=STEADY, stock=Stock(available=47), wish=wish, today=TODAY).wanted == 0
    assert level_of(demand=STEADY, stock=Stock(available=46), wish=wish, today=TODAY).wanted == 56


def test_levels_fixed_by_hand_win():
    wish = Wish(percent=95, cover_days=14, reorder_point=5, order_up_to=8)
    assert level_of(demand=STEADY, stock=Stock(available=6), wish=wish, today=TODAY).wanted == 0
    assert level_of(demand=STEADY, stock=Stock(available=5), wish=wish, today=TODAY).wanted == 3


def test_without_demand_only_what_is_owed_is_ordered():
    demand = Demand(mean=0, deviation=0, lead_days=9)
    wish = Wish(percent=95, cover_days=14)
    nothing = level_of(demand=demand, stock=Stock(available=0), wish=wish, today=TODAY)
    assert (nothing.wanted, nothing.runs_out_on, nothing.order_by) == (0, None, None)
    owed = level_of(demand=demand, stock=Stock(available=1, waiting=4), wish=wish, today=TODAY)
    assert (owed.wanted, owed.runs_out_on) == (3, TODAY)


@pytest.mark.parametrize(
    ("available", "incoming", "expected"),
    [
        (8, [], day(2)),
        (8, [(day(2), 4)], day(3)),  # comes just in time
        (8, [(day(3), 400)], day(2)),  # comes a day late
        (8, [(None, 400)], day(2)),  # nobody knows when
        (8, [(day(-5), 4)], day(3)),  # overdue: counted from today
        (4_000, [], None),  # beyond two years
    ],
)
def test_the_day_it_runs_out(available, incoming, expected):
    stock = Stock(available=available, incoming=incoming)
    found = level_of(demand=STEADY, stock=stock, wish=Wish(percent=95, cover_days=14), today=TODAY)
    assert found.runs_out_on == expected


def test_whole_packs_of_at_least_the_minimum():
    assert [in_packs(wanted, Terms(pack_size=6, minimum=10)) for wanted in (1, 10, 12, 13)] == [12, 12, 12, 18]


@pytest.mark.parametrize(
    ("wanted", "terms", "daily", "expected"),
    [
        (12, Terms(pack_size=6), 1, Amount(12, None)),
        (13, Terms(pack_size=6), 1, Amount(18, None, ("pack",))),
        (3, Terms(minimum=10), 1, Amount(10, None, ("minimum",))),
        # 48 at 100 are 4,800; 50 at 90 are 4,500
        (48, Terms(prices=[(1, 100), (50, 90)]), 2, Amount(50, 90, ("price_break",))),
        # 40 at 100 are 4,000: fifty would cost more
        (40, Terms(prices=[(1, 100), (50, 90)]), 2, Amount(40, 100)),
        # fifty would last a year
        (48, Terms(prices=[(1, 100), (50, 90)]), 0.1, Amount(48, 100)),
        # of 30 a day for 10 days no more than 300 sell before they expire
        (400, Terms(pack_size=7, shelf_days=10), 30, Amount(294, None, ("pack", "shelf_life"))),
        # one pack is the least that can be had
        (5, Terms(pack_size=24, shelf_days=10), 1, Amount(24, None, ("pack", "shelf_life"))),
    ],
)
def test_what_can_be_ordered(wanted, terms, daily, expected):
    assert amount_of(wanted=wanted, terms=terms, daily=daily, most_days=120) == expected


def test_what_is_still_there_sells_before_what_comes():
    # 300 sell in ten days; of them 100 are still there
    found = amount_of(wanted=400, terms=Terms(pack_size=7, shelf_days=10), daily=30, most_days=120, ahead=100)
    assert found == Amount(196, None, ("pack", "shelf_life"))
