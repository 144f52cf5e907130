"""Prices, pictures, and products on and off sale."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog.models import Category, Price, Product, SalesChannel, Variant
from catalog.selectors import price_history, prices_at
from catalog.services import activate_product, end_product, remember_code, set_price
from core.errors import Conflict, InvalidInput, InvalidTransition, NotAllowed
from core.events import fact
from core.models import EventRecord
from tests.factories import make_channel, make_user, make_variant

pytestmark = pytest.mark.django_db

JANUARY, MARCH, MAY = (datetime(2026, month, 1, tzinfo=UTC) for month in (1, 3, 5))


def periods(variant):
    return list(
        Price.objects.filter(variant=variant).order_by("starts_at").values_list("amount", "starts_at", "ends_at")
    )


@pytest.fixture
def channel():
    return make_channel(name="Seoul shop")


def sentences():
    return [fact(record).sentence() for record in EventRecord.objects.order_by("id")]


def test_a_new_price_ends_the_one_before_and_keeps_it(channel):
    variant = make_variant(sku="S")
    set_price(variant_id=variant.pk, sales_channel_id=channel.pk, amount=1000, starts_at=JANUARY)
    set_price(variant_id=variant.pk, sales_channel_id=channel.pk, amount=1200, starts_at=MAY)
    price = set_price(variant_id=variant.pk, sales_channel_id=channel.pk, amount=900, compare_at=1000, starts_at=MARCH)

    assert periods(variant) == [(1000, JANUARY, MARCH), (900, MARCH, MAY), (1200, MAY, None)]
    assert (price.currency, price.compare_at) == ("KRW", 1000)
    assert sentences() == [
        "S on Seoul shop: ₩1,000",
        "S on Seoul shop: ₩1,200 instead of ₩1,000",
        "S on Seoul shop: ₩900 instead of ₩1,000",
    ]
    for at, amount in ((JANUARY, 1000), (MARCH - timedelta(seconds=1), 1000), (MARCH, 900), (MAY, 1200)):
        assert prices_at(variant_ids=[variant.pk], sales_channel_id=channel.pk, at=at)[variant.pk].amount == amount
    assert prices_at(variant_ids=[variant.pk], sales_channel_id=channel.pk, at=JANUARY - timedelta(days=1)) == {}
    assert [price.amount for price in price_history(variant_id=variant.pk)] == [1200, 900, 1000]


def test_the_price_that_holds_already_is_answered(channel):
    variant = make_variant()
    first = set_price(variant_id=variant.pk, sales_channel_id=channel.pk, amount=1000)

    assert set_price(variant_id=variant.pk, sales_channel_id=channel.pk, amount=1000) == first
    assert EventRecord.objects.count() == 1


def test_refused_prices_change_nothing(channel):
    variant = make_variant()
    set_price(variant_id=variant.pk, sales_channel_id=channel.pk, amount=1000, starts_at=JANUARY)

    for error, over in (
        (InvalidInput, {"amount": -1}),
        (InvalidInput, {"amount": 10, "compare_at": 10}),
        (Conflict, {"amount": 10, "starts_at": JANUARY}),
        (NotAllowed, {"amount": 10, "actor": make_user(permissions=["catalog.change_product"])}),
    ):
        with pytest.raises(error), transaction.atomic():
            set_price(variant_id=variant.pk, sales_channel_id=channel.pk, **over)

    assert periods(variant) == [(1000, JANUARY, None)]


def test_products_go_on_and_off_sale(channel):
    variant = make_variant()
    product = variant.product
    Product.objects.update(image_path="products/none.png")

    assert end_product(product_id=product.pk).status == "ended"
    with pytest.raises(InvalidTransition):
        end_product(product_id=product.pk)
    with pytest.raises(InvalidTransition, match="no price on any sales channel"):
        activate_product(product_id=product.pk)
    Price.objects.create(variant=variant, sales_channel=channel, currency="KRW", amount=1000)
    Variant.objects.update(is_active=False)
    with pytest.raises(InvalidTransition, match="no active variant"):
        activate_product(product_id=product.pk)
    Variant.objects.update(is_active=True)
    assert activate_product(product_id=product.pk).status == "active"
    with pytest.raises(InvalidTransition):
        activate_product(product_id=product.pk)
    with pytest.raises(NotAllowed):
        end_product(product_id=product.pk, actor=make_user())
    assert sentences() == ["Taken off sale", "Live on Seoul shop", "Put on sale"]
    assert list(product.listings.values_list("sales_channel", "state")) == [(channel.pk, "live")]


def test_a_code_means_one_variant(channel):
    variant, other = make_variant(), make_variant()
    first = remember_code(variant_id=variant.pk, sales_channel_id=channel.pk, code="A")

    assert remember_code(variant_id=variant.pk, sales_channel_id=channel.pk, code="A") == first
    assert remember_code(variant_id=other.pk, code="A") != first
    for channel_id in (channel.pk, None):
        with pytest.raises(Conflict):
            remember_code(variant_id=make_variant().pk, sales_channel_id=channel_id, code="A")


@pytest.mark.parametrize(
    ("model", "change", "constraint"),
    [
        (SalesChannel, {"kind": "stall"}, "catalog_channel_kind_valid"),
        (SalesChannel, {"currency": "XXX"}, "catalog_channel_currency_valid"),
        (SalesChannel, {"country": "kr"}, "catalog_channel_country_valid"),
        (Product, {"status": "lost"}, "catalog_product_status_valid"),
        (Variant, {"sku": ""}, "catalog_variant_sku_given"),
        (Price, {"amount": -1}, "catalog_price_not_negative"),
        (Price, {"compare_at": 1000}, "catalog_price_compare_higher"),
        (Price, {"ends_at": JANUARY}, "catalog_price_period_valid"),
    ],
)
def test_rules_of_one_row(channel, model, change, constraint):
    set_price(variant_id=make_variant().pk, sales_channel_id=channel.pk, amount=1000, starts_at=JANUARY)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        model.objects.update(**change)


def test_what_may_exist_once(channel):
    variant = make_variant(barcode="49012345")
    set_price(variant_id=variant.pk, sales_channel_id=channel.pk, amount=1000, starts_at=JANUARY)
    remember_code(variant_id=variant.pk, code="A")
    shelf = Category.objects.create(name="Shirts")
    other = make_variant()
    for constraint, make in (
        ("catalog_variant_barcode", lambda: Variant.objects.filter(pk=other.pk).update(barcode="49012345")),
        ("catalog_variantcode_once", lambda: other.codes.create(code="A")),
        ("catalog_category_name", lambda: Category.objects.create(name="Shirts")),
        ("catalog_category_not_own_parent", lambda: Category.objects.filter(pk=shelf.pk).update(parent=shelf)),
        (
            "catalog_price_no_overlap",
            lambda: Price.objects.create(
                variant=variant, sales_channel=channel, currency="KRW", amount=1, starts_at=timezone.now()
            ),
        ),
    ):
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            make()
