"""A refund is sent: what both ways of sending share."""

from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import InvalidTransition
from core.events import record
from orders.models import Payment
from payments.events import RefundSent
from payments.models import REFUND_TRANSITIONS, Refund, RefundState
from payments.services.refunds.granting import told
from staff.models import User


def check_sendable(refund: Refund, target: RefundState) -> None:
    """Refuse a refund that may not go to ``target``, or that a second person has to approve first."""
    REFUND_TRANSITIONS.check(RefundState(refund.state), target)
    if not refund.is_approved:
        raise InvalidTransition(_("A second person has to approve this refund first."))


def close_sent(refund: Refund, payment: Payment, *, provider: str = "", actor: User | None) -> Refund:
    """Make a locked refund sent by its row of the ledger; the caller's transaction wrote it."""
    refund.state, refund.payment, refund.failure = RefundState.SENT, payment, ""
    refund.sent_at = timezone.now()
    if actor is not None:
        refund.sent_by = actor
    refund.save(update_fields=["state", "payment", "failure", "sent_at", "sent_by"])
    fact = RefundSent(**told(refund), payment_id=payment.pk, provider=provider)
    record(fact, subject=refund.order, actor=actor)
    return refund
