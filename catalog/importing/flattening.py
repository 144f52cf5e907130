"""A file of a mall as flat rows of the generic format: one for each SKU, product cells on the first of a product."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, TypeVar

from django.core.exceptions import ValidationError

from catalog.gtin import validate_gtin
from catalog.importing.columns import IMAGES, OPTIONS, with_channel
from catalog.importing.formats import GENERIC, Picture, ProductFormat
from catalog.importing.shapes import SHAPES, Cells, Group, Source
from core.imports.headers import normal

T = TypeVar("T")

SKU_LENGTH = 80
_CODES = ("code", "sku", "barcode", "hs_code", "maker_code", "supplier_code", "other_code")
# an apostrophe that shops and spreadsheets put before a number so that it stays a text
_APOSTROPHE = re.compile(r"^'(?=\d)")
_MANGLED = re.compile(r"\d(\.\d+)?[eE]\+\d+")


@dataclass
class Flat:
    """Flat rows with what people have to know of them.

    ``numbers``: the row of the file behind each flat row. ``notices``: code -> rows of the file. ``stock``, ``unused``
    and ``unknown``: columns of the file that are not imported because the catalogue knows no stock, because it has no
    place for them, or because the format does not know them.
    """

    headers: list[str]
    rows: Sequence[Sequence[str]]
    numbers: list[int]
    notices: dict[str, list[int]] = field(default_factory=dict)
    stock: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def flatten(
    *,
    format: ProductFormat,  # noqa: A002 the word of the field
    headers: Sequence[str],
    rows: Sequence[Sequence[Any]],
    language: str,
    channel: str = "",
    numbers: Sequence[int] = (),
) -> Flat:
    """Return a file's rows in the generic format.

    ``language`` and ``channel`` (its code): of texts and prices in files that do not say themselves. Prices are left
    out where no channel is chosen. The generic format's own files pass as they are.
    """
    counted = list(numbers) or list(range(2, len(rows) + 2))
    if format.code == GENERIC:
        return Flat(list(headers), [_as_texts(row) for row in rows], counted)
    flattening = _Flattening(format, headers, language=language, channel=channel)
    groups = SHAPES[format.shape](flattening.sources(rows, counted), format.settings, flattening.told)
    return flattening.flat(groups)


def _as_texts(row: Sequence[Any]) -> Sequence[str]:
    """Return the row itself where its cells are texts: a large file is not held twice."""
    return row if all(type(cell) is str for cell in row) else ["" if cell is None else str(cell) for cell in row]


class _Flattening:
    def __init__(self, chosen: ProductFormat, headers: Sequence[str], *, language: str, channel: str) -> None:
        self.format = chosen
        self.headers = [header.strip() for header in headers]
        self.places = {normal(header): place for place, header in reversed(list(enumerate(self.headers)))}
        self.notices: dict[str, list[int]] = {}
        self.fields: list[tuple[str, list[int]]] = []
        for ours, theirs in chosen.fields.items():
            if "{channel}" in ours and not channel:
                continue
            name = ours.format(language=language, channel=channel)
            places = [self.places[normal(column)] for column in theirs if normal(column) in self.places]
            if places:
                self.fields.append((name, places))

        def named(table: Mapping[str, T]) -> dict[str, T]:
            return {name.format(language=language, channel=channel): told for name, told in table.items()}

        self.constants, self.values = named(chosen.constants), named(chosen.values)
        self.scales, self.drop = named(chosen.scales), named(chosen.drop)
        self.pictures = [(self._place(one.column), self._place(one.alt), one) for one in chosen.images]
        self.price, self.compare_at = with_channel("price", channel), with_channel("compare_at", channel)

    def told(self, code: str, number: int) -> None:
        """Note something that people have to know about a row."""
        self.notices.setdefault(code, []).append(number)

    def _place(self, column: str) -> int | None:
        return self.places.get(normal(column)) if column else None

    # --- in

    def sources(self, rows: Sequence[Sequence[Any]], numbers: Sequence[int]) -> Iterator[Source]:
        """Give the rows with their cells under our names."""
        for number, row in zip(numbers, rows, strict=True):
            texts = ["" if cell is None else str(cell).strip() for cell in row]
            cells = {name: self._text(name, places, texts) for name, places in self.fields}
            self._tidy_barcode(cells, number)
            self._tidy_compare(cells, number)
            raw = dict(zip(self.headers, texts, strict=False))
            yield Source(number, {**self.constants, **cells}, raw, list(self._pictures_of(texts)))

    def _text(self, name: str, places: Sequence[int], texts: Sequence[str]) -> str:
        text = next((texts[place] for place in places if place < len(texts) and texts[place]), "")
        if name in _CODES:
            text = _APOSTROPHE.sub("", text)
        values = self.values.get(name)
        if values is not None and text in values:
            text = values[text]
        pattern = self.drop.get(name)
        if pattern and re.fullmatch(pattern, text):
            return ""
        return _scaled(text, self.scales[name]) if name in self.scales else text

    def _tidy_barcode(self, cells: Cells, number: int) -> None:
        """Keep as another code what cannot stand under a barcode; what a spreadsheet mangled is left out."""
        barcode = cells.get("barcode", "")
        if not barcode:
            return
        if _MANGLED.fullmatch(barcode):
            self.told("mangled_barcode", number)
            cells["barcode"] = ""
            return
        try:
            validate_gtin(barcode)
        except ValidationError:
            self.told("no_gtin", number)
            cells["barcode"] = ""
            if barcode != cells.get("sku"):
                cells["other_code"] = barcode

    def _tidy_compare(self, cells: Cells, number: int) -> None:
        before = cells.get(self.compare_at, "")
        if before and self.format.compare_at == "higher" and not _is_higher(before, cells.get(self.price, "")):
            cells[self.compare_at] = ""
            self.told("compare_not_higher", number)

    def _pictures_of(self, texts: Sequence[str]) -> Iterator[tuple[str, str]]:
        for place, alt, picture in self.pictures:
            cell = texts[place] if place is not None and place < len(texts) else ""
            words = texts[alt] if alt is not None and alt < len(texts) else ""
            for name in _several(cell, picture):
                yield name, words

    # --- out

    def flat(self, groups: Iterator[Group]) -> Flat:
        """Return the products as rows, with columns only for what some row fills."""
        flat = Flat([], [], [], self.notices)
        records: list[Cells] = []
        for group in groups:
            for number, cells in self._records(group):
                records.append(cells)
                flat.numbers.append(number)
        self._drop_shared_codes(records, flat.numbers)
        flat.headers = self._headers(records)
        flat.rows = [[record.get(name, "") for name in flat.headers] for record in records]
        flat.stock, flat.unused, flat.unknown = self._left_over()
        return flat

    def _records(self, group: Group) -> Iterator[tuple[int, Cells]]:
        """Give the rows of one product; a product without variants has one row without an SKU."""
        if len(group.pictures) > IMAGES:
            self.told("too_many_pictures", group.number)
        first = dict(group.cells)
        for place, (name, words) in enumerate(group.pictures[:IMAGES], start=1):
            first |= {f"image_{place}": name, f"image_{place}_alt": words}
        # short cells stand on every row: where the first one is refused, the others still make the product
        short = {name: text for name, text in group.cells.items() if text and not name.startswith("description")}
        for place, (number, cells) in enumerate(group.variants or [(group.number, {})]):
            if group.variants and not cells.get("sku"):
                cells["sku"] = made_sku(group.cells.get("code", ""), cells)
                self.told("made_sku", number)
            yield number, {**(first if place == 0 else short), **cells}

    def _drop_shared_codes(self, records: Sequence[Cells], numbers: Sequence[int]) -> None:
        """Leave out codes that several variants of the file have: they tell none of them."""
        uses = Counter(record["other_code"] for record in records if record.get("other_code"))
        for record, number in zip(records, numbers, strict=True):
            if uses[record.get("other_code", "")] > 1:
                record["other_code"] = ""
                self.told("shared_barcode", number)

    def _headers(self, records: Sequence[Cells]) -> list[str]:
        used = {name for record in records for name, text in record.items() if text}
        order: dict[str, None] = {}
        for record in records:
            order.update(dict.fromkeys(record))
        return [name for name in order if name in used]

    def _left_over(self) -> tuple[list[str], list[str], list[str]]:
        stock = {normal(name) for name in self.format.stock}
        ignored = {normal(name) for name in self.format.ignored}
        filled = [header for header in self.headers if header]
        return (
            [header for header in filled if normal(header) in stock],
            [header for header in filled if normal(header) in ignored or self._is_pattern(header)],
            [header for header in filled if not self.format.knows(header)],
        )

    def _is_pattern(self, header: str) -> bool:
        return any(re.fullmatch(one, header) for one in self.format.patterns)


def made_sku(code: str, cells: Mapping[str, str]) -> str:
    """Return an SKU made of the product's code and the option values: the same however rows are ordered."""
    values = [cells.get(f"option{n}_value", "") for n in OPTIONS]
    words = ["-".join(value.split()) for value in values if value]
    sku = "-".join([code, *words])
    if not code or len(sku) <= SKU_LENGTH:
        return sku if code else ""
    mark = hashlib.sha256(sku.encode()).hexdigest()[:8]
    return f"{sku[: SKU_LENGTH - 9]}-{mark}"


def _several(cell: str, picture: Picture) -> list[str]:
    parts = cell.split(picture.separator) if picture.separator else [cell]
    return [part.strip() for part in parts if part.strip()]


def _number(text: str) -> Decimal | None:
    try:
        found = Decimal(text.replace(",", "")) if text else None
    except InvalidOperation:
        return None
    return found if found is not None and found.is_finite() else None


def _scaled(text: str, factor: int) -> str:
    number = _number(text)
    if number is None:
        return text  # refused by name when it is cleaned
    return str(int((number * factor).quantize(Decimal(1), rounding=ROUND_HALF_UP)))


def _is_higher(before: str, price: str) -> bool:
    high, low = _number(before), _number(price)
    return high is None or low is None or high > low
