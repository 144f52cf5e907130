"""What purchasing puts on the home page, into the search box and beside the navigation."""

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.display import moment_text
from core.money import format_money
from core.ui.badges import NavigationBadge, register_badge
from core.ui.finding import Finder, Found, admin_finder, register_finder
from core.ui.tiles import Row, Rows, Tile, register_tile
from purchasing.models import PurchaseOrder, Supplier
from purchasing.selectors.orders import orders_to_approve, overdue_orders

VIEW = "purchasing.view_purchaseorder"


def overdue(request: HttpRequest) -> Rows:
    """List the purchase orders whose goods should have come."""
    rows = [
        Row(
            order.number,
            reverse("admin:purchasing_purchaseorder_change", args=[order.pk]),
            order.supplier.name,
            moment_text(order.expected_on),
        )
        for order in overdue_orders().select_related("supplier")[:6]
    ]
    url = f"{reverse('admin:purchasing_purchaseorder_changelist')}?tab=late"
    return Rows(rows, gettext_lazy("Every delivery is on time."), url)


def to_approve(request: HttpRequest) -> Rows:
    """List the purchase orders that wait for a second person, the longest waiting first."""
    rows = [
        Row(
            order.number,
            reverse("admin:purchasing_purchaseorder_change", args=[order.pk]),
            order.supplier.name,
            format_money(order.total, order.currency),
        )
        for order in orders_to_approve().select_related("supplier").order_by("updated_at", "pk")[:6]
    ]
    url = f"{reverse('admin:purchasing_purchaseorder_changelist')}?tab=to_approve"
    return Rows(rows, gettext_lazy("Nothing to approve."), url)


def find_orders(request: HttpRequest, query: str, limit: int) -> list[Found]:
    """Find purchase orders by number, the supplier's number or the supplier."""
    orders = admin_finder(admin.site.get_model_admin(PurchaseOrder), request, query, limit)
    return [
        Found(
            f"{order.number} · {order.supplier.name}",
            reverse("admin:purchasing_purchaseorder_change", args=[order.pk]),
            str(order.get_state_display()),
        )
        for order in orders
    ]


def find_suppliers(request: HttpRequest, query: str, limit: int) -> list[Found]:
    """Find suppliers by name, code or registration number."""
    found = admin_finder(admin.site.get_model_admin(Supplier), request, query, limit)
    return [
        Found(
            one.name,
            reverse("admin:purchasing_supplier_change", args=[one.pk]),
            _("Supplier %(code)s") % {"code": one.code},
        )
        for one in found
    ]


register_tile(Tile("purchasing.overdue", gettext_lazy("Overdue deliveries"), overdue, VIEW, "purchasing", 40))
register_tile(
    Tile(
        "purchasing.to_approve",
        gettext_lazy("Purchase orders to approve"),
        to_approve,
        "purchasing.approve_purchaseorder",
        "purchasing",
        30,
    )
)
register_badge(NavigationBadge("orders_to_approve", orders_to_approve, "warning"))
register_finder(Finder("purchase_orders", gettext_lazy("Purchase orders"), find_orders, VIEW, "shopping_cart", 35))
register_finder(
    Finder("suppliers", gettext_lazy("Suppliers"), find_suppliers, "purchasing.view_supplier", "factory", 36)
)
