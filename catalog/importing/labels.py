"""What the columns of product files mean, for people who choose them."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from catalog.importing.columns import (
    AXES,
    CHANNEL_CODE,
    CODES,
    PICTURES,
    PRICE,
    PRODUCT,
    TEXT,
    VALUES,
    VARIANT,
    VARIANT_IMAGE,
    base_of,
    channel_of,
    text_columns,
)

_WORDS = {
    "maker_code": gettext_lazy("Maker's codes"),
    "supplier_code": gettext_lazy("Supplier's codes"),
    "other_code": gettext_lazy("Other codes"),
    "price": gettext_lazy("Price"),
    "compare_at": gettext_lazy("Price before"),
    "list_price": gettext_lazy("List price"),
    "cost": pgettext_lazy("price", "Cost"),
    "price_from": gettext_lazy("Price holds from"),
    "price_until": gettext_lazy("Price holds until"),
    "currency": gettext_lazy("Currency"),
    CHANNEL_CODE: gettext_lazy("Codes on the sales channel"),
    "wishes": gettext_lazy("Customers' wishes"),
    VARIANT_IMAGE: gettext_lazy("Picture of the variant"),
}
_OF_CHANNEL = {*PRICE, "currency", CHANNEL_CODE, *TEXT}
_LANGUAGE_TEXTS = set(text_columns())


def label_of(column: str) -> str:
    """Return what a column means, empty for one that a table explains itself."""
    name = base_of(column)
    if name in AXES:
        return _("Option %(number)s") % {"number": name[6]}
    if name in VALUES:
        return _("Value of option %(number)s") % {"number": name[6]}
    if name in PICTURES:
        number = name.split("_")[1]
        words = _("Words for picture %(number)s") if name.endswith("_alt") else _("Picture %(number)s")
        return words % {"number": number}
    if name == column and name == CHANNEL_CODE:
        return ""  # the product's own code
    return str(_WORDS.get(name, ""))


def group_of(column: str) -> str:
    """Return the heading under which a column stands."""
    name, channel = base_of(column), channel_of(column)
    if channel and name in _OF_CHANNEL:
        return " · ".join([_("Texts") if name in TEXT else _("Prices and codes"), channel])
    if name in _LANGUAGE_TEXTS:
        return " · ".join([_("Texts"), name.rsplit("_", 1)[1]])
    if name in {*PRODUCT, "status", "wishes"}:
        return _("Product")
    if name in {*VARIANT, *AXES, *VALUES, *CODES}:
        return _("Variant")
    return _("Pictures")
