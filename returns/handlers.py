"""What cases do when something happened to the orders that replace."""

from core.events import handles
from orders.events import OrderAccepted, OrderCancelled, OrderReleased, PaymentRecorded
from payments.events import RefundWithdrawn
from returns.services.replacing import reopen_for_cancelled, serve_replacement
from returns.services.resolving import reopen_for_withdrawn


@handles(OrderCancelled)
def decide_again(event: OrderCancelled) -> None:
    """Something is owed again when a replacement is cancelled."""
    reopen_for_cancelled(order_id=event.order_id)


@handles(PaymentRecorded)
def serve_paid(event: PaymentRecorded) -> None:
    """A replacement whose difference is paid takes what was kept for it."""
    serve_replacement(order_id=event.order_id)


@handles(OrderAccepted)
def serve_checked(event: OrderAccepted) -> None:
    """A replacement that was checked takes what was kept for it."""
    serve_replacement(order_id=event.order_id)


@handles(OrderReleased)
def serve_released(event: OrderReleased) -> None:
    """A replacement that is held no longer takes what was kept for it."""
    serve_replacement(order_id=event.order_id)


@handles(RefundWithdrawn)
def decide_money_again(event: RefundWithdrawn) -> None:
    """A case whose refund was taken back is resolved again."""
    reopen_for_withdrawn(refund_id=event.refund_id)
