"""Collections follow their rules."""

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.models import (
    Attribute,
    AttributeChoice,
    AttributeValue,
    Category,
    Collection,
    CollectionMember,
    CollectionRule,
    Product,
    ProductType,
)
from catalog.services import set_price
from catalog.services.products.collecting import refresh_collection, refresh_collections, set_rules
from core.errors import InvalidInput, NotAllowed
from tests.factories import make_channel, make_stock, make_user, make_variant

pytestmark = pytest.mark.django_db


@pytest.fixture
def collection():
    return Collection.objects.create(code="c", name_en="Chosen")


def make(code, **over):
    return make_variant(product=Product.objects.create(code=code, name=f"Thing {code}", **over))


def codes(collection, *rules, match="all"):
    set_rules(collection_id=collection.pk, rules=rules, match=match)
    return sorted(collection.members.values_list("product__code", flat=True))


def test_tags_brands_names_and_types(collection):
    shirts = ProductType.objects.create(code="shirts", name_en="Shirts")
    make("A", tags=["summer", "new"], brand="Narin")
    make("B", tags=["new"], brand="narin", product_type=shirts)
    make("C", brand="Other")
    make("D", tags=["summer"], brand="Narin", status="ended")

    assert codes(collection, ("tag", "is", "summer")) == ["A"]
    assert codes(collection, ("tag", "is_not", "summer")) == ["B", "C"]
    assert codes(collection, ("brand", "is", "NARIN")) == ["A", "B"]
    assert codes(collection, ("brand", "is", "NARIN"), ("tag", "is_not", "summer")) == ["B"]
    assert codes(collection, ("brand", "is", "other"), ("tag", "is", "summer"), match="any") == ["A", "C"]
    assert codes(collection, ("name", "contains", "thing b")) == ["B"]
    assert codes(collection, ("product_type", "is", "shirts")) == ["B"]
    assert codes(collection, ("product_type", "is_not", "shirts")) == ["A", "C"]


def test_a_category_is_meant_with_those_below(collection):
    women = Category.objects.create(name="Women")
    shoes = Category.objects.create(name="Shoes", parent=women)
    make("A", category=women)
    make("B", category=Category.objects.create(name="Boots", parent=shoes))
    make("C")
    assert codes(collection, ("category", "is", "Women")) == ["A", "B"]
    assert codes(collection, ("category", "is", "Women>Shoes")) == ["B"]
    assert codes(collection, ("category", "is_not", "Women")) == ["C"]


def test_prices_of_today_in_one_currency(collection):
    korea, japan = make_channel(), make_channel(currency="JPY", country="JP")
    for code, channel, amount in (("A", korea, 9_000), ("B", korea, 20_000), ("C", japan, 9_000)):
        set_price(variant_id=make(code).pk, sales_channel_id=channel.pk, amount=amount)
    assert codes(collection, ("price", "at_most", "10,000 KRW")) == ["A"]
    assert codes(collection, ("price", "at_least", "9000 krw")) == ["A", "B"]


def test_attributes_by_kind(collection):
    def attribute(code, kind, **value):
        row = Attribute.objects.create(code=code, name_en=code, kind=kind)
        choice = value.pop("choice", None)
        if choice:
            value["choice"] = AttributeChoice.objects.create(attribute=row, code=choice, name_en=choice)
        AttributeValue.objects.create(product=Product.objects.get(code="A"), attribute=row, **value)

    make("A")
    make("B")
    attribute("material", "choice", choice="cotton")
    attribute("height", "number", number="12.5")
    attribute("washable", "flag", flag=True)
    attribute("made", "date", day="2026-03-01")
    attribute("note", "text", text="Hand made")
    for rule in (
        ("attribute:material", "is", "cotton"),
        ("attribute:height", "at_least", "12.5"),
        ("attribute:washable", "is", "yes"),
        ("attribute:made", "at_most", "2026-03-01"),
        ("attribute:note", "contains", "hand"),
    ):
        assert codes(collection, rule) == ["A"], rule
    assert codes(collection, ("attribute:material", "is_not", "cotton")) == ["B"]
    assert codes(collection, ("attribute:height", "at_least", "12.6")) == []


def test_stock_and_its_age(collection):
    make_stock(make("A"), on_hand=3)
    make_stock(make("B"), on_hand=30)
    make("C")
    assert codes(collection, ("available", "at_least", "5")) == ["B"]
    assert codes(collection, ("available", "at_most", "5")) == ["A", "C"]
    assert codes(collection, ("stock_age", "at_least", "1")) == []
    assert codes(collection, ("stock_age", "at_most", "1")) == ["A", "B"]
    assert codes(collection, ("unsold", "at_least", "30")) == ["A", "B"]


def test_refreshing_follows_the_products_and_keeps_the_day_of_who_stays(collection):
    a, b = make("A", tags=["new"]).product, make("B").product
    codes(collection, ("tag", "is", "new"))
    earlier = timezone.now() - timedelta(days=9)
    CollectionMember.objects.update(since=earlier)
    b.tags = ["new"]
    b.save()

    assert refresh_collection(collection_id=collection.pk) == 2
    assert refresh_collection(collection_id=collection.pk) == 2
    assert collection.members.get(product=a).since == earlier
    a.tags = []
    a.save()
    assert refresh_collection(collection_id=collection.pk) == 1
    collection.refresh_from_db()
    assert (collection.product_count, collection.refreshed_at is not None) == (1, True)


@pytest.mark.parametrize(
    "rule",
    [
        ("colour", "is", "red"),
        ("tag", "at_least", "5"),
        ("tag", "is", " "),
        ("category", "is", "Nowhere"),
        ("price", "at_most", "cheap"),
        ("price", "at_most", "10 XXX"),
        ("age", "at_least", "-1"),
        ("available", "at_least", "１２"),
        ("attribute:nothing", "is", "x"),
        ("product_type", "is", "nothing"),
    ],
)
def test_a_rule_that_means_nothing_is_refused_and_the_old_ones_stay(collection, rule):
    make("A", tags=["new"])
    codes(collection, ("tag", "is", "new"))
    with pytest.raises(InvalidInput):
        set_rules(collection_id=collection.pk, rules=[("tag", "is", "other"), rule])
    assert list(collection.rules.values_list("subject", "value")) == [("tag", "new")]
    assert collection.members.count() == 1


def test_the_number_of_rules_is_limited_and_the_right_is_needed(collection):
    for rules in ([], [("tag", "is", "x")] * 21):
        with pytest.raises(InvalidInput):
            set_rules(collection_id=collection.pk, rules=rules)
    with pytest.raises(NotAllowed):
        set_rules(collection_id=collection.pk, rules=[("tag", "is", "x")], actor=make_user())
    assert collection.rules.count() == 0


def test_a_broken_collection_does_not_hold_up_the_others(collection):
    make("A", tags=["new"])
    CollectionRule.objects.create(collection=collection, subject="category", operator="is", value="Gone")
    other = Collection.objects.create(code="o", name_en="Other")
    CollectionRule.objects.create(collection=other, subject="tag", operator="is", value="new")
    off = Collection.objects.create(code="off", name_en="Off", is_active=False)
    CollectionRule.objects.create(collection=off, subject="tag", operator="is", value="new")

    assert refresh_collections() == {"refreshed": 1, "broken": 1}
    assert (other.members.count(), off.members.count()) == (1, 0)
