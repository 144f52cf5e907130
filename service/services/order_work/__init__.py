"""What is done with an order from a ticket: the services of the floors below, and an entry on the ticket."""

from service.services.order_work.doing import (
    cancel_ticket_order,
    change_ticket_address,
    open_ticket_return,
    refund_ticket_order,
    resend_ticket_order,
)

__all__ = [
    "cancel_ticket_order",
    "change_ticket_address",
    "open_ticket_return",
    "refund_ticket_order",
    "resend_ticket_order",
]
