"""Bundles and options that several people change at the same time."""

import pytest

from catalog.models import BundleComponent, Product, Variant
from catalog.selectors.bundling import bundle_contents
from catalog.selectors.options import AxisDraft, ValueDraft, VariantDraft, options_state
from catalog.services import OptionsChange, put_component, save_options
from tests.concurrency.race import race
from tests.factories import make_variant

pytestmark = pytest.mark.django_db(transaction=True)


def put(bundle, component):
    return lambda: put_component(bundle_id=bundle.pk, component_id=component.pk, quantity=1).pk


def test_several_changes_at_once_close_no_circle():
    a, b, c, d = (make_variant(sku=sku) for sku in "ABCD")
    put(b, c)()
    put(d, a)()

    results = race(put(a, b), put(c, d))

    assert sorted(result.kind for result in results) == ["done", "refused"], results
    assert "A bundle cannot go in a circle" in next(each.value for each in results if each.kind == "refused")
    assert BundleComponent.objects.count() == 3
    bundle_contents(variant_ids=[a.pk, b.pk, c.pk, d.pk])  # ends


def test_of_two_who_save_options_at_once_one_is_told_and_nothing_is_half_written():
    product = Product.objects.create(code="SHIRT", name="Shirt")
    opened = options_state(product_id=product.pk).fingerprint

    def save(name):
        values = [ValueDraft(name=f"{name}{number}") for number in range(20)]
        variants = [VariantDraft(values=(number,), sku=f"{name}-{number}") for number in range(20)]
        change = OptionsChange(opened=opened, axes=[AxisDraft(name=name, values=values)], variants=variants)
        return lambda: len(save_options(product_id=product.pk, change=change))

    results = race(save("Colour"), save("Size"), save("Cloth"))

    assert sorted(result.kind for result in results) == ["done", "refused", "refused"], results
    assert all("Somebody else changed" in result.value for result in results if result.kind == "refused")
    [axis] = product.axes.all()
    assert (axis.values.count(), Variant.objects.count()) == (20, 20)
    assert set(Variant.objects.values_list("name", flat=True)) == set(axis.values.values_list("name", flat=True))


def test_two_products_that_take_the_same_sku_at_once_get_one_each_or_a_sentence():
    products = [Product.objects.create(code=f"P{number}", name="Shirt") for number in range(2)]

    def save(product):
        change = OptionsChange(
            opened=options_state(product_id=product.pk).fingerprint,
            axes=[AxisDraft(name="Size", values=[ValueDraft(name="M")])],
            variants=[VariantDraft(values=(0,), sku="SAME")],
        )
        return lambda: save_options(product_id=product.pk, change=change)

    results = race(*(save(product) for product in products))

    assert sorted(result.kind for result in results) == ["done", "refused"], results
    assert Variant.objects.filter(sku="SAME").count() == 1
    assert sum(product.axes.count() for product in products) == 1
