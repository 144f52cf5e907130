"""What the clock does for payments, and the only place that talks with providers. Rows remember what is owed."""

import logging

from celery import shared_task
from django.utils.translation import gettext as _

from core.asking import RefusedError, UnansweredError
from core.schedule import Every, periodic
from payments.adapters.asking import Seen
from payments.adapters.choosing import provider
from payments.models import ProviderPayment
from payments.services.providers.asking import ASK, SYNC
from payments.services.providers.hearing import HEAR, handle_event, open_events
from payments.services.providers.settling import (
    ClaimedCall,
    claim_call,
    due_calls,
    leave_unknown,
    refuse_call,
    settle_call,
)
from payments.services.providers.syncing import expire_authorisations, payments_to_sync, skip_sync, sync_payment

logger = logging.getLogger(__name__)


@shared_task(name="payments.ask_providers")
def ask_providers() -> int:
    """Ask what waits and look up what was never answered; return how many were settled.

    Twice is harmless: one worker claims a question, it goes out under its own key, and what the provider did is
    written once.
    """
    return sum(_ask(call_id) for call_id in due_calls())


def _ask(call_id: int) -> bool:
    claimed = claim_call(call_id=call_id)
    if claimed is None:
        return False
    try:
        step = _answer(claimed)
    except UnansweredError as error:
        logger.warning("provider did not answer call=%s provider=%s why=%s", call_id, claimed.provider, error)
        leave_unknown(call_id=call_id, error=str(error))
        return False
    except RefusedError as error:
        logger.warning("provider refused call=%s provider=%s why=%s", call_id, claimed.provider, error.code)
        return refuse_call(call_id=call_id, code=error.code)
    return settle_call(call_id=call_id, step=step)


def _answer(claimed: ClaimedCall) -> Seen:
    """Return what the provider did: after a lost answer look first, then ask again under the same key."""
    client = provider(claimed.provider)
    if not claimed.is_first:
        try:
            seen = claimed.answer_in(client.fetch(claimed.ask.payment).steps)
        except RefusedError as error:  # only the looking was refused
            raise UnansweredError(error.code) from None
        if seen is not None:
            return seen
    return client.perform(claimed.ask)


@shared_task(name="payments.sync_payments")
def sync_payments() -> int:
    """Ask providers about payments that webhooks or people named; twice is harmless: known steps are skipped."""
    done = 0
    for payment_id in payments_to_sync():
        payment = ProviderPayment.objects.get(pk=payment_id)
        try:
            snapshot = provider(payment.provider).fetch(payment.external_id)
        except UnansweredError as error:
            logger.warning("provider did not tell payment=%s why=%s", payment_id, error)
            continue
        except RefusedError as error:
            skip_sync(payment_id=payment_id, problem=_("The provider says: %(code)s") % {"code": error.code})
            continue
        sync_payment(payment_id=payment_id, snapshot=snapshot)
        done += 1
    return done


@shared_task(name="payments.handle_events")
def handle_events() -> int:
    """Look at what providers told; twice is harmless: an event is handled once, and only leads to asking."""
    done = 0
    for event in open_events():
        try:
            is_own = provider(event.provider).verify_event(event.body.encode(), event.headers)
        except UnansweredError as error:
            logger.warning("provider did not verify event=%s why=%s", event.pk, error)
            continue
        except RefusedError:
            is_own = False
        handle_event(event_id=event.pk, is_own=is_own)
        done += 1
    return done


@shared_task(name="payments.expire_authorisations")
def expire() -> int:
    """Count reservations whose time is over as expired; twice is harmless: the second finds none."""
    return expire_authorisations()


periodic(ASK, Every(60))
periodic(SYNC, Every(60))
periodic(HEAR, Every(60))
periodic("payments.expire_authorisations", Every(3600))
