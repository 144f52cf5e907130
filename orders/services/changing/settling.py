"""What a change asked for or owes is settled by the order's payments; what waited for it goes on."""

from collections.abc import Collection

from django.db import connection
from django.utils import timezone

from core.events import record_many
from orders.events import OrderReleased
from orders.models import HoldReason, Order, OrderHold, OrderStatus
from orders.services.triage.holding import mark_free, mark_held

_SETTLE = """
UPDATE orders_orderchange AS c SET settled_at = now() FROM orders_order o
WHERE o.id = c.order_id AND c.settled_at IS NULL AND c.order_id = ANY (%s)
  AND (o.status = 'cancelled' OR (c.owed = 0 AND o.paid_total >= o.total) OR (c.extra = 0 AND o.paid_total <= o.total))
"""


def settle_changes(order_ids: Collection[int]) -> None:
    """Settle what the payments of these locked orders settle, and end the holds that waited for extra payments."""
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, [list(order_ids)])
        if not cursor.rowcount:
            return
    holds = OrderHold.objects.filter(order__in=order_ids, reason=HoldReason.EXTRA, released_at=None)
    over = [hold for hold in holds.select_related("order") if hold.order.paid_total >= hold.order.total]
    if not over:
        return
    OrderHold.objects.filter(pk__in=[hold.pk for hold in over]).update(released_at=timezone.now())
    ids = [hold.order_id for hold in over]
    free = mark_free(ids)
    record_many(
        [
            (OrderReleased(order_id=pk, holds=[HoldReason.EXTRA.value], by_itself=True, is_free=pk in free), pk)
            for pk in ids
        ],
        model=Order,
    )


def wait_for_extra_payment(order: Order) -> None:
    """Let a locked, prepaid order of which nothing left wait for what it became dearer.

    Before it took stock it waits for payment as at first; later it is held, and keeps its pieces meanwhile.
    """
    if order.status == OrderStatus.TO_CONFIRM:
        order.status = OrderStatus.AWAITING_PAYMENT
        order.save(update_fields=["status", "updated_at"])
    elif order.status in {OrderStatus.AWAITING_STOCK, OrderStatus.TO_SHIP}:
        known = OrderHold.objects.filter(order=order, reason=HoldReason.EXTRA, released_at=None)
        if not known.exists():
            OrderHold.objects.create(order=order, reason=HoldReason.EXTRA, takes_stock=True, held_at=timezone.now())
            mark_held([order.pk])
