"""What must leave today and what is late, by the promise and the clock of each mall."""

from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.masking import mask_name
from core.ui.sitepages import register_page, render_page
from core.ui.tiles import Kpi, Tile, register_tile
from orders.admin.status import work_badges
from orders.models import OrderStatus
from shipping.selectors.handing import due_orders, promises_of_channels
from staff.admin.durations import minutes_text

PAGE = 100
PERMISSION = "orders.view_order"


@register_page("shipping/due/", name="shipping_due", permission=PERMISSION)
def due_page(request: HttpRequest) -> HttpResponseBase:
    """Show each channel's promises of today, and the orders behind them; links lead on to the file and to packing."""
    channel, late_only = _asked(request)
    promises = promises_of_channels()
    now = timezone.now()
    sees = request.user.has_perm("customers.see_contact_data")
    orders = list(due_orders(channel_id=channel, late_only=late_only)[:PAGE])
    rows = [
        {
            "order": order,
            "status": work_badges(order),
            "is_late": order.ship_by is not None and order.ship_by < now,
            "recipient": order.recipient_name if sees else mask_name(order.recipient_name),
        }
        for order in orders
    ]
    ready = [order.pk for order in orders if order.status == OrderStatus.TO_SHIP and not order.is_held]
    context: dict[str, Any] = {
        "promises": [(one, _left(one.minutes_left)) for one in promises],
        "rows": rows,
        "channel": channel,
        "late_only": late_only,
        "sums": {
            "late": sum(one.late for one in promises),
            "today": sum(one.today for one in promises),
            "tomorrow": sum(one.tomorrow for one in promises),
            "not_ready": sum(one.not_ready for one in promises),
        },
        "may_make": request.user.has_perm("shipping.add_carrierfile") and bool(ready),
        "may_ship": request.user.has_perm("orders.ship_order"),
        "make_url": f"{reverse('admin:shipping_make_file')}?ids={','.join(map(str, ready))}",
    }
    return render_page(request, "shipping/pages/due.html", title=_("Due today"), **context)


def _left(minutes: int) -> str:
    """Return how long it is until the cut-off, from ten hours before it."""
    return _("%(time)s left") % {"time": minutes_text(minutes)} if 0 < minutes < 600 else ""


def _asked(request: HttpRequest) -> tuple[int | None, bool]:
    channel = request.GET.get("channel", "")
    if set(request.GET) - {"channel", "late"}:
        raise SuspiciousOperation("no such parameter")
    if channel and not (channel.isascii() and channel.isdigit() and len(channel) < 10):
        raise SuspiciousOperation("no such channel")
    return int(channel) if channel else None, request.GET.get("late") == "1"


def due_tile(request: HttpRequest) -> Kpi:
    """Count what has to leave by today's cut-offs."""
    promises = promises_of_channels()
    late, today = sum(one.late for one in promises), sum(one.today for one in promises)
    note = _("%(count)s late") % {"count": late} if late else ""
    return Kpi(str(late + today), note, reverse("admin:shipping_due"), "danger" if late else "good", "event_upcoming")


register_tile(Tile("shipping.due", gettext_lazy("Due today"), due_tile, PERMISSION, "orders", 23, cache_seconds=60))
