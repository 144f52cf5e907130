"""Deadlines end: by what happened, by money that covers what is owed, or by a person with evidence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from compliance.events import ClockStopped
from compliance.models import ClockEvent, LegalClock
from compliance.policies import can_stop_clocks
from compliance.selectors.reckoning import days_late, interest
from core.errors import Conflict, InvalidInput, NotAllowed
from core.events import Event, record_many
from staff.models import User

_STOPPED = ["stopped_at", "evidence", "settled", "late_amount_days", "breach_cost"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """When it happened, and by what it can be shown (the number of a document, a note)."""

    at: datetime
    evidence: str


@transaction.atomic
def stop_clocks(
    *, event: ClockEvent, model: type[models.Model], stops: Mapping[int, Stop], actor: User | None = None
) -> int:
    """Stop what this event stops for many subjects (by id) of one model, and return how many clocks ended.

    A clock that is stopped keeps its first stop. What was late is told in the timeline of its subject, with its cost.
    """
    if not stops:
        return 0
    rows = LegalClock.objects.select_for_update(no_key=True, of=("self",)).select_related("rule")
    clocks = list(
        rows.running()
        .filter(subject_type=ContentType.objects.get_for_model(model), subject_id__in=stops, rule__stops_by=event)
        .order_by("pk")
    )
    if not clocks:
        return 0
    for clock in clocks:
        _end(clock, stops[clock.subject_id])
    LegalClock.objects.bulk_update(clocks, _STOPPED, batch_size=500)
    _record([clock for clock in clocks if _lateness(clock)], actor)
    return len(clocks)


@transaction.atomic
def settle_clocks(
    *,
    clock_ids: Sequence[int],
    amount: int,
    stop: Stop,
    actor: User | None = None,
) -> int:
    """Give money (minor units) to clocks of one currency, the earliest due first; return what is left of it.

    What is owed less what was given goes on running, and each piece bears the interest of its own days. A clock whose
    amount is covered stops.
    """
    left = amount
    rows = LegalClock.objects.select_for_update(no_key=True, of=("self",)).select_related("rule")
    clocks = list(rows.running().filter(pk__in=clock_ids, amount__isnull=False).order_by("due_at", "pk"))
    touched = []
    for clock in clocks:
        part = min(left, (clock.amount or 0) - clock.settled)
        if part <= 0:
            break
        left -= part
        at = max(stop.at, clock.started_at)
        clock.settled += part
        clock.late_amount_days += part * days_late(clock.due_at, at, clock.country)
        if clock.settled == clock.amount:
            _end(clock, stop)
        touched.append(clock)
    LegalClock.objects.bulk_update(touched, _STOPPED)
    _record([clock for clock in touched if clock.stopped_at and _lateness(clock)], actor)
    return left


@transaction.atomic
def stop_clock(*, clock_id: int, evidence: str, at: datetime | None = None, actor: User | None = None) -> LegalClock:
    """Stop one clock by hand with what proves it, and return it.

    InvalidInput without evidence or for a moment before its start or in the future; Conflict when it is stopped;
    NotAllowed without the right.
    """
    if actor is not None and not can_stop_clocks(actor):
        raise NotAllowed(_("Your role does not include this. Ask an administrator if you need it."))
    clock = lock_clock(clock_id)
    moment = at or timezone.now()
    if not evidence.strip():
        raise InvalidInput(_("Say what proves it: a number, a document, a link."))
    if not clock.started_at <= moment <= timezone.now():
        raise InvalidInput(_("That moment lies before the start or in the future."))
    _end(clock, Stop(at=moment, evidence=evidence.strip()[:300]))
    clock.save(update_fields=_STOPPED)
    _record([clock], actor)
    return clock


def lock_clock(clock_id: int) -> LegalClock:
    """Return a clock that runs, locked. InvalidInput when there is none; Conflict when it is stopped."""
    rows = LegalClock.objects.select_for_update(no_key=True, of=("self",)).select_related("rule")
    clock = rows.filter(pk=clock_id).first()
    if clock is None:
        raise InvalidInput(_("This deadline is gone. Reload the page."))
    if clock.stopped_at is not None:
        raise Conflict(_("This deadline is over already. Reload the page."))
    return clock


def _end(clock: LegalClock, stop: Stop) -> None:
    """Stop the clock; what of the amount is not yet settled is settled now."""
    at = max(stop.at, clock.started_at)
    clock.stopped_at, clock.evidence = at, stop.evidence[:300]
    if clock.amount is None:
        return
    clock.late_amount_days += (clock.amount - clock.settled) * days_late(clock.due_at, at, clock.country)
    clock.settled = clock.amount
    clock.breach_cost = interest(int(clock.late_amount_days), clock.rule.interest_percent)


def _lateness(clock: LegalClock) -> int:
    return days_late(clock.due_at, clock.stopped_at, clock.country) if clock.stopped_at else 0


def _record(clocks: Sequence[LegalClock], actor: User | None) -> None:
    by_type: dict[int, list[tuple[Event, int]]] = {}
    for clock in clocks:
        fact = ClockStopped(
            clock_id=clock.pk,
            duty=clock.rule.duty,
            days_late=_lateness(clock),
            cost=clock.breach_cost or 0,
            currency=clock.currency,
            evidence=clock.evidence,
        )
        by_type.setdefault(clock.subject_type_id, []).append((fact, clock.subject_id))
    for subject_type_id, facts in by_type.items():
        model = ContentType.objects.get_for_id(subject_type_id).model_class()
        if model is not None:
            record_many(facts, model=model, actor=actor)
