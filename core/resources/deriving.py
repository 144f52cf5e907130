"""Columns that follow from others, written together with the row: a second UPDATE would pay every index again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection


class Derived:
    """Cells of derived columns beside the staged rows (``i``) of a merge; without any, statements stay as they are."""

    def __init__(self, table: str) -> None:
        self.table = table  # quoted name of the temporary table
        self.columns: dict[str, str] = {}  # quoted column -> type
        self.join = ""

    def stage(self, columns: Mapping[str, str], blocks: Iterable[Mapping[int, Sequence[Any]]]) -> None:
        """COPY the cells: ``columns`` name -> type, ``blocks`` row index -> cells in that order; others keep theirs."""
        with connection.cursor() as cursor:
            for rows in blocks:
                if not self.columns:
                    self.columns = {connection.ops.quote_name(name): kind for name, kind in columns.items()}
                    types = ", ".join(f"{name} {kind}" for name, kind in self.columns.items())
                    cursor.execute(f"CREATE TEMPORARY TABLE {self.table} (row_no integer, {types}) ON COMMIT DROP")
                with cursor.copy(f"COPY {self.table} FROM STDIN") as copy:
                    for index, cells in rows.items():
                        copy.write_row((index, *cells))
            if not self.columns:
                return
            cursor.execute(f"ANALYZE {self.table}")
        self.join = f" LEFT JOIN {self.table} d ON d.row_no = i.row_no"

    def cell(self, column: str, otherwise: str) -> str:
        """Return the SQL of a (quoted) column's derived cell, ``otherwise`` where there is none."""
        return f"coalesce(d.{column}, {otherwise})" if column in self.columns else otherwise

    def assignments(self, stored: str) -> list[str]:
        """Return what an UPDATE sets; ``stored`` is the alias of the table."""
        return [f"{column} = {self.cell(column, f'{stored}.{column}')}" for column in self.columns]
