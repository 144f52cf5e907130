"""Taking an import back: each cell that still holds what the import wrote, each new row that nobody uses or changed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import InvalidInput, InvalidTransition
from core.events import record
from core.models import Job, JobState, TableChange, TableChangeState, TableImport, TableImportState
from core.resources.composite import CompositeResource
from core.resources.events import TableUndone
from core.resources.parts import BulkPart
from core.resources.taking_back import TakingBack

if TYPE_CHECKING:
    from core.resources.bulk import BulkResource

logger = logging.getLogger(__name__)
REASON_LENGTH = 3


@transaction.atomic
def undo_table_import(*, table_import_id: int, resource: BulkResource, reason: str, actor: Any) -> TableImport:
    """Take back what the import wrote, the last part first; return it with the number of undone and conflicting rows.

    1. The import's row is locked, so of two who press at once the second is refused; one transaction, so a kill
       half-way leaves everything as it was.
    2. A cell goes back only if it still holds what was imported; a created row goes if it is unchanged and nobody
       refers to it. What does not go back is a conflict: it stays, and the change says what stands there.
    3. The caller has checked that the person may import this table; rows out of reach of ``resource`` stay.

    Refuses (InvalidTransition) an import that is not done, was undone before, or whose undo data was deleted;
    (InvalidInput) an undo without a reason.
    """
    row = TableImport.objects.select_for_update().get(pk=table_import_id)
    _check(row, reason)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '10min'")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a refusal has to name the row, not the transaction
    parts = row.changes.order_by("-part", "table").values_list("part", "table").distinct()
    for number, table in list(parts):
        _take_back(row, number, table, resource, actor)
    told = row.changes.aggregate(
        undone=Count("id", filter=Q(state=TableChangeState.UNDONE)),
        conflicts=Count("id", filter=Q(state=TableChangeState.CONFLICT)),
    )
    row.counts = {**row.counts, **told}
    row.state = TableImportState.PARTLY_UNDONE if told["conflicts"] else TableImportState.UNDONE
    row.undone_at, row.undone_by, row.undo_reason = timezone.now(), actor, reason.strip()[:200]
    row.save(update_fields=["counts", "state", "undone_at", "undone_by", "undo_reason"])
    event = TableUndone(table=str(resource.get_display_name()), reason=row.undo_reason, **told)
    record(event, subject=row, actor=actor)
    logger.info("table import undone import=%s counts=%s", row.pk, told)
    return row


def _check(row: TableImport, reason: str) -> None:
    if row.state in {TableImportState.UNDONE, TableImportState.PARTLY_UNDONE}:
        raise InvalidTransition(_("This import was undone already."))
    if row.purged_at is not None:
        raise InvalidTransition(_("This import is too old to be undone: what it changed is not known any more."))
    if row.state != TableImportState.DONE:
        raise InvalidTransition(_("Only an import that is done can be undone."))
    if len(reason.strip()) < REASON_LENGTH:
        raise InvalidInput(_("Say why the import is undone."))


def _take_back(row: TableImport, number: int, table: str, resource: BulkResource, actor: Any) -> None:
    changes = row.changes.filter(part=number, table=table)
    part = None
    if isinstance(resource, CompositeResource):
        part = next((part for part in resource.parts if part.label == table), None)
        if part is None:
            changes.update(state=TableChangeState.CONFLICT, note="unknown")
            return
    if part is not None and not isinstance(part, BulkPart):
        newest_first = list(changes.order_by("-row_no", "-id"))
        part.undo(newest_first, actor)
        TableChange.objects.bulk_update(newest_first, ["state", "conflicts", "note"], batch_size=1000)
        return
    owner = part.made(resource.user) if part is not None else resource
    for ids in _waves(changes.values_list("id", "object_id").order_by("-id")):
        TakingBack(owner, ids).run()


def _waves(changes: Iterable[tuple[int, int]]) -> Iterator[list[int]]:
    """Yield the changes in sets in which no object occurs twice, the newest change of each first."""
    waves: list[list[int]] = []
    seen: dict[int, int] = {}
    for pk, object_id in changes:
        wave = seen[object_id] = seen.get(object_id, -1) + 1
        if wave == len(waves):
            waves.append([])
        waves[wave].append(pk)
    yield from waves


@transaction.atomic
def queue_undo(*, table_import_id: int, reason: str, enqueue: Callable[[], Job]) -> Job:
    """Leave the undoing of a large import to a worker, once however often it is asked for; refuses as the undo."""
    row = TableImport.objects.select_for_update().get(pk=table_import_id)
    _check(row, reason)
    if row.undo_job is None or row.undo_job.state not in {JobState.QUEUED, JobState.RUNNING}:
        row.undo_job = enqueue()
        row.save(update_fields=["undo_job"])
    return row.undo_job
