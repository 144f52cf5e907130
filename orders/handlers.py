"""What orders do when something happened below."""

from core.events import handles
from inventory.events import StockReplenished
from orders.services import allocate_waiting_orders


@handles(StockReplenished)
def allocate_waiting(event: StockReplenished) -> None:
    """Give new stock to the orders that waited longest for it."""
    allocate_waiting_orders(variant_id=event.variant_id)
