"""For whom pieces are reserved, and stock on the pages of lower apps."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from catalog.models import Product, Variant
from core.ui import Panel, register_panel
from inventory import selectors
from inventory.models import StockItem
from staff.admin.offering import offer_tasks
from staff.models import TaskKind


def held_for(request: HttpRequest, item: StockItem) -> dict[str, Any]:
    """Give the documents for which pieces are reserved."""
    return {"reservations": selectors.open_reservations(stock_item_id=item.pk)}


def product_stock(request: HttpRequest, product: Product) -> dict[str, Any]:
    """Give the stock of each variant in each warehouse, with what is on its way there."""
    items = list(selectors.stock_of_product(product_id=product.pk))
    coming = selectors.on_the_way_to(items=items)
    return {"rows": [(item, *coming[item.pk]) for item in items]}


def bundles_to_pack(request: HttpRequest, variant: Variant) -> dict[str, Any] | None:
    """Give how many of a bundle each warehouse could pack; None for what is no bundle."""
    rows = selectors.bundle_stock(variant_id=variant.pk)
    return {"rows": rows, "total": sum(row.count for row in rows)} if rows else None


register_panel(
    StockItem,
    Panel(
        "reserved",
        gettext_lazy("Reserved for"),
        "inventory/panels/reserved.html",
        held_for,
        "inventory.view_reservation",
        position=20,
    ),
)
register_panel(
    Product,
    Panel(
        "stock",
        gettext_lazy("Stock"),
        "inventory/panels/product.html",
        product_stock,
        "inventory.view_stockitem",
        position=100,
        wide=True,
    ),
)

register_panel(
    Variant,
    Panel(
        "buildable",
        gettext_lazy("Can be packed"),
        "inventory/panels/buildable.html",
        bundles_to_pack,
        "inventory.view_stockitem",
        position=14,
    ),
)

offer_tasks(StockItem, kinds=(TaskKind.STOCK_CHECK,))
