"""One set of rows through a ``BulkResource``: cleaned, matched, checked, written; used by the resource and by parts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils.translation import gettext as _

from core.resources.choices import CHANGED, NEW, REFUSED, UNCHANGED, Choices
from core.resources.columns import LEAVE, Column, RowFaults, is_required
from core.resources.defaults import sql_type
from core.resources.merge import Merge, Outcome, Rule, Trail
from core.resources.rows import export_rows

if TYPE_CHECKING:
    from core.resources.bulk import BulkResource

LONG = 20_000  # rows; beyond, statements get more time than a web request's


class Batch:
    """Rows on their way into one table; use inside a transaction.

    After ``run``: ``faults`` by row index, ``kinds()`` of all rows, ``pk_of(index)``. ``optional``: indexes of rows
    that change what exists and are passed over otherwise. ``file_rows``: the rows of the file that these come from, for
    undo data; without it they are the file's.
    """

    def __init__(
        self,
        resource: BulkResource,
        headers: Sequence[str],
        rows: Sequence[Sequence[Any]],
        *,
        choices: Choices,
        is_trial: bool,
        optional: Collection[int] = (),
        file_rows: Sequence[int] = (),
    ) -> None:
        self.resource = resource
        self.headers = headers
        self.rows: Sequence[Sequence[Any]] = rows  # until they are cleaned
        self.count = len(rows)
        self.choices = choices
        self.is_trial = is_trial
        self.optional = optional
        self.file_rows = file_rows
        self.faults = RowFaults()
        self.outcome = Outcome()
        self.cleared: dict[str, int] = {}  # name of a field -> stored values that are emptied; counted in trials
        columns = resource.columns_of(headers, clears_blanks=choices.clears_blanks)
        self.merge = Merge(model=resource._meta.model, columns=columns, rules=resource.rules, trail=self._trail())

    def _trail(self) -> Trail | None:
        if self.choices.table_import is None or self.is_trial:
            return None
        derived = frozenset(self.resource.derived)
        return Trail(self.choices.table_import, self.choices.part, derived, self.file_rows)

    # --- what became of the rows

    def pk_of(self, index: int) -> Any:
        """Return the primary key of the row's object, None for a refused row."""
        return self.merge.matches.get(index) or self.outcome.created.get(index)

    def kinds(self) -> list[str]:
        """Return what became of each row."""
        kinds = [UNCHANGED] * self.count
        for indexes, kind in (
            (self.outcome.created, NEW),
            (self.outcome.updated, CHANGED),
            (self.faults.by_row, REFUSED),
        ):
            for index in indexes:
                kinds[index] = kind
        return kinds

    def let_go(self) -> None:
        """Forget what was written where; counts of emptied values and faults stay."""
        self.outcome, self.file_rows = Outcome(), ()
        self.merge.matches, self.merge.differing = {}, set()

    def rendered(self, indexes: Iterable[int]) -> dict[int, list[Any]]:
        """Return the cells of the rows' objects as they are stored now, in the order of the diff's headers."""
        found = ((n, self.pk_of(n)) for n in indexes)
        pks = {n: pk for n, pk in found if pk is not None}
        if not pks:
            return {}
        names = [name for name in self.resource.get_import_order() if name in self.resource.fields]
        queryset = self.resource._meta.model._default_manager.filter(pk__in=pks.values())
        cells = dict(export_rows(self.resource, queryset, names, with_pk=True))
        return {n: cells[pk] for n, pk in pks.items() if pk in cells}

    # --- the work

    def run(self) -> None:
        """Clean and write the rows; what is wrong with one is among the faults, and the others are written."""
        if self.count > LONG:
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL statement_timeout = '10min'")
        for column in self.merge.columns:
            column.clean(self.rows, self.faults, self._row_as_dict)
        self.rows = ()  # columns hold the values from here on; a large file is not held twice
        self._find_repeated()
        self.merge.stage(self._good())
        try:
            self._check()
            self._derive()
            self.outcome = self.merge.apply(self._good())
        finally:
            if not connection.needs_rollback:
                self.merge.drop()
        for index, constraint in self.outcome.refused.items():
            self.faults.add(index, "", self.resource.refusal(constraint))
        if self.outcome.created or self.outcome.updated:
            self.resource.after_merge(
                created=list(self.outcome.created.values()), updated=list(self.outcome.updated.values())
            )
        self.merge.keep_created(self.outcome.created)
        self.merge.forget_values()

    def _derive(self) -> None:
        """Stage what the resource knows of derived columns of the rows that are about to be written."""
        fields = [f for f in self.merge.model._meta.concrete_fields if f.name in self.resource.derives]
        same = self.merge.matches.keys() - self.merge.differing if fields else set()
        written = [n for n in self._good() if n not in same] if fields else []
        if written:
            types = {str(field.column): sql_type(field) for field in fields}
            self.merge.derived.stage(types, self.resource.derive(self, written))

    def _row_as_dict(self, index: int) -> dict[str, Any]:
        return dict(zip(self.headers, self.rows[index], strict=False))

    def _good(self) -> list[int]:
        left_out = self.faults.by_row.keys() | self._passed_over()
        return [n for n in range(self.count) if n not in left_out]

    def _passed_over(self) -> set[int]:
        return {n for n in self.optional if n not in self.merge.matches} if self._is_matched else set()

    _is_matched = False

    def _check(self) -> None:
        self.merge.match(owner=self.resource.owner)
        self._is_matched = True
        self._find_impossible()
        for index, broken in self.merge.broken():
            self.faults.add(
                index, "", str(broken.message) if isinstance(broken, Rule) else self.resource.refusal(broken)
            )
        self.merge.leave_out([*self.faults.by_row, *self._passed_over()])
        if self.is_trial:
            self.cleared = self.merge.cleared()

    def _find_repeated(self) -> None:
        """Refuse every row after the first of the same key: which one is meant, nobody can know."""
        first: dict[tuple[Any, ...], int] = {}
        names = ", ".join(column.field.column_name for column in self.merge.keys)
        keys = list(zip(*(column.values for column in self.merge.keys), strict=True))
        for index, key in enumerate(keys) if len(set(keys)) < len(keys) else ():
            if index in self.faults or key == (None,):
                continue
            other = first.setdefault(key, index)
            if other != index:
                self.faults.add(
                    index, names, _("Row %(row)s has the same key.") % {"row": self.choices.number_of(other)}
                )

    def _find_impossible(self) -> None:
        """Refuse new rows that cannot be made: an unknown id, a required value that is missing."""
        given = {column.model_field for column in self.merge.columns}
        missing = [f.name for f in self.merge.model._meta.concrete_fields if f not in given and is_required(f)]
        needed = [column for column in self.merge.columns if column.is_required and column.leaves]
        by_id = next((column for column in self.merge.keys if column.model_field.primary_key), None)
        matches, refused = self.merge.matches, set(self.faults.by_row)
        reach = self.resource.pks_in_reach(list(matches.values()))
        if reach is not None:
            for index in (n for n, pk in matches.items() if pk not in reach and n not in refused):
                self.faults.add(index, "", _("This row belongs to others."))
        for index in range(self.count):
            if index not in matches and index not in refused and index not in self.optional:
                self._refuse_new(index, by_id, missing, needed)

    def _refuse_new(self, index: int, by_id: Column | None, missing: list[str], needed: list[Column]) -> None:
        if by_id is not None and by_id.values[index] is not None:
            self.faults.add(index, by_id.field.column_name, _("There is no row with this number."))
        elif not self.resource.may_create:
            self.faults.add(index, "", _("There is nothing with this key, and rows cannot be created here."))
        elif missing:
            self.faults.add(index, "", _("A new row needs these columns: %(names)s.") % {"names": ", ".join(missing)})
        for column in needed:
            if column.values[index] is LEAVE:
                self.faults.add(index, column.field.column_name, _("A value is needed here."))
