"""What still needs a picture."""

from django.db.models import QuerySet

from catalog.models import Product, ProductStatus


def products_without_picture() -> QuerySet[Product]:
    """Return products on sale that nobody has pictured yet, the newest first."""
    return Product.objects.filter(status=ProductStatus.ACTIVE, image_path="").order_by("-pk")
