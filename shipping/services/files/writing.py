"""Rows of fields to the bytes of a file: the same rows, the same bytes."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Literal

import xlsxwriter

from addresses.fitting.characters import columns_of, not_carried, stand_in
from shipping.models import FormatKind
from shipping.services.files.definitions import Cell, OutDefinition

Row = Mapping[str, str | Mapping[str, str]]
_QUOTING: dict[str, Literal[0, 1, 3]] = {"minimal": csv.QUOTE_MINIMAL, "all": csv.QUOTE_ALL, "none": csv.QUOTE_NONE}
SUFFIXES = {"csv": ".csv", "tsv": ".txt", "xlsx": ".xlsx"}
UNKNOWN = "?"  # what stands for a character that the file cannot carry and nobody can replace


def write_file(definition: OutDefinition, rows: Iterable[Row]) -> bytes:
    """Return the file: preface, header and one line for each row, in the format's encoding."""
    table = [[_told(definition, row, cell) for _header, cell in definition.columns] for row in rows]
    head = [*map(list, definition.preface), *([definition.headers] if definition.has_header else [])]
    if definition.file == "xlsx":
        return _workbook(definition.sheet, [*head, *table])
    delimiter = "\t" if definition.file == "tsv" else ","
    text = io.StringIO(newline="")
    writer = csv.writer(
        text,
        delimiter=delimiter,
        lineterminator=definition.newline,
        quoting=_QUOTING[definition.quoting],
        quotechar=None if definition.quoting == "none" else '"',
        escapechar="\\" if definition.quoting == "none" else None,
    )
    writer.writerows(head)
    writer.writerows([[carried(cell, definition.encoding) for cell in row] for row in table])
    return text.getvalue().encode(definition.encoding)


def day_text(definition: OutDefinition, day: date | None) -> str:
    """Return a day as the format writes it; an empty text for none."""
    return day.strftime(definition.dates) if day else ""


def carried(text: str, encoding: str) -> str:
    """Return the text in characters that the encoding has."""
    for char in not_carried(text, encoding):
        text = text.replace(char, stand_in(char, encoding) or UNKNOWN)
    return text


def clipped(text: str, width: int) -> str:
    """Return the beginning of a text that fits into so many half-width columns."""
    while columns_of(text) > width:
        text = text[:-1]
    return text


def _told(definition: OutDefinition, row: Row, cell: Cell) -> str:
    if not cell.name:
        return cell.constant
    value = row.get(cell.name, "")
    text = value.get(cell.part, "") if isinstance(value, Mapping) else _part(str(value), cell.part)
    text = " ".join(text.split()) if definition.kind == FormatKind.CARRIER else text.strip()
    if cell.name in definition.plain:
        text = "".join(letter for letter in text if letter.isdigit())
    width = definition.widths.get(cell.name)
    return clipped(text, width) if width else text


def _part(text: str, part: str) -> str:
    """Return a part of a joined number: ``line_id:2`` of "880-12" is "12"."""
    if not part:
        return text
    parts, place = text.split("-"), int(part) - 1
    return parts[place] if place < len(parts) else ""


def _workbook(name: str, table: Sequence[Sequence[str]]) -> bytes:
    """Return a workbook of texts only: numbers of fifteen digits and more stay whole."""
    memory = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(memory, options) as book:
        sheet = book.add_worksheet(name)
        for place, row in enumerate(table):
            for column, cell in enumerate(row):
                if cell:
                    sheet.write_string(place, column, cell)
    return memory.getvalue()
