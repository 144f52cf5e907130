"""The life of one table's import: uploaded, looked at, corrected, started, and what is left of it."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import tablib
from django.core.files.base import ContentFile, File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.errors import InvalidInput, InvalidTransition, NotAllowed
from core.models import Job, TableImport, TableImportState
from core.resources.choices import Choices, Shown
from core.resources.transfer import Table, check_table, finished_job, import_table, read_table

if TYPE_CHECKING:
    from core.resources.bulk import BulkResource

logger = logging.getLogger(__name__)

SUFFIXES = {".csv", ".tsv", ".txt", ".xlsx", ".xls", ".ods", ".zip"}
MOST_CORRECTIONS = 2_000  # cells; more are quicker corrected in the file
LONGEST = 20_000  # characters of a corrected cell
Reader = Callable[[TableImport, int | None], Table]


def upload_table(
    *, model: str, file: File[bytes], encoding: str, format_code: str, options: Mapping[str, Any], actor: Any
) -> TableImport:
    """Keep a file of the table ``model`` ("catalog.variant") and return its import in preview.

    ``options``: blanks "keep" or "clear", mode "rows" or "all", and what a format adds.
    """
    name = PurePath(str(file.name or "file").replace("\\", "/")).name.replace("\x00", "")[-200:]
    suffix = PurePath(name).suffix.lower()
    row = TableImport(
        model=model, filename=name, encoding=encoding, language=get_language() or "", format_code=format_code,
        options=_options(options), owner=actor,
    )  # fmt: skip
    # nothing of the uploader's name reaches the disk but a known suffix
    row.file.save(f"{uuid.uuid4().hex}{suffix if suffix in SUFFIXES else '.bin'}", file, save=False)
    row.save()
    logger.info("table uploaded import=%s model=%s", row.pk, model)
    return row


def discard_table(*, table_import_id: int) -> None:
    """Delete an import that was never run, and its file."""
    row = TableImport.objects.get(pk=table_import_id, state=TableImportState.PREVIEW)
    row.file.delete(save=False)
    row.delete()


def _options(options: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **options,
        "blanks": "clear" if options.get("blanks") == "clear" else "keep",
        "mode": "all" if options.get("mode") == "all" else "rows",
    }


@transaction.atomic
def choose(*, table_import_id: int, options: Mapping[str, Any], actor: Any) -> TableImport:
    """Change what blank cells mean, and whether it is all or nothing.

    Refuses (InvalidTransition) an import that was started, (NotAllowed) somebody else's.
    """
    row = _locked(table_import_id, actor)
    row.options = _options({**row.options, **options})
    row.save(update_fields=["options"])
    return row


@transaction.atomic
def correct(*, table_import_id: int, corrections: Mapping[int, Mapping[str, str]], actor: Any) -> TableImport:
    """Keep corrected cells (row index -> column of the file -> text) over those of the file.

    Refuses (InvalidTransition) an import that was started, (InvalidInput) too many or too long corrections.
    """
    row = _locked(table_import_id, actor)
    kept = {key: dict(cells) for key, cells in row.corrections.items()}
    for index, cells in corrections.items():
        kept.setdefault(str(index), {}).update(cells)
    if any(len(text) > LONGEST for cells in kept.values() for text in cells.values()):
        raise InvalidInput(_("A corrected cell is longer than %(limit)s characters.") % {"limit": LONGEST})
    if sum(len(cells) for cells in kept.values()) > MOST_CORRECTIONS:
        raise InvalidInput(
            _("So many corrections are made quicker in the file itself. Correct it and upload it again.")
        )
    row.corrections = kept
    row.save(update_fields=["corrections"])
    return row


def _locked(table_import_id: int, actor: Any) -> TableImport:
    row = TableImport.objects.select_for_update().get(pk=table_import_id)
    if row.owner_id != actor.pk:
        raise NotAllowed(_("This import belongs to somebody else."))
    if row.state != TableImportState.PREVIEW:
        raise InvalidTransition(_("This import was started already."))
    return row


def read_import(row: TableImport, limit: int | None = None) -> Table:
    """Return the rows of the import's file as they stand in it; FileRefused when it cannot be read or is gone."""
    if not row.file:
        raise InvalidInput(_("The file is gone. Upload it again."))
    try:
        return read_table(name=str(row.file.name), encoding=row.encoding, language=row.language, limit=limit)
    except FileNotFoundError:
        raise InvalidInput(_("The file is gone. Upload it again.")) from None


def check_import(row: TableImport) -> int:
    """Read the whole file once and return its rows, so that what is wrong with it is said before anything is tried."""
    return check_table(name=str(row.file.name), encoding=row.encoding, language=row.language)


def corrected(row: TableImport, table: Table) -> tablib.Dataset:
    """Return the rows with the corrections that people made over them."""
    dataset = table.dataset
    if not row.corrections:
        return dataset
    places = {header: place for place, header in enumerate(dataset.headers)}
    rows = [list(cells) for cells in dataset]
    for index, cells in row.corrections.items():
        for header, text in cells.items():
            if int(index) < len(rows) and header in places:
                rows[int(index)][places[header]] = text
    return tablib.Dataset(*rows, headers=dataset.headers)


def choices_of(row: TableImport, table: Table, *, shown: Shown | None = None) -> Choices:
    """Return what was chosen for this import."""
    return Choices(clears_blanks=row.clears_blanks, shown=shown or Shown(), numbers=table.numbers, extra=table.extra)


@transaction.atomic
def run_now(
    *, table_import_id: int, resource: BulkResource, read: Reader, title: str, kind: str, actor: Any
) -> TableImport:
    """Import within this request, once however often it is asked for: an import that was started is returned as it is.

    InvalidInput, and the preview stays, for a file that is wrong as a whole and for a refused row where it is all or
    nothing.
    """
    row = TableImport.objects.select_for_update().get(pk=table_import_id)
    if row.state != TableImportState.PREVIEW:
        return row
    row.job = finished_job(kind=kind, title=title, parameters={"table_import": row.pk}, actor=actor)
    row.started_at = timezone.now()
    refused = _import(row, resource, read, actor)
    if row.state == TableImportState.PREVIEW:
        raise InvalidInput(row.error)
    row.job.outcome = dict(row.counts)
    if refused:
        row.job.file.save("refused.csv", ContentFile(refused), save=False)
    row.job.save(update_fields=["outcome", "file"])
    return row


@transaction.atomic
def queue(*, table_import_id: int, enqueue: Callable[[], Job]) -> TableImport:
    """Leave the import to a worker, once however often it is asked for; ``enqueue`` makes the job."""
    row = TableImport.objects.select_for_update().get(pk=table_import_id)
    if row.state != TableImportState.PREVIEW:
        return row
    row.state, row.job = TableImportState.QUEUED, enqueue()
    row.save(update_fields=["state", "job"])
    return row


def run_queued(*, table_import_id: int, resource: BulkResource, read: Reader, actor: Any) -> tuple[TableImport, bytes]:
    """Import what was queued; return it with the file of the refused rows. After a kill it may run again.

    1. "running" is committed first, for people to see. 2. The import, its counts and "done" are one transaction.
    """
    open_states = [TableImportState.QUEUED, TableImportState.RUNNING, TableImportState.FAILED]
    waiting = TableImport.objects.filter(pk=table_import_id, state__in=open_states)
    waiting.update(state=TableImportState.RUNNING, started_at=timezone.now(), error="")
    with transaction.atomic():
        row = TableImport.objects.select_for_update().get(pk=table_import_id)
        refused = _import(row, resource, read, actor) if row.state == TableImportState.RUNNING else b""
    return row, refused


def fail(*, table_import_id: int, error: str) -> None:
    """Say why an import that was under way has failed; one that ended otherwise stays as it is."""
    under_way = [TableImportState.QUEUED, TableImportState.RUNNING]
    TableImport.objects.filter(pk=table_import_id, state__in=under_way).update(
        state=TableImportState.FAILED, error=error, finished_at=timezone.now()
    )


def _import(row: TableImport, resource: BulkResource, read: Reader, actor: Any) -> bytes:
    table = read(row, None)
    choices = replace(choices_of(row, table), table_import=row.pk)
    counts, refused = import_table(
        resource=resource, dataset=corrected(row, table), row=row, choices=choices, actor=actor
    )
    is_refused = row.is_all_or_nothing and counts["refused"]
    row.state = TableImportState.PREVIEW if is_refused else TableImportState.DONE
    row.error = _("A row was refused, so nothing was imported. Correct it and import again.") if is_refused else ""
    row.counts, row.finished_at = counts, timezone.now()
    row.save(update_fields=["state", "error", "counts", "job", "started_at", "finished_at"])
    return refused


def shown_headers(dataset: tablib.Dataset, headers: Sequence[str]) -> list[str]:
    """Return those of the diff's headers that the file has a column for, in the file's order."""
    known = set(headers)
    return [header for header in dataset.headers if header in known]
