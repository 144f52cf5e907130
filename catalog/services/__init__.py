"""Everything that writes the catalogue."""

from catalog.services.coding import remember_code
from catalog.services.creating import NewProduct, NewVariant, create_product, create_products
from catalog.services.picturing import add_image
from catalog.services.pricing import set_price
from catalog.services.registering import register_skus
from catalog.services.searching import refresh_search_text
from catalog.services.selling import activate_product, end_product

__all__ = [
    "NewProduct",
    "NewVariant",
    "activate_product",
    "add_image",
    "create_product",
    "create_products",
    "end_product",
    "refresh_search_text",
    "register_skus",
    "remember_code",
    "set_price",
]
