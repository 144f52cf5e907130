"""Typed rows into a table with set-based SQL: COPY to a temporary table, check, update what differs, insert the new.

1. ``stage``: COPY; nothing is visible to others. 2. ``match``: find and lock the rows that exist, in primary-key order;
   who brings new ones waits for others who do.
3. ``broken``: the model's CHECK constraints and the resource's rules over each row as it would be afterwards.
   ``cleared``: how many values would be emptied.
4. ``apply``: one UPDATE (only rows that differ) and one INSERT. Constraints that SQL cannot ask beforehand (unique, no
   overlap) refuse the statement; then the set is halved until the refused row is alone, so every fault has its row.
   With a ``Trail`` the same statement writes what each changed cell was and is, for undoing.
"""

from __future__ import annotations

# ruff: noqa: S608  names come from the model's own columns, values are parameters
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from django.db import DataError, IntegrityError, connection, models, transaction
from django.db.models import Q
from django.db.models.sql import Query
from django.utils import timezone

from core.copying import array_literal
from core.resources.columns import LEAVE, Column
from core.resources.defaults import default_of, sql_type
from core.resources.deriving import Derived
from core.resources.owners import lock_owners

_tables = count(1)


@dataclass(frozen=True)
class Rule:
    """A condition that each row has to meet afterwards; ``message`` says what to do if it does not."""

    condition: Q
    message: Any


@dataclass
class Outcome:
    """What ``apply`` did: row index -> primary key, and row index -> name of the constraint that refused it."""

    created: dict[int, Any] = field(default_factory=dict)
    updated: dict[int, Any] = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Trail:
    """Where the undo data of a merge goes; ``derived`` columns are left out, others refresh them."""

    table_import: int
    part: int
    derived: frozenset[str]
    file_rows: Sequence[int] = ()  # of a composite: which flat row each of ours comes from


_TRAIL = 'INSERT INTO core_tablechange (table_import_id, part, row_no, "table", object_id, created, before, after, '
_TRAIL += "state, conflicts, note)"


class Merge:
    """One set of rows on its way into one table; use inside a transaction."""

    def __init__(
        self,
        *,
        model: type[models.Model],
        columns: Sequence[Column],
        rules: Sequence[Rule],
        trail: Trail | None = None,
    ) -> None:
        self.model = model
        self.trail = trail
        self.columns = columns
        self.rules = rules
        self.keys = [column for column in columns if column.is_key]
        # an object is found by its key, so the key never changes
        self.changing = [column for column in columns if not column.is_key]
        self.table = self._quote(model._meta.db_table)
        self.temporary = self._quote(f"import_rows_{next(_tables)}")
        self.pk = self._quote(model._meta.pk.column)
        self.matches: dict[int, Any] = {}  # row index -> primary key of the object that exists
        self.differing: set[int] = set()  # those of them whose object is to change
        self.derived = Derived(f'{self.temporary[:-1]}_derived"')

    # --- 1

    def stage(self, indexes: Sequence[int]) -> None:
        """COPY the rows with these indexes."""
        types = [f"{self._quote(c.db_column)} {sql_type(c.model_field)}" for c in self.columns]
        flagged = [c for c in self.columns if _is_flagged(c)]
        types += [f"{self._flag(c)} boolean" for c in flagged]
        file_rows = self.trail.file_rows if self.trail else ()
        if file_rows:
            types.append("file_row integer")
        with connection.cursor() as cursor:
            cursor.execute(
                f"CREATE TEMPORARY TABLE {self.temporary} ({', '.join(['row_no integer', *types])}) ON COMMIT DROP"
            )
            with cursor.copy(f"COPY {self.temporary} FROM STDIN") as copy:
                cells = [[None if v is LEAVE else v for v in c.values] if c.leaves else c.values for c in self.columns]
                cells += [[v is LEAVE for v in c.values] for c in flagged]
                cells += [list(file_rows)] if file_rows else []
                wanted = set(indexes)
                for row in zip(range(len(cells[0])), *cells, strict=True):
                    if row[0] in wanted:
                        copy.write_row(row)
            if len(indexes) > 200:
                cursor.execute(f"ANALYZE {self.temporary}")

    def drop(self) -> None:
        """Remove the temporary table before the transaction's end does."""
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {self.temporary}, {self.derived.table}")

    # --- 2

    def match(self, *, owner: models.ForeignKey[Any, Any] | None = None) -> None:
        """Find and lock the existing objects in primary-key order, ``owner`` rows first; who refers to them goes on.

        Of two files with new rows the second waits here for the first, then finds what that one made.
        """
        if not self.keys:
            return
        lock_owners(owner, f"FROM {self.temporary} i JOIN {self.table} t ON {self._same_key()}")
        missing = f"FROM {self.temporary} i WHERE NOT EXISTS (SELECT FROM {self.table} t WHERE {self._same_key()})"
        if self._all(f"SELECT EXISTS (SELECT {missing})") == [(True,)]:
            self._run("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"import into {self.table}"])
        rows = self._all(
            f"SELECT i.row_no, t.{self.pk}, {self._differs()} FROM {self.temporary} i JOIN {self.table} t "
            f"ON {self._same_key()} ORDER BY t.{self.pk} FOR NO KEY UPDATE OF t"
        )
        self.matches = {row_no: pk for row_no, pk, _differs in rows}
        self.differing = {row_no for row_no, _pk, differs in rows if differs}

    # --- 3

    def broken(self) -> Iterator[tuple[int, Any]]:
        """Yield (row index, name of the constraint or Rule) for each condition that a row would break."""
        checks = [(c.condition, c.name) for c in self.model._meta.constraints if isinstance(c, models.CheckConstraint)]
        conditions = [*checks, *((rule.condition, rule) for rule in self.rules)]
        if not conditions:
            return
        parts, params = [], []
        for condition, _name in conditions:
            sql, values = self._compile(condition)
            parts.append(f"({sql}) IS FALSE")
            params += values
        row, row_params = self._row_afterwards()
        found = self._all(
            f"SELECT * FROM (SELECT row_no, {', '.join(f'{p} AS broken_{n}' for n, p in enumerate(parts))} "
            f"FROM ({row}) AS afterwards) AS checked WHERE {' OR '.join(f'broken_{n}' for n in range(len(parts)))}",
            [*params, *row_params],
        )
        for row_no, *flags in found:
            for flag, (_condition, name) in zip(flags, conditions, strict=True):
                if flag:
                    yield row_no, name

    def cleared(self) -> dict[str, int]:
        """Return how many stored values would be emptied, by name of the resource's field."""
        columns = [c for c in self.changing if any(value is None or value == "" for value in c.values)]
        if not columns or not self.keys:
            return {}
        counts = [
            f"count(*) FILTER (WHERE coalesce(t.{name}::text, '') <> '' AND coalesce(({new})::text, '') = '')"
            for name, new in ((self._quote(c.db_column), self._new(c)) for c in columns)
        ]
        [row] = self._all(
            f"SELECT {', '.join(counts)} FROM {self.temporary} i JOIN {self.table} t ON {self._same_key()}"
        )
        return {column.name: count for column, count in zip(columns, row, strict=True) if count}

    def leave_out(self, indexes: Sequence[int]) -> None:
        """Forget rows that were refused."""
        if indexes:
            self._run(f"DELETE FROM {self.temporary} WHERE row_no = ANY(%s::int[])", [array_literal(indexes)])

    def _compile(self, condition: Any) -> tuple[str, list[Any]]:
        query = Query(model=self.model, alias_cols=False)
        sql, params = query.build_where(condition).as_sql(query.get_compiler(connection=connection), connection)
        return sql, list(params)

    def _row_afterwards(self) -> tuple[str, list[Any]]:
        mine = {column.model_field: column for column in self.columns}
        parts, params = ["i.row_no"], []
        for model_field in self.model._meta.concrete_fields:
            name = self._quote(model_field.column)
            column = mine.get(model_field)
            if column is not None and not column.leaves:
                parts.append(f"i.{name}")
                continue
            if model_field.generated:
                parts.append(f"t.{name}")
                continue
            default, values = default_of(model_field, column)
            left = f"CASE WHEN t.{self.pk} IS NULL THEN ({default})::{sql_type(model_field)} ELSE t.{name} END"
            parts.append(f"{self._given(column, left) if column is not None else left} AS {name}")
            params += values
        join = self._same_key() if self.keys else "FALSE"
        return (
            f"SELECT {', '.join(parts)} FROM {self.temporary} i LEFT JOIN {self.table} t ON {join}",
            params,
        )

    # --- 4

    def apply(self, indexes: Sequence[int]) -> Outcome:
        """Write the rows with these (ascending) indexes; a refused row leaves the others written."""
        outcome = Outcome()
        todo = [list(indexes)] if indexes else []
        while todo:
            part = todo.pop()
            try:
                with transaction.atomic():
                    updated = self._update(part[0], part[-1])
                    created = self._insert([n for n in part if n not in self.matches])
            except (IntegrityError, DataError) as error:
                if len(part) == 1:
                    outcome.refused[part[0]] = constraint_of(error)
                else:
                    middle = len(part) // 2
                    todo += [part[middle:], part[:middle]]
            else:
                outcome.updated.update((n, self.matches[n]) for n in updated)
                outcome.created.update(created)
        return outcome

    def _update(self, first: int, last: int) -> list[int]:
        if not self.changing or not self.differing:
            return []
        assignments = [f"{self._quote(c.db_column)} = {self._new(c)}" for c in self.changing]
        params: list[Any] = []
        for model_field in self.model._meta.concrete_fields:
            if getattr(model_field, "auto_now", False):
                assignments.append(f"{self._quote(model_field.column)} = %s")
                params.append(timezone.now())
        assignments += self.derived.assignments("t")
        update = (
            f"UPDATE {self.table} t SET {', '.join(assignments)} FROM {self._rows()} WHERE {self._same_key()} "
            f"AND i.row_no BETWEEN %s AND %s AND {self._differs()} RETURNING i.row_no"
        )
        params += [first, last]
        if self.trail is not None:
            update, params = self._with_trail(update, params, self.trail)
        return [row_no for (row_no,) in self._all(update, params)]

    def _with_trail(self, update: str, params: list[Any], trail: Trail) -> tuple[str, list[Any]]:
        """Return the update with what each changed cell was and is written by the same statement."""
        names = [self._quote(c.db_column) for c in self.changing]
        pairs = ", ".join(f"old.{name} AS o{n}, new.{name} AS n{n}" for n, name in enumerate(names))
        was, now = (_changed_cells([c.db_column for c in self.changing], side) for side in "on")
        file_row = "i.file_row" if trail.file_rows else "i.row_no"
        sql = (
            f"WITH written AS ({update}, {file_row} AS file_no, t.{self.pk} AS pk, {pairs}), "
            f"kept AS ({_TRAIL} SELECT %s, %s, file_no, %s, pk, false, {was}, {now}, '', '{{}}', '' FROM written) "
            "SELECT row_no FROM written"
        )
        return sql, [*params, trail.table_import, trail.part, self.model._meta.label_lower]

    def keep_created(self, created: dict[int, Any]) -> None:
        """Write what undoing needs to know of new rows: all they hold once everything derived is in them."""
        if self.trail is None or not created:
            return
        automatic = {
            str(f.column) for f in self.model._meta.concrete_fields if f.generated or getattr(f, "auto_now", False)
        }
        sql = (
            f"{_TRAIL} SELECT %s, %s, made.row_no, %s, made.pk, true, '{{}}', to_jsonb(t) - %s::text[], '', '{{}}', '' "
            f"FROM unnest(%s::int[], %s::bigint[]) AS made(row_no, pk) JOIN {self.table} t ON t.{self.pk} = made.pk"
        )
        left_out = sorted(automatic | self.trail.derived)
        rows = [self.trail.file_rows[n] for n in created] if self.trail.file_rows else list(created)
        self._run(
            sql,
            [self.trail.table_import, self.trail.part, self.model._meta.label_lower, left_out, rows,
             list(created.values())],
        )  # fmt: skip

    def forget_values(self) -> None:
        """Let go of the cells, when everything is written."""
        for column in self.columns:
            column.values = []

    def _insert(self, new: list[int]) -> dict[int, Any]:
        if not new:
            return {}
        mine = {column.model_field: column for column in self.columns}
        names, values, params = [], [], []
        for model_field in self.model._meta.concrete_fields:
            column = mine.get(model_field)
            if model_field.primary_key or model_field.generated:
                continue  # the database makes them
            names.append(self._quote(model_field.column))
            if column is not None and not column.leaves:
                values.append(f"i.{names[-1]}")
                continue
            default, default_params = default_of(model_field, column)
            left = self.derived.cell(names[-1], f"({default})::{sql_type(model_field)}")
            values.append(self._given(column, left) if column is not None else left)
            params += default_params
        rows = self._all(
            f"INSERT INTO {self.table} ({', '.join(names)}) SELECT {', '.join(values)} FROM {self._rows()} "
            f"WHERE i.row_no = ANY(%s::int[]) ORDER BY i.row_no RETURNING {self.pk}",
            [*params, array_literal(new)],
        )
        return {row_no: pk for row_no, (pk,) in zip(new, rows, strict=True)}

    # --- pieces of SQL

    def _rows(self) -> str:
        return f"{self.temporary} i{self.derived.join}"

    def _same_key(self) -> str:
        return " AND ".join(
            f"(t.{name} = i.{name} OR (t.{name} IS NULL AND i.{name} IS NULL))"
            if column.model_field.null
            else f"t.{name} = i.{name}"
            for column, name in ((c, self._quote(c.db_column)) for c in self.keys)
        )

    def _new(self, column: Column) -> str:
        name = self._quote(column.db_column)
        return self._given(column, f"t.{name}") if column.leaves else f"i.{name}"

    def _given(self, column: Column, otherwise: str) -> str:
        """Return the SQL of a cell, or of ``otherwise`` where the cell says nothing."""
        name = self._quote(column.db_column)
        if _is_flagged(column):
            return f"CASE WHEN i.{self._flag(column)} THEN {otherwise} ELSE i.{name} END"
        return f"COALESCE(i.{name}, {otherwise})" if column.leaves else f"i.{name}"

    def _flag(self, column: Column) -> str:
        return f"left_{self.columns.index(column)}"

    def _differs(self) -> str:
        if not self.changing:
            return "FALSE"
        stored = ", ".join(f"t.{self._quote(c.db_column)}" for c in self.changing)
        return f"ROW({stored}) IS DISTINCT FROM ROW({', '.join(self._new(c) for c in self.changing)})"

    @staticmethod
    def _quote(name: str | None) -> str:
        return str(connection.ops.quote_name(name or ""))

    @staticmethod
    def _all(sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows

    @staticmethod
    def _run(sql: str, params: Sequence[Any]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql, params)


def _is_flagged(column: Column) -> bool:
    """Tell whether NULL alone could not say if a cell empties the value or leaves it."""
    return column.leaves and column.empties


def _changed_cells(names: Sequence[str], side: str) -> str:
    """Return the SQL of an object of the cells that differ; written as text and read once, which is fastest."""
    cells = [
        f"CASE WHEN o{n} IS DISTINCT FROM n{n} "
        f"THEN '{json.dumps(name)}:' || coalesce(to_json({side}{n})::text, 'null') END"
        for n, name in enumerate(names)
    ]
    return f"('{{' || concat_ws(',', {', '.join(cells)}) || '}}')::jsonb"


def constraint_of(error: Exception) -> str:
    """Return the name of the constraint that refused a statement, empty when nothing names one."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return (diagnosis.constraint_name if diagnosis else None) or ""
