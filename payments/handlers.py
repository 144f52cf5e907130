"""What payments do when something happened to orders below."""

from core.events import handles
from orders.events import OrderCancelled, OrderChanged, OrderShipped, RefundRecorded
from payments.services.providers.following import capture_shipped, void_cancelled
from payments.services.refunds.overtaking import withdraw_overtaken
from payments.services.refunds.proposing import follow_change, propose_for_cancelled


@handles(RefundRecorded)
def withdraw_what_no_longer_fits(event: RefundRecorded) -> None:
    """Take promises back for which no paid money is left, because it went back another way."""
    withdraw_overtaken(order_id=event.order_id)


@handles(OrderShipped)
def capture_on_shipping(event: OrderShipped) -> None:
    """Take the reserved money for what has left."""
    capture_shipped(order_id=event.order_id)


@handles(OrderCancelled)
def let_go_on_cancelling(event: OrderCancelled) -> None:
    """Let go what is reserved for nothing."""
    void_cancelled(order_id=event.order_id)


@handles(OrderCancelled)
def propose_what_is_owed(event: OrderCancelled) -> None:
    """Propose to give back what was paid for it; the same fact proposes once."""
    propose_for_cancelled(event=event)


@handles(OrderChanged)
def follow_what_changed(event: OrderChanged) -> None:
    """Propose what became too much, or take such a proposal back; the same change proposes once."""
    follow_change(event=event)
