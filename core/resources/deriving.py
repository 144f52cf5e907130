"""Columns that follow from others, written together with the row: a second UPDATE would pay every index again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection


class Derived:
    """Cells of derived columns beside the staged rows (``i``) of a merge; without any, statements stay as they are."""

    def __init__(self, table: str) -> None:
        self.table = table  # quoted name of the temporary table
        self.columns: dict[str, str] = {}  # quoted column -> type
        self.join = ""

    def stage(self, columns: Mapping[str, str], rows: Mapping[int, Sequence[Any]]) -> None:
        """COPY the cells: ``columns`` name -> type, ``rows`` index -> cells in that order; others keep theirs."""
        if not rows:
            return
        self.columns = {connection.ops.quote_name(name): kind for name, kind in columns.items()}
        types = ", ".join(f"{name} {kind}" for name, kind in self.columns.items())
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE TEMPORARY TABLE {self.table} (row_no integer, {types}) ON COMMIT DROP")
            with cursor.copy(f"COPY {self.table} FROM STDIN") as copy:
                for index, cells in rows.items():
                    copy.write_row((index, *cells))
            cursor.execute(f"ANALYZE {self.table}")
        self.join = f" LEFT JOIN {self.table} d ON d.row_no = i.row_no"

    def cell(self, column: str, otherwise: str) -> str:
        """Return the SQL of a (quoted) column's derived cell, ``otherwise`` where there is none."""
        return f"coalesce(d.{column}, {otherwise})" if column in self.columns else otherwise

    def assignments(self, stored: str) -> list[str]:
        """Return what an UPDATE sets; ``stored`` is the alias of the table."""
        return [f"{column} = {self.cell(column, f'{stored}.{column}')}" for column in self.columns]
