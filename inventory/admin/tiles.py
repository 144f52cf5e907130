"""What stock puts on the home page, into the search box and beside the navigation."""

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.ui.badges import NavigationBadge, register_badge
from core.ui.finding import Finder, Found, admin_finder, register_finder
from core.ui.tabs import capped_counts, capped_text
from core.ui.tiles import Kpi, Row, Rows, Tile, register_tile
from inventory import selectors
from inventory.models import StockItem

VIEW = "inventory.view_stockitem"


def _low_url() -> str:
    return f"{reverse('admin:inventory_stockitem_changelist')}?tab=low"


def low_stock(request: HttpRequest) -> Kpi:
    """Count stock items at or below their alert level."""
    count = capped_counts([selectors.low_stock_items()])[0]
    return Kpi(capped_text(count), "", _low_url(), "warning" if count else "good", "production_quantity_limits")


def scarcest(request: HttpRequest) -> Rows:
    """List what is scarcest."""
    rows = [
        Row(
            item.variant.sku,
            reverse("admin:inventory_stockitem_change", args=[item.pk]),
            f"{item.variant.label} · {item.warehouse}",
            _("%(count)s left") % {"count": item.available},
        )
        for item in selectors.low_stock_items()[:6]
    ]
    return Rows(rows, gettext_lazy("Nothing runs low. Well done."), _low_url())


def find_stock(request: HttpRequest, query: str, limit: int) -> list[Found]:
    """Find stock items by SKU, barcode or product."""
    items = admin_finder(admin.site.get_model_admin(StockItem), request, query, limit)
    return [
        Found(
            f"{item.variant.sku} · {item.warehouse}",
            reverse("admin:inventory_stockitem_change", args=[item.pk]),
            _("%(available)s available, %(on_hand)s on hand") % {"available": item.available, "on_hand": item.on_hand},
        )
        for item in items
    ]


register_tile(Tile("stock.low", gettext_lazy("Low stock"), low_stock, VIEW, "stock", 30))
register_tile(Tile("stock.scarcest", gettext_lazy("Scarcest stock"), scarcest, VIEW, "stock", 60))
register_badge(NavigationBadge("low_stock", selectors.low_stock_items, "warning"))
register_finder(Finder("stock", pgettext_lazy("navigation", "Stock"), find_stock, VIEW, "inventory_2", 30))
