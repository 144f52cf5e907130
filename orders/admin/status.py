"""The state of an order as a badge, the same wherever it is shown."""

from django.utils.safestring import SafeString

from core.display import badge_html
from orders.models import Order, OrderStatus

COLOURS: dict[str, str] = {
    OrderStatus.NEW: "violet",
    OrderStatus.AWAITING_PAYMENT: "amber",
    OrderStatus.TO_CONFIRM: "blue",
    OrderStatus.AWAITING_STOCK: "red",
    OrderStatus.TO_SHIP: "blue",
    OrderStatus.PARTLY_SHIPPED: "amber",
    OrderStatus.SHIPPED: "green",
    OrderStatus.CANCELLED: "grey",
}


def status_badge(order: Order) -> SafeString:
    """Return the order's state in words, in its colour."""
    return badge_html(order.get_status_display(), COLOURS[order.status])
