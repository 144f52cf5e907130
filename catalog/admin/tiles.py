"""What the catalogue puts on the home page."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy

from catalog import selectors
from core.ui.tiles import Row, Rows, Tile, register_tile


def without_picture(request: HttpRequest) -> Rows:
    """List products on sale that nobody has pictured yet, the newest first."""
    rows = [
        Row(product.name, reverse("admin:catalog_product_change", args=[product.pk]), product.code)
        for product in selectors.products_without_picture()[:6]
    ]
    url = f"{reverse('admin:catalog_product_changelist')}?tab=no_picture"
    return Rows(rows, gettext_lazy("Every product on sale has its picture. Well done."), url)


register_tile(
    Tile(
        "catalog.without_picture",
        gettext_lazy("Products without a picture"),
        without_picture,
        "catalog.add_productimage",
        "catalog",
        70,
        cache_seconds=60,
    )
)
