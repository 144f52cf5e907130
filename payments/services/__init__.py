"""What changes in payments."""

from payments.services.providers.asking import capture_payment, note_provider_payment, void_payment
from payments.services.refunds.granting import approve_refund, grant_refund, withdraw_refund
from payments.services.refunds.sending import send_refund

__all__ = [
    "approve_refund",
    "capture_payment",
    "grant_refund",
    "note_provider_payment",
    "send_refund",
    "void_payment",
    "withdraw_refund",
]
