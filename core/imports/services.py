"""Uploading, mapping, previewing and starting imports (README.md)."""

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _

from core import jobs
from core.errors import InvalidInput, InvalidTransition, NotAllowed
from core.imports.encoding import CHOICES
from core.imports.errors import FileRefused
from core.imports.files import open_rows
from core.imports.reading import check_complete, definition_of, examine, shaper_of
from core.imports.reasons import Reason
from core.imports.running import JOB, documents_of, write_safely
from core.imports.sources import layout_of, local_file
from core.imports.staging import body_of
from core.imports.targets import has_right, target_of
from core.models import ImportBatch, ImportFormat, ImportState, RowOutcome

if TYPE_CHECKING:
    from staff.models import User

logger = logging.getLogger(__name__)

OPEN = {ImportState.UPLOADED, ImportState.PREVIEWED, ImportState.REFUSED}
SCANNED_ROWS = 5_000


def upload_file(*, target: str, file: "File[bytes]", options: Mapping[str, Any], actor: "User | None") -> ImportBatch:
    """Store a file and find out what it is; ``refused`` with its ``problem`` when it cannot be read or lacks columns.

    ``options`` are the target's (for orders: sales_channel, as_history, create_missing_variants) and ``encoding``.
    InvalidInput for an unknown target or impossible options. Reading takes a while: no transaction is open meanwhile.
    """
    _check_right(target, actor)
    target_of(target).setting(dict(options))
    digest = hashlib.sha256()
    for block in file.chunks():
        digest.update(block)
    name = PurePath(str(file.name or "file").replace("\\", "/")).name.replace("\x00", "")[-255:]
    batch = ImportBatch(
        target=target, filename=name, sha256=digest.hexdigest(), options=dict(options), created_by=actor
    )
    # nothing of the uploader's name reaches the disk but a known suffix
    suffix = PurePath(name).suffix.lower()
    stored = f"{digest.hexdigest()[:32]}{suffix if suffix in {'.csv', '.tsv', '.txt', '.xlsx', '.xls'} else '.bin'}"
    file.seek(0)
    batch.file.save(stored, file, save=False)
    _examine(batch)
    batch.save()
    logger.info("file uploaded batch=%s target=%s state=%s", batch.pk, target, batch.state)
    return batch


@transaction.atomic
def set_encoding(*, batch_id: int, encoding: str, actor: "User | None") -> ImportBatch:
    """Read the file in the encoding that a person chose; InvalidInput for one that is not offered."""
    batch = _open_batch(batch_id, actor)
    if encoding not in CHOICES:
        raise InvalidInput(_("Choose one of the encodings offered."))
    batch.options = {**batch.options, "encoding": encoding}
    batch.mapping = {}
    _examine(batch)
    batch.save()
    return batch


@transaction.atomic
def choose_format(*, batch_id: int, format_id: int, actor: "User | None") -> ImportBatch:
    """Read the file through the format that a person chose; its own mapping is forgotten."""
    batch = _open_batch(batch_id, actor)
    batch.format = ImportFormat.objects.get(pk=format_id, target=batch.target)
    batch.mapping = {}
    _recheck(batch)
    batch.save(update_fields=["format", "mapping", "unknown_columns", "state", "problem"])
    return batch


@transaction.atomic
def set_mapping(*, batch_id: int, definition: Mapping[str, Any], actor: "User | None") -> ImportBatch:
    """Read the file by its own mapping (shape: core.imports.definitions).

    InvalidInput for fields that the target does not have, and for columns that the file does not have.
    """
    batch = _open_batch(batch_id, actor)
    target, columns = target_of(batch.target), set(batch.columns)
    known = {f.name for f in target.fields}
    for name, source in definition.get("fields", {}).items():
        if name not in known:
            raise InvalidInput(_("“%(name)s” is not a field of this kind of import.") % {"name": name})
        if isinstance(source, str) and source not in columns:
            raise InvalidInput(_("The file has no column “%(name)s”.") % {"name": source})
    batch.mapping = dict(definition)
    batch.format = None
    _recheck(batch)
    batch.save(update_fields=["format", "mapping", "unknown_columns", "state", "problem"])
    return batch


@transaction.atomic
def save_format(*, batch_id: int, code: str, name: str, actor: "User | None") -> ImportFormat:
    """Keep the mapping of this file as a format for later files; the same code again replaces what it held.

    InvalidInput for the code of a delivered format, or of one for another kind of import.
    """
    batch = ImportBatch.objects.get(pk=batch_id)
    _check_right(batch.target, actor)
    if ImportFormat.objects.filter(code=code, is_builtin=True).exists():
        raise InvalidInput(_("“%(code)s” is the code of a delivered format. Choose another one.") % {"code": code})
    definition = {**definition_of(batch).raw, "code": code, "name": name, "target": batch.target}
    definition["fingerprint"] = [column for column in batch.columns if not column.startswith("#")]
    told = {"name": name, "definition": definition, "created_by": actor}
    saved, is_new = ImportFormat.objects.select_for_update().get_or_create(
        code=code, version="1", defaults={**told, "target": batch.target}
    )
    if saved.target != batch.target:
        raise InvalidInput(
            _("“%(code)s” is the code of a format for another kind of import. Choose another one.") % {"code": code}
        )
    if not is_new:
        for column, value in told.items():
            setattr(saved, column, value)
        saved.save(update_fields=list(told))
    return saved


@dataclass(frozen=True, kw_only=True)
class PreviewRow:
    """One row as it would become."""

    number: int
    raw: list[str]
    values: dict[str, Any]
    outcome: RowOutcome
    kind: str
    reference: str
    reasons: list[Reason]


@dataclass(frozen=True, kw_only=True)
class Preview:
    """The first rows as they would become, and every row known to be refused.

    Either its cells are unusable, looked at in the first ``scanned`` rows, or the target refuses it, tried on ``rows``.
    """

    columns: list[str]
    fields: dict[str, str]  # field -> column(s), as read
    rows: list[PreviewRow]
    scanned: int
    refused_rows: list[tuple[int, list[Reason]]] = field(default_factory=list)  # (row number, reasons), in their order
    missing: list[str] = field(default_factory=list)
    unknown_columns: list[str] = field(default_factory=list)


def preview(*, batch_id: int, limit: int = 100, actor: "User | None") -> Preview:
    """Show what the first rows would become: they are written for real and rolled back. FileRefused if unreadable."""
    batch = ImportBatch.objects.select_related("format", "created_by").get(pk=batch_id)
    _check_right(batch.target, actor)
    shaper, definition = shaper_of(batch), definition_of(batch)
    missing = shaper.missing()
    read = {name: " + ".join(shaper.columns[p] for p in placed.places) for name, placed in shaper.placed.items()}
    shown: list[PreviewRow] = []
    refused: dict[int, list[Reason]] = {}
    rows: list[tuple[int, list[str]]] = []
    if not missing:
        with local_file(batch) as path, open_rows(path, layout_of(batch)) as opened:
            rows = list(islice(body_of(opened, batch.layout["header_row"]), SCANNED_ROWS))
        everything = shaper.shape(rows, documents_of(shaper, rows))
        refused = {n: p for n, p in zip(everything.numbers, everything.problems, strict=True) if p}
        chunk = shaper.shape(rows[:limit], documents_of(shaper, rows[:limit]))
        with transaction.atomic():
            results = write_safely(batch, chunk)
            transaction.set_rollback(True)
        for index, ((number, raw), result) in enumerate(zip(rows[:limit], results, strict=True)):
            shown.append(
                PreviewRow(
                    number=number,
                    raw=raw,
                    values={name: column[index] for name, column in chunk.values.items()},
                    outcome=result.outcome,
                    kind=result.kind,
                    reference=result.reference,
                    reasons=result.reasons,
                )
            )
        refused.update((row.number, row.reasons) for row in shown if row.outcome == RowOutcome.REFUSED)
        ImportBatch.objects.filter(pk=batch_id, state=ImportState.UPLOADED).update(state=ImportState.PREVIEWED)
    return Preview(
        columns=batch.columns,
        fields=read,
        rows=shown,
        scanned=len(rows),
        refused_rows=sorted(refused.items()),
        missing=missing,
        unknown_columns=definition.unknown(batch.columns),
    )


@transaction.atomic
def start_import(*, batch_id: int, actor: "User | None") -> ImportBatch:
    """Hand the file to a core Job that imports it.

    FileRefused naming missing columns; InvalidTransition when it was refused or has already started.
    """
    batch = _open_batch(batch_id, actor)
    if batch.state == ImportState.REFUSED:
        raise InvalidTransition(_("This file was refused. Choose its columns or upload a corrected file."))
    check_complete(batch)
    batch.state = ImportState.IMPORTING
    batch.job = jobs.enqueue(kind=JOB, title=batch.filename, parameters={"batch": batch.pk}, owner=actor)
    batch.save(update_fields=["state", "job"])
    return batch


def _check_right(target: str, actor: "User | None") -> None:
    if not has_right(target, actor):
        raise NotAllowed(_("Your role does not include this. Ask an administrator if you need it."))


def _open_batch(batch_id: int, actor: "User | None") -> ImportBatch:
    batch = ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch_id)
    _check_right(batch.target, actor)
    if batch.state not in OPEN:
        raise InvalidTransition(_("This import has already started. Upload the file again to import it anew."))
    return batch


def _examine(batch: ImportBatch) -> None:
    try:
        with local_file(batch) as path:
            examine(batch, path)
        if batch.format is not None:
            check_complete(batch)
    except FileRefused as error:
        batch.state, batch.problem = ImportState.REFUSED, error.reason
    else:
        batch.state, batch.problem = ImportState.UPLOADED, None


def _recheck(batch: ImportBatch) -> None:
    batch.unknown_columns = definition_of(batch).unknown(batch.columns)
    try:
        check_complete(batch)
    except FileRefused as error:
        batch.state, batch.problem = ImportState.REFUSED, error.reason
    else:
        batch.state, batch.problem = ImportState.UPLOADED, None
