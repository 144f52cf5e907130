"""What became of a file's rows, as the library's ``Result`` tells it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from import_export.results import Result, RowResult

from core.resources.choices import REFUSED, Choices, Shown
from core.resources.columns import RowFaults

if TYPE_CHECKING:
    from core.resources.batch import Batch

KEPT_FAULTS = 1000
Pairs = list[tuple[Any, Any]]  # a cell before and after, in the order of the diff's headers


class BulkResult(Result):
    """The library's result with the counts of faults and what the file had that was not used.

    ``cleared``: column -> stored values that would be emptied (trials only). Rows shown cell by cell have ``index``
    (from 0), ``number`` (as in the file) and ``changes``.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unknown_columns: list[str] = []
        self.ignored_columns: list[str] = []
        self.cleared: dict[str, int] = {}
        self.shown: list[int] = []  # indexes of the rows chosen to be shown, refused ones too


def tried(batch: Batch, shown: Shown) -> dict[int, Pairs]:
    """Run the batch and return the cells of the shown rows before and after; a trial is taken back."""
    with transaction.atomic():
        batch.run()
        kinds = batch.kinds()
        indexes = [n for n in shown.choose(kinds) if kinds[n] != REFUSED]
        if not batch.is_trial:
            return {n: [] for n in indexes}
        after = batch.rendered(indexes)
        transaction.set_rollback(True)
    before = batch.rendered(indexes)
    return {n: pairs(before.get(n), after.get(n)) for n in indexes}


def pairs(before: Sequence[Any] | None, after: Sequence[Any] | None) -> Pairs:
    """Return cells before and after side by side; what did not exist has empty ones."""
    if before is None and after is None:
        return []
    before = before if before is not None else [""] * len(after or ())
    return list(zip(before, after if after is not None else before, strict=True))


def report(
    result: Any,
    *,
    kinds: Sequence[str],
    faults: RowFaults,
    rows: Sequence[Sequence[Any]],
    headers: Sequence[str],
    choices: Choices,
    changes: Mapping[int, Pairs],
    pks: Mapping[int, Any],
) -> None:
    """Write totals, refused rows and the rows shown cell by cell into the result."""
    result.shown = choices.shown.choose(kinds)
    shown = set(result.shown)
    result.totals.update(Counter(kinds))
    for index in sorted(shown | faults.by_row.keys()):
        kind = kinds[index]
        if kind == REFUSED:
            told = faults.by_row[index]
            if len(result.invalid_rows) < KEPT_FAULTS or index in shown:
                _add_refused(result, index, dict(zip(headers, rows[index], strict=False)), told, choices)
            if result.failed_dataset.headers:
                texts = [f"{column}: {text}" if column else text for column, text in told.items()]
                result.failed_dataset.append([*rows[index], " ".join(texts)])
        else:
            row = RowResult()
            row.import_type, row.object_id = kind, pks.get(index)
            row.index, row.number = index, choices.number_of(index)
            row.changes = changes.get(index, [])
            row.diff = [str(new) for _old, new in row.changes]
            result.append_row_result(row)


def _add_refused(result: Any, index: int, cells: dict[str, Any], told: dict[str, str], choices: Choices) -> None:
    error = ValidationError({column or "__all__": [text] for column, text in told.items()})
    result.append_invalid_row(index + 1, cells, error)
    row = result.invalid_rows[-1]
    row.index, row.file_number, row.cells = index, choices.number_of(index), cells
