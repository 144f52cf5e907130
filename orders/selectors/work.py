"""What is to be done: the tabs of the order list, and their numbers."""

from datetime import datetime

from django.utils import timezone

from orders.models import OPEN_STATUSES, Order, OrderQuerySet, OrderStatus

TO_SHIP = (OrderStatus.TO_SHIP, OrderStatus.PARTLY_SHIPPED)


def orders_to_ship() -> OrderQuerySet:
    """Return orders whose pieces can leave, the most urgent first."""
    return Order.objects.filter(status__in=TO_SHIP).order_by("ship_by", "pk")


def late_orders(now: datetime | None = None) -> OrderQuerySet:
    """Return open orders whose promised shipping time has passed, the latest first."""
    return Order.objects.filter(status__in=OPEN_STATUSES, ship_by__lt=now or timezone.now()).order_by("ship_by", "pk")
