"""Many rows at once: ids drawn ahead, rows by COPY. For services that write thousands; constraints hold as ever."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models


def draw_ids(model: type[models.Model], count: int) -> list[int]:
    """Return ``count`` new primary keys, in order; unused ones are lost, as with any sequence."""
    if not count:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [row[0] for row in cursor.fetchall()]


def copy_rows(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows given as values of ``columns`` (database names); columns left out get the database's default."""
    quoted = ", ".join(connection.ops.quote_name(column) for column in columns)
    statement = f"COPY {connection.ops.quote_name(model._meta.db_table)} ({quoted}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
