"""Columns that an app adds to the list of another app's rows: read for the rows of a page by one statement."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.http import HttpRequest

from core.ui.columns import EMPTY, Column

KEPT = "_added"


@dataclass(frozen=True)
class AddedColumns:
    """What ``load(keys)`` finds for the rows of a page, key by key, and the cells made of it; nothing is an empty cell.

    ``columns``: (name, label, cell of what was found, css class).
    """

    key: str
    permission: str
    load: Callable[[Sequence[int]], Mapping[int, Any]]
    columns: Sequence[tuple[str, Any, Callable[[Any], Any], str]]


_added: dict[type[Model], list[AddedColumns]] = defaultdict(list)


def register_columns(model: type[Model], added: AddedColumns) -> None:
    """Show the columns at the end of the list of ``model``, to who has the permission."""
    _added[model].append(added)


def added_columns(request: HttpRequest, model: type[Model]) -> list[Column]:
    """Return the columns that other apps add for this person."""
    return [
        Column(name, label, _cell(added.key, cell), css=css)
        for added in _added[model]
        if request.user.has_perm(added.permission)
        for name, label, cell, css in added.columns
    ]


def load_added(request: HttpRequest, model: type[Model], rows: Sequence[Any]) -> None:
    """Put what the added columns show beside the rows of one page."""
    keys = [row.pk for row in rows]
    for added in _added[model]:
        if keys and request.user.has_perm(added.permission):
            found = added.load(keys)
            for row in rows:
                row.__dict__.setdefault(KEPT, {})[added.key] = found.get(row.pk)


def _cell(key: str, cell: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def read(row: Any) -> Any:
        found = row.__dict__.get(KEPT, {}).get(key)
        return EMPTY if found is None else cell(found)

    return read
