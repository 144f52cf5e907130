"""Changes of one table taken back with set-based SQL."""

from __future__ import annotations

# ruff: noqa: S608  names come from the model's own columns, values are parameters
import json
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any

from django.db import DataError, IntegrityError, InternalError, connection, models, transaction
from django.utils import timezone

from core.models import TableChange, TableChangeState
from core.resources.merge import constraint_of
from core.resources.owners import lock_owners

if TYPE_CHECKING:
    from core.resources.bulk import BulkResource

Finder = Callable[[type[models.Model], Collection[int]], Collection[int]]
_holders: list[Finder] = []


def register_holder(finder: Finder) -> None:
    """Let ``finder(model, pks)`` name rows that somebody refers to without a foreign key, such as tasks about them."""
    _holders.append(finder)


class TakingBack:
    """A set of changes of one table in which no object occurs twice; use inside a transaction."""

    def __init__(self, resource: BulkResource, ids: Sequence[int]) -> None:
        self.resource = resource
        self.model = resource._meta.model
        self.ids = list(ids)
        self.table = self._quote(self.model._meta.db_table)
        self.pk = self._quote(self.model._meta.pk.column)

    def run(self) -> None:
        """Take back what can be; every change is undone or a conflict afterwards, and what is derived is fresh."""
        open_ids = self._lock()
        self._compare(open_ids)
        rows = TableChange.objects.filter(pk__in=open_ids).values_list("id", "object_id", "created", "conflicts")
        changed = {pk: object_id for pk, object_id, created, _conflicts in rows if not created}
        made = {pk: object_id for pk, object_id, created, conflicts in rows if created and not conflicts}
        restored = self._restore(changed)
        deleted = self._delete(made)
        TableChange.objects.filter(pk__in=open_ids, state="", conflicts={}).update(state=TableChangeState.UNDONE)
        self._mark([*self.ids], "changed", only_open=True)
        if restored or deleted:
            self.resource.after_undo(restored=restored, deleted=deleted)

    # --- what is there

    def _lock(self) -> list[int]:
        """Lock the objects in primary-key order; return the changes of those that are there and in reach.

        What they belong to is locked before them, as by everybody else.
        """
        objects = dict(TableChange.objects.filter(pk__in=self.ids).values_list("id", "object_id"))
        lock_owners(
            self.resource.owner, f"FROM {self.table} t WHERE t.{self.pk} = ANY(%s::bigint[])", [list(objects.values())]
        )
        there = {
            pk for (pk,) in self._all(
                f"SELECT {self.pk} FROM {self.table} WHERE {self.pk} = ANY(%s::bigint[]) ORDER BY {self.pk} FOR UPDATE",
                [list(objects.values())],
            )
        }  # fmt: skip
        reach = self.resource.pks_in_reach(list(there))
        self._mark([pk for pk, object_id in objects.items() if object_id not in there], "gone")
        if reach is not None:
            self._mark([pk for pk, object_id in objects.items() if object_id in there - reach], "others")
            there &= reach
        return [pk for pk, object_id in objects.items() if object_id in there]

    def _columns(self) -> list[str]:
        keys = self._all(
            "SELECT DISTINCT jsonb_object_keys(after) FROM core_tablechange WHERE id = ANY(%s::bigint[])", [self.ids]
        )
        known = {f.column for f in self.model._meta.concrete_fields if not f.generated}
        return sorted(key for (key,) in keys if key in known)

    def _compare(self, ids: Sequence[int]) -> None:
        """Note for each change the columns that hold something else by now, and what they hold."""
        cells = [
            f"CASE WHEN c.after ? '{name}' AND t.{self._quote(name)} IS DISTINCT FROM w.{self._quote(name)} "
            f"THEN '{json.dumps(name)}:' || coalesce(to_json(t.{self._quote(name)})::text, 'null') END"
            for name in self._columns()
        ]
        if cells:
            self._run(
                "UPDATE core_tablechange c SET conflicts = "
                f"('{{' || concat_ws(',', {', '.join(cells)}) || '}}')::jsonb "
                f"FROM {self.table} t, core_tablechange d CROSS JOIN LATERAL jsonb_populate_record(NULL::{self.table}, "
                f"d.after) w WHERE c.id = ANY(%s::bigint[]) AND d.id = c.id AND t.{self.pk} = c.object_id",
                [list(ids)],
            )

    # --- changed rows

    def _restore(self, changed: dict[int, int]) -> list[int]:
        """Put the cells back that still hold what was imported; return the keys of the objects."""
        columns = self._columns()
        if not changed or not columns:
            return []
        cells = [
            f"{name} = CASE WHEN c.before ? '{column}' AND NOT c.conflicts ? '{column}' THEN r.{name} ELSE t.{name} END"
            for column, name in ((column, self._quote(column)) for column in columns)
        ]
        now: list[Any] = []
        for field in self.model._meta.concrete_fields:
            if getattr(field, "auto_now", False):
                cells.append(f"{self._quote(field.column)} = %s")
                now.append(timezone.now())
        sql = (
            f"UPDATE {self.table} t SET {', '.join(cells)} FROM core_tablechange c CROSS JOIN LATERAL "
            f"jsonb_populate_record(NULL::{self.table}, c.before) r WHERE c.id = ANY(%s::bigint[]) "
            f"AND t.{self.pk} = c.object_id "
            f"AND EXISTS (SELECT FROM jsonb_object_keys(c.before) k WHERE NOT c.conflicts ? k) RETURNING t.{self.pk}"
        )
        return self._in_halves(list(changed), lambda part: [pk for (pk,) in self._all(sql, [*now, part])])

    # --- created rows

    def _delete(self, made: dict[int, int]) -> list[dict[str, Any]]:
        """Delete the new rows that nobody refers to; return what they held."""
        free = dict(made)
        for change, note in self._held(made).items():
            self._mark([change], note)
            del free[change]

        def delete(part: list[int]) -> list[int]:
            pks = [free[change] for change in part]
            for model in self.resource.dependents:
                for column in self._columns_to_here(model):
                    table = self._quote(model._meta.db_table)
                    self._run(f"DELETE FROM {table} WHERE {self._quote(column)} = ANY(%s::bigint[])", [pks])
            self._run(f"DELETE FROM {self.table} WHERE {self.pk} = ANY(%s::bigint[])", [pks])
            return part

        gone = self._in_halves(list(free), delete)
        return list(TableChange.objects.filter(pk__in=gone).values_list("after", flat=True))

    def _held(self, made: dict[int, int]) -> dict[int, str]:
        """Return the changes whose new rows somebody refers to, with a note of who."""
        change_of = {object_id: change for change, object_id in made.items()}
        held: dict[int, str] = {}
        inside: dict[int, set[int]] = {}  # row of ours -> rows of ours that refer to it
        for relation in self._relations():
            table, column = self._quote(relation.related_model._meta.db_table), self._quote(relation.field.column)
            label = relation.related_model._meta.label_lower
            own = self.pk if relation.related_model is self.model else "NULL"
            for pk, other in self._all(
                f"SELECT DISTINCT {column}, {own} FROM {table} WHERE {column} = ANY(%s::bigint[])",
                [list(change_of)],
            ):
                if other in change_of:
                    inside.setdefault(pk, set()).add(other)
                else:
                    held.setdefault(change_of[pk], f"referred {label}")
        for finder in _holders:
            for pk in finder(self.model, list(change_of)):
                held.setdefault(change_of[pk], "referred")
        # a row that stays keeps the rows of ours that it refers to
        while more := [pk for pk, others in inside.items() if change_of[pk] not in held
                       and any(change_of[other] in held for other in others)]:  # fmt: skip
            for pk in more:
                held[change_of[pk]] = f"referred {self.model._meta.label_lower}"
        return held

    def _relations(self) -> list[Any]:
        """Return what refers to this table and does not belong to its rows."""
        fields = self.model._meta.get_fields(include_hidden=True)
        found = [f for f in fields if f.auto_created and not f.concrete and (f.one_to_many or f.one_to_one)]
        return [f for f in found if f.field.concrete and f.related_model not in self.resource.dependents]

    def _columns_to_here(self, model: type[models.Model]) -> list[str]:
        return [str(f.column) for f in model._meta.concrete_fields if f.related_model is self.model]

    # --- pieces

    def _in_halves(self, ids: list[int], work: Callable[[list[int]], list[int]]) -> list[int]:
        """Work in savepoints; a set that the database refuses is halved down to the row, which becomes a conflict."""
        answers: list[int] = []
        todo = [ids] if ids else []
        while todo:
            part = todo.pop()
            try:
                with transaction.atomic():
                    answers += work(part)
            except (IntegrityError, DataError, InternalError) as error:
                if len(part) == 1:
                    self._mark(part, f"constraint {constraint_of(error)}".strip())
                else:
                    middle = len(part) // 2
                    todo += [part[middle:], part[:middle]]
        return answers

    @staticmethod
    def _mark(ids: Sequence[int], note: str, *, only_open: bool = False) -> None:
        """Make the changes conflicts, with a note that ``notes.sentence`` puts into words."""
        rows = TableChange.objects.filter(pk__in=ids)
        if only_open:
            rows = rows.filter(state="")
        rows.update(state=TableChangeState.CONFLICT, note=note[:300])

    @staticmethod
    def _quote(name: str | None) -> str:
        return str(connection.ops.quote_name(name or ""))

    @staticmethod
    def _all(sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows

    @staticmethod
    def _run(sql: str, params: Sequence[Any]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
