"""Every write of purchasing."""

from purchasing.services.approving import (
    approve_purchase_order,
    needs_approval,
    reopen_purchase_order,
    submit_purchase_order,
)
from purchasing.services.drafting import create_purchase_order, duplicate_purchase_order, edit_purchase_order
from purchasing.services.mailing import mark_purchase_order_sent, resend_purchase_order, send_purchase_order
from purchasing.services.orders import OrderLine
from purchasing.services.settling import (
    ConfirmedLine,
    cancel_purchase_order,
    close_purchase_order,
    confirm_purchase_order,
)

__all__ = [
    "ConfirmedLine",
    "OrderLine",
    "approve_purchase_order",
    "cancel_purchase_order",
    "close_purchase_order",
    "confirm_purchase_order",
    "create_purchase_order",
    "duplicate_purchase_order",
    "edit_purchase_order",
    "mark_purchase_order_sent",
    "needs_approval",
    "reopen_purchase_order",
    "resend_purchase_order",
    "send_purchase_order",
    "submit_purchase_order",
]
