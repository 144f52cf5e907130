"""Segments written, used and taken out of the house."""

import csv
import io
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import InvalidInput, NotAllowed
from core.events import record
from core.jobs import JobResult, JobRun, enqueue, job, owner_of
from core.masking import mask_name
from core.models import Job
from core.taking import MOST_IDS, note_file_taken
from crm.conditions import customers_in, tree_condition
from crm.events import SegmentChanged, SegmentExported, SegmentUsed
from crm.models import Segment, SegmentMember, SegmentSnapshot
from crm.policies import SEES_NAMES, can_change_segments, can_export_segments, can_use_segments
from customers.models import Customer
from staff.models import Topic, User
from staff.services.notifications.notifying import Telling, notify_many

KIND = "crm.segment_export"
REASON = "segment_review"  # as staff.selectors.notifications says it


@transaction.atomic
def save_segment(
    *,
    name: str,
    purpose: str,
    owner: User,
    review_on: date,
    tree: Mapping[str, Any] | None = None,
    segment_id: int | None = None,
    actor: User | None,
) -> Segment:
    """Write a segment, a new one without ``segment_id``, and return it; ``tree`` None leaves its conditions.

    InvalidInput for no purpose or conditions that mean nothing; NotAllowed without the right.
    """
    if not can_change_segments(actor):
        raise NotAllowed(_("You may not write segments."))
    if not purpose.strip():
        raise InvalidInput(_("Write what the segment is for."))
    if tree:
        tree_condition(tree)
    segment = Segment.objects.select_for_update().get(pk=segment_id) if segment_id else Segment()
    segment.name, segment.purpose, segment.owner, segment.review_on = name, purpose.strip(), owner, review_on
    if tree is not None:
        segment.tree = dict(tree)
    segment.save()
    record(SegmentChanged(segment_id=segment.pk), subject=segment, actor=actor)
    return segment


@transaction.atomic
def take_snapshot(*, segment_id: int, used_for: str, actor: User | None) -> SegmentSnapshot:
    """Keep who is in a segment now, and what for, and return that; later changes of the segment leave it alone.

    InvalidInput for no reason or no conditions; NotAllowed without the right.
    """
    if not can_use_segments(actor):
        raise NotAllowed(_("You may not use segments."))
    return _snapshot(segment_id, used_for, actor)


@transaction.atomic
def export_segment(*, segment_id: int, reason: str, in_full: bool = False, address: str = "", actor: User) -> Job:
    """Have the people of a segment written into a file, as a job of the actor; the reason is kept with the snapshot.

    InvalidInput for no reason; NotAllowed without the right to export, or to names in full. Names are masked unless
    asked for in full: then the file stands in the download register, with ``address`` of the request. Contact data is
    never in the file: it is read at the second of sending, with the consent.
    """
    if not can_export_segments(actor):
        raise NotAllowed(_("You may not export segments."))
    if in_full and not actor.has_perm(SEES_NAMES):
        raise NotAllowed(_("You may not export names in full."))
    taken = _snapshot(segment_id, reason, actor)
    fact = SegmentExported(segment_id=segment_id, count=taken.customer_count, reason=taken.used_for)
    record(fact, subject=taken.segment, actor=actor)
    job = enqueue(
        kind=KIND,
        title=_("Export of the segment %(name)s") % {"name": taken.segment.name},
        parameters={"snapshot": taken.pk, "in_full": in_full},
        owner=actor,
    )
    if in_full:
        whose = taken.members.order_by("customer_id").values_list("customer_id", flat=True)[:MOST_IDS]
        note_file_taken(
            subject=job, table=_("Segment %(name)s") % {"name": taken.segment.name}, rows=taken.customer_count,
            columns=["name"], whose=whose, reason=taken.used_for, address=address, actor=actor,
        )  # fmt: skip
    return job


@transaction.atomic
def tell_of_due_segments(*, today: date) -> int:
    """Tell owners of segments whose review day has come, once for each day that was set, and return how many."""
    due = Segment.objects.filter(review_on__lte=today).order_by("pk")
    tellings = [
        Telling(
            user_id=row.owner_id,
            topic=Topic.STUCK,
            key=f"segment:{row.pk}:{row.review_on}",
            data={"about": f"crm.segment:{row.pk}", "number": row.name, "title": row.purpose[:100], "reason": REASON},
        )
        for row in due
    ]
    return notify_many(tellings=tellings)


@job(KIND, label=gettext_lazy("Export of a segment"))
def write_segment_file(run: JobRun) -> JobResult:
    """Write the members of a snapshot into a file; started again it writes the same one."""
    snapshot = SegmentSnapshot.objects.get(pk=run.parameters["snapshot"])
    owner = owner_of(run)
    in_full = bool(run.parameters["in_full"] and owner and owner.has_perm(SEES_NAMES))  # with the rights of now
    file = io.StringIO()
    rows = csv.writer(file)
    rows.writerow(["customer", "name", "country", "language"])
    members = Customer.objects.filter(segment_memberships__snapshot=snapshot).order_by("pk")
    for pk, name, country, language in members.values_list("pk", "name", "country", "language").iterator():
        rows.writerow([pk, _plain(name if in_full else mask_name(name)), country, language])
    content = file.getvalue().encode("utf-8-sig")
    return JobResult(
        {"customers": snapshot.customer_count}, f"segment-{snapshot.segment_id}-{snapshot.pk}.csv", content
    )


def _plain(text: str) -> str:
    """Keep a spreadsheet from reading a name as a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _snapshot(segment_id: int, used_for: str, actor: User | None) -> SegmentSnapshot:
    if not used_for.strip():
        raise InvalidInput(_("Write what it is used for."))
    segment = Segment.objects.select_for_update().get(pk=segment_id)
    snapshot = SegmentSnapshot.objects.create(
        segment=segment, tree=segment.tree, used_for=used_for.strip()[:300], customer_count=0, taken_by=actor
    )
    sql, parameters = customers_in(segment.tree).values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {SegmentMember._meta.db_table} (snapshot_id, customer_id)"  # noqa: S608 Django's own query
            f" SELECT %s, found.id FROM ({sql}) found(id)",
            [snapshot.pk, *parameters],
        )
        snapshot.customer_count = cursor.rowcount
    snapshot.save(update_fields=["customer_count"])
    used = SegmentUsed(segment_id=segment.pk, count=snapshot.customer_count, used_for=snapshot.used_for)
    record(used, subject=segment, actor=actor)
    return snapshot
