"""Products in the states of registration, for tests; later states are reached through services."""

from typing import Any

from catalog.models import Product
from catalog.services import approve_product, set_price, submit_product
from staff.models import User
from tests.factories import make_channel, make_user, make_variant

EDIT = ["catalog.view_product", "catalog.change_product", "catalog.add_product"]
REVIEW = [*EDIT, "catalog.review_product"]


def make_author(**over: Any) -> User:
    """Make a colleague who registers products."""
    return make_user(permissions=EDIT, **over)


def make_reviewer(**over: Any) -> User:
    """Make a colleague who registers products and approves those of others."""
    return make_user(permissions=REVIEW, **over)


def make_draft(*, author: User | None = None, channels: Any = (), **over: Any) -> Product:
    """Make a draft with one variant and a picture path, priced on ``channels``."""
    variant = make_variant()
    values = {"status": "draft", "author": author, "image_path": "products/none.png", **over}
    Product.objects.filter(pk=variant.product_id).update(**values)
    for channel in channels:
        set_price(variant_id=variant.pk, sales_channel_id=channel.pk, amount=10_000)
    return Product.objects.get(pk=variant.product_id)


def make_approved(*, channels: Any = (), **over: Any) -> Product:
    """Make a product that went through review and is sold nowhere yet."""
    product = make_draft(channels=channels, **over)
    review = submit_product(product_id=product.pk)
    return approve_product(product_id=product.pk, review_id=review.pk, actor=make_reviewer())


def make_shops(count: int = 2) -> list[Any]:
    """Make sales channels called "Shop A", "Shop B", ..."""
    return [make_channel(name=f"Shop {chr(65 + place)}") for place in range(count)]
