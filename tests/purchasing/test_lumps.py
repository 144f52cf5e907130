"""Reorder points of demand in lumps: from the days of the last year, worked out by hand."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest

from purchasing.models import Forecast, ReorderProposal
from purchasing.services.forecasting import day_sizes, is_lumpy
from purchasing.services.replenishing.explaining import explain
from purchasing.services.replenishing.levels import Demand, Stock, Wish, level_of
from purchasing.services.replenishing.lumps import enough_for
from purchasing.services.replenishing.proposing import propose
from tests.factories import make_stock
from tests.purchasing.making import make_supplier, make_supplier_item

TODAY = date(2026, 11, 22)
TENS = {10: 36}  # ten pieces at once: at a mean of 1 a day on every tenth day


def enough(percent, *, mean=1.0, sizes=TENS, days=3.0, deviation=0.0):
    return enough_for(mean=mean, sizes=sizes, lead_days=days, lead_deviation=deviation, percent=percent)


@pytest.mark.parametrize(
    ("percent", "pieces"),
    [
        # of three days none sells in 0.9^3 = 72.9 %, at most one in 72.9 + 3 x 0.1 x 0.81 = 97.2 %, two in 99.9 %
        (72.9, 0),
        (73, 10),
        (97.2, 10),
        (97.3, 20),
        (99.9, 20),
        (99.95, 30),
    ],
)
def test_how_many_are_enough_for_three_days(percent, pieces):
    assert enough(percent) == pieces


def test_sizes_mix_as_they_did():
    # half of the sales are 1, half 3, on every second day (mean 1); two days: 0 at 25 %, +1 at 25 % (2 x 0.5 x 0.25),
    # +2 at 6.25 % (two of 1), +3 at 25 %, +4 at 12.5 % (2 x 0.25 x 0.25), +6 at 6.25 %
    found = [enough(percent, sizes={1: 5, 3: 5}, days=2) for percent in (25, 50, 56.25, 81.25, 93.75, 93.8)]
    assert found == [0, 1, 2, 3, 4, 6]


def test_a_lead_time_that_varies_is_three_lead_times():
    # 3 days give or take sqrt(3): of 0, 3 and 6 days with weights 1, 4 and 1 of 6. None sells in
    # (1 + 4 x 0.729 + 0.531441) / 6 = 74.1 %, at most one sale in (1 + 4 x 0.972 + 0.885735) / 6 = 96.2 %
    # at most two in (1 + 4 x 0.999 + 0.98415) / 6 = 99.67 %
    found = [enough(percent, deviation=3**0.5) for percent in (74, 75, 96, 97, 99.6, 99.7)]
    assert found == [0, 10, 10, 20, 20, 30]


def test_more_than_a_sale_a_day_makes_each_larger_and_no_lead_time_needs_nothing():
    assert enough(50, mean=15, days=2) == 30
    assert enough(99, days=0) == 0


def test_great_sizes_are_counted_in_steps_that_are_rounded_up():
    fine = enough(99, mean=1000, sizes={10_000: 36}, days=3)
    assert 20_000 <= fine <= 20_000 + 2  # 30,000 places fit
    coarse = enough(99, mean=100_000, sizes={1_000_000: 36}, days=3)
    assert 2_000_000 <= coarse <= 2_000_000 * 1.0001


def test_the_level_says_what_is_beyond_the_mean():
    demand = Demand(mean=1, deviation=9, lead_days=3, sizes=TENS)
    found = level_of(demand=demand, stock=Stock(available=10), wish=Wish(percent=97, cover_days=28), today=TODAY)
    # the normal curve would ask for 3 + 1.88 x sqrt(3) x 9 = 33; 1 x (3 + 28) + 7 = 38
    assert (found.reorder_point, found.safety, found.order_up_to, found.wanted) == (10, 7, 38, 28)


def test_what_sells_seldom_or_unevenly_is_in_lumps():
    weeks = np.tile([4.0, 5.0, 4.0, 3.0], (5, 13))
    weeks[1, ::3] = 0  # two weeks of three: a sale every 1.5 weeks
    weeks[2, ::6] = 0  # five of six
    weeks[3, ::8] = 60  # every week, but once in eight a great one
    weeks[4, :] = np.nan
    assert is_lumpy(weeks).tolist() == [False, True, False, True, False]


def test_days_are_counted_as_ordinary_ones():
    pieces = np.zeros((2, 400))
    pieces[0, [0, 100, 200]] = (99, 4, 6)  # the first is older than a year
    pieces[1, [100, 300, 350, 399]] = (1, 8, 7, 5)
    factors = np.ones((2, 400))
    factors[1, 300] = 2.0  # a promotion
    is_known = np.ones(400, dtype=bool)
    is_known[350] = False  # out of stock
    factors[1, 399] = 0.01  # all but closed
    assert day_sizes(pieces, factors, is_known) == {4: 1, 5: 1, 6: 1}


@pytest.mark.django_db
def test_a_proposal_says_how_its_reorder_point_came_about():
    stock = make_stock(on_hand=10)
    make_supplier_item(stock.variant, make_supplier(lead_days=3))
    Forecast.objects.create(
        variant=stock.variant, method="tsb", starts_on=TODAY, daily_mean=Decimal(1), daily_deviation=Decimal(9),
        sizes={"5": 18, "15": 18},
    )  # fmt: skip
    propose(today=TODAY)
    [row] = ReorderProposal.objects.all()
    # 95 of 100: no sale 72.9 %, one of five + 12.15 %, two of five + 0.675 %, one of fifteen + 12.15 % = 97.9 %
    assert (row.reorder_point, row.figures["safety"]) == (15, 12)
    told = explain(row)
    assert "It sells in lumps: on 36 days of the last year, 5 to 15 pieces at once." in told
    assert (
        "Such days add up to no more than 15 in 95 % of all lead times: that is the reorder point. "
        "On average it is 3, so 12 are safety stock."
    ) in told
    assert row.order_by <= TODAY + timedelta(days=7)
