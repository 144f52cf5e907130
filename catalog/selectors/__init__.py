"""Reads of the catalogue."""

from catalog.selectors.matching import match_variants
from catalog.selectors.naming import with_former_names
from catalog.selectors.picturing import PictureCheck, check_pictures, products_without_picture
from catalog.selectors.pricing import price_history, prices_at, running_prices
from catalog.selectors.reviewing import (
    PartChange,
    changed_since_last_round,
    people_involved,
    products_to_review,
    rounds_of,
)

__all__ = [
    "PartChange",
    "PictureCheck",
    "changed_since_last_round",
    "check_pictures",
    "match_variants",
    "people_involved",
    "price_history",
    "prices_at",
    "products_to_review",
    "products_without_picture",
    "rounds_of",
    "running_prices",
    "with_former_names",
]
