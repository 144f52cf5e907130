"""Search texts that an import writes together with the rows are those that the service keeps."""

import pytest
import tablib

from catalog.admin.product_file import ProductFileResource
from catalog.admin.resources import ProductResource, VariantResource
from catalog.importing import deriving
from catalog.models import FormerName, Product, Variant
from catalog.services import refresh_search_text
from catalog.services.products import searching

pytestmark = pytest.mark.django_db


def load(resource, headers, *rows):
    result = resource.import_data(tablib.Dataset(*rows, headers=headers))
    assert [str(error.error) for error in result.base_errors] == []
    assert result.invalid_rows == []


def words():
    return [dict(model.objects.values_list(key, "search_text")) for model, key in ((Product, "code"), (Variant, "sku"))]


def written():
    """Return the search texts as the import left them; the service has nothing to change."""
    left = words()
    refresh_search_text(product_ids=list(Product.objects.values_list("pk", flat=True)))
    assert words() == left
    return left


@pytest.fixture
def shirt():
    load(
        ProductFileResource(),
        ["code", "name", "title_ko", "sku", "variant_name"],
        ["P1", "Linen Shirt", "린넨 셔츠", "P1-M", "M"],
        ["P1", "Linen Shirt", "린넨 셔츠", "P1-L", "L"],
    )


def test_new_variants_are_found_at_once(shirt):
    products, variants = written()
    assert products == {"P1": "p1 linen shirt 린넨 셔츠 p1-l p1-m"}
    assert variants == {"P1-M": "p1-m m linen shirt 린넨 셔츠", "P1-L": "p1-l l linen shirt 린넨 셔츠"}


def test_a_rename_in_the_same_file_keeps_the_former_name(shirt):
    load(
        ProductFileResource(),
        ["code", "name", "sku", "variant_name"],
        ["P1", "Summer Shirt", "P1-M", "Medium"],
        ["P1", "Summer Shirt", "P1-S", "S"],
    )
    products, variants = written()
    assert products == {"P1": "p1 summer shirt 린넨 셔츠 p1-l p1-m p1-s  linen shirt"}
    assert variants["P1-M"] == "p1-m medium summer shirt 린넨 셔츠  linen shirt"
    assert variants["P1-S"] == "p1-s s summer shirt 린넨 셔츠  linen shirt"
    assert variants["P1-L"] == "p1-l l summer shirt 린넨 셔츠  linen shirt"


def test_blocks_of_a_large_file_write_what_one_would(shirt, monkeypatch):
    monkeypatch.setattr(deriving, "BLOCK", 1)
    monkeypatch.setattr(searching, "BLOCK", 1)
    load(
        ProductFileResource(),
        ["code", "name", "sku", "variant_name"],
        ["P1", "Summer Shirt", "P1-M", "M"],
        ["P2", "Wool Coat", "P2-M", "M"],
        ["P1", "Summer Shirt", "P1-S", "S"],
    )
    products, variants = written()
    assert products == {
        "P1": "p1 summer shirt 린넨 셔츠 p1-l p1-m p1-s  linen shirt",
        "P2": "p2 wool coat p2-m",
    }
    assert variants == {
        "P1-M": "p1-m m summer shirt 린넨 셔츠  linen shirt",
        "P1-L": "p1-l l summer shirt 린넨 셔츠  linen shirt",
        "P1-S": "p1-s s summer shirt 린넨 셔츠  linen shirt",
        "P2-M": "p2-m m wool coat",
    }
    assert list(FormerName.objects.values_list("product__code", "variant__sku", "text")) == [
        ("P1", None, "Linen Shirt")
    ]


def test_columns_that_are_left_out_keep_their_words(shirt):
    load(VariantResource(), ["sku", "weight_g"], ["P1-M", "120"])
    _products, variants = written()
    assert variants["P1-M"] == "p1-m m linen shirt 린넨 셔츠"


def test_a_blank_cell_keeps_its_words(shirt):
    load(VariantResource(), ["sku", "name", "barcode"], ["P1-M", "", "4901234567894"], ["P1-L", "Large", ""])
    _products, variants = written()
    assert variants["P1-M"] == "p1-m m 4901234567894 linen shirt 린넨 셔츠"
    assert variants["P1-L"] == "p1-l large linen shirt 린넨 셔츠"


def test_a_variant_that_moves_takes_the_other_names(shirt):
    load(ProductResource(), ["code", "name"], ["P2", "Wool Coat"])
    load(VariantResource(), ["sku", "product"], ["P1-M", "P2"])
    products, variants = words()
    assert products["P2"] == "p2 wool coat p1-m"
    assert variants["P1-M"] == "p1-m m wool coat"


def test_an_unchanged_product_keeps_its_words(shirt):
    load(ProductResource(), ["code", "name", "brand"], ["P1", "Linen Shirt", "Haru"])
    products, _variants = written()
    assert products == {"P1": "p1 linen shirt haru 린넨 셔츠 p1-l p1-m"}
