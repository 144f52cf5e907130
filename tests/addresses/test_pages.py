"""Pages of postcodes and remote zones: shown, edited, and refused where the postcodes are of another country."""

from datetime import date

import pytest
from django.urls import reverse

from addresses.models import Postcode, RemoteRange, RemoteSurcharge, RemoteZone
from tests.addresses.making import load_few
from tests.admin.pressing import opened
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(client):
    client.force_login(make_user(is_superuser=True))
    return client


def posted(zone, ranges=(), charges=()):
    data = {"name": zone.name, "code": zone.code, "note": ""}
    for prefix, rows in (("surcharges", charges), ("ranges", ranges)):
        data |= {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": 0}
        for number, row in enumerate(rows):
            data |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return data


def test_postcodes_are_found(boss, tmp_path):
    load_few(tmp_path)
    address = reverse("admin:addresses_postcode_changelist")

    assert "100-0005" in boss.get(address, {"q": "丸の内"}).content.decode()
    page = boss.get(reverse("admin:addresses_postcode_change", args=[Postcode.objects.get(code="1000005").pk]))
    assert page.status_code == 200


def test_a_zone_is_edited_with_its_postcodes_and_what_is_charged(boss):
    zone = RemoteZone.objects.create(country="JP", code="far", name="遠い")
    address = reverse("admin:addresses_remotezone_change", args=[zone.pk])
    row = {"first": "〒900-0000", "last": "9079999", "place": "沖縄県"}
    charge = {"amount": "1200", "currency": "JPY", "valid_from": "2026-01-01"}

    boss.post(address, {**opened(boss, zone), **posted(zone, [row], [charge])})

    assert RemoteRange.objects.values_list("first", "last").get() == ("9000000", "9079999")
    assert RemoteSurcharge.objects.values_list("amount", "currency", "valid_from").get() == (
        1200,
        "JPY",
        date(2026, 1, 1),
    )
    assert "¥1,200" in boss.get(reverse("admin:addresses_remotezone_changelist")).content.decode()


@pytest.mark.parametrize("row", [{"first": "63000", "last": "63001"}, {"first": "9000001", "last": "9000000"}])
def test_postcodes_of_another_country_and_backward_ranges_are_refused(boss, row):
    zone = RemoteZone.objects.create(country="JP", code="far", name="遠い")
    address = reverse("admin:addresses_remotezone_change", args=[zone.pk])

    answer = boss.post(address, {**opened(boss, zone), **posted(zone, [row])})

    assert answer.status_code == 200
    assert not RemoteRange.objects.exists()
