"""Requests of persons concerned for a screen: what would become of their records, what did, what they can be told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from privacy.models import DataRequest, Outcome, RecordDecision, RequestKind, RequestState
from privacy.policies import outcome_of
from privacy.records import class_label, record_classes


@dataclass(frozen=True, kw_only=True)
class ClassRow:
    """One class of records: what becomes of it, by which rule, until when, and whether that was done."""

    label: str
    outcome: Outcome
    count: int
    keep_until: date | None
    rule: str
    source: str
    is_verified: bool
    blocked: str = ""
    done_at: datetime | None = None
    restricted_id: int | None = None
    destroyed_at: datetime | None = None


def expected_rows(request: DataRequest) -> list[ClassRow]:
    """Return what would become of each class if an open erasure was decided now; what is in use says so.

    Classes that hold nothing are left out.
    """
    model = request.subject_type.model_class()
    if model is None:
        return []
    today = timezone.localdate()
    rows = []
    for one in record_classes(model):
        held = one.holding(request.subject_id, today)
        if not held.count:
            continue
        outcome = outcome_of(held, today)
        is_kept = outcome != Outcome.DESTROYED
        rows.append(
            ClassRow(
                label=str(one.label),
                outcome=outcome,
                count=held.count,
                keep_until=held.keep_until if is_kept else None,
                rule=held.rule if is_kept else "",
                source=held.source if is_kept else "",
                is_verified=held.is_verified,
                blocked=held.blocked,
            )
        )
    return rows


def decided_rows(request: DataRequest) -> list[ClassRow]:
    """Return what was decided for each class, and what was done: the receipt. One statement."""
    return [_decided(row) for row in request.decisions.select_related("restricted").order_by("pk")]


def _decided(row: RecordDecision) -> ClassRow:
    store = getattr(row, "restricted", None)
    return ClassRow(
        label=class_label(row.record_class),
        outcome=Outcome(row.outcome),
        count=row.row_count,
        keep_until=row.keep_until,
        rule=row.rule,
        source=row.source,
        is_verified=row.is_verified,
        done_at=row.done_at,
        restricted_id=store.pk if store and store.destroyed_at is None else None,
        destroyed_at=store.destroyed_at if store else None,
    )


def letter_of(request: DataRequest, rows: Sequence[ClassRow]) -> str:
    """Return what the person can be told about an erasure that ended: what is gone, what is kept, why, until when."""
    if request.kind != RequestKind.ERASURE or request.state != RequestState.DONE:
        return ""
    gone = [row.label for row in rows if row.outcome == Outcome.DESTROYED]
    kept = [row for row in rows if row.outcome != Outcome.DESTROYED]
    lines = [_("Your request %(number)s is carried out.") % {"number": request.number}]
    if gone:
        lines.append(_("Destroyed: %(what)s.") % {"what": ", ".join(gone)})
    lines += [
        _("Kept apart until %(day)s, because the law wants it: %(what)s (%(rule)s).")
        % {"day": row.keep_until, "what": row.label, "rule": row.rule}
        for row in kept
    ]
    if kept:
        lines.append(
            _("Nobody uses what is kept for anything else; it is destroyed after its day without another word.")
        )
    return "\n".join(lines)


def open_request_count() -> tuple[int, int]:
    """Return how many requests wait for an answer, and how many of these are late; one statement."""
    waiting = list(
        DataRequest.objects.filter(state__in=[RequestState.OPEN, RequestState.DECIDED]).values_list("due_at", flat=True)
    )
    now = timezone.now()
    return len(waiting), sum(1 for due_at in waiting if due_at and due_at < now)
