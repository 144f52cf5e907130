"""Reads of imports for screens."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from django.db import connection
from django.db.models import Count, QuerySet

from core.imports.files import open_rows
from core.imports.headers import normal
from core.imports.reading import definition_of, shaper_of
from core.imports.sources import layout_of, local_file
from core.imports.staging import body_of
from core.imports.targets import MoneyLine, target_of
from core.models import ImportBatch, ImportFormat, ImportRow


@dataclass(frozen=True, kw_only=True)
class Reconciliation:
    """Rows and money of one file, in and out."""

    row_count: int
    lines: Sequence[MoneyLine]

    @property
    def rows_in(self) -> int:
        """Rows that some line accounts for."""
        return sum(line.rows_in for line in self.lines)

    @property
    def rows_out(self) -> int:
        """Rows found in the tables, refused or repeated."""
        return sum(line.rows_out for line in self.lines)

    def money(self, currency: str) -> tuple[int, int]:
        """Return minor units in and out of one currency."""
        mine = [line for line in self.lines if line.currency == currency]
        return sum(line.money_in for line in mine), sum(line.money_out for line in mine)

    @property
    def agrees(self) -> bool:
        """Tell whether every row and every minor unit is accounted for."""
        return self.row_count == self.rows_in == self.rows_out and all(line.agrees for line in self.lines)


def reconciliation(batch: ImportBatch) -> Reconciliation:
    """Return what the file held against what stands in the tables, computed apart from each other."""
    return Reconciliation(row_count=batch.row_count, lines=target_of(batch.target).reconcile(batch=batch))


def rows_of(batch: ImportBatch, outcome: str | None = None) -> QuerySet[ImportRow]:
    """Return the rows in file order, all or those of one outcome."""
    rows = ImportRow.objects.filter(batch=batch).order_by("number")
    return rows.filter(outcome=outcome) if outcome else rows


def outcome_counts(batch: ImportBatch) -> dict[str, int]:
    """Return outcome -> rows."""
    return dict(rows_of(batch).order_by().values_list("outcome").annotate(count=Count("pk")))


def reason_counts(batch: ImportBatch) -> list[tuple[str, str, int]]:
    """Return (code, column, rows) of the reasons given, the most frequent first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r ->> 'code', coalesce(r ->> 'column', ''), count(*) FROM core_importrow,"
            " jsonb_array_elements(reason) AS r WHERE batch_id = %s AND reason IS NOT NULL"
            " GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2",
            [batch.pk],
        )
        return list(cursor.fetchall())


def formats_for(target: str) -> QuerySet[ImportFormat]:
    """Return the formats offered for a target."""
    return ImportFormat.objects.filter(target=target, is_active=True).order_by("name")


def sample_rows(batch: ImportBatch, count: int = 5) -> list[tuple[int, list[str]]]:
    """Return the first rows of the file as they stand."""
    with local_file(batch) as path, open_rows(path, layout_of(batch)) as rows:
        return list(islice(body_of(rows, batch.layout["header_row"]), count))


def personal_columns(batch: ImportBatch) -> set[int]:
    """Return the places of cells that hold personal data: mask them without core.see_personal_columns.

    Columns that no field reads count as personal too: nobody has said that they are not.
    """
    shaper, definition = shaper_of(batch), definition_of(batch)
    personal = {field.name for field in shaper.target.fields if field.is_personal}
    harmless = {place for name, placed in shaper.placed.items() if name not in personal for place in placed.places} - {
        place for name, placed in shaper.placed.items() if name in personal for place in placed.places
    }
    named = {place for place, column in enumerate(batch.columns) if normal(column) in definition.personal}
    return {place for place in range(len(batch.columns)) if place not in harmless or place in named}
