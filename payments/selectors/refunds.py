"""What was granted, and what of it is gone."""

from dataclasses import dataclass

from django.db.models import F

from payments.models import OPEN_REFUNDS, ProviderPayment, Refund, RefundState


@dataclass(frozen=True)
class OrderRefunds:
    """The refunds of one order, newest first, and their sums in minor units."""

    refunds: list[Refund]
    granted: int
    sent: int

    @property
    def open(self) -> int:
        """What is promised and has not left."""
        return self.granted - self.sent


def refunds_of_order(*, order_id: int) -> OrderRefunds:
    """Return what was granted on the order in one statement; withdrawn ones are listed and not counted."""
    rows = list(Refund.objects.filter(order_id=order_id).select_related("granted_by", "order"))
    sent = sum(row.amount for row in rows if row.state == RefundState.SENT)
    return OrderRefunds(rows, sent + sum(row.amount for row in rows if row.state in OPEN_REFUNDS), sent)


def has_source(*, refund: Refund) -> bool:
    """Tell whether money of the order lies at a provider that can give it back."""
    return ProviderPayment.objects.filter(order_id=refund.order_id, captured__gt=F("refunded")).exists()
