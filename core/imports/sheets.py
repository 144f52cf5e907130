"""Rows of workbooks (.xlsx, .xls, .xlsb, .ods) as texts."""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum

from core.imports.errors import FileRefused
from core.imports.large_xlsx import large_sheet_rows

LARGE = 48 * 1024 * 1024  # unpacked; about 100 MB in memory


def sheet_rows(path: Path, *, sheet: str = "") -> Iterator[tuple[int, list[str]]]:
    """Give (row number, cell texts) of ``sheet``, or of the first sheet that has rows."""
    if _is_large(path):
        for number, row in large_sheet_rows(path, sheet=sheet):
            yield number, [cell if type(cell) is str else cell_text(cell) for cell in row]
        return
    try:
        workbook = CalamineWorkbook.from_path(str(path))
        names = (
            [sheet]
            if sheet
            else [meta.name for meta in workbook.sheets_metadata if meta.typ == SheetTypeEnum.WorkSheet]
        )
        for name in names:
            opened = workbook.get_sheet_by_name(name)
            if opened.height:
                del workbook
                yield from _texts(opened)
                return
    except PasswordError:
        raise FileRefused("password") from None
    except (CalamineError, OSError, ValueError, ArithmeticError):
        raise FileRefused("not_readable") from None
    raise FileRefused("no_sheet")


def _is_large(path: Path) -> bool:
    """Tell whether an .xlsx unpacks to more than calamine should hold in memory at once."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
    return "xl/workbook.xml" in sizes and sum(sizes.values()) > LARGE


def _texts(opened: Any) -> Iterator[tuple[int, list[str]]]:
    for number, row in enumerate(opened.iter_rows(), start=1):
        yield number, [cell if type(cell) is str else cell_text(cell) for cell in row]


def cell_text(value: Any) -> str:
    """Return a cell's value as a person would write it: whole numbers without point, dates in ISO form."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number_text(value)
    return str(value).replace("\x00", "\ufffd")  # the text of dates and times is ISO


def _number_text(value: float) -> str:
    if value.is_integer():
        # Excel keeps 15 digits; what is longer lost its end, and the exponent lets identifiers be refused
        return f"{int(value)}" if abs(value) < 1e15 else f"{value:.15E}"
    return repr(value)
