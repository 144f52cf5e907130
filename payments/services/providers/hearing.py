"""What providers tell by themselves: kept once, and only a reason to ask them what is true."""

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from core.schedule import wake
from payments.adapters.asking import Told
from payments.models import ProviderEvent, ProviderPayment
from payments.services.providers.asking import want_sync

HEAR = "payments.handle_events"


@transaction.atomic
def hear_event(*, provider: str, told: Told, body: bytes, headers: Mapping[str, str]) -> ProviderEvent:
    """Keep a webhook by its id and have it looked at soon; the same id again changes nothing.

    The body is kept only where the provider has still to be asked whether it is its own.
    """
    event, is_new = ProviderEvent.objects.get_or_create(
        provider=provider,
        event_id=told.event_id[:120],
        defaults={
            "kind": told.kind[:80],
            "object_id": told.payment[:200],
            "body": "" if told.is_signed else body.decode("utf-8", "replace"),
            "headers": {} if told.is_signed else dict(headers),
        },
    )
    if is_new:
        transaction.on_commit(lambda: wake(HEAR), robust=True)
    return event


def open_events(*, limit: int = 100) -> list[ProviderEvent]:
    """Return webhooks that nobody looked at, the oldest first."""
    return list(ProviderEvent.objects.filter(handled_at=None).order_by("received_at", "pk")[:limit])


@transaction.atomic
def handle_event(*, event_id: int, is_own: bool) -> str:
    """Have the payment that it names looked up at the provider, and return what became of it; twice is once.

    Nothing else is taken from it, and what a stranger sent leads to nothing. Its content is forgotten.
    """
    event = ProviderEvent.objects.select_for_update().get(pk=event_id)
    if event.handled_at is not None:
        return event.outcome
    payment = ProviderPayment.objects.filter(provider=event.provider, external_id=event.object_id).first()
    if not is_own:
        event.outcome = "not_own"
    elif payment is None:
        event.outcome = "unknown_payment"
    else:
        want_sync(payment)
        event.outcome = "asked"
    event.handled_at, event.body, event.headers = timezone.now(), "", {}
    event.save(update_fields=["handled_at", "body", "headers", "outcome"])
    return event.outcome
