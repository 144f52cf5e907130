"""What a provider knows of a payment is taken over: steps that we have not seen, and until when it is reserved."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from payments.adapters.asking import Seen, Snapshot
from payments.models import (
    OPEN_CALLS,
    PROVIDER_TRANSITIONS,
    CallState,
    ProviderCall,
    ProviderPayment,
    ProviderState,
)
from payments.services.providers.writing import lock_payment, write_step


def payments_to_sync(*, limit: int = 50) -> list[int]:
    """Return the payments that providers are to be asked about, the longest waiting first."""
    rows = ProviderPayment.objects.filter(sync_wanted_at__isnull=False)
    return list(rows.order_by("sync_wanted_at").values_list("pk", flat=True)[:limit])


@transaction.atomic
def sync_payment(*, payment_id: int, snapshot: Snapshot) -> ProviderPayment:
    """Write the steps that are new, answer our own open questions among them, and return the payment.

    The same snapshot again changes nothing.
    """
    _order, payment = lock_payment(payment_id)
    if snapshot.currency and snapshot.currency != payment.currency:
        payment.problem = _("The provider tells another currency than the order has.")
    else:
        _write_new(payment, snapshot.steps)
        _follow(payment, snapshot)
    payment.expires_at, payment.sync_wanted_at = snapshot.expires_at, None
    payment.save(update_fields=["state", "problem", "expires_at", "sync_wanted_at"])
    return payment


def _write_new(payment: ProviderPayment, steps: Sequence[Seen]) -> None:
    calls = {
        (call.kind, call.reference): call
        for call in ProviderCall.objects.select_for_update(of=("self",))
        .filter(payment=payment, state__in=OPEN_CALLS)
        .select_related("refund")
    }
    for step in steps:
        call = calls.get((step.kind, step.reference))
        write_step(payment, step, refund=call.refund if call else None)
        if call:
            call.state, call.external_id, call.error = CallState.ANSWERED, step.external_id, ""
            call.ended_at = timezone.now()
            call.save(update_fields=["state", "external_id", "error", "ended_at"])


def _follow(payment: ProviderPayment, snapshot: Snapshot) -> None:
    """Take the state over where ours may go there: a part captured by Stripe lets the rest go."""
    told = ProviderState(snapshot.state)
    if PROVIDER_TRANSITIONS.permits(ProviderState(payment.state), told):
        payment.state = told


@transaction.atomic
def skip_sync(*, payment_id: int, problem: str) -> None:
    """Ask no more about a payment that the provider does not know, and say why on its page."""
    ProviderPayment.objects.filter(pk=payment_id).update(sync_wanted_at=None, problem=problem[:200])


@transaction.atomic
def expire_authorisations() -> int:
    """Count reservations whose time has passed as expired, and return how many; the provider takes no more of them."""
    rows = ProviderPayment.objects.filter(state=ProviderState.AUTHORISED, expires_at__lt=timezone.now())
    return rows.update(state=ProviderState.EXPIRED)
