"""What we sell, where, for how much."""

from catalog.models.category import Category
from catalog.models.channel import ChannelKind, SalesChannel
from catalog.models.media import MediaFile, ProductImage, image_path
from catalog.models.naming import FormerName, ProductNames
from catalog.models.price import Price
from catalog.models.product import Product, ProductStatus
from catalog.models.text import ProductText
from catalog.models.variant import Variant, VariantCode

__all__ = [
    "Category",
    "ChannelKind",
    "FormerName",
    "MediaFile",
    "Price",
    "Product",
    "ProductImage",
    "ProductNames",
    "ProductStatus",
    "ProductText",
    "SalesChannel",
    "Variant",
    "VariantCode",
    "image_path",
]
