"""Files as rows of cell texts, one at a time, whatever wrote them; guarded against files made to choke us."""

import csv
import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.imports.encoding import check_encoding, find_encoding
from core.imports.errors import FileRefused
from core.imports.sheets import sheet_rows

MAX_ROWS = 1_048_576  # what a sheet can hold
MAX_CELL = 100_000
MAX_COLUMNS = 1_000
MAX_ENTRIES = 1_000
MAX_UNPACKED = 600 * 1024 * 1024
MAX_RATIO = 50
SMALL = 20 * 1024 * 1024  # below this a high ratio harms nobody

ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
DELIMITERS = ",\t;|"

Row = tuple[int, list[str]]  # number as a spreadsheet shows it (from 1), cell texts


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How to read a file: as CSV with ``encoding`` and ``delimiter``, or as a workbook's sheet."""

    kind: str  # "csv" or "sheet"
    encoding: str = ""
    delimiter: str = ","
    sheet: str = ""
    header_row: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return what ``ImportBatch.layout`` keeps."""
        return dict(self.__dict__)


def find_layout(path: Path, *, encoding: str = "", likely: tuple[str, ...] = ()) -> Layout:
    """Return how the file is to be read; FileRefused for empty, protected, monstrous or undecodable files."""
    with path.open("rb") as file:
        start = file.read(8192)
    if not start.strip(b"\x00\r\n\t ,;\xef\xbb\xbf"):
        raise FileRefused("empty_file")
    if start.startswith(OLE):
        # protected workbooks are encrypted streams inside the old container
        if _is_encrypted(path):
            raise FileRefused("password")
        return Layout(kind="sheet")
    if start.startswith(ZIP):
        check_archive(path)
        return Layout(kind="sheet")
    if encoding:
        check_encoding(path, encoding)
    else:
        encoding = find_encoding(path, likely=likely)
    return Layout(kind="csv", encoding=encoding, delimiter=_delimiter(path, encoding))


def check_archive(path: Path) -> None:
    """Refuse archives that unpack to more than a table can need (zip bombs), before anything is unpacked."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise FileRefused("not_readable") from None
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MAX_ENTRIES:
        raise FileRefused("bomb", what=f"{len(entries)} entries")
    if unpacked > MAX_UNPACKED:
        raise FileRefused("bomb", what=f"{unpacked // 2**20} MB")
    if unpacked > SMALL and unpacked > MAX_RATIO * path.stat().st_size:
        raise FileRefused("bomb", what=f"1 : {unpacked // max(1, path.stat().st_size)}")
    if any(entry.flag_bits & 1 for entry in entries):
        raise FileRefused("password")


@contextmanager
def open_rows(path: Path, layout: Layout) -> Iterator[Iterator[Row]]:
    """Give the rows of the file as texts; memory does not grow with the number of rows."""
    if layout.kind == "sheet":
        yield _guarded(sheet_rows(path, sheet=layout.sheet))
        return
    with path.open(encoding=layout.encoding, errors="strict", newline="") as file:
        yield _guarded(_csv_rows(file, layout.delimiter))


def _csv_rows(file: io.TextIOBase, delimiter: str) -> Iterator[Row]:
    # tab files of the malls are written without quoting: a lone quote is a character there
    is_bare = delimiter == "\t" and not _is_quoted(file)
    csv.field_size_limit(10 * MAX_CELL)
    lines = (line.replace("\x00", "\ufffd") for line in file)
    reader = (
        csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)
        if is_bare
        else csv.reader(lines, delimiter=delimiter)
    )
    try:
        yield from enumerate(reader, start=1)
    except csv.Error as error:
        if "field larger" in str(error):
            raise FileRefused("cell_too_long", row=reader.line_num, limit=MAX_CELL) from None
        raise FileRefused("not_readable") from None
    except UnicodeError:
        raise FileRefused("not_readable") from None


def _is_quoted(file: io.TextIOBase) -> bool:
    start = file.read(4096)
    file.seek(0)
    return start.lstrip("\ufeff").startswith('"') or '\t"' in start


def _guarded(rows: Iterator[Row]) -> Iterator[Row]:
    for number, row in rows:
        if number > MAX_ROWS:
            raise FileRefused("too_many_rows", limit=MAX_ROWS)
        if len(row) > MAX_COLUMNS:
            raise FileRefused("too_many_columns", row=number, limit=MAX_COLUMNS)
        if any(len(cell) > MAX_CELL for cell in row):
            raise FileRefused("cell_too_long", row=number, limit=MAX_CELL)
        yield number, row


def _delimiter(path: Path, encoding: str) -> str:
    """Return the delimiter that cuts the first lines into the most cells, evenly."""
    with path.open(encoding=encoding, errors="strict", newline="") as file:
        try:
            start = file.read(65536)
        except UnicodeError:
            raise FileRefused("not_readable") from None
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        try:
            widths = [len(row) for row in csv.reader(io.StringIO(start, newline=""), delimiter=delimiter) if row][:20]
        except csv.Error:
            continue
        widest = max(widths, default=0)
        score = widest * widths.count(widest) / len(widths) if widest > 1 else 0.0
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _is_encrypted(path: Path) -> bool:
    with path.open("rb") as file:
        return "EncryptedPackage".encode("utf-16-le") in file.read(1 << 20)
