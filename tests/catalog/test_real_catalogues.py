"""Real shops' catalogues through the whole import: every product, option, picture and price accounted for."""

import csv
import io
import zipfile
from pathlib import Path

import pytest
import tablib

from catalog.admin.product_file import ProductFileResource
from catalog.importing.flattening import flatten
from catalog.importing.formats import detect
from catalog.models import (
    Category,
    Listing,
    OptionAxis,
    OptionValue,
    Price,
    Product,
    ProductText,
    Variant,
    VariantOption,
    WantedPicture,
)
from core.resources import Choices
from tests.factories import make_channel

CATALOGUES = (
    Path(__file__).resolve().parents[3] / "shared" / "data" / "shopify-catalogues" / "shopify_partner_catalogues.zip"
)
MODELS = (
    Product,
    ProductText,
    Variant,
    OptionAxis,
    OptionValue,
    VariantOption,
    Price,
    Listing,
    WantedPicture,
    Category,
)
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not CATALOGUES.exists(), reason="shopify-catalogues is not beside the checkout"),
]


# 22 pictures stand on the first row of products whose first SKU is refused
FASHION = {
    "Product": 997, "ProductText": 997, "Variant": 3676, "OptionAxis": 2009, "OptionValue": 4619, "VariantOption": 7371,
    "Price": 3676, "Listing": 997, "WantedPicture": 4720, "Category": 64,
}  # fmt: skip


def counted() -> dict[str, int]:
    """Return how many rows each table has."""
    return {model.__name__: model.objects.count() for model in MODELS}


def bring_in(name: str):
    """Import one of the real files as its page does."""
    with zipfile.ZipFile(CATALOGUES) as archive:
        text = archive.read(f"{name}.csv").decode("utf-8-sig")
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    flat = flatten(format=detect(header), headers=header, rows=rows, language="en", channel="shop")
    return load(flat.headers, flat.rows, flat.numbers)


def load(headers, rows, numbers=()):
    """Import flat rows."""
    choices = Choices(numbers=numbers, extra={"make_categories": True})
    result = ProductFileResource().import_data(
        tablib.Dataset(*rows, headers=headers), use_transactions=True, choices=choices
    )
    assert [str(error.error) for error in result.base_errors] == []
    return result


def kinds(result):
    """Return what became of the rows."""
    return {kind: count for kind, count in result.totals.items() if count}


@pytest.fixture(autouse=True)
def shop():
    """Give the files' prices their channel."""
    return make_channel(code="shop", currency="USD", language="en")


def test_the_whole_fashion_catalogue_twice_and_back_again():
    result = bring_in("fashion")
    # eight SKUs stand twice in the file; each second row is refused and names the first
    assert kinds(result) == {"new": 3676, "invalid": 8}
    assert {tuple(row.error_dict) for row in result.invalid_rows} <= {("code",), ("option1_value",), ("option2_value",)}
    assert counted() == FASHION
    again = bring_in("fashion")
    assert kinds(again) == {"skip": 3676, "invalid": 8}
    assert counted() == FASHION
    resource = ProductFileResource()
    names = resource.export_names()
    rows = [
        ["" if cell is None else str(cell) for cell in row] for row in resource.rows_of(Product.objects.all(), names)
    ]
    assert kinds(load([resource.fields[name].column_name for name in names], rows)) == {"skip": len(rows)}
    assert counted() == FASHION


@pytest.mark.parametrize(
    ("name", "rows", "products", "pictures"),
    [
        ("apparel", 96, 25, 55),
        ("jewelry", 24, 19, 25),
        ("product_template_2025", 16, 3, 11),
        ("product_template_2020", 3, 1, 1),
        ("product_template_2017", 4, 2, 2),
    ],
)
def test_smaller_catalogues_and_templates(name, rows, products, pictures):
    assert kinds(bring_in(name)) == {"new": rows}
    found = counted()
    assert (found["Product"], found["Variant"], found["Price"], found["WantedPicture"]) == (
        products, rows, rows, pictures,
    )  # fmt: skip
    assert kinds(bring_in(name)) == {"skip": rows}
    assert counted() == found
