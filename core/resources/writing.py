"""Tables as files: CSV that no spreadsheet runs as a formula, and workbooks of typed cells; memory does not grow."""

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from core.errors import InvalidInput
from core.resources.reading import guard

SHEET_ROWS = 1_048_575  # below the header


@dataclass(frozen=True)
class FileKind:
    """One kind of file: suffix, media type and how rows are written to a path."""

    suffix: str
    media_type: str
    write: Callable[[Path, Sequence[str], Iterable[Sequence[Any]]], int]


def write_csv(path: Path, headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Write UTF-8 with a byte order mark (Excel needs it for Korean and Japanese); return the number of rows."""
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([guard(header) for header in headers])
        for row in rows:
            writer.writerow([guard(cell) if isinstance(cell, str) else cell for cell in row])
            count += 1
    return count


def write_xlsx(path: Path, headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Write a workbook whose texts are typed as text, so "=1+1" stays a text; return the number of rows."""
    count = 0
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        sheet = book.add_worksheet()
        for column, header in enumerate(headers):
            sheet.write_string(0, column, header)
        for count, row in enumerate(rows, start=1):
            if count > SHEET_ROWS:
                raise InvalidInput(_("A sheet holds 1,048,575 rows at most. Export as CSV, or filter the list first."))
            for column, cell in enumerate(row):
                if isinstance(cell, int | float | Decimal) and _fits(cell):
                    sheet.write_number(count, column, cell)
                elif cell not in {None, ""}:
                    sheet.write_string(count, column, str(cell))
    return count


def _fits(number: Any) -> bool:
    return bool(abs(number) < 10**15)  # Excel keeps 15 digits; longer numbers are written as text


FILE_KINDS = {
    "csv": FileKind(".csv", "text/csv; charset=utf-8", write_csv),
    "xlsx": FileKind(".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", write_xlsx),
}
