"""What was granted is sent: through the provider that took the money, or by hand and written down."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core.commands import once
from core.errors import InvalidInput, InvalidTransition
from orders.models import Order
from orders.services import record_refund
from orders.services.batches import check_right
from payments.models import CallKind, ProviderPayment, Refund, RefundState
from payments.policies import can_send_refunds
from payments.services.providers.asking import put_question, source_of
from payments.services.refunds.closing import check_sendable, close_sent
from payments.services.refunds.granting import lock_refund
from staff.models import User


@dataclass(frozen=True)
class ByHand:
    """How the money went, where people sent it."""

    method: str
    external_id: str
    paid_at: datetime | None


def send_refund(
    *,
    refund_id: int,
    method: str = "",
    external_id: str = "",
    paid_at: datetime | None = None,
    by_hand: bool = False,
    key: str = "",
    actor: User | None = None,
) -> Refund:
    """Send a refund back through the provider that took the money; where none did, or ``by_hand``, note it as sent.

    Through a provider it is “being sent” until the provider has answered, and in the ledger of the order then; by hand
    it is in the ledger at once. The same ``key`` answers with the same refund, and a refund that is sent or on its way
    is answered as it is: money never goes twice. InvalidTransition while a second person has to approve it, or when it
    is withdrawn; InvalidInput where no single provider payment holds enough; NotAllowed without the right.
    """
    check_right(can_send_refunds, actor)

    def run() -> int:
        return _send(refund_id, ByHand(method, external_id, paid_at), actor, by_hand=by_hand).pk

    pk = once(key=f"payments.send:{key}", parameters={"refund": refund_id}, run=run) if key else run()
    return Refund.objects.get(pk=pk)


@transaction.atomic
def _send(refund_id: int, noted: ByHand, actor: User | None, *, by_hand: bool) -> Refund:
    order, refund = lock_refund(refund_id)
    if refund.state == RefundState.SENT or (refund.state == RefundState.SENDING and not by_hand):
        return refund
    if refund.state == RefundState.SENDING:
        raise InvalidTransition(_("The refund is on its way already; wait for the provider's answer."))
    check_sendable(refund, RefundState.SENT)
    source = None if by_hand else source_of(refund)
    if source is not None:
        return _ask_provider(order, refund, source, actor)
    payment = record_refund(
        order_id=order.pk,
        amount=refund.amount,
        reason=f"{refund.get_reason_display()} {refund.note}".strip(),
        method=noted.method,
        external_id=noted.external_id,
        paid_at=noted.paid_at,
        actor=actor,
    )
    return close_sent(refund, payment, actor=actor)


def _ask_provider(order: Order, refund: Refund, source: ProviderPayment, actor: User | None) -> Refund:
    """Put the question with its key beside the refund; the money moves after the commit, in the background."""
    if refund.amount > order.paid_total:
        raise InvalidInput(_("So much is not paid any more. Withdraw this refund."))
    refund.state, refund.failure, refund.sent_by = RefundState.SENDING, "", actor
    refund.save(update_fields=["state", "failure", "sent_by"])
    put_question(source, CallKind.REFUND, refund.amount, refund=refund, actor=actor)
    return refund
