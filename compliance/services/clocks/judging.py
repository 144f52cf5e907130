"""Looking at the clocks: what comes near and what is missed is said once."""

from collections import defaultdict
from datetime import datetime

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone

from compliance.events import ClockBreached
from compliance.models import LegalClock
from compliance.selectors.clocks import SOON
from compliance.services.clocks.telling import tell_missed, tell_near
from core.events import Event, record_many

BATCH = 500


@transaction.atomic
def judge_clocks(*, now: datetime | None = None, limit: int = BATCH) -> int:
    """Note up to ``limit`` duties that were missed since the last look, and return how many.

    A missed duty stands in the timeline of its subject once, and rings the bell of who keeps it once, whoever looks
    and however often; rows that another worker holds are left to it. The work list needs no judging: it reads the
    clocks themselves.
    """
    moment = now or timezone.now()
    rows = LegalClock.objects.select_for_update(no_key=True, skip_locked=True, of=("self",)).select_related("rule")
    missed = list(rows.running().duties().filter(due_at__lt=moment, breached_at=None).order_by("due_at", "pk")[:limit])
    if not missed:
        return 0
    facts: dict[int, list[tuple[Event, int]]] = defaultdict(list)
    for clock in missed:
        clock.breached_at = moment
        fact = ClockBreached(
            clock_id=clock.pk,
            duty=clock.rule.duty,
            amount=clock.amount or 0,
            currency=clock.currency,
            has_interest=clock.rule.interest_percent is not None,
        )
        facts[clock.subject_type_id].append((fact, clock.subject_id))
    LegalClock.objects.bulk_update(missed, ["breached_at"])
    for subject_type_id, found in facts.items():
        model = ContentType.objects.get_for_id(subject_type_id).model_class()
        if model is not None:
            record_many(found, model=model)
    tell_missed(missed)
    return len(missed)


@transaction.atomic
def warn_of_clocks(*, now: datetime | None = None, limit: int = BATCH) -> int:
    """Ring the bell for up to ``limit`` duties that end within two days, and return how many; each clock once."""
    moment = now or timezone.now()
    rows = LegalClock.objects.select_for_update(no_key=True, skip_locked=True, of=("self",)).select_related("rule")
    soon = rows.running().duties().filter(due_at__gte=moment, due_at__lte=moment + SOON, warned_at=None)
    clocks = list(soon.order_by("due_at", "pk")[:limit])
    if not clocks:
        return 0
    LegalClock.objects.filter(pk__in=[clock.pk for clock in clocks]).update(warned_at=moment)
    tell_near(clocks)
    return len(clocks)
