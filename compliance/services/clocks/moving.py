"""Deadlines are moved: only where their rule allows it, never without a reason."""

from datetime import datetime

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from compliance.events import ClockMoved
from compliance.models import Extension, LegalClock
from compliance.policies import can_stop_clocks, is_extendable, is_restartable
from compliance.selectors.reckoning import due_at, end_of, extended, local_day
from compliance.services.clocks.stopping import lock_clock
from core.errors import InvalidInput, InvalidTransition, NotAllowed
from core.events import record_many
from staff.models import User

_MOVED = ["started_at", "due_at", "moved_because", "is_extended", "breached_at"]


@transaction.atomic
def extend_clock(*, clock_id: int, reason: str, until: datetime | None = None, actor: User | None = None) -> LegalClock:
    """Let a clock end later and return it: by what its rule says, or on the agreed day (``until``; its last moment).

    InvalidTransition where the rule allows none (or it was used); InvalidInput without a reason, and for an agreed day
    that is not later; Conflict when it is stopped; NotAllowed without the right.
    """
    _check_right(actor)
    clock = lock_clock(clock_id)
    if not is_extendable(clock):
        raise InvalidTransition(_("The law does not let this deadline be extended."))
    _check_reason(reason)
    if clock.rule.extension == Extension.FIXED:
        due = extended(clock.rule, clock.due_at, clock.country)
    else:
        if until is None:
            raise InvalidInput(_("Say which day was agreed with the customer."))
        due = end_of(local_day(until, clock.country), clock.country)
        if due <= clock.due_at:
            raise InvalidInput(_("The agreed day is not later than the deadline."))
    return _move(clock, clock.started_at, due, reason, is_extended=True, actor=actor)


@transaction.atomic
def restart_clock(*, clock_id: int, at: datetime, reason: str, actor: User | None = None) -> LegalClock:
    """Let a clock begin anew at ``at`` and return it: the customer was hindered, or learned the address only then.

    InvalidTransition where the rule does not know that; InvalidInput without a reason, and for a moment that is not
    later than the start or in the future; Conflict when it is stopped; NotAllowed without the right.
    """
    _check_right(actor)
    clock = lock_clock(clock_id)
    if not is_restartable(clock):
        raise InvalidTransition(_("The law does not let this deadline begin anew."))
    _check_reason(reason)
    if not clock.started_at < at <= timezone.now():
        raise InvalidInput(_("It can only begin anew after its start, and not in the future."))
    return _move(clock, at, due_at(clock.rule, at, clock.country), reason, is_extended=clock.is_extended, actor=actor)


def _check_right(actor: User | None) -> None:
    if actor is not None and not can_stop_clocks(actor):
        raise NotAllowed(_("Your role does not include this. Ask an administrator if you need it."))


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise InvalidInput(_("Say why, with what proves it."))


def _move(
    clock: LegalClock, started_at: datetime, due: datetime, reason: str, *, is_extended: bool, actor: User | None
) -> LegalClock:
    clock.started_at, clock.due_at, clock.is_extended = started_at, due, is_extended
    clock.moved_because = reason.strip()[:300]
    clock.breached_at = None  # judged anew by its new end
    clock.save(update_fields=_MOVED)
    fact = ClockMoved(
        clock_id=clock.pk, duty=clock.rule.duty, until=local_day(due, clock.country).isoformat(), reason=reason.strip()
    )
    model = ContentType.objects.get_for_id(clock.subject_type_id).model_class()
    if model is not None:
        record_many([(fact, clock.subject_id)], model=model, actor=actor)
    return clock
