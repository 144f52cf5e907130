"""The columns of the generic format: one row for each SKU, whatever file it came from."""

import re

from staff.models import Language

IMAGES = 20  # columns of pictures; malls take at most this many
OPTIONS = (1, 2, 3)

PRODUCT = (
    "code",
    "name",
    "category",
    "product_type",
    "brand",
    "maker",
    "tags",
    "age_limit",
    "expiry_kind",
    "shelf_life_days",
)
AXES = tuple(f"option{n}_name" for n in OPTIONS)
VALUES = tuple(f"option{n}_value" for n in OPTIONS)
VARIANT = (
    "sku",
    "variant_name",
    "barcode",
    "weight_g",
    "length_mm",
    "width_mm",
    "height_mm",
    "hs_code",
    "origin_country",
    "is_active",
)
CODES = ("maker_code", "supplier_code", "other_code")
TEXT = ("title", "description", "keywords", "seo_title", "seo_description", "slug")
PRICE = ("price", "compare_at", "list_price", "cost", "price_from", "price_until")
PICTURES = tuple(name for n in range(1, IMAGES + 1) for name in (f"image_{n}", f"image_{n}_alt"))
VARIANT_IMAGE = "variant_image"
CHANNEL_CODE = "code"  # with a channel in brackets: the variant's code there

# what belongs to the product stands on the first row of it only, so that long texts are carried once
OF_VARIANT = {*VARIANT, *VALUES, *CODES, VARIANT_IMAGE, *PRICE}

_IN_BRACKETS = re.compile(r"^(?P<name>[a-z_0-9]+)\[(?P<channel>[^\[\]]+)\]$")


def with_language(name: str, language: str) -> str:
    """Return the column of a text in one language: "title_ko"."""
    return f"{name}_{language}"


def with_channel(name: str, channel: str) -> str:
    """Return the column of a price, code or text on one sales channel (its code): "price[kr-shop]"."""
    return f"{name}[{channel}]"


def base_of(column: str) -> str:
    """Return a column's name without its channel: "price" of "price[kr-shop]"."""
    found = _IN_BRACKETS.match(column)
    return found["name"] if found else column


def channel_of(column: str) -> str:
    """Return the code of the channel in a column's brackets, empty without one."""
    found = _IN_BRACKETS.match(column)
    return found["channel"] if found else ""


def is_of_variant(column: str) -> bool:
    """Tell whether each row has its own value; other columns belong to the product."""
    name = base_of(column)
    return name in OF_VARIANT or (name == CHANNEL_CODE and name != column)


def text_columns() -> list[str]:
    """Return the columns of the texts that hold everywhere, language by language."""
    return [with_language(name, language) for language in Language.values for name in TEXT]
