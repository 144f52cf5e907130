"""Reads of the catalogue."""

from catalog.selectors.matching import match_variants
from catalog.selectors.naming import with_former_names
from catalog.selectors.picturing import PictureCheck, check_pictures, products_without_picture
from catalog.selectors.pricing import price_history, prices_at, running_prices

__all__ = [
    "PictureCheck",
    "check_pictures",
    "match_variants",
    "price_history",
    "prices_at",
    "products_without_picture",
    "running_prices",
    "with_former_names",
]
