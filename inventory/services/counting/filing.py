"""Counts of a file: what a handheld or a spreadsheet has written down becomes counts of lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import DomainError, InvalidInput
from core.imports.cells import whole
from core.imports.files import find_layout, open_rows
from core.imports.headers import normal
from inventory.models import LineState, Stocktake, StocktakeLine
from inventory.services.counting.books import check_counter
from inventory.services.counting.tallying import count_line
from staff.models import User

MOST_ROWS = 20_000
_ENCODINGS: Mapping[str, tuple[str, ...]] = {"KR": ("cp949",), "JP": ("cp932",)}
# what the columns may be called, as people of three languages write them
_NAMES: Mapping[str, tuple[str, ...]] = {
    "sku": ("sku", "barcode", "variant", "상품코드", "품번", "바코드", "商品コード", "品番", "バーコード"),
    "bin": ("bin", "shelf", "로케이션", "선반", "棚", "棚番", "ロケーション"),
    "lot": ("lot", "lot number", "로트", "로트번호", "ロット", "ロット番号"),
    "counted": ("counted", "quantity", "count", "수량", "실사수량", "数量", "実棚数", "棚卸数"),
}


@dataclass(frozen=True, slots=True)
class FiledCount:
    """One row of a file: its number there, the code of the variant, its place, and the pieces."""

    number: int
    sku: str
    bin: str
    lot: str
    counted: str


@dataclass(slots=True)
class FileOutcome:
    """How many rows were noted, and (row, why) of each refused one."""

    noted: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)


def read_counts(path: Path, *, country: str = "") -> list[FiledCount]:
    """Return the rows of a CSV file or workbook with the columns SKU and counted, perhaps bin and lot.

    ``country`` (of the warehouse) says which encoding is likely where it is not Unicode.

    FileRefused for what cannot be read; InvalidInput without these columns, or with more than 20,000 rows.
    """
    with open_rows(path, find_layout(path, likely=_ENCODINGS.get(country, ()))) as rows:
        found = list(islice(rows, MOST_ROWS + 2))
    if len(found) > MOST_ROWS + 1:
        raise InvalidInput(_("The file has more than %(count)s rows. Split it.") % {"count": MOST_ROWS})
    head = [normal(cell) for cell in found[0][1]] if found else []
    places = {
        name: next((head.index(normal(word)) for word in words if normal(word) in head), -1)
        for name, words in _NAMES.items()
    }
    if places["sku"] < 0 or places["counted"] < 0:
        raise InvalidInput(_("The first row needs the columns “sku” and “counted”, and may have “bin” and “lot”."))
    return [
        FiledCount(number, **{name: _cell(cells, place) for name, place in places.items()})
        for number, cells in found[1:]
        if any(cell.strip() for cell in cells)
    ]


def _cell(cells: Sequence[str], place: int) -> str:
    return cells[place].strip() if 0 <= place < len(cells) else ""


def count_from_file(*, stocktake_id: int, counts: Sequence[FiledCount], actor: User | None = None) -> FileOutcome:
    """Note each row as a count by the actor and return what became of them; the same file again counts nothing twice.

    Rows of what is not in the stocktake, without a number, or in several places without a bin are refused one by one.
    """
    check_counter(actor)
    stocktake = Stocktake.objects.get(pk=stocktake_id)
    by_code = _lines_by_code(stocktake)
    mark = sha256(repr([actor and actor.pk, *counts]).encode()).hexdigest()[:32]
    outcome = FileOutcome()
    for count in counts:
        try:
            line = _line_of(count, by_code)
            with transaction.atomic():
                count_line(
                    line_id=line.pk, counted=_pieces(count), key=f"file:{stocktake.pk}:{mark}:{count.number}",
                    actor=actor,
                )  # fmt: skip
        except DomainError as error:
            outcome.refused.append((count.number, str(error)))
        else:
            outcome.noted += 1
    return outcome


def _lines_by_code(stocktake: Stocktake) -> dict[str, list[StocktakeLine]]:
    found: dict[str, list[StocktakeLine]] = {}
    lines = stocktake.lines.exclude(state=LineState.SKIPPED).select_related("stock_item__variant", "bin", "lot")
    for line in lines:
        variant = line.stock_item.variant
        for code in {variant.sku.lower(), variant.barcode.lower()} - {""}:
            found.setdefault(code, []).append(line)
    return found


def _line_of(count: FiledCount, by_code: Mapping[str, list[StocktakeLine]]) -> StocktakeLine:
    lines = by_code.get(count.sku.lower(), [])
    if not lines:
        raise InvalidInput(_("%(sku)s is not in this stocktake.") % {"sku": count.sku or "–"})
    for name in ("bin", "lot"):
        wanted = getattr(count, name).lower()
        if wanted:
            lines = [line for line in lines if str(getattr(line, name) or "").lower() == wanted]
    if len(lines) != 1:
        raise InvalidInput(
            _("%(sku)s is counted in several places: name its bin and lot.") % {"sku": count.sku}
            if lines
            else _("%(sku)s is not counted in this place.") % {"sku": count.sku}
        )
    return lines[0]


def _pieces(count: FiledCount) -> int:
    value, _reason = whole(count.counted)
    if not isinstance(value, int):
        raise InvalidInput(_("A quantity cannot be used. Write how many pieces, as a whole number."))
    return value
