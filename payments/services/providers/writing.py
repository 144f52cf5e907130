"""One step of a provider payment is written: counters, state and the order's ledger together."""

from django.utils.translation import gettext as _

from core.errors import DomainError
from core.events import record
from orders.models import Order, Payment
from orders.services import record_payment, record_refund
from orders.services.batches import lock_order
from payments.adapters.asking import Seen
from payments.events import PaymentAuthorised, PaymentCaptured, PaymentVoided
from payments.models import (
    PROVIDER_TRANSITIONS,
    ProviderPayment,
    ProviderState,
    ProviderTransaction,
    Refund,
    RefundState,
    TransactionKind,
)
from payments.services.refunds.closing import close_sent
from staff.models import User

_FACTS = {
    TransactionKind.AUTHORISE: PaymentAuthorised,
    TransactionKind.CAPTURE: PaymentCaptured,
    TransactionKind.VOID: PaymentVoided,
}


def lock_payment(payment_id: int) -> tuple[Order, ProviderPayment]:
    """Return a provider payment and its order, both locked in this order until the transaction ends."""
    order = lock_order(ProviderPayment.objects.values_list("order_id", flat=True).get(pk=payment_id))
    return order, ProviderPayment.objects.select_for_update(of=("self",)).get(pk=payment_id)


def write_step(
    payment: ProviderPayment, step: Seen, *, refund: Refund | None = None, actor: User | None = None
) -> ProviderTransaction:
    """Write what the provider did, once, with its row in the ledger; the payment and its order are locked.

    What was captured or refunded at the provider is true whatever we think of it: where the ledger refuses it
    (the order is cancelled, more than is due), it stands without a row there, and ``problem`` asks a person.
    """
    kind = TransactionKind(step.kind)
    known = payment.transactions.filter(kind=kind, external_id=step.external_id).first()
    if known is not None:
        return known
    _count(payment, kind, step.amount)
    ledger = _enter(payment, kind, step, refund)
    payment.save(update_fields=["authorised", "captured", "refunded", "state", "problem"])
    row = ProviderTransaction.objects.create(
        payment=payment,
        kind=kind,
        amount=step.amount,
        external_id=step.external_id,
        happened_at=step.at,
        ledger=ledger,
        refund=refund,
    )
    if refund is not None and ledger is not None and refund.state == RefundState.SENDING:
        close_sent(refund, ledger, provider=payment.provider, actor=actor)
    if fact := _FACTS.get(kind):
        told = fact(order_id=payment.order_id, amount=step.amount, currency=payment.currency, provider=payment.provider)
        record(told, subject=payment.order, actor=actor)
    return row


def _count(payment: ProviderPayment, kind: TransactionKind, amount: int) -> None:
    state = ProviderState(payment.state)
    if kind == TransactionKind.AUTHORISE:
        payment.authorised += amount
        state = ProviderState.AUTHORISED
    elif kind == TransactionKind.CAPTURE:
        payment.captured += amount
        payment.authorised = max(payment.authorised, payment.captured)
        state = ProviderState.CAPTURED if payment.captured >= payment.authorised else ProviderState.AUTHORISED
    elif kind == TransactionKind.REFUND:
        payment.refunded += amount
    else:
        state = ProviderState.CAPTURED if payment.captured else ProviderState.VOIDED
    if PROVIDER_TRANSITIONS.permits(ProviderState(payment.state), state):
        payment.state = state


def _enter(payment: ProviderPayment, kind: TransactionKind, step: Seen, refund: Refund | None) -> Payment | None:
    """Write the ledger's row of a capture or refund; None for other steps and where the ledger refuses."""
    common = {
        "order_id": payment.order_id,
        "amount": step.amount,
        "method": (payment.method.name if payment.method else payment.get_provider_display())[:80],
        "external_id": step.external_id[:120],
        "paid_at": step.at,
    }
    try:
        if kind == TransactionKind.CAPTURE:
            return record_payment(**common)  # type: ignore[arg-type]
        if kind == TransactionKind.REFUND:
            reason = f"{refund.get_reason_display()} {refund.note}".strip() if refund else _("at the provider")
            return record_refund(**common, reason=reason)  # type: ignore[arg-type]
    except DomainError as error:
        payment.problem = str(error)[:200]
    return None
