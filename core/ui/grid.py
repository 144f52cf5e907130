"""A grid like a spreadsheet over rows of any app: apps bring columns, the grid compares, asks them to write, answers.

A row has an id and stands in a group (a variant in its product); a column belongs to rows or, ``per_group``, to groups.
Each app registers a *part*: it reads the columns it offers this person, and writes changed cells through its services.

How a save stays right beside others:
1. Rows in reach are locked by ``lock_rows``; parts lock what else they compare (``Rows.is_locked``).
2. A cell is written only if it still holds what the person saw (``base``); else both values are the answer.
3. Each part writes in a savepoint of its own: what one refuses does not stop the others.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import DomainError, InvalidInput
from core.ui.grid_cells import sentence_of

MAX_CELLS = 5_000  # of one save: more than a page of a hundred rows with fifty columns has
MAX_TEXT = 100_000  # characters of the longest cell

SAVED, REFUSED, CONFLICT, WAITING = "saved", "refused", "conflict", "waiting"


def plain_text(value: Any) -> str:
    """Write a value as it is edited: nothing for None."""
    return "" if value is None else str(value)


@dataclass(frozen=True, kw_only=True)
class GridColumn:
    """One column: ``parse`` reads what is typed (DomainError or ValidationError refuse), ``show`` writes it back.

    ``kind`` is how it is edited and drawn: text, long, number, money, flag, choice, tags.
    """

    key: str
    label: Any
    section: Any = ""  # under which heading people choose it
    short: Any = ""  # how it is called under that heading, where that is not the label
    kind: str = "text"
    per_group: bool = False
    editable: bool = False
    parse: Callable[[str], Any] = str
    show: Callable[[Any], str] = plain_text
    width: int = 140
    decimals: int = 0  # of money
    max_length: int = MAX_TEXT
    is_default: bool = False  # shown to who has not chosen yet
    choices_url: str = ""
    sort: str = ""  # how the address calls the order by this column; empty: it has no index

    def described(self) -> dict[str, Any]:
        """Return what the page has to know."""
        return {
            "key": self.key,
            "label": str(self.label),
            "kind": self.kind,
            "group": self.per_group,
            "editable": self.editable,
            "width": self.width,
            "decimals": self.decimals,
            "choices": self.choices_url,
            "sort": self.sort,
        }


@dataclass(frozen=True)
class Rows:
    """Row id -> group id, in the order of the page; ``is_locked``: what is read now is compared and then written."""

    groups: Mapping[int, int]
    is_locked: bool = False

    @property
    def row_ids(self) -> list[int]:
        """Return the ids of the rows."""
        return list(self.groups)

    @property
    def group_ids(self) -> list[int]:
        """Return the ids of their groups, each once, in order."""
        return list(dict.fromkeys(self.groups.values()))


@dataclass
class PartSheet:
    """What a part knows of some rows: all columns it offers this person, and the values of the wanted ones.

    ``values`` is column key -> id of row or group -> value; ``notes`` is the same with a sentence (waits for approval).
    """

    columns: Sequence[GridColumn]
    values: Mapping[str, Mapping[int, Any]] = field(default_factory=dict)
    notes: Mapping[str, Mapping[int, str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class CellChange:
    """A cell that passed all checks: ``owner_id`` is the row, or the group of a ``per_group`` column."""

    column: GridColumn
    owner_id: int
    before: Any
    value: Any

    @property
    def place(self) -> "Place":
        """Return which cell it is."""
        return self.column.key, self.owner_id


Place = tuple[str, int]


@dataclass(frozen=True)
class Outcome:
    """What became of a cell; ``value`` is what it holds now, where that is not what was sent."""

    state: str
    sentence: str = ""
    value: str | None = None

    def told(self) -> dict[str, str]:
        """Return it as the page reads it, without what is empty."""
        said = {"state": self.state, "sentence": self.sentence, "value": self.value}
        return {key: value for key, value in said.items() if value or (key == "value" and value is not None)}


class GridPart(Protocol):
    """What an app brings onto a grid."""

    def read(self, *, rows: Rows, wanted: "Wanted", user: Any) -> PartSheet:
        """Return the columns for this person and the values of the wanted ones: a constant number of statements."""
        ...

    def write(self, *, changes: Sequence[CellChange], rows: Rows, user: Any) -> Mapping[Place, Outcome]:
        """Write the cells through services; return those outcomes that are not simply "saved". DomainError: all."""
        ...


@dataclass(frozen=True)
class Wanted:
    """Which columns to read: the chosen ones, or the default ones of who has not chosen."""

    keys: frozenset[str] | None

    def has(self, column: GridColumn) -> bool:
        """Tell whether the column is read."""
        return column.is_default if self.keys is None else column.key in self.keys

    def some(self, columns: Iterable[GridColumn]) -> list[GridColumn]:
        """Return those that are read."""
        return [column for column in columns if self.has(column)]


@dataclass
class Sheet:
    """A page of the grid: all columns this person may choose, those shown, and the texts of their cells."""

    columns: list[GridColumn]
    shown: list[GridColumn]
    values: dict[str, dict[int, str]]
    notes: dict[str, Mapping[int, str]]


@dataclass(frozen=True)
class PostedCell:
    """One changed cell as it came: nothing of it is trusted."""

    row_id: int
    key: str
    base: str
    text: str


@dataclass
class Grid:
    """A grid and its parts, in the order of the floors that register them."""

    parts: list[GridPart] = field(default_factory=list)

    def register(self, part: GridPart) -> None:
        """Add the columns of an app, after those that are there."""
        self.parts.append(part)

    def sheet(self, *, rows: Rows, chosen: Sequence[str] | None, user: Any) -> Sheet:
        """Return the page; chosen columns in the order of choosing, what this person may not see is left out."""
        wanted = Wanted(None if chosen is None else frozenset(chosen))
        read = [part.read(rows=rows, wanted=wanted, user=user) for part in self.parts]
        columns = {column.key: column for one in read for column in one.columns}
        shown = wanted.some(columns.values()) if chosen is None else [columns[k] for k in chosen if k in columns]
        values = {key: cells for one in read for key, cells in one.values.items()}
        return Sheet(
            columns=list(columns.values()),
            shown=shown,
            values={column.key: _texts(column, values.get(column.key, {}), rows) for column in shown},
            notes={key: cells for one in read for key, cells in one.notes.items() if cells},
        )

    @transaction.atomic
    def save(
        self, *, cells: Sequence[PostedCell], lock_rows: Callable[[Collection[int]], Rows], user: Any
    ) -> list[Outcome]:
        """Write the cells that may be written and return what became of each, in order; InvalidInput for too many.

        ``lock_rows`` locks those of some rows that this person may meet and returns them with their groups.
        """
        if len(cells) > MAX_CELLS:
            raise InvalidInput(
                _("At most %(most)s cells are saved at once; these are %(count)s. Save in several steps.")
                % {"most": f"{MAX_CELLS:,}", "count": f"{len(cells):,}"}
            )
        rows = replace(lock_rows({cell.row_id for cell in cells}), is_locked=True)
        wanted = Wanted(frozenset(cell.key for cell in cells))
        outcomes: dict[int, Outcome] = {}
        for part in self.parts:
            sheet = part.read(rows=rows, wanted=wanted, user=user)
            columns = {column.key: column for column in sheet.columns}
            mine = [at for at, cell in enumerate(cells) if cell.key in columns and at not in outcomes]
            places: dict[Place, list[int]] = {}
            changes: dict[Place, CellChange] = {}
            for at in mine:
                judged = _judge(cells[at], columns[cells[at].key], sheet, rows)
                if isinstance(judged, Outcome):
                    outcomes[at] = judged
                else:
                    changes[judged.place] = judged
                    places.setdefault(judged.place, []).append(at)
            done = _written(part, list(changes.values()), rows, user)
            for place, indexes in places.items():
                for at in indexes:
                    outcomes[at] = _said(done.get(place), changes[place], cells[at])
        missing = Outcome(REFUSED, _("There is no such column. Reload the page."))
        return [outcomes.get(at, missing) for at in range(len(cells))]


def _texts(column: GridColumn, values: Mapping[int, Any], rows: Rows) -> dict[int, str]:
    """Return what each cell of a column shows: also where there is nothing yet, because that is compared, too."""
    return {pk: column.show(values.get(pk)) for pk in (rows.group_ids if column.per_group else rows.row_ids)}


def _judge(cell: PostedCell, column: GridColumn, sheet: PartSheet, rows: Rows) -> CellChange | Outcome:
    """Return the change if the cell may be written, else why not."""
    if cell.row_id not in rows.groups:
        return Outcome(REFUSED, _("This row is not there for you any more. Reload the page."))
    if not column.editable:
        return Outcome(REFUSED, _("You may not change this column."))
    owner = rows.groups[cell.row_id] if column.per_group else cell.row_id
    now = sheet.values.get(column.key, {}).get(owner)
    try:
        value = _parsed(cell.text, column)
    except (DomainError, ValidationError) as error:
        return Outcome(REFUSED, sentence_of(error))
    theirs, mine = column.show(now), column.show(value)
    if theirs == mine:
        return Outcome(SAVED, value=None if mine == cell.text else mine)
    if theirs != cell.base:
        return Outcome(CONFLICT, _("Somebody else changed this meanwhile."), theirs)
    return CellChange(column=column, owner_id=owner, before=now, value=value)


def _parsed(text: str, column: GridColumn) -> Any:
    if "\x00" in text:
        raise InvalidInput(_("This holds a character that cannot be stored. Type it again."))
    if len(text) > column.max_length:
        raise InvalidInput(
            _("At most %(count)s characters; these are %(found)s.")
            % {"count": f"{column.max_length:,}", "found": f"{len(text):,}"}
        )
    return column.parse(text)


def _written(part: GridPart, changes: Sequence[CellChange], rows: Rows, user: Any) -> Mapping[Place, Outcome]:
    if not changes:
        return {}
    try:
        with transaction.atomic():
            return part.write(changes=changes, rows=rows, user=user)
    except DomainError as error:
        return {change.place: Outcome(REFUSED, str(error)) for change in changes}


def _said(outcome: Outcome | None, change: CellChange, cell: PostedCell) -> Outcome:
    """Return the outcome with the stored text where it is not the sent one."""
    if outcome is not None and (outcome.state != SAVED or outcome.value is not None):
        return outcome
    stored = change.column.show(change.value)
    return Outcome(SAVED, outcome.sentence if outcome else "", None if stored == cell.text else stored)
