"""Orders by the clock."""

from celery import shared_task

from orders.services import allocate_waiting_orders


@shared_task(name="orders.allocate_waiting")
def allocate_waiting() -> None:
    """Try waiting orders again, whatever made stock available (a warehouse opened, a count, a missed wake-up)."""
    allocate_waiting_orders()
