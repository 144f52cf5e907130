"""Rows of large .xlsx sheets, parsed as they are unpacked: memory does not grow with the number of rows.

calamine is several times faster, but holds the whole sheet; it reads what is smaller than ``sheets.LARGE``.
"""

import re
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET  # for parts that declare no entities, see _check_parts
from xml.parsers import expat

from core.imports.errors import FileRefused

_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_BUILTIN_DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
_DATE_CODE = re.compile(r"[ymdhs]", re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
BLOCK = 1 << 16
# parts that are held in memory, and how large they may be
HELD = {
    "xl/workbook.xml": 10 << 20,
    "xl/_rels/workbook.xml.rels": 10 << 20,
    "xl/styles.xml": 10 << 20,
    "xl/sharedStrings.xml": 128 << 20,
}


def large_sheet_rows(path: Path, *, sheet: str = "") -> Iterator[tuple[int, list[Any]]]:
    """Give (row number, values) of ``sheet`` or the first one; values are text, float, bool, datetime or None."""
    try:
        with zipfile.ZipFile(path) as archive:
            _check_parts(archive)
            part, epoch = _sheet_part(archive, sheet)
            strings, dates = _shared_strings(archive), _date_styles(archive)
            with archive.open(part) as stream:
                yield from _Sheet(strings, dates, epoch).rows(stream)
    except (expat.ExpatError, ET.ParseError, zipfile.BadZipFile, KeyError, ValueError, IndexError, OverflowError):
        raise FileRefused("not_readable") from None


class _Sheet:
    """One sheet while it is parsed."""

    def __init__(self, strings: list[str], dates: set[str], epoch: datetime) -> None:
        self._strings = strings
        self._dates = dates
        self._epoch = epoch
        self._ready: list[tuple[int, list[Any]]] = []
        self._row: list[Any] = []
        self._number = 0
        self._text: list[str] = []
        self._type = self._style = ""
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.EntityDeclHandler = _refuse_entities

    def rows(self, stream: Any) -> Iterator[tuple[int, list[Any]]]:
        """Give the rows as they become complete."""
        while block := stream.read(BLOCK):
            self._parser.Parse(block)
            yield from self._ready
            self._ready.clear()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if name in {"v", "t"}:
            self._parser.CharacterDataHandler = self._text.append
        elif name == "c":
            self._text.clear()
            self._type = attributes.get("t", "")
            self._style = attributes.get("s", "")
            if reference := attributes.get("r"):
                self._pad(_column(reference))
        elif name == "row":
            self._row = []
            self._number = int(attributes.get("r", self._number + 1))

    def _end(self, name: str) -> None:
        name = name.rpartition(":")[2]
        if name in {"v", "t"}:
            self._parser.CharacterDataHandler = None
        elif name == "c":
            self._row.append(self._value("".join(self._text)))
        elif name == "row":
            self._ready.append((self._number, self._row))

    def _pad(self, column: int) -> None:
        if column > 16_384:
            raise ValueError
        if column > len(self._row):
            self._row.extend([""] * (column - len(self._row)))

    def _value(self, text: str) -> Any:
        if self._type == "s":
            return self._strings[int(text)]
        if self._type == "b":
            return text == "1"
        if self._type or not text:  # texts, errors, ISO dates
            return text
        number = float(text)
        if self._style in self._dates:
            return self._epoch + timedelta(days=round(number * 86_400) / 86_400)
        return number


def _refuse_entities(*_declaration: Any) -> None:
    raise ValueError


def _check_parts(archive: zipfile.ZipFile) -> None:
    """Refuse parts that are, or by their entities become, too large to be held; spreadsheets declare no entities."""
    for entry in archive.infolist():
        if entry.filename in HELD:
            if entry.file_size > HELD[entry.filename]:
                raise FileRefused("bomb", what=entry.filename)
            with archive.open(entry) as stream:
                _check_prolog(stream)


def _check_prolog(stream: Any) -> None:
    """Refuse entities where alone they can be declared: before the first element."""
    begun: list[str] = []
    parser = expat.ParserCreate()
    parser.EntityDeclHandler = _refuse_entities
    parser.StartElementHandler = lambda name, _attributes: begun.append(name)
    while not begun and (block := stream.read(BLOCK)):
        parser.Parse(block)


def _column(reference: str) -> int:
    """Return the place of "C12", from 0."""
    place = 0
    for letter in reference:
        if not letter.isalpha():
            break
        place = place * 26 + ord(letter) - 64
    return place - 1


def _sheet_part(archive: zipfile.ZipFile, sheet: str) -> tuple[str, datetime]:
    """Return the file of the sheet inside the archive, and the day its dates count from."""
    book = ET.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314 declares no entities
    relations = ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314 declares no entities
    target = {relation.get("Id"): str(relation.get("Target")) for relation in relations}
    sheets = [(e.get("name"), target[e.get(_RELATION)]) for e in book.iter() if e.tag.endswith("}sheet")]
    part = next(part for name, part in sheets if not sheet or name == sheet)
    is_1904 = any(e.get("date1904") in {"1", "true"} for e in book.iter() if e.tag.endswith("}workbookPr"))
    epoch = datetime(1904, 1, 1) if is_1904 else datetime(1899, 12, 30)  # noqa: DTZ001 a sheet has no zone
    return (part.lstrip("/") if part.startswith("/") else f"xl/{part}"), epoch


def _shared_strings(archive: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in archive.namelist():
        return []
    strings = []
    with archive.open("xl/sharedStrings.xml") as stream:
        for _event, element in ET.iterparse(stream):  # noqa: S314 declares no entities
            if element.tag.endswith("}si"):
                # the reading aids of Japanese text (rPh) are not part of it
                aids = {id(t) for aid in element.iter() if aid.tag.endswith("}rPh") for t in aid.iter()}
                parts = (t.text or "" for t in element.iter() if t.tag.endswith("}t") and id(t) not in aids)
                strings.append("".join(parts))
                element.clear()
    return strings


def _date_styles(archive: zipfile.ZipFile) -> set[str]:
    """Return the numbers of cell styles that show a date or time."""
    if "xl/styles.xml" not in archive.namelist():
        return set()
    styles = ET.fromstring(archive.read("xl/styles.xml"))  # noqa: S314 declares no entities
    dates = set(_BUILTIN_DATES)
    for element in styles.iter():
        if element.tag.endswith("}numFmt") and _DATE_CODE.search(_QUOTED.sub("", element.get("formatCode", ""))):
            dates.add(int(element.get("numFmtId", 0)))
    formats = next((e for e in styles if e.tag.endswith("}cellXfs")), ())
    return {str(place) for place, e in enumerate(formats) if int(e.get("numFmtId", 0)) in dates}
