"""What happened to refunds; the subject is the order."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from core.money import format_money
from orders.events import OrderEvent
from payments.models import RefundReason


@dataclass(frozen=True, kw_only=True)
class RefundEvent(OrderEvent):
    """Base of all facts about one refund."""

    refund_id: int
    number: str
    amount: int
    currency: str

    @property
    def words(self) -> dict[str, str]:
        """Return what sentences are made of."""
        return {"amount": format_money(self.amount, self.currency), "number": self.number}


@dataclass(frozen=True, kw_only=True)
class RefundGranted(RefundEvent):
    """Money was promised; nothing has left."""

    name = "payments.refund_granted"

    reason: str
    needs_approval: bool = False

    def sentence(self) -> str:
        """Return e.g. "Refund RF-0000001 of ₩12,000 granted: Damaged; a second person has to approve it"."""
        reason = RefundReason(self.reason).label if self.reason in RefundReason.values else self.reason
        words = {**self.words, "reason": str(reason)}
        if self.needs_approval:
            return _("Refund %(number)s of %(amount)s granted: %(reason)s; a second person has to approve it") % words
        return _("Refund %(number)s of %(amount)s granted: %(reason)s") % words


@dataclass(frozen=True, kw_only=True)
class RefundApproved(RefundEvent):
    """A second person said yes."""

    name = "payments.refund_approved"

    def sentence(self) -> str:
        """Return e.g. "Refund RF-0000001 of ₩12,000 approved"."""
        return _("Refund %(number)s of %(amount)s approved") % self.words


@dataclass(frozen=True, kw_only=True)
class RefundWithdrawn(RefundEvent):
    """The promise is taken back; nothing left."""

    name = "payments.refund_withdrawn"

    note: str = ""

    def sentence(self) -> str:
        """Return e.g. "Refund RF-0000001 of ₩12,000 withdrawn: granted twice"."""
        said = _("Refund %(number)s of %(amount)s withdrawn") % self.words
        return f"{said}: {self.note}" if self.note else said


@dataclass(frozen=True, kw_only=True)
class RefundSent(RefundEvent):
    """The money is on its way to the customer."""

    name = "payments.refund_sent"

    payment_id: int
    provider: str = ""

    def sentence(self) -> str:
        """Return e.g. "Refund RF-0000001 of ₩12,000 sent"."""
        return _("Refund %(number)s of %(amount)s sent") % self.words


@dataclass(frozen=True, kw_only=True)
class RefundFailed(RefundEvent):
    """The provider refused it; it can be sent again, by hand or otherwise."""

    name = "payments.refund_failed"

    failure: str = ""

    def sentence(self) -> str:
        """Return e.g. "Refund RF-0000001 of ₩12,000 could not be sent: charge_already_refunded"."""
        return _("Refund %(number)s of %(amount)s could not be sent: %(failure)s") % {
            **self.words,
            "failure": self.failure,
        }
