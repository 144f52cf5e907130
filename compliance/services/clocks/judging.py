"""Looking at the clocks: what comes near and what is missed is said once."""

from collections import defaultdict
from datetime import datetime

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone

from compliance.events import ClockBreached
from compliance.models import LegalClock
from core.events import Event, record_many

BATCH = 500


@transaction.atomic
def judge_clocks(*, now: datetime | None = None, limit: int = BATCH) -> int:
    """Note up to ``limit`` duties that were missed since the last look, and return how many.

    A missed duty stands in the timeline of its subject once, whoever looks and however often; rows that another worker
    holds are left to it. The work list needs no judging: it reads the clocks themselves.
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
    return len(missed)
