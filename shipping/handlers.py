"""What shipping does when orders change; what waves miss ``tidy_waves`` finds within a minute."""

from core.events import handles
from orders.events import OrderCancelled, OrderHeld, OrderShipped
from shipping.models import SlipEnd
from shipping.services import close_slips, follow_parcels
from shipping.services.waves import follow_orders


@handles(OrderCancelled)
def leave_cancelled(event: OrderCancelled) -> None:
    """Nobody is to pick what was called off."""
    follow_orders(order_ids=[event.order_id])


@handles(OrderHeld)
def leave_held(event: OrderHeld) -> None:
    """Nobody is to pick what is held."""
    follow_orders(order_ids=[event.order_id])


@handles(OrderShipped)
def follow_parcel(event: OrderShipped) -> None:
    """Its channel is owed the news, what it cost is known, its slip is done."""
    follow_parcels(shipment_ids=[event.shipment_id])


@handles(OrderCancelled)
def end_slips(event: OrderCancelled) -> None:
    """What was called off needs no slip any more."""
    close_slips(order_ids=[event.order_id], end=SlipEnd.CANCELLED)
