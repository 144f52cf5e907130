"""Carrying out what was decided, class by class, and destroying what was kept apart when its day is over."""

import json
from datetime import date

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import NotAllowed
from core.events import record
from privacy.events import DataRequestAnswered
from privacy.locking import current_key
from privacy.models import (
    Access,
    AccessKind,
    AccessReason,
    ConsentSource,
    DataRequest,
    Outcome,
    RecordDecision,
    RequestState,
    RestrictedRecord,
)
from privacy.policies import can_open_restricted
from privacy.records import record_class
from privacy.services.consenting import withdraw_consents
from staff.models import User


@transaction.atomic
def carry_out_decision(*, decision_id: int) -> bool:
    """Move or destroy one class of one person's records; False when it was done already.

    1. The request's row is locked: two workers never carry out the same decision.
    2. What a law keeps is copied into the restricted store, locked; then every name leaves its place.
    3. All of it commits with the tick: killed in the middle, nothing has happened and the next run begins again.
    """
    decision = RecordDecision.objects.select_related("request").get(pk=decision_id)
    request = DataRequest.objects.select_for_update(no_key=True, of=("self",)).get(pk=decision.request_id)
    decision.refresh_from_db()
    known = record_class(decision.record_class)
    if decision.done_at is not None or known is None:
        return False
    if decision.outcome == Outcome.RESTRICTED and decision.row_count:
        contents = json.dumps(known.collect(request.subject_id), ensure_ascii=False, cls=DjangoJSONEncoder)
        until = decision.keep_until or timezone.localdate()  # a constraint says that there is one
        RestrictedRecord.objects.create(decision=decision, contents=contents, keep_until=until)
    if decision.outcome != Outcome.KEPT:
        known.erase(request.subject_id)
    decision.done_at = timezone.now()
    decision.save(update_fields=["done_at"])
    if not request.decisions.filter(done_at=None).exists():
        _end(request)
    return True


def _end(request: DataRequest) -> None:
    """Nobody writes to a person who is forgotten; the proof of their consents stays, without a name."""
    model = request.subject_type.model_class()
    if model is not None:
        withdraw_consents(
            model=model, subject_id=request.subject_id, source=ConsentSource.ERASURE, evidence=request.number
        )
    request.state, request.closed_at = RequestState.DONE, timezone.now()
    request.save(update_fields=["state", "closed_at", "updated_at"])
    fact = DataRequestAnswered(request_id=request.pk, kind=request.kind, granted=True)
    record(fact, subject=request, actor=request.decided_by)


@transaction.atomic
def destroy_due_records(*, today: date, limit: int = 500) -> int:
    """Empty what is kept apart and whose last day is over, at most ``limit``, and return how many; others are skipped.

    What it was and why it was kept stays in its decision: that is the receipt.
    """
    due = RestrictedRecord.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        destroyed_at=None, keep_until__lt=today
    )
    ids = list(due.order_by("keep_until", "pk").values_list("pk", flat=True)[:limit])
    return RestrictedRecord.objects.filter(pk__in=ids).update(contents="", destroyed_at=timezone.now())


@transaction.atomic
def open_restricted_record(*, restricted_id: int, reason: AccessReason, note: str, address: str, actor: User) -> str:
    """Return what is kept apart as JSON; the look is in the log first. NotAllowed without the right."""
    if not can_open_restricted(actor):
        raise NotAllowed(_("You may not open what is kept apart."))
    row = RestrictedRecord.objects.select_related("decision__request").get(pk=restricted_id)
    request = row.decision.request
    Access.objects.create(
        kind=AccessKind.RESTRICTED,
        actor=actor,
        address=address[:45],
        subject_type=request.subject_type,
        subject_id=request.subject_id,
        subject_label=request.subject_label,
        what=row.decision.record_class,
        reason=reason,
        note=note.strip()[:300],
    )
    return str(row.contents)


@transaction.atomic
def relock_restricted_records() -> int:
    """Lock what is kept apart again with the current key, and return how many records were locked with another."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM privacy_restrictedrecord WHERE contents <> '' AND NOT starts_with(contents, %s)",
            [f"v1.{current_key()}."],
        )
        ids = [pk for (pk,) in cursor.fetchall()]
    for row in RestrictedRecord.objects.select_for_update(of=("self",)).filter(pk__in=ids).iterator(chunk_size=100):
        row.save(update_fields=["contents"])
    return len(ids)
