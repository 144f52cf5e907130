"""Whoever changes goods takes the product first, then its variants and what hangs on them: nobody waits in a circle."""

from collections.abc import Callable
from typing import Any

import pytest
import tablib
from django.db import connection, transaction

from catalog.admin.resources import ProductTextResource, VariantResource
from catalog.models import BundleComponent, Product, ProductText
from catalog.services import put_component, remove_component, set_price
from catalog.services.products.editing import lock_goods
from tests.catalog.making import make_draft
from tests.concurrency.race import barrier_of, race
from tests.factories import make_channel, make_variant

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = {
    "catalog_variant": "SELECT 1 FROM catalog_variant WHERE product_id = %s FOR NO KEY UPDATE",
    "catalog_producttext": "SELECT 1 FROM catalog_producttext WHERE product_id = %s FOR NO KEY UPDATE",
}
WAITING = """
    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


def grid_against(product: Product, work: Callable[[], Any], table: str) -> list[Any]:
    """Let ``work`` run while a save of the grid holds the product and then takes the rows of ``table``."""
    begun = barrier_of(2)

    def grid() -> str:
        with transaction.atomic():
            lock_goods(product_ids=[product.pk], variant_ids=[])
            begun.wait()
            with connection.cursor() as cursor:
                for _turn in range(400):  # until the other one waits for us
                    cursor.execute("SELECT pg_stat_clear_snapshot(), pg_sleep(0.01)")
                    cursor.execute(WAITING)
                    if cursor.fetchone()[0]:
                        break
                cursor.execute(ROWS[table], [product.pk])
        return "saved"

    def other() -> str:
        begun.wait()
        work()
        return "changed"

    return race(grid, other)


def bundle(product):
    part = make_variant(sku="PART")
    return lambda: put_component(bundle_id=product.variants.get().pk, component_id=part.pk, quantity=2)


def unbundle(product):
    part, whole = make_variant(sku="PART"), product.variants.get()
    put_component(bundle_id=whole.pk, component_id=part.pk, quantity=2)
    return lambda: remove_component(bundle_id=whole.pk, component_id=part.pk)


def price(product):
    channel = make_channel()
    return lambda: set_price(variant_id=product.variants.get().pk, sales_channel_id=channel.pk, amount=900)


def variants_of_a_file(product):
    data = tablib.Dataset([product.variants.get().sku, "Other name"], headers=["sku", "name"])

    def work():
        result = VariantResource().import_data(data, raise_errors=True, use_transactions=True)
        assert not result.has_validation_errors()

    return work


@pytest.mark.parametrize("make", [bundle, unbundle, price, variants_of_a_file])
def test_changes_of_variants_queue_behind_a_save_of_the_grid(make):
    product = make_draft()
    work = make(product)

    results = grid_against(product, work, "catalog_variant")

    assert [(result.kind, result.value) for result in results] == [("done", "saved"), ("done", "changed")], results


def test_texts_of_a_file_queue_behind_a_save_of_the_grid():
    product = make_draft()
    ProductText.objects.create(product=product, language="en", title="Old")
    data = tablib.Dataset([product.code, "en", "", "New"], headers=["product", "language", "sales_channel", "title"])

    def work():
        ProductTextResource().import_data(data, raise_errors=True, use_transactions=True)

    results = grid_against(product, work, "catalog_producttext")

    assert [(result.kind, result.value) for result in results] == [("done", "saved"), ("done", "changed")], results


def test_an_order_need_not_wait_for_a_file_that_holds_its_variant():
    variant, whole = make_variant(), make_variant()
    data = tablib.Dataset([variant.sku, "Other name"], headers=["sku", "name"])
    held = barrier_of(2)
    written = barrier_of(2)

    def file():
        with transaction.atomic():
            VariantResource().import_data(data, raise_errors=True, use_transactions=True)
            held.wait()
            written.wait(20)
        return "imported"

    def refers():
        held.wait()
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '5s'")
        BundleComponent.objects.create(bundle=whole, component=variant, quantity=1)
        written.wait()
        return "referred"

    results = race(file, refers)

    assert [result.value for result in results] == ["imported", "referred"], results
