"""A file's rows in memory: each row once, as a tuple, and equal cells near each other as one object."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import tablib
from tablib.core import Row

REMEMBERED = 20_000  # different cells; most repeat the row above, or are among few words


class _HeldRow(Row):
    """A row of the library's that neither copies its cells nor makes a list for tags."""

    __slots__ = ()

    def __init__(self, cells: tuple[Any, ...]) -> None:
        self._row, self.tags = cells, ()  # type: ignore[misc] # the stubs know no slots of the library's row


class HeldRows(tablib.Dataset):
    """A dataset to be read, not changed, whose rows are given out as they are held."""

    def __init__(self, rows: Iterable[Sequence[Any]], *, headers: Sequence[str]) -> None:
        super().__init__(headers=headers)
        self._data = [_HeldRow(tuple(row)) for row in rows]


def one_object_each() -> Callable[[Sequence[str]], tuple[str, ...]]:
    """Return what makes a tuple of cells in which equal ones are the same object as in rows before."""
    known: dict[str, str] = {}

    def shared(cells: Sequence[str]) -> tuple[str, ...]:
        if len(known) > REMEMBERED:
            known.clear()
        return tuple(map(known.setdefault, cells, cells))

    return shared
