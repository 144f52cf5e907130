"""A trial of an import as rows of cells for the page: what was, what would be, and what is wrong where."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.resources.choices import CHANGED, NEW, PAGE, REFUSED, UNCHANGED, Shown, is_clear_mark
from core.resources.runs import choices_of, corrected, shown_headers
from core.resources.transfer import error_sentence, summary

if TYPE_CHECKING:
    from core.models import TableImport
    from core.resources.bulk import BulkResource
    from core.resources.transfer import Table

EDITED = 12  # inputs of a row that is refused as a whole
KINDS = {"": "", "new": NEW, "changed": CHANGED, "unchanged": UNCHANGED, "refused": REFUSED}


@dataclass
class Cell:
    """One cell: ``old`` and ``new`` of a good row, ``text`` of the file with ``fault`` of a refused one."""

    header: str
    place: int  # among the file's columns
    old: Any = ""
    new: Any = ""
    text: str = ""
    fault: str = ""
    is_changed: bool = False
    is_cleared: bool = False
    is_edited: bool = False
    is_corrected: bool = False

    @property
    def is_long(self) -> bool:
        """Whether the text needs more than one line to be edited."""
        return "\n" in self.text or len(self.text) > 60


@dataclass
class PreviewRow:
    """One row of the page; ``kind`` is new, changed, unchanged or refused."""

    index: int
    number: int
    kind: str
    cells: list[Cell]
    faults: list[str] = field(default_factory=list)  # of the row as a whole


@dataclass
class Preview:
    """What the page shows of a trial."""

    result: Any
    counts: dict[str, int]
    headers: list[str]
    rows: list[PreviewRow]
    base_errors: list[str]
    page: int
    pages: int
    layout: Any
    total: int

    @property
    def good(self) -> int:
        """Rows that would be written."""
        return self.counts["created"] + self.counts["updated"]

    @property
    def cleared(self) -> int:
        """Stored values that would be emptied."""
        return sum(self.result.cleared.values())


def preview(row: TableImport, resource: BulkResource, table: Table, *, kind: str = "", page: int = 1) -> Preview:
    """Try the import, take it back, and return one page of its rows; ``kind`` is a key of ``KINDS``."""
    dataset = corrected(row, table)
    choices = choices_of(row, table, shown=Shown(kind=KINDS[kind], first=(page - 1) * PAGE))
    result = resource.import_data(dataset, dry_run=True, choices=choices)
    counts = summary(result)
    of_kind = {"": result.total_rows, "new": counts["created"], "changed": counts["updated"]}
    shown = of_kind.get(kind, counts["unchanged"] if kind == "unchanged" else counts["refused"])
    return Preview(
        result=result,
        counts=counts,
        headers=list(dataset.headers or ()),
        rows=_rows(row, resource, result, dataset),
        base_errors=[error_sentence(error.error) for error in result.base_errors],
        page=page,
        pages=max(1, -(-shown // PAGE)),
        layout=table.layout,
        total=result.total_rows,
    )


def _rows(row: TableImport, resource: BulkResource, result: Any, dataset: Any) -> list[PreviewRow]:
    headers = list(dataset.headers or ())
    keys = set(resource.key_headers())
    known = shown_headers(dataset, result.diff_headers)
    unread = set(resource.unread_headers())
    shown = set(result.shown)
    rows = [
        _good(found, [*zip(headers, dataset[found.index], strict=True)], result.diff_headers, known, unread)
        for found in result.rows
    ]
    rows += [
        _refused(found, headers, keys, row.corrections.get(str(found.index), {}))
        for found in result.invalid_rows
        if found.index in shown
    ]
    return sorted(rows, key=lambda found: found.index)


def _good(
    found: Any,
    held: Sequence[tuple[str, Any]],  # header and text of the file
    diff_headers: Sequence[str],
    known: Collection[str],
    unread: Collection[str],
) -> PreviewRow:
    changes = dict(zip(diff_headers, found.changes, strict=False))
    kind = {NEW: "new", CHANGED: "changed"}.get(found.import_type, "unchanged")
    cells = []
    for place, (header, text) in enumerate(held):
        old, new = changes.get(header, ("", "")) if header in known else ("", "")
        if header in unread and (old, new) == ("", "") and not is_clear_mark(text):
            old = new = text  # stored already, or said of another cell, as the name of an option is
        is_changed = kind != "new" and old != new
        cells.append(Cell(header, place, old, new, is_changed=is_changed, is_cleared=is_changed and new in {"", None}))
    return PreviewRow(found.index, found.number, kind, cells)


def _refused(found: Any, headers: Sequence[str], keys: set[str], corrections: dict[str, str]) -> PreviewRow:
    told = getattr(found, "error_by_column", found.error_dict)
    faults = {name: " ".join(texts) for name, texts in told.items()}
    whole = [text for name, text in faults.items() if name not in headers]
    # what is wrong with the row as a whole may stand anywhere; what is wrong with a cell may be the fault of the key,
    # as where two rows have the same SKU and disagree
    wide = [header for header in headers if header in keys or found.cells.get(header)][:EDITED] if whole else keys
    cells = []
    for place, header in enumerate(headers):
        value = found.cells.get(header)
        fault = faults.get(header, "")
        cells.append(
            Cell(
                header, place, text="" if value is None else str(value), fault=fault,
                is_edited=bool(fault) or header in wide or header in corrections, is_corrected=header in corrections,
            )
        )  # fmt: skip
    return PreviewRow(found.index, found.file_number, "refused", cells, [text for text in whole if text])
