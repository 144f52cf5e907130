"""Screens of forecasts: the panel of a variant, the list, the page to have them made, promotions and seasons."""

import json
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from backoffice.demo.foresight import foresee
from core.models import Job
from purchasing.models import DemandEvent, Forecast, StockoutDay
from purchasing.selectors.forecasts import forecast_figures, variant_outlook
from purchasing.services.demand.running import forecast_all
from tests.factories import make_channel, make_order, make_user, make_variant
from tests.purchasing.demand.test_running import sell

pytestmark = pytest.mark.django_db

VIEW = ["purchasing.view_forecast", "catalog.view_variant", "catalog.view_product", "catalog.view_saleschannel"]


@pytest.fixture
def planner(client):
    client.force_login(
        make_user(
            permissions=[
                *VIEW,
                "purchasing.make_forecasts",
                "purchasing.view_demandevent",
                "purchasing.add_demandevent",
                "purchasing.change_demandevent",
            ]
        )
    )
    return client


def today():
    return timezone.localdate(timezone=timezone.get_default_timezone())


def page(client, variant):
    return client.get(f"/admin/catalog/variant/{variant.pk}/change/").content.decode()


def chart_of(text):
    return json.loads(re.search(r'<script id="chart-forecast"[^>]*>(.*?)</script>', text, re.DOTALL)[1])


def test_the_variant_shows_chart_method_and_error_in_words(planner):
    shop, mall = make_channel(), make_channel(name="Blue Mall")
    cap = make_variant()
    sell(cap, shop, days=210, pieces=3, until=today())
    sell(cap, mall, days=210, pieces=1, until=today())
    StockoutDay.objects.create(variant=cap, day=today() - timedelta(days=20))
    DemandEvent.objects.create(name="Spring sale", starts_on=today(), ends_on=today(), percent=150)
    forecast_all()
    text = page(planner, cap)
    assert "chart-forecast" in text
    assert "pieces a week on average" in text
    assert "Blue Mall" in text
    assert "Spring sale" in text
    assert "How every method did" in text
    names = [series["name"] for series in chart_of(text)["series"]]
    assert names[:2] == ["Sold", "Out of stock for days"]
    assert {"Expected", "Eight of ten weeks", "Promotion or season", "Holiday ahead"} <= set(names)
    expected = next(one for one in chart_of(text)["series"] if one["name"] == "Expected")["values"]
    assert expected[28] is None
    # it begins where sales stand
    assert expected[29] == next(one for one in chart_of(text)["series"] if one["name"] == "Sold")["values"][29]
    assert "In 1 week it was out of stock" in text
    outlook = variant_outlook(variant_id=cap.pk)
    assert len(outlook.weeks) == 30
    assert sum(week.pieces for week in outlook.weeks) == 105 * 3 + 105 * 4 + 105 * 1 + 105 * 2
    assert [week.days_out for week in outlook.weeks][-3:] == [1, 0, 0]


def test_too_little_data_says_what_is_missing(planner):
    cap, never = make_variant(), make_variant()
    sell(cap, make_channel(), days=70, pieces=3, until=today())
    forecast_all()
    assert "It needs 3 more weeks with sales." in page(planner, cap)
    assert "there is nothing to foresee" in page(planner, never)


def test_without_the_right_there_is_no_panel(client):
    client.force_login(make_user(permissions=VIEW[1:]))
    assert "nothing to foresee" not in page(client, make_variant())


def test_the_list_has_both_kinds_and_filters(planner):
    shop, mall = make_channel(), make_channel()
    cap, tee = make_variant(sku="CAP"), make_variant(sku="TEE")
    for channel in (shop, mall):
        sell(cap, channel, days=210, pieces=3, until=today())
    sell(tee, shop, days=30, pieces=3, until=today())
    forecast_all()
    base = "/admin/purchasing/forecast/"
    shown = planner.get(base).content.decode()
    assert "CAP" in shown
    assert "TEE" in shown
    few = planner.get(f"{base}?tab=none").content.decode()
    assert "TEE" in few
    assert "CAP" not in few
    assert planner.get(f"{base}?tab=channels").status_code == 200
    assert planner.get(f"{base}?variant__stock_policy__xyz=X&method=combined").status_code == 200
    whole = Forecast.objects.get(variant=cap, sales_channel=None)
    assert "chart-forecast" in planner.get(f"{base}{whole.pk}/change/").content.decode()
    figures = forecast_figures()
    assert (figures.made, figures.missing) == (1, 1)


def test_forecasts_are_asked_for_once_and_only_with_the_right(planner, client):
    url = "/admin/forecasts/now/"
    assert "Forecast now" in planner.get(url).content.decode()
    planner.post(url)
    planner.post(url)
    assert Job.objects.filter(kind="purchasing.forecast").count() == 1
    client.force_login(make_user(permissions=VIEW))
    assert "Forecast now" not in client.get(url).content.decode()
    Job.objects.all().delete()
    client.post(url)
    assert not Job.objects.exists()


def test_a_promotion_is_entered_and_nonsense_is_refused(planner):
    cap = make_variant()
    url = "/admin/purchasing/demandevent/add/"
    row = {"name": "Sale", "starts_on": "2026-06-01", "ends_on": "2026-06-07", "percent": "250", "sales_channel": ""}
    assert planner.get(url).status_code == 200
    assert planner.post(url, {**row, "ends_on": "2026-05-01"}).status_code == 200
    assert planner.post(url, {**row, "percent": "-5"}).status_code == 200
    assert not DemandEvent.objects.exists()
    assert planner.post(url, {**row, "variants": [cap.pk]}).status_code == 302
    event = DemandEvent.objects.get()
    assert (event.percent, list(event.variants.all())) == (250, [cap])
    assert "Sale" in planner.get("/admin/purchasing/demandevent/?tab=all").content.decode()


def test_the_demo_foresees():
    cap, shop = make_variant(), make_channel(code="seoul-shop")
    now = timezone.now()
    for count in range(1, 110):
        make_order((cap, 1 + count % 4), sales_channel=shop, placed_at=now - timedelta(days=count))
    assert foresee(now=now) == 1
    assert foresee(now=now) == 1
    assert DemandEvent.objects.count() == 2
