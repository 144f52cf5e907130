"""The plan of the demo shop: its size, work at any hour, campaigns, barcodes and pictures; nothing is written."""

from collections import Counter
from datetime import date, datetime, timedelta

import pytest

from backoffice.demo import fill as filling
from backoffice.demo.barcodes import check_digit, internal_gtin
from backoffice.demo.demand import _black_friday, _running
from backoffice.demo.fates import OFFICE, status_of
from backoffice.demo.plan import ORDERS, Begin, make_plan
from backoffice.demo.silhouettes import draw
from backoffice.demo.vocabulary import load
from orders.models import OrderStatus

NOW = datetime(2026, 11, 18, 14, 30, tzinfo=OFFICE)  # a Wednesday afternoon
SIZE = 150


def test_the_full_shop_has_the_promised_size() -> None:
    plan = make_plan(Begin(filling.SEED, ORDERS, NOW))
    assert len(plan.products) == 800
    assert 2_400 <= sum(len(one.variants) for one in plan.products) <= 2_600
    assert len(plan.orders) == len({(one.channel, one.number) for one in plan.orders}) == 20_000
    assert len({one.channel for one in plan.orders}) == 6
    buyers = {one.buyer_code if one.channel == "coupang" else one.buyer.email for one in plan.orders}
    assert 8_500 <= len(buyers) <= 9_500
    counts = Counter(status_of(one) for one in plan.orders)
    assert 0.02 < counts["cancelled"] / ORDERS < 0.04
    assert 0.03 < sum(one.fate.returned_at is not None for one in plan.orders) / ORDERS < 0.05
    assert min(one.total for one in plan.orders) > 0
    assert plan.orders[0].placed_at < NOW - timedelta(days=540)
    assert plan.orders[-1].placed_at <= NOW


@pytest.mark.parametrize("now", [NOW + timedelta(hours=7 * n) for n in range(12)])
def test_the_plan_has_work_at_any_hour_and_weekday(now: datetime) -> None:
    counts = Counter(status_of(order) for order in make_plan(Begin(1, SIZE, now)).orders)
    assert {status for status in OrderStatus if counts[status] < 2} == set()


def test_barcodes_are_of_the_internal_range_with_a_right_check_digit() -> None:
    assert check_digit("400638133393") == "1"
    assert internal_gtin(1) == "2000000000015"


def test_every_silhouette_is_drawn_the_same_each_time() -> None:
    for kind in load("catalogue")["type"]:
        for pattern in ["", *kind["patterns"]]:
            assert draw(shape=kind["shape"], colour="#2c3a5e", pattern=pattern, seed=3) == draw(
                shape=kind["shape"], colour="#2c3a5e", pattern=pattern, seed=3
            )
    assert draw(shape="mug", colour="#2c3a5e") != draw(shape="mug", colour="#eebdc6")


def test_campaigns_fall_on_their_days() -> None:
    assert [_black_friday(year) for year in (2024, 2025, 2026)] == [
        date(2024, 11, 29),
        date(2025, 11, 28),
        date(2026, 11, 27),
    ]

    def names(channel: str, day: date) -> list[str]:
        return [campaign["name"] for campaign in _running(channel, day)]

    assert names("naver", date(2025, 10, 6)) == ["Chuseok holidays"]
    assert names("rakuten", date(2026, 6, 5)) == ["Rakuten Super Sale (June)"]
    assert names("osaka-shop", date(2025, 12, 31)) == ["New Year holidays"]
    assert names("naver", date(2026, 6, 5)) == []
