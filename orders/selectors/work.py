"""What is to be done: the tabs of the order list, and their numbers."""

from datetime import datetime

from django.db.models import Count
from django.utils import timezone

from orders.models import OPEN_STATUSES, Order, OrderQuerySet, OrderStatus

TO_SHIP = (OrderStatus.TO_SHIP, OrderStatus.PARTLY_SHIPPED)


def orders_to_ship() -> OrderQuerySet:
    """Return orders whose pieces can leave, the most urgent first."""
    return Order.objects.filter(status__in=TO_SHIP).order_by("ship_by", "pk")


def late_orders(now: datetime | None = None) -> OrderQuerySet:
    """Return open orders whose promised shipping time has passed, the latest first."""
    return Order.objects.filter(status__in=OPEN_STATUSES, ship_by__lt=now or timezone.now()).order_by("ship_by", "pk")


def count_open_orders() -> dict[OrderStatus, int]:
    """Return how many orders stand in each open status, 0 included.

    Closed statuses are left out on purpose: they hold nearly all rows, and a list shows an estimate for them.
    """
    rows = Order.objects.filter(status__in=OPEN_STATUSES).order_by().values("status").annotate(count=Count("*"))
    found = {row["status"]: row["count"] for row in rows}
    return {status: found.get(status, 0) for status in OPEN_STATUSES}


def count_late_orders(now: datetime | None = None) -> int:
    """Return how many open orders are late."""
    return late_orders(now).order_by().count()
