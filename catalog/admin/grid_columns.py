"""The columns of products, texts and variants: how each is called, read, checked and written back."""

import re
from collections.abc import Mapping
from typing import Any

from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from catalog.gtin import validate_gtin
from catalog.models import Product, ProductStatus, ProductText, Variant
from catalog.services.products.tagging import tidy_tags
from core.html import clean_html
from core.ui.grid import GridColumn
from core.ui.grid_cells import (
    choice_cell,
    digits_cell,
    flag_cell,
    flag_text,
    number_cell,
    text_cell,
)
from staff.models import Language

# column -> path from the variant
PRODUCT_FIELDS = {
    "name": "product__name",
    "code": "product__code",
    "status": "product__status",
    "brand": "product__brand",
    "maker": "product__maker",
    "category": "product__category_id",
    "tags": "product__tags",
}
VARIANT_FIELDS = {
    "sku": "sku",
    "options": "name",
    "barcode": "barcode",
    "weight_g": "weight_g",
    "length_mm": "length_mm",
    "width_mm": "width_mm",
    "height_mm": "height_mm",
    "is_active": "is_active",
}
PRODUCT, VARIANT, TEXTS = gettext_lazy("Product"), gettext_lazy("Variant"), gettext_lazy("Texts")
HEAVIEST, LONGEST = 10_000_000, 100_000  # grams, millimetres
MOST_DESCRIPTION = 50_000


def goods_columns(paths: Mapping[int, str], *, may_change: bool) -> list[GridColumn]:
    """Return all columns of this part; ``paths`` are the categories, empty where none is read."""
    return [
        *_variant_first(),
        *_product(paths, may_change=may_change),
        *_variant(may_change=may_change),
        *_texts(may_change=may_change),
    ]


def is_text(key: str) -> bool:
    """Tell whether the column is a text in one language: "title:ko"."""
    return ":" in key


def text_column(key: str) -> tuple[str, str]:
    """Return column and language of a text."""
    name, _colon, language = key.partition(":")
    return name, language


def _variant_first() -> list[GridColumn]:
    return [
        GridColumn(key="sku", label="SKU", section=VARIANT, width=150, is_default=True, sort="sku"),
    ]


def _product(paths: Mapping[int, str], *, may_change: bool) -> list[GridColumn]:
    def column(key: str, label: Any, **more: Any) -> GridColumn:
        return GridColumn(key=key, label=label, section=PRODUCT, per_group=True, **{"editable": may_change, **more})

    def length(name: str) -> int:
        return getattr(Product._meta.get_field(name), "max_length", None) or 0

    ids = {path: pk for pk, path in paths.items()}
    return [
        column(
            "name",
            gettext_lazy("Product name"),
            width=230,
            is_default=True,
            sort="product",
            parse=text_cell(max_length=length("name"), is_required=True),
        ),
        column("code", gettext_lazy("Product code"), editable=False),
        column(
            "status",
            gettext_lazy("Status"),
            editable=False,
            width=110,
            show=lambda value: str(ProductStatus(value).label) if value else "",
        ),
        column("brand", gettext_lazy("Brand"), is_default=True, parse=text_cell(max_length=length("brand"))),
        column("maker", gettext_lazy("Maker"), parse=text_cell(max_length=length("maker"))),
        column(
            "category",
            gettext_lazy("Category"),
            kind="choice",
            width=190,
            is_default=True,
            parse=choice_cell(ids),
            show=lambda value: paths.get(value, "") if value else "",
            choices_url=str(reverse_lazy("admin:catalog_grid_categories")),
        ),
        column(
            "tags",
            gettext_lazy("Tags"),
            kind="tags",
            width=180,
            is_default=True,
            parse=lambda text: tidy_tags(re.split(r"[,，、\n]", text)),
            show=lambda tags: ", ".join(tags or ()),
        ),
    ]


def _variant(*, may_change: bool) -> list[GridColumn]:
    def column(key: str, label: Any, **more: Any) -> GridColumn:
        return GridColumn(key=key, label=label, section=VARIANT, editable=may_change, **more)

    def size(key: str, label: Any, most: int) -> GridColumn:
        return column(key, label, kind="number", width=105, parse=number_cell(most=most))

    longest = Variant._meta.get_field("name").max_length or 0
    return [
        column("options", gettext_lazy("Options"), is_default=True, parse=text_cell(max_length=longest)),
        column("barcode", gettext_lazy("Barcode"), is_default=True, parse=digits_cell(validate=validate_gtin)),
        column(
            "is_active",
            gettext_lazy("Active"),
            kind="flag",
            width=90,
            is_default=True,
            parse=flag_cell,
            show=flag_text,
        ),
        size("weight_g", gettext_lazy("Weight (g)"), HEAVIEST),
        size("length_mm", gettext_lazy("Length (mm)"), LONGEST),
        size("width_mm", pgettext_lazy("size", "Width (mm)"), LONGEST),
        size("height_mm", gettext_lazy("Height (mm)"), LONGEST),
    ]


def _texts(*, may_change: bool) -> list[GridColumn]:
    columns = []
    for code, language in Language.choices:
        for name, label in (
            ("title", _("Title")),
            ("description", _("Description")),
            ("keywords", _("Search keywords")),
        ):
            longest = getattr(ProductText._meta.get_field(name), "max_length", None)
            columns.append(
                GridColumn(
                    key=f"{name}:{code}",
                    label=f"{label} · {language}",
                    section=f"{TEXTS} · {language}",
                    short=label,
                    per_group=True,
                    editable=may_change,
                    kind="text" if longest else "long",
                    width=230,
                    parse=text_cell(max_length=longest) if longest else _description,
                    max_length=4 * longest if longest else MOST_DESCRIPTION,
                )
            )
    return columns


def _description(text: str) -> str:
    return clean_html(text)
