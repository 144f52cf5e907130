"""Clocks: a change to summer time, and whose midnight it is."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import tablib
import time_machine
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from catalog.admin.resources import SalesChannelResource
from catalog.models import Listing, Price
from catalog.selectors.claims import Verdict, proofs_of, prove_discount
from catalog.services import list_product, switch_listings
from compliance.models import ClaimMethod, PriceClaimRule
from tests.catalog.making import make_approved, make_shops
from tests.factories import make_channel, make_user, make_variant

pytestmark = pytest.mark.django_db

BERLIN = ZoneInfo("Europe/Berlin")
SEOUL = ZoneInfo("Asia/Seoul")


@pytest.mark.parametrize("zone", ["Asia/Soul", "KST+9", "../etc/passwd", ""])
def test_a_channel_needs_a_zone_that_exists(zone):
    """Claims and prices are proved by the channel's days: a zone that nobody knows would break their pages."""
    channel = make_channel(code="shop")
    channel.time_zone = zone
    with pytest.raises(ValidationError) as refused:
        channel.full_clean()
    assert list(refused.value.message_dict) == ["time_zone"]
    if zone:
        result = SalesChannelResource().import_data(tablib.Dataset(["shop", zone], headers=["code", "time_zone"]))
        [row] = result.invalid_rows
        assert row.error_dict == {"time_zone": [f"“{zone}” is no time zone. Write one such as Asia/Seoul."]}
    channel.refresh_from_db()
    assert channel.time_zone == "Asia/Seoul"


@pytest.mark.parametrize(
    ("planned", "live_at"),
    [
        (datetime(2026, 3, 29, 9, tzinfo=BERLIN), datetime(2026, 3, 29, 7, tzinfo=UTC)),  # an hour is missing
        (datetime(2026, 10, 25, 9, tzinfo=BERLIN), datetime(2026, 10, 25, 8, tzinfo=UTC)),  # an hour comes twice
    ],
)
def test_a_listing_starts_at_its_hour_on_the_wall_on_the_day_when_clocks_change(planned, live_at):
    (shop,) = make_shops(1)
    with time_machine.travel(planned - timedelta(days=2), tick=False):
        product = make_approved(channels=[shop])
        listing = list_product(product_id=product.pk, sales_channel_id=shop.pk, starts_at=planned)
        assert listing.state == "scheduled"
    assert switch_listings(now=live_at - timedelta(minutes=1)) == (0, 0)
    assert switch_listings(now=live_at) == (1, 0)
    listing.refresh_from_db()
    assert (listing.state, listing.starts_at) == ("live", live_at)


@pytest.mark.parametrize("typed", ["2026-03-29T02:30", "2026-10-25T02:30"])
def test_an_hour_that_is_missing_or_comes_twice_is_asked_again(client, typed):
    (shop,) = make_shops(1)
    user = make_user(is_superuser=True, is_staff=True, time_zone="Europe/Berlin")
    client.force_login(user)
    with time_machine.travel(datetime(2026, 3, 1, tzinfo=UTC), tick=False), timezone.override(BERLIN):
        product = make_approved(channels=[shop])
        client.force_login(user)
        answer = client.post(
            reverse("admin:catalog_product_press", args=[product.pk, "list_on"]),
            {"sales_channels": [shop.pk], "starts_at": typed, "_key": "0" * 32},
        )
    assert "starts_at" in answer.context["form"].errors
    assert not Listing.objects.exclude(state="planned").exists()


def rule(valid_from, **over):
    return PriceClaimRule.objects.create(
        jurisdiction="KR", method=ClaimMethod.LOWEST_IN_WINDOW, window_days=20, valid_from=valid_from, **over
    )


@pytest.mark.parametrize("viewer", ["UTC", "America/New_York", "Asia/Seoul"])
def test_the_rule_of_the_channels_day_judges_a_price_before(viewer):
    PriceClaimRule.objects.all().delete()
    first = date(2026, 6, 1)
    rule(first)
    channel, variant = make_channel(country="KR", currency="KRW", time_zone="Asia/Seoul"), make_variant()
    midnight = datetime(2026, 6, 1, tzinfo=SEOUL)  # still the last of May by UTC
    before = Price.objects.create(
        variant=variant, sales_channel=channel, currency="KRW", amount=2000,
        starts_at=midnight - timedelta(days=40), ends_at=midnight,
    )  # fmt: skip
    Price.objects.filter(pk=before.pk).update(recorded_at=before.starts_at)
    sale = Price.objects.create(
        variant=variant, sales_channel=channel, currency="KRW", amount=1000, compare_at=2000, starts_at=midnight
    )

    with timezone.override(ZoneInfo(viewer)):
        asked = prove_discount(variant_id=variant.pk, sales_channel_id=channel.pk, at=midnight)
        (listed,) = proofs_of([Price.objects.select_related("sales_channel").get(pk=sale.pk)]).values()
    assert (asked.verdict, listed.verdict) == (Verdict.PROVABLE, Verdict.PROVABLE)


def test_days_before_reach_back_to_the_same_hour_over_a_change_of_clocks():
    PriceClaimRule.objects.all().delete()
    PriceClaimRule.objects.create(jurisdiction="EU", method=ClaimMethod.LOWEST_IN_WINDOW, window_days=30)
    channel, variant = make_channel(country="DE", currency="EUR", time_zone="Europe/Berlin"), make_variant()
    raised, reduced = datetime(2026, 3, 11, tzinfo=BERLIN), datetime(2026, 4, 10, tzinfo=BERLIN)
    for amount, start, end in ((1500, datetime(2026, 1, 1, tzinfo=BERLIN), raised), (2000, raised, reduced)):
        made = Price.objects.create(
            variant=variant, sales_channel=channel, currency="EUR", amount=amount, starts_at=start, ends_at=end
        )
        Price.objects.filter(pk=made.pk).update(recorded_at=start)
    Price.objects.create(
        variant=variant, sales_channel=channel, currency="EUR", amount=1000, compare_at=2000, starts_at=reduced
    )

    found = prove_discount(variant_id=variant.pk, sales_channel_id=channel.pk, at=reduced)

    # 30 days of Berlin, one of them an hour short: the low price ended when they began
    assert (found.verdict, found.allowed, found.window_from) == (Verdict.PROVABLE, 2000, raised)
