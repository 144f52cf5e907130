"""What became of a question to a provider: claimed, answered, refused, or nobody knows."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from core.events import record
from payments.adapters.asking import Ask, Seen
from payments.events import RefundFailed
from payments.models import (
    OPEN_CALLS,
    CallKind,
    CallState,
    ProviderCall,
    ProviderPayment,
    RefundState,
    TransactionKind,
)
from payments.services.providers.asking import want_sync
from payments.services.providers.writing import lock_payment, write_step
from payments.services.refunds.granting import told

PATIENCE = timedelta(minutes=2)  # a worker that asked and never came back is gone by then
LONGEST = timedelta(hours=1)


@dataclass(frozen=True)
class ClaimedCall:
    """A question that this worker alone may ask now; on a later attempt it looks first what became of the earlier."""

    call_id: int
    provider: str
    ask: Ask
    is_first: bool
    known: frozenset[str]

    def answer_in(self, steps: tuple[Seen, ...]) -> Seen | None:
        """Return the step that answers the question: by its reference, or what else can only be it."""
        same = [step for step in steps if step.kind == self.ask.kind and step.external_id not in self.known]
        for step in same:
            if step.reference == self.ask.reference:
                return step
        if self.ask.kind == CallKind.VOID:
            return same[0] if same else None
        # without a reference (Stripe captures once): the only new step of this amount
        fitting = [step for step in same if not step.reference and step.amount == self.ask.amount]
        return fitting[0] if len(fitting) == 1 and self.ask.kind == CallKind.CAPTURE else None


def due_calls(*, limit: int = 50) -> list[int]:
    """Return the questions that may be asked now, the oldest first."""
    rows = ProviderCall.objects.filter(state__in=OPEN_CALLS, due_at__lte=timezone.now())
    return list(rows.order_by("due_at", "pk").values_list("pk", flat=True)[:limit])


@transaction.atomic
def claim_call(*, call_id: int) -> ClaimedCall | None:
    """Take a question for one attempt; None when it is answered, not due, or another worker has it.

    Committed before the provider is asked: a worker that dies leaves a row that says that it asked.
    """
    now = timezone.now()
    taken = ProviderCall.objects.filter(Q(state__in=OPEN_CALLS), pk=call_id, due_at__lte=now).update(
        state=CallState.ASKED, attempts=F("attempts") + 1, due_at=now + PATIENCE
    )
    if not taken:
        return None
    call = ProviderCall.objects.select_related("payment", "refund").get(pk=call_id)
    payment = call.payment
    steps = list(payment.transactions.all())
    wanted = TransactionKind.CAPTURE if call.kind == CallKind.REFUND else TransactionKind.AUTHORISE
    targets = sorted((step for step in steps if step.kind == wanted), key=lambda step: (-step.amount, step.pk))
    return ClaimedCall(
        call_id=call.pk,
        provider=payment.provider,
        ask=Ask(
            kind=call.kind,
            key=call.key,
            payment=payment.external_id,
            target=targets[0].external_id if targets else payment.external_id,
            amount=call.amount,
            currency=payment.currency,
            reference=call.reference,
            reason=call.refund.reason if call.refund else "",
        ),
        is_first=call.attempts == 1,
        known=frozenset(step.external_id for step in steps if step.kind == call.kind),
    )


def _lock(call_id: int) -> tuple[ProviderPayment, ProviderCall] | None:
    """Return an open question, locked with its order and payment; None when it has ended."""
    payment_id = ProviderCall.objects.values_list("payment_id", flat=True).get(pk=call_id)
    _order, payment = lock_payment(payment_id)
    call = ProviderCall.objects.select_for_update(of=("self",)).select_related("refund").get(pk=call_id)
    return (payment, call) if call.state in OPEN_CALLS else None


@transaction.atomic
def settle_call(*, call_id: int, step: Seen) -> bool:
    """Write what the provider did, with the ledger and the refund; False when it was written already."""
    found = _lock(call_id)
    if found is None:
        return False
    payment, call = found
    write_step(payment, step, refund=call.refund)
    call.state, call.external_id, call.error, call.ended_at = CallState.ANSWERED, step.external_id, "", timezone.now()
    call.save(update_fields=["state", "external_id", "error", "ended_at"])
    want_sync(payment)  # what is left of the reservation, the provider knows best
    return True


@transaction.atomic
def refuse_call(*, call_id: int, code: str) -> bool:
    """Note that the provider did not do it; a refund can be sent again or otherwise. False when it had ended."""
    found = _lock(call_id)
    if found is None:
        return False
    payment, call = found
    call.state, call.error, call.ended_at = CallState.REFUSED, code[:120], timezone.now()
    call.save(update_fields=["state", "error", "ended_at"])
    refund = call.refund
    if refund is not None and refund.state == RefundState.SENDING:
        refund.state, refund.failure = RefundState.FAILED, code[:200]
        refund.save(update_fields=["state", "failure"])
        record(RefundFailed(**told(refund), failure=code[:120]), subject=payment.order)
    return True


@transaction.atomic
def leave_unknown(*, call_id: int, error: str) -> bool:
    """Note that nobody knows whether it was done: it is looked up after a pause that doubles up to an hour."""
    call = ProviderCall.objects.select_for_update().get(pk=call_id)
    if call.state not in OPEN_CALLS:
        return False
    pause = min(timedelta(seconds=15 * 2 ** min(call.attempts, 10)), LONGEST)
    call.state, call.error, call.due_at = CallState.UNKNOWN, error[:120], timezone.now() + pause
    call.save(update_fields=["state", "error", "due_at"])
    return True
