"""Forecasts as rows: what is written, by whom, and that a second run changes nothing."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from django.utils import timezone

from core.errors import Conflict, NotAllowed
from core.jobs import run as run_job
from core.models import Job, JobState
from inventory.models import StockPolicy
from purchasing.models import DemandDay, DemandEvent, Forecast, StockoutDay
from purchasing.services.demand.calendar import demand_calendar, holiday_names
from purchasing.services.demand.classing import evenness_class, revenue_classes
from purchasing.services.demand.reading import read_demand
from purchasing.services.demand.running import forecast_all, start_forecasts
from tests.factories import make_channel, make_order, make_user, make_variant

pytestmark = pytest.mark.django_db

TODAY = date(2026, 6, 1)


def sell(variant, channel, *, days, pieces, gap=1, until=TODAY):
    """Let a variant have sold so many pieces on every ``gap``-th of the last days."""
    DemandDay.objects.bulk_create(
        DemandDay(variant=variant, sales_channel=channel, day=until - timedelta(days=count), pieces=pieces + count % 2)
        for count in range(1, days + 1, gap)
    )


def said():
    fields = (
        "variant_id",
        "sales_channel_id",
        "method",
        "weekly",
        "low",
        "high",
        "daily_mean",
        "errors",
        "sizes",
        "sold_days",
    )
    return list(Forecast.objects.order_by("variant_id", "sales_channel_id").values_list(*fields))


def test_a_night_forecasts_what_sells_by_channel_too_and_twice_changes_nothing():
    shop, mall = make_channel(), make_channel()
    even, young, never, rare = make_variant(), make_variant(), make_variant(), make_variant()
    sell(even, shop, days=210, pieces=3)
    sell(even, mall, days=210, pieces=1)
    sell(young, shop, days=40, pieces=2)
    sell(rare, shop, days=210, pieces=2, gap=10)
    assert forecast_all(today=TODAY)["variants"] == 3
    both = Forecast.objects.get(variant=even, sales_channel=None)
    assert both.starts_on == TODAY
    assert both.method != "none"
    assert len(both.weekly) == len(both.low) == len(both.high) == 13
    assert float(both.daily_mean) == pytest.approx(5, rel=0.02)
    assert both.errors["naive"].keys() == {"weekly", "sum", "pieces"}
    assert both.error == Decimal(str(both.errors[both.method]["weekly"]))
    assert (both.history_days, both.sold_days) == (210, 210)
    assert float(Forecast.objects.get(variant=even, sales_channel=shop).daily_mean) == pytest.approx(3.5, rel=0.02)
    assert (both.sizes, Forecast.objects.get(variant=rare).sizes) == ({}, {"3": 21})  # what its days look like
    few = Forecast.objects.get(variant=young)  # of all channels only
    assert (few.method, few.weekly, few.error, few.sold_days) == ("none", [], None, 40)
    assert not Forecast.objects.filter(variant=never).exists()
    before = said()
    forecast_all(today=TODAY)
    assert said() == before


def test_what_is_gone_goes():
    shop, mall = make_channel(), make_channel()
    cap, tee = make_variant(), make_variant()
    sell(cap, shop, days=210, pieces=3)
    sell(cap, mall, days=210, pieces=3)
    sell(tee, shop, days=210, pieces=3)
    forecast_all(today=TODAY)
    DemandDay.objects.filter(variant=tee).delete()
    DemandDay.objects.filter(sales_channel=mall).delete()
    forecast_all(today=TODAY)
    assert [(row[0], row[1]) for row in said()] == [(cap.pk, None)]


def test_days_without_stock_are_not_days_without_demand():
    shop = make_channel()
    cap = make_variant()
    sell(cap, shop, days=210, pieces=4)
    out = [TODAY - timedelta(days=count) for count in range(1, 22)]
    DemandDay.objects.filter(day__in=out).delete()
    forecast_all(today=TODAY)
    without = Forecast.objects.get().daily_mean
    StockoutDay.objects.bulk_create(StockoutDay(variant=cap, day=day) for day in out)
    forecast_all(today=TODAY)
    assert without < 2
    assert float(Forecast.objects.get().daily_mean) == pytest.approx(4.5, rel=0.02)


def test_a_promotion_lifts_its_days_and_a_past_one_does_not_lift_the_rest():
    shop = make_channel()
    cap = make_variant()
    sell(cap, shop, days=210, pieces=4)
    DemandEvent.objects.create(
        name="Sale", starts_on=TODAY + timedelta(days=7), ends_on=TODAY + timedelta(days=13), percent=300
    )
    past = DemandEvent.objects.create(
        name="Last sale", starts_on=TODAY - timedelta(days=7), ends_on=TODAY - timedelta(days=1), percent=300
    )
    past.variants.add(cap)
    DemandDay.objects.filter(day__gte=past.starts_on).update(pieces=13)
    forecast_all(today=TODAY)
    weekly = [float(week) for week in Forecast.objects.get().weekly]
    assert weekly[0] == pytest.approx(31.5, rel=0.05)
    assert weekly[1] == pytest.approx(3 * weekly[0], rel=0.01)
    assert weekly[2] == pytest.approx(weekly[0], rel=0.05)


def test_holidays_are_learnt_by_country_from_two_years():
    shop, abroad = make_channel(country="KR"), make_channel(country="JP")
    cap = make_variant()
    start = TODAY - timedelta(days=156 * 7)
    sell(cap, shop, days=156 * 7, pieces=60)
    names = holiday_names(country="KR", start=start, until=TODAY + timedelta(days=91))
    closed = [day for day, name in names.items() if name == "Liberation Day"]
    DemandDay.objects.filter(day__in=closed).delete()
    calendar = demand_calendar(start=start, today=TODAY, until=TODAY + timedelta(days=91))
    assert {calendar.holidays[shop.pk][day] < 0.5 for day in closed} == {True}
    assert calendar.holidays[abroad.pk] == {}
    assert holiday_names(country="XX", start=start, until=TODAY) == {}


def test_what_is_read_is_what_is_there():
    shop, mall = make_channel(), make_channel()
    cap, tee = make_variant(), make_variant()
    DemandDay.objects.create(variant=tee, sales_channel=mall, day=date(2026, 5, 30), pieces=70_000)
    DemandDay.objects.create(variant=cap, sales_channel=shop, day=date(2026, 5, 31), pieces=2)
    DemandDay.objects.create(variant=cap, sales_channel=shop, day=date(2026, 6, 1), pieces=9)  # not over yet
    StockoutDay.objects.create(variant=cap, day=date(2026, 5, 29))
    StockoutDay.objects.create(variant=cap, day=TODAY)
    demand = read_demand(
        variant_ids=[tee.pk, cap.pk], channel_ids=[mall.pk, shop.pk], start=date(2026, 5, 29), until=TODAY
    )
    assert demand.variants == sorted([cap.pk, tee.pk])
    by_name = {
        (variant, channel): demand.pieces[row, column].tolist()
        for row, variant in enumerate(demand.variants)
        for column, channel in enumerate(demand.channels)
    }
    assert by_name == {
        (cap.pk, shop.pk): [0, 0, 2],
        (cap.pk, mall.pk): [0, 0, 0],
        (tee.pk, shop.pk): [0, 0, 0],
        (tee.pk, mall.pk): [0, 70_000, 0],
    }
    assert demand.is_open[demand.variants.index(cap.pk)].tolist() == [False, True, True]


def test_the_button_asks_for_a_right_and_runs_once():
    with pytest.raises(NotAllowed):
        start_forecasts(actor=make_user())
    assert not Job.objects.exists()
    manager = make_user(permissions=["purchasing.make_forecasts"])
    job = start_forecasts(actor=manager)
    with pytest.raises(Conflict):
        start_forecasts(actor=manager)
    cap = make_variant()
    now = timezone.now()
    for count in range(1, 120):
        make_order((cap, 1 + count % 3), placed_at=now - timedelta(days=count))
    assert run_job(job.pk) == JobState.DONE
    job.refresh_from_db()
    assert job.outcome["variants"] == job.outcome["forecasts"] == 1
    assert Forecast.objects.get().sold_days == 119
    assert StockPolicy.objects.get(variant=cap).abc == "A"


def test_classes_by_money():
    amounts = {1: 500, 2: 300, 3: 100, 4: 60, 5: 40}
    found = revenue_classes({variant: Decimal(amount) for variant, amount in amounts.items()})
    assert found == {1: "A", 2: "A", 3: "B", 4: "B", 5: "C"}
    assert revenue_classes({7: Decimal(0)}) == {7: "C"}


def test_classes_by_evenness():
    assert evenness_class(np.array([5.0] * 10)) == "X"
    assert evenness_class(np.array([1.0, 9] * 10)) == "Y"
    assert evenness_class(np.array([0.0, 0, 0, 12] * 10)) == "Z"
    assert evenness_class(np.array([np.nan] * 40 + [5.0] * 7)) == ""
    assert evenness_class(np.zeros(20)) == ""


def test_classes_are_given_and_taken_and_decisions_stay():
    shop = make_channel()
    cap, tee = make_variant(), make_variant()
    StockPolicy.objects.create(variant=tee, block_days=5, abc="A", xyz="X")
    sell(cap, shop, days=100, pieces=3)
    forecast_all(today=TODAY)
    assert StockPolicy.objects.get(variant=cap).xyz == "X"
    kept = StockPolicy.objects.get(variant=tee)
    assert (kept.block_days, kept.abc, kept.xyz) == (5, "", "")
