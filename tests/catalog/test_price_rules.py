"""What a rule makes of a price: rounding, margins, another channel's price, and what cannot be."""

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.models import Category, Collection
from catalog.services import set_price
from catalog.services.prices.rules import Choice, Kind, PriceRule, Rounding, apply_rule, round_price, variants_of
from tests.factories import make_channel, make_variant

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("amount", "rounding", "currency", "rounded"),
    [
        (1234, Rounding.NONE, "KRW", 1234),
        (1234, Rounding.TO_10, "KRW", 1230),
        (1235, Rounding.TO_10, "KRW", 1240),
        (1250, Rounding.TO_100, "JPY", 1300),
        (1499, Rounding.TO_1000, "KRW", 1000),
        (400, Rounding.TO_1000, "KRW", 1000),  # nothing is given away by rounding
        (1234, Rounding.END_9, "JPY", 1239),
        (1233, Rounding.END_9, "JPY", 1229),
        (12345, Rounding.END_90, "KRW", 12390),
        (12345, Rounding.END_900, "KRW", 11900),
        (12400, Rounding.END_900, "KRW", 12900),
        (3, Rounding.END_9, "KRW", 9),
        (1234, Rounding.END_99, "USD", 1199),
        (1260, Rounding.END_99, "USD", 1299),
        (1234, Rounding.TO_1, "USD", 1200),
        (123456, Rounding.END_9, "USD", 123900),
        (1234, Rounding.END_99, "KRW", 1199),
    ],
)
def test_prices_are_rounded_in_the_units_of_their_currency(amount, rounding, currency, rounded):
    assert round_price(amount, rounding, currency) == rounded


def priced(channel, amount, **over):
    variant = over.pop("variant", None) or make_variant()
    set_price(
        variant_id=variant.pk,
        sales_channel_id=channel.pk,
        amount=amount,
        starts_at=timezone.now() - timedelta(days=9),
        **over,
    )
    return variant


def ruled(variant, channel, **over):
    rule = PriceRule(choice=Choice.ALL, channel_ids=[channel.pk], **over)
    (found,) = apply_rule(PriceRule.from_data(rule.as_data()), [variant], [channel])
    return found


def test_per_cent_amount_and_margin():
    channel = make_channel(currency="USD", country="US", margin_floor=10)
    variant = priced(channel, 1000, cost=600)
    assert ruled(variant, channel, kind=Kind.PERCENT, value="-12.5").amount == 875
    assert ruled(variant, channel, kind=Kind.AMOUNT, value="2.50").amount == 1250
    assert ruled(variant, channel, kind=Kind.MARGIN, value="25").amount == 800
    low = ruled(variant, channel, kind=Kind.PERCENT, value="-35")
    assert (low.amount, low.margin, low.is_low) == (650, 7, True)
    assert ruled(variant, channel, kind=Kind.AMOUNT, value="-11").problem == "A price cannot be negative."
    assert ruled(variant, channel, kind=Kind.PERCENT, value="0").is_unchanged


def test_a_margin_needs_a_cost_and_a_price_before_a_lower_price():
    channel = make_channel()
    variant = priced(channel, 1000)
    assert ruled(variant, channel, kind=Kind.MARGIN, value="25").problem == "Its cost is not known."
    dearer = ruled(variant, channel, kind=Kind.PERCENT, value="5", show_before=True)
    assert dearer.problem == "It does not become cheaper, so there is no price before to show."
    cheaper = ruled(variant, channel, kind=Kind.PERCENT, value="-5", show_before=True)
    assert (cheaper.amount, cheaper.compare_at) == (950, 1000)


def test_another_channels_price_by_a_rate():
    seoul, tokyo = make_channel(), make_channel(currency="USD", country="US")
    variant = priced(seoul, 13500)
    found = ruled(variant, tokyo, kind=Kind.COPY, value="0.00072", source_channel_id=seoul.pk, rounding=Rounding.END_99)
    assert (found.before, found.amount) == (None, 999)


def test_who_is_meant():
    bags = Category.objects.create(name="Bags")
    small = Category.objects.create(name="Small", parent=bags)
    one, two, three = make_variant(sku="A"), make_variant(sku="B"), make_variant(sku="C")
    for variant, over in (
        (one, {"category": small, "brand": "Hanok"}),
        (two, {"category": bags, "tags": ["sale", "new"]}),
        (three, {}),
    ):
        type(variant.product).objects.filter(pk=variant.product_id).update(**over)
    make_variant(sku="D", product=one.product, is_active=False)
    collection = Collection.objects.create(code="c", name_en="C")
    collection.members.create(product=three.product)

    def meant(choice, *chosen):
        rule = PriceRule(choice=choice, chosen=chosen, kind=Kind.PERCENT)
        return list(variants_of(rule).values_list("sku", flat=True))

    assert meant(Choice.CATEGORY, bags.pk) == ["A", "B"]
    assert meant(Choice.CATEGORY, small.pk) == ["A"]
    assert meant(Choice.BRAND, "Hanok") == ["A"]
    assert meant(Choice.TAG, "sale") == ["B"]
    assert meant(Choice.COLLECTION, collection.pk) == ["C"]
    assert meant(Choice.PRODUCTS, one.product_id, three.product_id) == ["A", "C"]
    assert meant(Choice.ALL) == ["A", "B", "C"]
