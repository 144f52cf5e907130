"""Carriers as delivered: their numbers, their words, and which one takes what."""

import pytest
from django.db import IntegrityError, transaction
from django.utils.translation import override

from shipping.models import Carrier, CarrierRule
from shipping.selectors import CarrierBook, Journey
from shipping.services import sync_carriers
from tests.factories import make_channel, make_warehouse

pytestmark = pytest.mark.django_db


def test_delivered_carriers_come_once_and_stay_as_people_left_them():
    assert sync_carriers() == 7
    Carrier.objects.filter(code="logen").update(transit_days=9)

    assert sync_carriers() == 0
    assert Carrier.objects.get(code="logen").transit_days == 9


@pytest.mark.parametrize(
    ("code", "number", "problem"),
    [
        ("yamato", "4000-0100-0000", ""),  # 40000100000 % 7 == 0
        ("yamato", "400001000011", ""),
        ("yamato", "400001000012", "check"),
        ("yamato", "4.00001E+11", "letters"),
        ("yamato", "40000100001", "length"),
        ("sagawa", "４０００－０１００－００２２", ""),
        ("japanpost", "193715301001", ""),
        ("japanpost", "RR123456785JP", ""),
        ("cjlogistics", "123456789", "length"),
        ("koreapost", "6864012345678", ""),
    ],
)
def test_tracking_numbers_are_judged_by_their_carrier(code, number, problem):
    sync_carriers()

    assert Carrier.objects.get(code=code).number_problem(number) == problem


def test_a_carrier_is_called_as_the_reader_calls_it():
    sync_carriers()
    carrier = Carrier.objects.get(code="cjlogistics")

    names = []
    for language in ("en", "ko", "ja"):
        with override(language):
            names.append(str(carrier))

    assert names == ["CJ Logistics", "CJ대한통운", "CJ大韓通運"]
    assert (
        carrier.tracking_link("1234-5678-9012") == "https://trace.cjlogistics.com/next/tracking.html?wblNo=123456789012"
    )


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("ヤマト運輸", "yamato"),
        ("CJ 대한통운", "cjlogistics"),
        ("cjgls", "cjlogistics"),
        ("ゆうパック", "japanpost"),
        ("?", None),
    ],
)
def test_texts_of_shipments_mean_a_carrier(text, code):
    sync_carriers()

    meant = CarrierBook().meant_by(text)

    assert (meant.code if meant else None) == code


def test_the_first_rule_that_fits_chooses_the_carrier():
    sync_carriers()
    seoul, channel, other = make_warehouse(), make_channel(), make_channel()
    cj, post, yamato = (Carrier.objects.get(code=code) for code in ("cjlogistics", "koreapost", "yamato"))
    CarrierRule.objects.create(carrier=yamato, rank=5, country="JP")
    CarrierRule.objects.create(carrier=post, rank=10, sales_channel=other)
    CarrierRule.objects.create(carrier=post, rank=20, warehouse=seoul, from_weight_g=20_000)
    CarrierRule.objects.create(carrier=cj, rank=30, warehouse=seoul)
    book = CarrierBook()

    def chosen(**over):
        journey = Journey(**{"warehouse_id": seoul.pk, "sales_channel_id": channel.pk, "country": "KR", **over})
        carrier = book.default_for(journey)
        return carrier.code if carrier else None

    assert chosen() == "cjlogistics"
    assert chosen(country="JP") == "yamato"
    assert chosen(sales_channel_id=other.pk) == "koreapost"
    assert chosen(weight_g=25_000) == "koreapost"
    assert chosen(warehouse_id=None) is None


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"country": "jp"}, "shipping_carrier_country_valid"),
        ({"encoding": "latin1"}, "shipping_carrier_encoding_valid"),
        ({"check_digit": "mod11"}, "shipping_carrier_check_valid"),
        ({"least_digits": 30}, "shipping_carrier_digits"),
        ({"transit_days": 99}, "shipping_carrier_transit_days"),
    ],
)
def test_the_database_refuses_impossible_carriers(values, name):
    sync_carriers()

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Carrier.objects.filter(code="cjlogistics").update(**values)


@pytest.mark.parametrize(
    ("values", "name"),
    [({"country": "kr"}, "shipping_rule_country_valid"), ({"up_to_weight_g": 0}, "shipping_rule_weights")],
)
def test_the_database_refuses_impossible_rules(values, name):
    sync_carriers()
    rule = CarrierRule.objects.create(carrier=Carrier.objects.get(code="yamato"))

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        CarrierRule.objects.filter(pk=rule.pk).update(**values)
