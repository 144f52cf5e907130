"""Places that are dearer to reach: zones of postcodes and what is charged from when on."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from addresses.models import RemoteRange, RemoteSurcharge, RemoteZone
from addresses.selectors import surcharge_zone, surcharge_zones
from addresses.services import sync_remote_zones

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 22)


def test_zones_come_once_and_stay_as_people_left_them():
    assert sync_remote_zones() == 4
    RemoteRange.objects.filter(zone__code="okinawa").delete()
    RemoteZone.objects.filter(country="KR", code="jeju").delete()

    assert sync_remote_zones() == 1

    assert RemoteRange.objects.filter(zone__code="okinawa").count() == 0
    assert RemoteRange.objects.filter(zone__code="jeju").count() == 2
    assert sync_remote_zones() == 0


@pytest.mark.parametrize(
    ("country", "postcode", "zone", "place"),
    [
        ("JP", "900-0015", "okinawa", "沖縄県"),
        ("JP", "907-1801", "okinawa", "沖縄県"),
        ("JP", "100-2101", "islands", "東京都小笠原村"),
        ("JP", "952-0011", "islands", "新潟県佐渡市"),
        ("JP", "894-0001", "islands", "鹿児島県奄美市"),
        ("JP", "100-0001", None, None),
        ("KR", "63002", "jeju", "제주특별자치도"),
        ("KR", "63365", "islands", "제주 우도면"),
        ("KR", "63000", "islands", "제주 추자면"),
        ("KR", "40240", "islands", "경북 울릉군"),
        ("KR", "04524", None, None),
        ("US", "96701", None, None),
        ("KR", "", None, None),
    ],
)
def test_the_delivered_zones(country, postcode, zone, place):
    sync_remote_zones()

    found = surcharge_zone(country, postcode, on=DAY)

    assert (found.code, found.place) == (zone, place) if zone else found is None


def test_what_is_charged_depends_on_the_day_and_the_currency(django_assert_num_queries):
    sync_remote_zones()
    zone = RemoteZone.objects.get(country="KR", code="jeju")
    for amount, currency, since in (
        (3000, "KRW", date(2025, 1, 1)),
        (4000, "KRW", date(2026, 12, 1)),
        (250, "USD", date(2026, 1, 1)),
    ):
        RemoteSurcharge.objects.create(zone=zone, amount=amount, currency=currency, valid_from=since)

    with django_assert_num_queries(2):
        found = surcharge_zones({("KR", "63002"), ("KR", "04524"), ("JP", "900-0015")}, on=DAY)

    assert {key: dict(one.amounts) for key, one in found.items()} == {
        ("KR", "63002"): {"KRW": 3000, "USD": 250},
        ("JP", "900-0015"): {},
    }
    assert surcharge_zone("KR", "63002", on=date(2026, 12, 1)).amounts["KRW"] == 4000
    assert surcharge_zone("KR", "63002", on=date(2024, 12, 1)).amounts == {}


def test_a_range_ends_and_the_narrower_one_counts():
    far = RemoteZone.objects.create(country="KR", code="far", name="far")
    isle = RemoteZone.objects.create(country="KR", code="isle", name="isle")
    RemoteRange.objects.create(zone=far, first="10000", last="19999")
    ended = RemoteRange.objects.create(zone=isle, first="12000", last="12000", valid_until=DAY)

    assert surcharge_zone("KR", "12000", on=DAY).code == "isle"
    assert surcharge_zone("KR", "12000", on=date(2026, 11, 23)).code == "far"
    for change in ({"last": "11999"}, {"first": "1"}, {"valid_from": date(2026, 11, 23)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            RemoteRange.objects.filter(pk=ended.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        RemoteZone.objects.filter(pk=far.pk).update(country="US")
    charge = RemoteSurcharge.objects.create(zone=far, amount=1, currency="KRW", valid_from=DAY)
    for wrong in ({"amount": 0}, {"currency": "XXX"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            RemoteSurcharge.objects.filter(pk=charge.pk).update(**wrong)
