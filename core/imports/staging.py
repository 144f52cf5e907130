"""The whole file as raw rows in the database, before the first of them takes effect."""

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from django.db import connection, transaction

from core.imports.files import Row, open_rows
from core.imports.reading import shaper_of
from core.imports.sources import layout_of, local_file
from core.models import ImportBatch, ImportRow

encode = json.JSONEncoder(ensure_ascii=False).encode  # json.dumps would build an encoder for each row
CHUNK_ROWS = 5_000
COPY_ROWS = 20_000

Progress = Callable[[int, int], None]
Staged = tuple[int, str, int]  # row number, cells as JSON, chunk


def stage(batch: ImportBatch, *, progress: Progress | None = None) -> None:
    """Copy all rows of the file into ImportRow and set ``row_count`` and ``chunk_count``; FileRefused if unreadable.

    1. Rows that a killed run left behind are removed. 2. Rows are copied in transactions of their own, so memory and
    locks stay small. 3. ``chunk_count`` is set last: it tells that everything is there.
    """
    ImportRow.objects.filter(batch=batch).delete()
    counts = {"rows": 0, "chunks": 0}
    with local_file(batch) as path, open_rows(path, layout_of(batch)) as rows:
        staged = _chunked(body_of(rows, batch.layout["header_row"]), batch, counts)
        while block := list(islice(staged, COPY_ROWS)):
            _copy(batch, block)
            if progress is not None:
                progress(0, counts["rows"])
    batch.row_count = counts["rows"]
    batch.chunk_count = counts["chunks"]
    batch.save(update_fields=["row_count", "chunk_count"])


def body_of(rows: Iterable[Row], header_row: int) -> Iterator[Row]:
    """Give the rows below the header that hold anything."""
    for number, cells in rows:
        if number > header_row and any(cells) and any(cell.strip() for cell in cells):
            yield number, cells


def _chunked(rows: Iterator[Row], batch: ImportBatch, counts: dict[str, int]) -> Iterator[Staged]:
    """Give each row its chunk: that of its document's first row; a new chunk begins with a new document only."""
    shaper = shaper_of(batch)
    chunk_of: dict[int, int] = {}  # by hash: a collision only puts two documents into one chunk
    filled, chunk, previous = 0, 0, ""
    for number, cells in rows:
        document = shaper.document(cells)
        if not document and shaper.definition.carries_document:
            document = previous
        previous = document
        key = hash(document or number)
        known = chunk_of.get(key)
        if known is None:
            if filled >= CHUNK_ROWS:
                chunk, filled = chunk + 1, 0
            known = chunk_of[key] = chunk
        filled += known == chunk
        counts["rows"] += 1
        counts["chunks"] = chunk + 1
        yield number, encode(cells), known


def _copy(batch: ImportBatch, block: list[Staged]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        statement = "COPY core_importrow (batch_id, number, raw, chunk, outcome, kind, reference) FROM STDIN"
        with cursor.copy(statement) as copy:
            for number, raw, chunk in block:
                copy.write_row((batch.pk, number, raw, chunk, "pending", "", ""))
