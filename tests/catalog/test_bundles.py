"""Bundles: what is in them, down to the shelf, and that none goes in a circle."""

import pytest
from django.db import IntegrityError, transaction

from catalog.models import BundleComponent, Price, Product
from catalog.selectors.bundling import bundle_contents, bundle_costs
from catalog.services import put_component, remove_component
from core.errors import Conflict, InvalidInput, NotAllowed
from core.models import EventRecord
from tests.factories import make_channel, make_user, make_variant

pytestmark = pytest.mark.django_db


@pytest.fixture
def goods():
    return {sku: make_variant(sku=sku) for sku in ("BOX", "SET", "CUP", "TEA")}


def put(bundle, component, quantity=1, **over):
    return put_component(bundle_id=bundle.pk, component_id=component.pk, quantity=quantity, **over)


def contents(*variants):
    return bundle_contents(variant_ids=[variant.pk for variant in variants])


def test_bundles_of_bundles_are_counted_down_to_the_shelf(goods, django_assert_num_queries):
    box, tea_set, cup, tea = goods.values()
    put(box, tea_set, 2)
    put(box, cup, 1)
    put(tea_set, cup, 4)
    put(tea_set, tea, 3)
    with django_assert_num_queries(1):
        found = contents(box, tea_set, cup)
    assert found == {box.pk: {cup.pk: 9, tea.pk: 6}, tea_set.pk: {cup.pk: 4, tea.pk: 3}}


def test_a_component_is_put_again_with_another_quantity_and_taken_out(goods):
    box, cup = goods["BOX"], goods["CUP"]
    put(box, cup, 2)
    put(box, cup, 5)
    assert contents(box) == {box.pk: {cup.pk: 5}}
    remove_component(bundle_id=box.pk, component_id=cup.pk)
    assert contents(box) == {}
    with pytest.raises(Conflict, match="not in the bundle any more"):
        remove_component(bundle_id=box.pk, component_id=cup.pk)


def test_a_circle_is_refused_with_its_chain(goods):
    box, tea_set, cup, _tea = goods.values()
    put(box, tea_set)
    put(tea_set, cup)
    events = EventRecord.objects.count()
    with pytest.raises(InvalidInput, match="“BOX” contains this bundle itself: CUP → BOX → SET → CUP"):
        put(cup, box)
    with pytest.raises(InvalidInput, match="A bundle cannot contain itself"):
        put(cup, cup)
    assert (BundleComponent.objects.count(), EventRecord.objects.count()) == (2, events)


def test_the_database_refuses_a_circle_whatever_the_code_does(goods):
    box, tea_set, cup, _tea = goods.values()
    put(box, tea_set)
    put(tea_set, cup)
    with pytest.raises(IntegrityError, match="a bundle cannot contain itself"), transaction.atomic():
        BundleComponent.objects.create(bundle=cup, component=box)
    row = BundleComponent.objects.get(bundle=tea_set)
    with pytest.raises(IntegrityError), transaction.atomic():
        BundleComponent.objects.filter(pk=row.pk).update(component=box)
    BundleComponent.objects.filter(pk=row.pk).update(quantity=7)
    assert contents(box) == {box.pk: {cup.pk: 7}}


@pytest.mark.parametrize("quantity", [0, -1, 1_000_001])
def test_a_quantity_is_a_sensible_number(goods, quantity):
    with pytest.raises(InvalidInput, match="A quantity is at least 1"):
        put(goods["BOX"], goods["CUP"], quantity)
    assert not BundleComponent.objects.exists()


def test_a_bundle_has_at_most_a_hundred_components(goods, monkeypatch):
    monkeypatch.setattr("catalog.services.variants.bundling.MAX_COMPONENTS", 1)
    put(goods["BOX"], goods["CUP"])
    with pytest.raises(InvalidInput, match="at most 1 components"):
        put(goods["BOX"], goods["TEA"])
    put(goods["BOX"], goods["CUP"], 3)
    assert contents(goods["BOX"]) == {goods["BOX"].pk: {goods["CUP"].pk: 3}}


def test_strangers_change_no_bundle(goods):
    stranger = make_user()
    with pytest.raises(NotAllowed):
        put(goods["BOX"], goods["CUP"], actor=stranger)
    put(goods["BOX"], goods["CUP"])
    with pytest.raises(NotAllowed):
        remove_component(bundle_id=goods["BOX"].pk, component_id=goods["CUP"].pk, actor=stranger)
    assert BundleComponent.objects.count() == 1


def test_an_approved_product_whose_bundle_changes_is_a_draft_again(goods):
    product = goods["BOX"].product
    Product.objects.filter(pk=product.pk).update(status="approved")
    put(goods["BOX"], goods["CUP"])
    product.refresh_from_db()
    assert product.status == "draft"


def test_the_cost_is_the_sum_of_the_pieces_where_all_are_known(goods):
    seoul, tokyo, none = make_channel(), make_channel(currency="JPY", country="JP"), make_channel()
    box, tea_set, cup, tea = goods.values()
    put(box, tea_set, 2)
    put(tea_set, cup, 2)
    put(tea_set, tea)
    for variant, channel, cost in [(cup, seoul, 100), (tea, seoul, 30), (cup, tokyo, 10), (tea, tokyo, None)]:
        Price.objects.create(variant=variant, sales_channel=channel, currency=channel.currency, amount=1000, cost=cost)
    costs = bundle_costs(variant_id=box.pk, channels=[seoul, tokyo, none])
    assert [(each.channel, each.cost, each.missing) for each in costs] == [(seoul, 460, []), (tokyo, None, ["TEA"])]
    assert costs[0].text == "₩460"
