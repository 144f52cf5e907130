"""Products in the search box."""

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy

from catalog.models import Product
from core.ui.finding import Finder, Found, admin_finder, register_finder


def find_products(request: HttpRequest, query: str, limit: int) -> list[Found]:
    """Find products by code, name in any language, brand or SKU."""
    products = admin_finder(admin.site.get_model_admin(Product), request, query, limit)
    return [
        Found(
            product.name,
            reverse("admin:catalog_product_change", args=[product.pk]),
            f"{product.code} · {product.get_status_display()}",
        )
        for product in products
    ]


register_finder(Finder("products", gettext_lazy("Products"), find_products, "catalog.view_product", "sell", 20))
