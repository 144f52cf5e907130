"""Large tables filled by one statement each: what a column begins with, chance that is always the same, names."""

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from django.db import models

# what a column begins with that the statement does not name and the table does not fill by itself
EMPTY: Mapping["type[models.Field[Any, Any]]", str] = {
    models.BooleanField: "false",
    models.JSONField: "'{}'",
    models.CharField: "''",
    models.TextField: "''",
    models.IntegerField: "0",
    models.DecimalField: "0",
}
CHANCE = """
CREATE OR REPLACE FUNCTION pg_temp.chance(n bigint, draw int) RETURNS float LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT (hashint8extended(n, draw) & 2147483647)::float / 2147483648
$$
"""
INDEXES = """
SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
WHERE i.indrelid = ANY(%s::regclass[]) AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
"""
NAME = (
    "(%(family)s::text[])[1 + floor(pg_temp.chance({n}, 1) * cardinality(%(family)s::text[]))::int] || ' ' ||"
    " (%(given)s::text[])[1 + floor(pg_temp.chance({n}, 2) * cardinality(%(given)s::text[]))::int]"
)


def fill(
    cursor: "psycopg.Cursor[Any]",
    model: type[models.Model],
    known: Mapping[str, str],
    source: str,
    parameters: Mapping[str, Any],
) -> None:
    """Insert ``known`` (column to SQL) of each row of ``source``; other columns that want a value get an empty one."""
    columns = {**_filled(model, known), **known}
    names, values = ", ".join(f'"{name}"' for name in columns), ", ".join(columns.values())
    cursor.execute(f"INSERT INTO {model._meta.db_table} ({names}) SELECT {values} FROM {source}", parameters)


def without_indexes(cursor: "psycopg.Cursor[Any]", tables: Sequence[str]) -> list[str]:
    """Drop the indexes of these tables that no constraint needs, and return how they are made again."""
    indexes = cursor.execute(INDEXES, [list(tables)]).fetchall()
    for name, _definition in indexes:
        cursor.execute(f"DROP INDEX {name}")
    return [definition for _name, definition in indexes]


def _filled(model: type[models.Model], known: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for field in model._meta.concrete_fields:
        name = str(field.column)
        if field.primary_key or field.null or field.generated or name in known or field.has_db_default():
            continue
        found[name] = next((text for kind, text in EMPTY.items() if isinstance(field, kind)), "now()")
    return found
