"""What a reviewer looks at: the parts of a product that a comment may be about, each with its place on the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from catalog.models import Product, ProductText, Variant
from staff.models import Language


@dataclass(frozen=True)
class Part:
    """One part of a product: ``key`` is what comments and events keep, ``anchor`` where it is changed on the page."""

    key: str
    label: Any
    anchor: str = ""
    columns: Sequence[str] = ()  # of catalog.models.Product


PARTS: Sequence[Part] = (
    Part("name", gettext_lazy("Name"), "product_form", ("name", "code")),
    Part("category", gettext_lazy("Category"), "product_form", ("category", "product_type")),
    Part("brand", gettext_lazy("Brand and maker"), "product_form", ("brand", "maker")),
    Part("tags", gettext_lazy("Tags"), "product_form", ("tags",)),
    Part(
        "limits", gettext_lazy("Age limit and expiry"), "product_form", ("age_limit", "expiry_kind", "shelf_life_days")
    ),
    Part("pictures", gettext_lazy("Pictures"), "panel-pictures"),
    Part("variants", gettext_lazy("Variants"), "panel-variants"),
    Part("bundles", gettext_lazy("Bundle contents"), "panel-bundles"),
    Part("texts_en", gettext_lazy("Text in English"), "panel-texts"),
    Part("texts_ko", gettext_lazy("Text in Korean"), "panel-texts"),
    Part("texts_ja", gettext_lazy("Text in Japanese"), "panel-texts"),
    Part("attributes", gettext_lazy("Attributes"), "panel-attributes"),
    Part("prices", gettext_lazy("Prices"), "panel-prices"),
    Part("notices", gettext_lazy("Product information notices"), "panel-notices"),
    Part("certificates", gettext_lazy("Certificates"), "panel-certificates"),
    Part("wishes", gettext_lazy("Customer's wishes"), "panel-options"),
    Part("", pgettext_lazy("part of a product", "The whole product")),
)
_BY_KEY = {part.key: part for part in PARTS}
_BY_COLUMN = {column: part.key for part in PARTS for column in part.columns}


def part(key: str) -> Part:
    """Return the part of this key; an unknown one is shown by its key."""
    return _BY_KEY.get(key) or Part(key, key)


def is_part(key: str) -> bool:
    """Tell whether a comment may be about ``key``."""
    return key in _BY_KEY


def parts_of_columns(columns: Sequence[str]) -> list[str]:
    """Return the keys of the parts that these columns of the product belong to, in the order of the page."""
    touched = {_BY_COLUMN[column] for column in columns if column in _BY_COLUMN}
    return [part.key for part in PARTS if part.key in touched]


def names_of(keys: Sequence[str]) -> str:
    """Return the parts in words: "Name, Prices"."""
    return ", ".join(str(part(key).label) for key in keys if key) or _("content")


def column_label(column: str) -> str:
    """Return what people call a column that ``GoodsEdited`` names; an unknown one is called by its key."""
    table, _dot, name = column.partition(".")
    language, _dot, text_name = name.partition(".")
    models = {"product": Product, "variant": Variant}
    try:
        if table == "text":
            label = capfirst(str(getattr(ProductText._meta.get_field(text_name), "verbose_name", text_name)))
            return f"{label} ({Language(language).label})"
        return capfirst(str(getattr(models[table]._meta.get_field(name), "verbose_name", name)))
    except (KeyError, ValueError, FieldDoesNotExist):
        return column
