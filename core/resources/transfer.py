"""Importing and exporting whole tables: small ones at once, large ones as a job; each leaves a job row and an event."""

import csv
import io
import logging
import tempfile
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import tablib
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from import_export.results import RowResult

from core.errors import InvalidInput, NotAllowed
from core.events import record
from core.imports.errors import FileRefused
from core.imports.files import Layout, Row, find_layout, open_rows
from core.models import Job, JobState, TableImport
from core.resources.bulk import BulkResource
from core.resources.choices import Choices
from core.resources.events import TableExported, TableImported
from core.resources.held import HeldRows, one_object_each
from core.resources.reading import guard, header_key, unguard
from core.resources.writing import FILE_KINDS

logger = logging.getLogger(__name__)

AT_ONCE = 2_000  # rows; more go to a worker
MOST_ROWS = 200_000  # of one table file; they are held in memory
MOST_IDS = 1000
REASON_LENGTH = 10
ENCODINGS = {"ko": ("cp949",), "ja": ("cp932",)}


@dataclass(frozen=True)
class Table:
    """A file's rows as a dataset, how it was read, and what each row is called in the file."""

    dataset: tablib.Dataset
    layout: Layout
    numbers: Sequence[int] = ()
    extra: dict[str, Any] = field(default_factory=dict)  # what a format adds for the parts of a composite


def read_table(*, name: str, encoding: str = "", language: str = "", limit: int | None = None) -> Table:
    """Read a stored file as a dataset; FileRefused when it cannot be read.

    Legacy Korean and Japanese encodings are tried for people of that language; others choose one. Formula guards of our
    own CSV are undone. ``limit`` rows at most, without it all.
    """
    with _opened(name, encoding, language) as (layout, rows):
        headers, body = _body(rows, undo=layout.kind == "csv")
        shared, numbers = one_object_each(), array("l")
        # within the file: rows are held once, as they come
        dataset = HeldRows(_counted(islice(body, limit), numbers, shared), headers=headers)
    return Table(dataset, layout, numbers)


def _counted(
    body: Iterable[tuple[int, list[str]]], numbers: "array[int]", shared: Callable[[Sequence[str]], tuple[str, ...]]
) -> Iterator[tuple[str, ...]]:
    for number, cells in body:
        numbers.append(number)
        yield shared(cells)


def check_table(*, name: str, encoding: str = "", language: str = "") -> int:
    """Read a stored file to its end without keeping it and return its rows; refuses what ``read_table`` does."""
    with _opened(name, encoding, language) as (layout, rows):
        return sum(1 for _row in _body(rows, undo=layout.kind == "csv")[1])


@contextmanager
def _opened(name: str, encoding: str, language: str) -> Iterator[tuple[Layout, Iterator[Row]]]:
    with default_storage.open(name, "rb") as stored, tempfile.NamedTemporaryFile(suffix=Path(name).suffix) as copy:
        for block in File(stored).chunks():
            copy.write(block)
        copy.flush()
        path = Path(copy.name)
        layout = find_layout(path, encoding=encoding, likely=ENCODINGS.get(language, ()))
        with open_rows(path, layout) as rows:
            yield layout, rows


def _body(rows: Iterator[Row], *, undo: bool) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    """Return the headers, and the filled rows below them with their numbers in the file."""
    filled = ((number, cells) for number, cells in rows if any(cell.strip() for cell in cells))
    texts = ((number, [unguard(cell) for cell in cells] if undo else list(cells)) for number, cells in filled)
    _number, first = next(texts, (0, []))
    headers = _headers(first)
    named = [place for place, header in enumerate(headers) if header.strip()]
    return [headers[place] for place in named], _fitted(texts, max(len(first), len(headers)), named)


def _fitted(rows: Iterator[Row], width: int, named: list[int]) -> Iterator[tuple[int, list[str]]]:
    """Yield the cells of the named columns; refuses cells beyond the header's or below a header without a name."""
    unnamed = sorted(set(range(width)) - set(named))
    for count, (number, cells) in enumerate(rows):
        if count >= MOST_ROWS:
            raise FileRefused("too_many_rows", limit=MOST_ROWS)
        if any(cell.strip() for cell in cells[width:]):
            # an unquoted comma moves every cell after it: what stands in which column is anybody's guess
            raise InvalidInput(
                _("Row %(row)s has more cells than there are columns. Put texts with a comma into quotes.")
                % {"row": number}
            )
        full = (cells + [""] * width)[:width]
        for place in unnamed:
            if full[place].strip():
                raise InvalidInput(
                    _("Column %(column)s has no name. Unmerge the cells of the first row and give each column a name.")
                    % {"column": _letters(place)}
                )
        yield number, [full[place] for place in named] if unnamed else full


def _letters(place: int) -> str:
    """Return a column as spreadsheets call it: A, B, ..., AA."""
    letters = ""
    while place >= 0:
        letters = chr(65 + place % 26) + letters
        place = place // 26 - 1
    return letters


def _headers(cells: list[str]) -> list[str]:
    headers = [text.lstrip("\ufeff") for text in cells]
    while headers and not headers[-1].strip():
        headers.pop()
    if not headers:
        raise FileRefused("empty_file")
    keys = [header_key(header) for header in headers if header.strip()]
    repeated = {header for header in headers if header.strip() and keys.count(header_key(header)) > 1}
    if repeated:
        raise InvalidInput(_("These columns occur twice: %(names)s.") % {"names": ", ".join(sorted(repeated))})
    return headers


def summary(result: Any) -> dict[str, int]:
    """Return the counts of a result under our names."""
    return {
        "created": result.totals[RowResult.IMPORT_TYPE_NEW],
        "updated": result.totals[RowResult.IMPORT_TYPE_UPDATE],
        "unchanged": result.totals[RowResult.IMPORT_TYPE_SKIP],
        "refused": result.totals[RowResult.IMPORT_TYPE_INVALID] + result.totals[RowResult.IMPORT_TYPE_ERROR],
    }


def import_table(
    *, resource: BulkResource, dataset: tablib.Dataset, row: TableImport, choices: Choices, actor: Any
) -> tuple[dict[str, int], bytes]:
    """Import the rows that can be; return the counts and a CSV of the refused ones (empty when there are none).

    Where it is all or nothing and a row is refused, nothing is changed and the counts tell of refused rows only.
    Refuses (InvalidInput) a file that is wrong as a whole; nothing is changed then. NotAllowed where none is taken.
    """
    if not resource.can_import:
        raise NotAllowed(_("Nothing can be imported here."))
    with transaction.atomic():
        result = resource.import_data(
            dataset, use_transactions=True, collect_failed_rows=True, choices=choices,
            rollback_on_validation_errors=row.is_all_or_nothing,
        )  # fmt: skip
        if result.base_errors:
            raise InvalidInput(error_sentence(result.base_errors[0].error))
        counts = summary(result)
        if row.is_all_or_nothing and counts["refused"]:
            counts.update(created=0, updated=0, unchanged=0)
        record(TableImported(table=str(resource.get_display_name()), **counts), subject=row, actor=actor)
    logger.info("table imported model=%s import=%s counts=%s", row.model, row.pk, counts)
    return counts, _refused_file(result) if counts["refused"] else b""


def error_sentence(error: Exception) -> str:
    """Return what people read of an error of the whole file."""
    messages = getattr(error, "messages", None)
    return " ".join(messages) if messages else str(error)


def _refused_file(result: Any) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([guard(str(header)) for header in [*result.failed_dataset.headers[:-1], _("Reason")]])
    for row in result.failed_dataset:
        writer.writerow([guard("" if cell is None else str(cell)) for cell in row])
    return text.getvalue().encode("utf-8-sig")


def check_reason(*, resource: BulkResource, names: Sequence[str], reason: str) -> bool:
    """Tell whether the export shows personal data; refuses (InvalidInput) such an export without a reason."""
    personal = resource.sees_personal_data and any(resource.is_personal(name) for name in names)
    if personal and len(reason.strip()) < REASON_LENGTH:
        raise InvalidInput(
            _("Personal data leaves with this file. Say why, in at least %(count)s characters.")
            % {"count": REASON_LENGTH}
        )
    return personal


def export_table(  # noqa: PLR0913 each one says something else of the file
    *,
    resource: BulkResource,
    queryset: Any,
    names: Sequence[str],
    kind: str,
    reason: str,
    job: Job,
    actor: Any,
    deliver: Callable[[Path], None],
    address: str = "",
    progress: Callable[[], None] = lambda: None,
) -> int:
    """Write the rows to a file, give it to ``deliver`` and return their number; recorded with who, what, how many, why.

    Rows go from the table to the disk a few thousand at a time. ``names`` are fields of the resource in the order of
    the file, all when empty. InvalidInput for an unknown kind of file or without the reason that personal data needs.
    """
    if kind not in FILE_KINDS:
        raise InvalidInput(_("Choose CSV or Excel."))
    chosen = resource.export_names(names)
    personal = check_reason(resource=resource, names=chosen, reason=reason)
    headers = [resource.fields[name].column_name for name in chosen]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"table{FILE_KINDS[kind].suffix}"
        count = FILE_KINDS[kind].write(path, headers, _watched(resource.rows_of(queryset, chosen), progress))
        with transaction.atomic():
            event = TableExported(
                table=str(resource.get_display_name()),
                rows=count,
                personal=personal,
                reason=reason.strip()[:200],
                address=address,
                whose=_ids(queryset) if personal else [],
                columns=[
                    resource.fields[name].column_name for name in chosen if personal and resource.is_personal(name)
                ],
            )
            record(event, subject=job, actor=actor)
            deliver(path)
    return count


def _ids(queryset: Any) -> list[int]:
    """Return whose rows these are, the first ones: who asks later whether somebody was in the file finds out."""
    return list(queryset.order_by("pk").values_list("pk", flat=True)[:MOST_IDS])


def keep_file(job: Job, path: Path, name: str) -> None:
    """Store a file as the job's, block by block."""
    with path.open("rb") as content:
        job.file.save(name, File(content), save=False)
    job.save(update_fields=["file"])


def _watched(rows: Iterable[Any], progress: Callable[[], None]) -> Iterator[Any]:
    for number, row in enumerate(rows):
        if number % 10_000 == 0:
            progress()
        yield row


@transaction.atomic
def finished_job(*, kind: str, title: str, parameters: dict[str, Any], actor: Any) -> Job:
    """Make the row of a job done within this request: small and large transfers leave the same trace."""
    now = timezone.now()
    return Job.objects.create(
        kind=kind,
        title=title[:200],
        parameters=parameters,
        owner=actor,
        state=JobState.DONE,
        started_at=now,
        finished_at=now,
    )
