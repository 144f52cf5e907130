"""Typed rows into a table with set-based SQL: COPY to a temporary table, check, update what differs, insert the new.

1. ``stage``: COPY; nothing is visible to others. 2. ``match``: find and lock the rows that exist, in primary-key order.
3. ``broken``: the model's CHECK constraints and the resource's rules over each row as it would be afterwards.
4. ``apply``: one UPDATE (only rows that differ) and one INSERT. Constraints that SQL cannot ask beforehand (unique, no
   overlap) refuse the statement; then the set is halved until the refused row is alone, so every fault has its row.
"""

from __future__ import annotations

# ruff: noqa: S608  names come from the model's own columns, values are parameters
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from django.db import DataError, IntegrityError, connection, models, transaction
from django.db.models import Q
from django.db.models.fields import NOT_PROVIDED
from django.db.models.functions import Now
from django.db.models.sql import Query
from django.utils import timezone

from core.resources.columns import LEAVE, Column

_tables = count(1)


@dataclass(frozen=True)
class Rule:
    """A condition that each row has to meet afterwards; ``message`` says what to do if it does not."""

    condition: Q
    message: Any


@dataclass
class Match:
    """A row of the file whose object exists."""

    pk: Any
    differs: bool


@dataclass
class Outcome:
    """What ``apply`` did: row index -> primary key, and row index -> name of the constraint that refused it."""

    created: dict[int, Any] = field(default_factory=dict)
    updated: dict[int, Any] = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)


class Merge:
    """One set of rows on its way into one table; use inside a transaction."""

    def __init__(self, *, model: type[models.Model], columns: Sequence[Column], rules: Sequence[Rule]) -> None:
        self.model = model
        self.columns = columns
        self.rules = rules
        self.keys = [column for column in columns if column.is_key]
        # an object is found by its key, so the key never changes
        self.changing = [column for column in columns if not column.is_key]
        self.table = self._quote(model._meta.db_table)
        self.temporary = self._quote(f"import_rows_{next(_tables)}")
        self.pk = self._quote(model._meta.pk.column)
        self.matches: dict[int, Match] = {}

    # --- 1

    def stage(self, indexes: Sequence[int]) -> None:
        """COPY the rows with these indexes."""
        types = [f"{self._quote(c.db_column)} {_type(c.model_field)}" for c in self.columns]
        with connection.cursor() as cursor:
            cursor.execute(
                f"CREATE TEMPORARY TABLE {self.temporary} ({', '.join(['row_no integer', *types])}) ON COMMIT DROP"
            )
            with cursor.copy(f"COPY {self.temporary} FROM STDIN") as copy:
                for index in indexes:
                    copy.write_row(
                        [index, *(None if c.values[index] is LEAVE else c.values[index] for c in self.columns)]
                    )
            if len(indexes) > 200:
                cursor.execute(f"ANALYZE {self.temporary}")

    def drop(self) -> None:
        """Remove the temporary table before the transaction's end does."""
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {self.temporary}")

    # --- 2

    def match(self) -> None:
        """Find and lock the existing objects, in primary-key order."""
        if not self.keys:
            return
        rows = self._all(
            f"SELECT i.row_no, t.{self.pk}, {self._differs()} FROM {self.temporary} i JOIN {self.table} t "
            f"ON {self._same_key()} ORDER BY t.{self.pk} FOR UPDATE OF t"
        )
        self.matches = {row_no: Match(pk, differs) for row_no, pk, differs in rows}

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

    def leave_out(self, indexes: Sequence[int]) -> None:
        """Forget rows that were refused."""
        if indexes:
            self._run(f"DELETE FROM {self.temporary} WHERE row_no = ANY(%s)", [list(indexes)])

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
            if column is not None and not column.may_leave:
                parts.append(f"i.{name}")
                continue
            default, values = _default(model_field)
            given = f"i.{name}, " if column is not None else ""
            parts.append(
                f"COALESCE({given}CASE WHEN t.{self.pk} IS NULL THEN ({default})::{_type(model_field)} "
                f"ELSE t.{name} END) AS {name}"
            )
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
                    outcome.refused[part[0]] = _constraint(error)
                else:
                    middle = len(part) // 2
                    todo += [part[middle:], part[:middle]]
            else:
                outcome.updated.update((n, self.matches[n].pk) for n in updated)
                outcome.created.update(created)
        return outcome

    def _update(self, first: int, last: int) -> list[int]:
        if not self.changing or not any(m.differs for m in self.matches.values()):
            return []
        assignments = [f"{self._quote(c.db_column)} = {self._new(c)}" for c in self.changing]
        params: list[Any] = []
        for model_field in self.model._meta.concrete_fields:
            if getattr(model_field, "auto_now", False):
                assignments.append(f"{self._quote(model_field.column)} = %s")
                params.append(timezone.now())
        rows = self._all(
            f"UPDATE {self.table} t SET {', '.join(assignments)} FROM {self.temporary} i WHERE {self._same_key()} "
            f"AND i.row_no BETWEEN %s AND %s AND {self._differs()} RETURNING i.row_no",
            [*params, first, last],
        )
        return [row_no for (row_no,) in rows]

    def _insert(self, new: list[int]) -> dict[int, Any]:
        if not new:
            return {}
        mine = {column.model_field: column for column in self.columns}
        names, values, params = [], [], []
        for model_field in self.model._meta.concrete_fields:
            column = mine.get(model_field)
            if model_field.primary_key:
                continue  # the database numbers new rows
            default, default_params = _default(model_field)
            names.append(self._quote(model_field.column))
            if column is None:
                values.append(f"({default})::{_type(model_field)}")
                params += default_params
            elif column.may_leave:
                values.append(f"COALESCE(i.{names[-1]}, ({default})::{_type(model_field)})")
                params += default_params
            else:
                values.append(f"i.{names[-1]}")
        rows = self._all(
            f"INSERT INTO {self.table} ({', '.join(names)}) SELECT {', '.join(values)} FROM {self.temporary} i "
            f"WHERE i.row_no = ANY(%s) ORDER BY i.row_no RETURNING {self.pk}",
            [*params, new],
        )
        return {row_no: pk for row_no, (pk,) in zip(new, rows, strict=True)}

    # --- pieces of SQL

    def _same_key(self) -> str:
        return " AND ".join(
            f"(t.{name} = i.{name} OR (t.{name} IS NULL AND i.{name} IS NULL))"
            if column.model_field.null
            else f"t.{name} = i.{name}"
            for column, name in ((c, self._quote(c.db_column)) for c in self.keys)
        )

    def _new(self, column: Column) -> str:
        name = self._quote(column.db_column)
        return f"COALESCE(i.{name}, t.{name})" if column.may_leave else f"i.{name}"

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


def _type(model_field: models.Field[Any, Any]) -> str:
    return str(model_field.rel_db_type(connection) if model_field.primary_key else model_field.db_type(connection))


def _default(model_field: models.Field[Any, Any]) -> tuple[str, list[Any]]:
    """Return the SQL of what a new row gets where the file says nothing."""
    if getattr(model_field, "auto_now", False) or getattr(model_field, "auto_now_add", False):
        return "%s", [timezone.now()]
    if model_field.has_default():
        return "%s", [model_field.get_db_prep_save(model_field.get_default(), connection)]
    if model_field.db_default is not NOT_PROVIDED:
        expression = model_field._db_default_expression  # type: ignore[attr-defined]  # noqa: SLF001 Django's own wrapping of db_default
        if isinstance(expression, Now):
            return "STATEMENT_TIMESTAMP()", []
        compiler = Query(model_field.model).get_compiler(connection=connection)
        sql, params = compiler.compile(expression.resolve_expression(compiler.query))
        return sql, list(params)
    if not model_field.null and model_field.empty_strings_allowed:
        return "%s", [""]
    return "NULL", []


def _constraint(error: Exception) -> str:
    diagnosis = getattr(error.__cause__, "diag", None)
    return (diagnosis.constraint_name if diagnosis else None) or ""
