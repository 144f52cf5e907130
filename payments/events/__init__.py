"""What happened to money beyond the ledger of orders."""

from payments.events.providing import PaymentAuthorised, PaymentCaptured, PaymentVoided
from payments.events.refunding import RefundApproved, RefundFailed, RefundGranted, RefundSent, RefundWithdrawn

__all__ = [
    "PaymentAuthorised",
    "PaymentCaptured",
    "PaymentVoided",
    "RefundApproved",
    "RefundFailed",
    "RefundGranted",
    "RefundSent",
    "RefundWithdrawn",
]
