"""Product files taken back when others built on them meanwhile: bundles, listings, pictures, codes."""

import pytest

from catalog.admin.product_file import ProductFileResource
from catalog.models import BundleComponent, Listing, Product, ProductImage, Variant, VariantCode
from catalog.services import list_product, put_component
from core.models import TableChange
from core.resources.undoing import undo_table_import
from tests.catalog.making import make_draft, make_shops
from tests.catalog.test_breaking import approved, imported
from tests.catalog.test_file_pictures import fetch_all, picture, zipped
from tests.catalog.test_file_pictures import imported as imported_with_pictures
from tests.factories import make_user, make_variant

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return make_user(is_superuser=True)


def undo(batch, user):
    """Take the file back; return its state and what stayed, as (table, note)."""
    done = undo_table_import(
        table_import_id=batch.pk, resource=ProductFileResource(user=user), reason="wrong file", actor=user
    )
    left = TableChange.objects.filter(table_import=batch, state="conflict").order_by("id")
    return done.state, [(change.table, change.note) for change in left]


def status(product):
    return Product.objects.values_list("status", flat=True).get(pk=product.pk)


def test_a_variant_that_a_bundle_needs_by_now_stays(user):
    bundle = make_variant(sku="set")
    batch = imported(user, ["code", "name", "sku"], ["a", "A", "a-1"], ["a", "", "a-2"])
    needed = Variant.objects.get(sku="a-1")
    put_component(bundle_id=bundle.pk, component_id=needed.pk, quantity=2, actor=user)

    state, left = undo(batch, user)

    assert (state, sorted(left)) == (
        "partly_undone",
        [("catalog.product", "referred catalog.variant"), ("catalog.variant", "referred catalog.bundlecomponent")],
    )
    assert sorted(Variant.objects.values_list("sku", flat=True)) == ["a-1", "set"]
    assert list(BundleComponent.objects.values_list("bundle__sku", "component__sku", "quantity")) == [("set", "a-1", 2)]


def test_a_place_on_a_channel_goes_when_nothing_was_sold_there(user):
    (shop,) = make_shops(1)
    product = make_draft()
    sku = product.variants.get().sku
    batch = imported(user, ["sku", f"price[{shop.code}]"], [sku, "1980"])
    assert list(Listing.objects.values_list("state", flat=True)) == ["planned"]

    assert undo(batch, user) == ("undone", [])

    assert not Listing.objects.exists()
    assert not product.variants.get().prices.exists()


def test_a_place_where_the_product_was_sold_meanwhile_stays_and_its_price_is_history(user):
    (shop,) = make_shops(1)
    product = make_draft()
    variant = product.variants.get()
    batch = imported(user, ["sku", f"price[{shop.code}]"], [variant.sku, "1980"])
    approved(product)
    list_product(product_id=product.pk, sales_channel_id=shop.pk)

    state, left = undo(batch, user)

    assert state == "partly_undone"
    assert [note for _table, note in left] == ["The product is or was sold there by now."]
    assert list(Listing.objects.values_list("state", flat=True)) == ["live"]
    (price,) = variant.prices.all()
    assert (price.amount, price.ends_at is not None) == (1980, True)


def test_pictures_taken_back_reopen_what_was_approved_with_them(user):
    product = make_draft(code="a")
    batch = imported_with_pictures(
        ["code", "image_1"], ["a", "red.png"], archive=zipped({"red.png": picture()}), user=user
    )
    assert fetch_all() == [{"done": 1, "refused": 0}]
    approved(product)

    assert undo(batch, user) == ("undone", [])

    assert not ProductImage.objects.exists()
    assert status(product) == "draft"


def test_codes_are_no_part_of_a_review_neither_written_nor_taken_back(user):
    (shop,) = make_shops(1)
    product = make_draft()
    approved(product)
    sku = product.variants.get().sku
    batch = imported(user, ["sku", f"code[{shop.code}]"], [sku, "R-1"])
    assert (status(product), VariantCode.objects.get().code) == ("approved", "R-1")

    assert undo(batch, user) == ("undone", [])

    assert not VariantCode.objects.exists()
    assert status(product) == "approved"
