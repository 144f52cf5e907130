"""Orders by the clock."""

from celery import shared_task

from core.schedule import Every, periodic
from orders.services import allocate_waiting_orders


@shared_task(name="orders.allocate_waiting")
def allocate_waiting() -> None:
    """Try waiting orders again, whatever made stock available (a warehouse opened, a count, a missed wake-up)."""
    while allocate_waiting_orders().done:
        pass


periodic("orders.allocate_waiting", Every(600))
