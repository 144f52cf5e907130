"""The day's packing on one screen: ready orders with their lines, worked off by keyboard."""

from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from core.ui import ModelAdmin, actor
from core.ui.actions import ServiceAction, actions_of
from core.ui.sitepages import register_page, render_page
from core.ui.tabs import capped_counts, capped_text
from inventory.models import Warehouse
from orders import policies
from orders.models import Order
from orders.selectors.packing import packing_orders, packing_queue

PAGE = 30


@register_page("orders/packing/", name="orders_packing", permission="orders.ship_order")
def packing_page(request: HttpRequest) -> HttpResponseBase:
    """Show the most urgent orders that are ready to pick, of one warehouse or of all; buttons are the orders' own."""
    warehouse, late_only, page = _asked(request)
    queue = packing_queue(warehouse_id=warehouse, late_only=late_only)
    keys = list(queue.values_list("pk", flat=True)[(page - 1) * PAGE : page * PAGE + 1])
    [count] = capped_counts([queue])
    user = actor(request)
    table = _scan_table()
    scans = table.link if table is not None and request.user.has_perm(table.permission) else None
    rows = [
        {
            "one": one,
            "press": {name: _press(one.order.pk, name) for name in ("ship", "hold")},
            "scan": scans(one.order) if scans else "",
        }
        for one in packing_orders(keys[:PAGE])
    ]
    context: dict[str, Any] = {
        "rows": rows,
        "count": capped_text(count),
        "warehouses": Warehouse.objects.filter(is_active=True).order_by("rank", "pk"),
        "warehouse": warehouse,
        "late_only": late_only,
        "may_ship": policies.can_ship_orders(user),
        "may_hold": policies.can_hold_orders(user),
        "sees_names": request.user.has_perm("customers.see_contact_data"),
        "previous": _query(warehouse, late_only, page - 1) if page > 1 else "",
        "next": _query(warehouse, late_only, page + 1) if len(keys) > PAGE else "",
    }
    return render_page(request, "orders/pages/packing.html", title=_("Packing"), **context)


def _scan_table() -> ServiceAction | None:
    """Return the way to the table where orders are packed by scans, where the shop has one."""
    return next((one for one in actions_of(ModelAdmin, Order, bulk=False) if one.name == "pack"), None)


def _press(pk: int, name: str) -> str:
    return reverse("admin:orders_order_press", args=[pk, name])


def _query(warehouse: int | None, late_only: bool, page: int) -> str:  # noqa: FBT001 a part of the address
    parts = [f"warehouse={warehouse}" if warehouse else "", "late=1" if late_only else "", f"page={page}"]
    return "?" + "&".join(part for part in parts if part)


def _asked(request: HttpRequest) -> tuple[int | None, bool, int]:
    warehouse, page = request.GET.get("warehouse", ""), request.GET.get("page", "1")
    if set(request.GET) - {"warehouse", "late", "page"}:
        raise SuspiciousOperation("no such parameter")
    for number in (warehouse or "1", page):
        if not (number.isascii() and number.isdigit() and 0 < int(number) < 10**6):
            raise SuspiciousOperation("no such number")
    return int(warehouse) if warehouse else None, request.GET.get("late") == "1", int(page)
