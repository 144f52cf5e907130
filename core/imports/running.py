"""From staged rows to their outcomes, chunk by chunk; a kill at any point loses nothing and doubles nothing."""

import json
import logging
from collections.abc import Callable

from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.copying import array_literal
from core.errors import NotAllowed
from core.garbage import rare_collections
from core.imports.errors import FileRefused
from core.imports.reading import check_complete, shaper_of
from core.imports.reasons import Reason, sentence
from core.imports.shaping import Shaper
from core.imports.staging import stage
from core.imports.targets import Chunk, Result, has_right, target_of
from core.jobs import JobRun, job
from core.models import ImportBatch, ImportRow, ImportState, RowOutcome
from core.origins import Origin, coming_from

logger = logging.getLogger(__name__)

JOB = "core.import_file"
WAITED_TOO_LONG = {"55P03", "40P01"}  # lock_not_available, deadlock_detected
ATTEMPTS = 10
Progress = Callable[[int, int], None]


@job(JOB, label=_("Import of a file"))
def import_file(run: JobRun) -> dict[str, int]:
    """Run one import as a job and return its rows by outcome; started again after a crash it goes on."""
    batch_id = int(run.parameters["batch"])
    try:
        return dict(run_import(batch_id=batch_id, progress=run.progress).counts)
    except Exception as error:
        if not isinstance(error, DatabaseError):
            ImportBatch.objects.filter(pk=batch_id, state=ImportState.IMPORTING).update(state=ImportState.FAILED)
        raise


def run_import(*, batch_id: int, progress: Progress | None = None) -> ImportBatch:
    """Import all pending rows of a started batch and return it, ``done`` or ``refused``; called again it goes on.

    1. All rows are staged first. 2. Each chunk is one transaction: lock the batch, write the documents, note the
    outcomes. 3. A document that fails for an unforeseen reason is refused alone; a lost database ends the run, which
    goes on where it stopped. ``progress`` is told (rows done, rows).

    NotAllowed, with the batch ``failed``, when who uploaded or started it has lost the right to since.
    """
    batch = ImportBatch.objects.select_related("format", "created_by", "job__owner").get(pk=batch_id)
    if batch.state in {ImportState.DONE, ImportState.REFUSED}:
        return batch
    _ask_again(batch)
    batch.state = ImportState.IMPORTING
    batch.save(update_fields=["state"])
    try:
        check_complete(batch)
        if batch.chunk_count is None:
            stage(batch, progress=progress)
    except FileRefused as error:
        return _close(batch, ImportState.REFUSED, problem=error.reason)
    shaper = shaper_of(batch)
    done = batch.row_count - ImportRow.objects.filter(batch=batch, outcome=RowOutcome.PENDING).count()
    with rare_collections(), coming_from(Origin.FILE, batch.pk):
        for chunk in _pending_chunks(batch):
            done += _run_patiently(batch, shaper, chunk)
            if progress is not None:
                progress(done, batch.row_count)
    with transaction.atomic(), coming_from(Origin.FILE, batch.pk):
        target_of(batch.target).finish(batch=batch, actor=batch.created_by)
    return _close(batch, ImportState.DONE)


def _ask_again(batch: ImportBatch) -> None:
    """Refuse to write in the name of people who may no longer do so: a job may run long after it was asked for."""
    people = [batch.created_by, batch.job.owner if batch.job else None]
    if all(has_right(batch.target, person) for person in people):
        return
    is_closed = any(person is not None and not person.is_active for person in people)
    reason: Reason = {"code": "account_closed" if is_closed else "right_lost"}
    _close(batch, ImportState.FAILED, problem=reason)
    raise NotAllowed(sentence(reason))


def _pending_chunks(batch: ImportBatch) -> list[int]:
    pending = ImportRow.objects.filter(batch=batch, outcome=RowOutcome.PENDING)
    return list(pending.order_by("chunk").values_list("chunk", flat=True).distinct())


def _run_patiently(batch: ImportBatch, shaper: Shaper, chunk: int) -> int:
    """Run a chunk; one that waited too long for another import's locks, or fell into a deadlock, is run anew."""
    for _attempt in range(ATTEMPTS - 1):
        try:
            return _run_chunk(batch, shaper, chunk)
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") not in WAITED_TOO_LONG:
                raise
            logger.warning("import waits for another one batch=%s chunk=%s", batch.pk, chunk)
    return _run_chunk(batch, shaper, chunk)


def _run_chunk(batch: ImportBatch, shaper: Shaper, chunk: int) -> int:
    """Import one chunk in one transaction and return its number of rows; 0 when another process has done it."""
    with transaction.atomic():
        ImportBatch.objects.select_for_update(of=("self",)).only("pk").get(pk=batch.pk)
        rows = list(
            ImportRow.objects.filter(batch=batch, chunk=chunk, outcome=RowOutcome.PENDING)
            .order_by("number")
            .values_list("number", "raw")
        )
        if rows:
            shaped = shaper.shape(rows, documents_of(shaper, rows))
            _note(batch, shaped, write_safely(batch, shaped))
    return len(rows)


def documents_of(shaper: Shaper, rows: list[tuple[int, list[str]]]) -> list[str]:
    """Return the document of each row; an empty cell carries the one above where the format says so."""
    documents: list[str] = []
    for _number, raw in rows:
        document = shaper.document(raw)
        if not document and shaper.definition.carries_document and documents:
            document = documents[-1]
        documents.append(document)
    return documents


def write_safely(batch: ImportBatch, chunk: Chunk) -> list[Result]:
    """Write a chunk; when something unforeseen fails, find the documents at fault by halving and refuse only those."""
    try:
        with transaction.atomic():
            return target_of(batch.target).write(chunk, batch=batch, actor=batch.created_by)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        groups = list(dict.fromkeys(chunk.documents))
        if len(groups) == 1:
            logger.exception("document not imported batch=%s row=%s", batch.pk, chunk.numbers[0])
            reason = {"code": "unexpected", "name": type(error).__name__}
            return [Result(outcome=RowOutcome.REFUSED, reasons=[reason]) for _n in chunk.numbers]
        results: dict[int, Result] = {}
        for half in (groups[: len(groups) // 2], groups[len(groups) // 2 :]):
            part = _part(chunk, set(half))
            results.update(zip(part.numbers, write_safely(batch, part), strict=True))
        return [results[number] for number in chunk.numbers]


def _part(chunk: Chunk, documents: set[str]) -> Chunk:
    kept = [i for i, document in enumerate(chunk.documents) if document in documents]
    return Chunk(
        numbers=[chunk.numbers[i] for i in kept],
        documents=[chunk.documents[i] for i in kept],
        values={name: [column[i] for i in kept] for name, column in chunk.values.items()},
        problems=[chunk.problems[i] for i in kept],
    )


def _note(batch: ImportBatch, chunk: Chunk, results: list[Result]) -> None:
    """Write the outcomes of a chunk's rows in one statement."""
    columns = (
        chunk.numbers,
        [result.outcome.value for result in results],
        [result.kind for result in results],
        [result.reference[:80] for result in results],
        [result.object_id for result in results],
        [json.dumps(result.reasons, ensure_ascii=False) if result.reasons else None for result in results],
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE core_importrow r SET outcome = v.outcome, kind = v.kind, reference = v.reference,"
            " object_id = v.object_id, reason = v.reason::jsonb"
            " FROM unnest(%s::int[], %s::text[], %s::text[], %s::text[], %s::bigint[], %s::text[])"
            " AS v(number, outcome, kind, reference, object_id, reason)"
            " WHERE r.batch_id = %s AND r.number = v.number",
            [*(array_literal(column) for column in columns), batch.pk],
        )


def _close(batch: ImportBatch, state: ImportState, *, problem: Reason | None = None) -> ImportBatch:
    batch.state = state
    batch.problem = problem
    batch.finished_at = timezone.now()
    batch.counts = dict(
        ImportRow.objects.filter(batch=batch).order_by().values_list("outcome").annotate(count=Count("pk"))
    )
    batch.save(update_fields=["state", "problem", "finished_at", "counts"])
    logger.info("import closed batch=%s state=%s rows=%s", batch.pk, state.value, batch.row_count)
    return batch
