"""Everything that writes the catalogue."""

from catalog.services.coding import remember_code
from catalog.services.creating import NewProduct, NewVariant, create_product, create_products
from catalog.services.picturing import add_image
from catalog.services.pricing import set_price
from catalog.services.proving import check_shown_prices
from catalog.services.receiving import receive_creatives, retire_creatives, show_creatives
from catalog.services.registering import register_skus
from catalog.services.searching import refresh_search_text
from catalog.services.selling import activate_product, end_product

__all__ = [
    "NewProduct",
    "NewVariant",
    "activate_product",
    "add_image",
    "check_shown_prices",
    "create_product",
    "create_products",
    "end_product",
    "receive_creatives",
    "refresh_search_text",
    "register_skus",
    "remember_code",
    "retire_creatives",
    "set_price",
    "show_creatives",
]
