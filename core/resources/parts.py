"""Parts of a composite: each turns its own columns of a flat file into rows of one table. Read ``composite`` first.

The interface, pinned:

* ``BulkPart(name, resource, columns=...)`` feeds a ``BulkResource``; usually that is all one needs.
* A part of its own derives from ``Part`` and implements ``apply`` and ``undo`` (``prepare`` if it can find faults
  before anything is written). It calls services, which may raise ``DomainError`` for one row:
  ``run.attempt(row, function)`` makes a savepoint and turns the refusal into the row's fault.
* ``run.refuse(row, column, sentence)`` refuses a row; later parts skip its flat rows, and nothing of them is kept: the
  composite takes back what earlier parts wrote and starts again without them. So a part may be applied several times.
* ``run.told(row, kind, changes)`` says what became of a row and what the preview shows.
* ``run.keep(row, ...)`` writes what ``undo`` needs; in a trial it does nothing.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any

from django.db import transaction

from core.errors import DomainError
from core.models import TableChange, TableChangeState
from core.resources.choices import CHANGED, NEW, REFUSED, UNCHANGED, Choices, is_blank

if TYPE_CHECKING:
    from core.resources.batch import Batch
    from core.resources.bulk import BulkResource


@dataclass(slots=True)
class PartRow:
    """One row of a part: the flat rows it came from (indexes, ascending) and its cells by the part's own column names.

    Cells are texts just as in the file: ask ``core.resources.choices`` whether one ``is_blank`` or ``is_clear_mark``. A
    column that the file does not have is not in ``cells``.
    """

    flat: list[int]
    cells: dict[str, Any]
    is_optional: bool = False  # all blank where blanks clear: empties what exists, makes nothing new

    @property
    def index(self) -> int:
        """The first flat row; faults and outcomes are told by it."""
        return self.flat[0]

    def fill(self, cells: Iterable[tuple[str, Any]]) -> None:
        """Take the cells of another flat row of the same key where nothing is said yet."""
        for name, cell in cells:
            if is_blank(self.cells[name]):
                self.cells[name] = cell


@dataclass
class Told:
    """What became of a part's row: NEW, CHANGED or UNCHANGED of ``choices``, and its cells before and after."""

    kind: str = UNCHANGED
    changes: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)  # own column -> (before, after) as shown


class PartRun:
    """What a part is given while it works: who asks, what was chosen, and the ways to report."""

    def __init__(self, *, part: Part, number: int, choices: Choices, user: Any, is_trial: bool) -> None:
        self.part = part
        self.number = number  # of the part within the composite
        self.choices = choices
        self.user = user  # None in commands and tests
        self.is_trial = is_trial  # everything is rolled back afterwards; services are called all the same
        self.rows: list[PartRow] = []
        self.faults: dict[int, dict[str, str]] = {}  # first flat row -> own column -> sentence
        self.outcomes: dict[int, Told] = {}  # first flat row -> what became of it
        self.batch: Batch | None = None  # of a ``BulkPart``
        self._changes: list[TableChange] = []

    def refuse(self, row: PartRow, column: str, sentence: str) -> None:
        """Refuse the row because of one of the part's own columns, or as a whole (column "")."""
        self.faults.setdefault(row.index, {}).setdefault(column, sentence)

    def is_refused(self, row: PartRow) -> bool:
        """Tell whether something is wrong with the row already."""
        return row.index in self.faults

    def good_rows(self) -> list[PartRow]:
        """Return the rows nothing is wrong with so far."""
        return [row for row in self.rows if row.index not in self.faults] if self.faults else list(self.rows)

    def attempt(self, row: PartRow, function: Callable[[], Any], *, column: str = "") -> bool:
        """Call a service within a savepoint; a DomainError refuses the row. Tell whether it went well."""
        try:
            with transaction.atomic():
                function()
        except DomainError as error:
            self.refuse(row, column, str(error))
            return False
        return True

    def told(self, row: PartRow, kind: str, changes: Mapping[str, tuple[Any, Any]] | None = None) -> None:
        """Say what became of the row, and which cells were what and are what now (as people read them)."""
        self.outcomes[row.index] = Told(kind, changes or {})

    def keep(
        self,
        row: PartRow,
        *,
        object_id: int,
        created: bool = False,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        """Keep what ``undo`` needs (JSON-friendly); ``object_id`` is of the part's ``model``."""
        if self.choices.table_import is None or self.is_trial:
            return
        self._changes.append(
            TableChange(
                table_import_id=self.choices.table_import, part=self.number, row_no=row.index, table=self.part.label,
                object_id=object_id, created=created, before=dict(before or {}), after=dict(after or {}),
            )
        )  # fmt: skip

    def let_go(self) -> None:
        """Forget the rows, when everything is written and told: nothing of a real import is shown cell by cell."""
        self.rows = []
        if self.batch is not None:
            self.batch.let_go()

    def write_kept(self) -> None:
        """Write what was kept; the composite calls it when the part is done."""
        TableChange.objects.bulk_create(self._changes, batch_size=2000)
        self._changes = []


def settle(change: TableChange, note: str = "", conflicts: Mapping[str, Any] | None = None) -> None:
    """Say that a change is taken back, or with a ``note`` why it stays and what stands there now."""
    change.state = TableChangeState.CONFLICT if note else TableChangeState.UNDONE
    change.note, change.conflicts = note[:300], dict(conflicts or {})


class Part(ABC):
    """One table's share of a flat file.

    ``columns``: flat column -> own column; a flat column may feed several parts. ``keys``: own columns that tell the
    part's rows apart; flat rows of the same key make one row of the part, and must agree in every filled cell.
    ``constants``: own column -> text that every row has, such as {"language": "ko"}. ``always``: a row is taken
    although nothing but its key is filled. ``label`` names its undo data and never changes once released.
    """

    model: Any = None  # what ``object_id`` of its undo data means; for showing conflicts
    clears = False  # whether rows whose cells are all blank are given to it where blanks clear

    def __init__(
        self,
        name: str,
        *,
        columns: Mapping[str, str],
        keys: Sequence[str],
        constants: Mapping[str, str] | None = None,
        always: bool = False,
        label: str = "",
    ) -> None:
        self.name = name
        self.columns = dict(columns)
        self.keys = list(keys)
        self.constants = dict(constants or {})
        self.quiet = frozenset((*self.keys, *self.constants))  # columns that say of what a row speaks, not what
        self.always = always
        self.label = label or name

    def concerns(self, cells: Mapping[str, Any]) -> bool:
        """Tell whether a row says anything to this part: some cell besides key and constants is filled."""
        quiet = self.quiet
        return self.always or any(not is_blank(cell) for name, cell in cells.items() if name not in quiet)

    def wants(self, given: Collection[str]) -> bool:
        """Tell whether a file with these own columns says anything to this part; then it has to have the keys too."""
        return bool(set(given) - self.quiet) or (self.always and bool(given))

    def flat_column(self, own: str) -> str:
        """Return the flat column that feeds an own column, the own name when none does."""
        return next((flat for flat, name in self.columns.items() if name == own), own)

    def prepare(self, run: PartRun) -> None:  # noqa: B027 most parts find their faults while they write
        """Refuse rows that can be seen to be wrong; nothing is written yet. What earlier parts made can be found."""

    @abstractmethod
    def apply(self, run: PartRun) -> None:
        """Write ``run.good_rows()``, tell what became of each, and keep what ``undo`` needs."""

    @abstractmethod
    def undo(self, changes: Sequence[TableChange], user: Any) -> None:
        """Take the changes (newest first) back through services.

        Set ``state`` of each to "undone" or "conflict" (with ``note``, a sentence, and ``conflicts``: column -> what
        stands now); the caller saves them. Runs inside the undo's transaction; catch DomainError yourself, in a
        savepoint: it is a conflict of that change.
        """


class BulkPart(Part):
    """A part whose rows are a ``BulkResource``'s: cleaned in columns, merged by SQL, undone by SQL.

    ``resource`` is made for each run with ``user`` and ``may_create``. Its ``import_id_fields`` are the keys.
    References by key see what earlier parts made.
    """

    clears = True

    def __init__(
        self,
        name: str,
        resource: type[BulkResource],
        *,
        columns: Mapping[str, str],
        constants: Mapping[str, str] | None = None,
        always: bool = False,
        may_create: bool = True,
    ) -> None:
        keys = [resource.fields[key].column_name for key in resource._meta.import_id_fields]
        self.model = resource._meta.model
        super().__init__(
            name, columns=columns, keys=keys, constants=constants, always=always, label=self.model._meta.label_lower
        )
        self.resource = resource
        self.may_create = may_create

    def made(self, user: Any) -> BulkResource:
        """Return the resource for a person."""
        return self.resource(user=user, may_create=self.may_create and self.resource.may_create)

    def apply(self, run: PartRun) -> None:
        """Import the rows as the resource would; what is wrong with one is its fault."""
        rows = run.good_rows()
        headers = list(dict.fromkeys(chain.from_iterable(row.cells for row in rows)))
        if not rows:
            return
        firsts = [row.flat[0] for row in rows]
        batch = run.batch = self.made(run.user).batch(
            headers,
            [[*map(row.cells.get, headers, repeat(""))] for row in rows],
            choices=replace(run.choices, part=run.number, numbers=[*map(run.choices.number_of, firsts)]),
            is_trial=run.is_trial,
            optional={n for n, row in enumerate(rows) if row.is_optional},
            file_rows=firsts,
        )
        batch.run()
        for place, faults in batch.faults.by_row.items():
            for column, sentence in faults.items():
                run.refuse(rows[place], column, sentence)
        told = {kind: Told(kind) for kind in (NEW, CHANGED, UNCHANGED)}
        kinds = zip(batch.file_rows, batch.kinds(), strict=True)
        run.outcomes |= {first: told[kind] for first, kind in kinds if kind != REFUSED}

    def current(self, run: PartRun, flat: Collection[int]) -> dict[int, dict[str, Any]]:
        """Return what is stored now for the part's rows of these first flat rows, by own column."""
        batch = run.batch
        if batch is None:
            return {}
        places = {place: first for place, first in enumerate(batch.file_rows) if first in flat}
        names = batch.resource.get_diff_headers()
        cells = batch.rendered(places)
        return {places[place]: dict(zip(names, values, strict=True)) for place, values in cells.items()}

    def undo(self, changes: Sequence[TableChange], user: Any) -> None:
        """Leave it to ``core.resources.undoing``, which takes rows of resources back by SQL."""
        raise TypeError("rows of a resource are taken back by core.resources.undoing")
