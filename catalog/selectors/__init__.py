"""Reads of the catalogue."""

from catalog.selectors.matching import match_variants
from catalog.selectors.picturing import products_without_picture
from catalog.selectors.pricing import price_history, prices_at, running_prices

__all__ = ["match_variants", "price_history", "prices_at", "products_without_picture", "running_prices"]
