"""What a person chooses for an import, and the three things a cell may mean.

A column that is absent is never touched. A blank cell leaves what is stored, or clears it: that is chosen for the whole
file. The mark ``[clear]`` always empties, whatever is chosen. A text that is the mark itself is written ``\\[clear]``.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from import_export.results import RowResult

# the mark in each language, so that a file written by hand in Seoul or Tokyo needs no English
CLEAR_MARKS = ("[clear]", "[지움]", "[消去]")
_MARK = re.compile(r"^(\\*)(%s)$" % "|".join(re.escape(mark) for mark in CLEAR_MARKS), re.IGNORECASE)  # noqa: UP031
PAGE = 50


@dataclass(frozen=True, kw_only=True)
class Shown:
    """Which rows a trial shows cell by cell: ``kind`` is one of the library's import types, empty for all."""

    kind: str = ""
    first: int = 0
    count: int = PAGE

    def choose(self, kinds: Sequence[str]) -> list[int]:
        """Return the indexes of the rows to show, given the kind of every row."""
        of_kind = [n for n, kind in enumerate(kinds) if not self.kind or kind == self.kind]
        return of_kind[self.first : self.first + self.count]


@dataclass(frozen=True, kw_only=True)
class Choices:
    """How a file is taken; give it to ``import_data`` as ``choices``.

    ``clears_blanks``: a blank cell empties the value (new rows: their default). ``shown``: the rows a trial reports
    cell by cell. ``table_import``: the ``TableImport`` whose undo data is written (real imports only); ``part`` numbers
    the parts of a composite in it. ``numbers``: what each row is called in the file (without it: from 2, as below a
    header). ``extra`` is the caller's own, such as uploaded pictures by name; parts of composites may read it.
    """

    clears_blanks: bool = False
    shown: Shown = Shown()
    table_import: int | None = None
    part: int = 0
    numbers: Sequence[int] = ()
    extra: dict[str, Any] = field(default_factory=dict)

    def number_of(self, index: int) -> int:
        """Return the number by which people find the row in their file."""
        return self.numbers[index] if index < len(self.numbers) else index + 2


def is_blank(cell: Any) -> bool:
    """Tell whether a cell says nothing."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def is_clear_mark(cell: Any) -> bool:
    """Tell whether a cell asks for its value to be emptied."""
    found = _MARK.match(cell.strip()) if isinstance(cell, str) and cell.rstrip().endswith("]") else None
    return found is not None and not found[1]


def unescape_mark(cell: Any) -> Any:
    """Return the text that an escaped mark stands for; any other cell stays as it is."""
    return cell[1:] if isinstance(cell, str) and cell.startswith("\\") and _MARK.match(cell) else cell


def escape_mark(cell: Any) -> Any:
    """Return a cell that is read as its text, even where that text is the mark; undone by ``unescape_mark``."""
    return f"\\{cell}" if isinstance(cell, str) and cell.endswith("]") and _MARK.match(cell) else cell


NEW, CHANGED, UNCHANGED, REFUSED = (
    str(RowResult.IMPORT_TYPE_NEW),
    str(RowResult.IMPORT_TYPE_UPDATE),
    str(RowResult.IMPORT_TYPE_SKIP),
    str(RowResult.IMPORT_TYPE_INVALID),
)
