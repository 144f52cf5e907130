"""What was done with orders from a ticket, and what can be done still."""

from django.db.models import Sum

from orders.models import Order
from service.models import OrderWork, Ticket, told_in


def works_of(ticket: Ticket) -> list[OrderWork]:
    """Return the order work of the conversation, merged tickets included, the latest 100 (one query)."""
    rows = OrderWork.objects.filter(told_in(ticket))
    return list(rows.select_related("order", "actor", "ticket").order_by("-at", "-pk")[:100])


def granted_of(order: Order) -> int:
    """Return what is promised back and not sent yet, minor units."""
    return int(order.refunds.open().aggregate(total=Sum("amount"))["total"] or 0)
