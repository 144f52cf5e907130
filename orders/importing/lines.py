"""One row as a line of an order, and what makes a line the same in every delivery."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from core.imports.targets import Chunk
from orders.importing.money import Minor, Misfit
from orders.models import LineKind
from orders.services.intake.drafts import LineDraft, name_by_parent

MILLION = 1_000_000
# looking a value up in an enumeration costs microseconds, and files have hundreds of thousands of lines
LINE_KINDS = frozenset(LineKind.values)
PRODUCT = LineKind.PRODUCT.value
LINE_VALUES = (
    "line_id",
    "sku",
    "name",
    "options",
    "quantity",
    "unit_price",
    "line_amount",
    "line_discount",
    "line_shipping",
    "line_state",
    "line_kind",
    "carrier",
    "tracking_number",
    "payment_amount",
)
_TEN_THOUSANDTH = Decimal("0.0001")


@dataclass(slots=True)
class Row:
    """A row of a document: its own line, and the extra lines that it carries."""

    place: int
    line: LineDraft | None
    extras: list[LineDraft] = field(default_factory=list)
    has_payment: bool = False

    @property
    def lines(self) -> list[LineDraft]:
        """All lines that the row makes."""
        return [self.line, *self.extras] if self.line else self.extras


class LineReader:
    """Reads rows of one chunk as lines; amounts are exact minor units or refused (Misfit)."""

    def __init__(self, chunk: Chunk, minor: Minor, *, is_return: bool) -> None:
        self._minor = minor
        self._is_return = is_return
        self._columns = {name: chunk.values[name] for name in LINE_VALUES if name in chunk.values}

    def read(self, place: int) -> Row:
        """Return the row; one without SKU, name and price carries no line (a further payment of its order)."""
        get = {name: column[place] for name, column in self._columns.items()}
        row = Row(place, None, has_payment=get.get("payment_amount") is not None)
        if any(get.get(name) is not None for name in ("sku", "name", "unit_price", "line_amount")):
            row.line = self._line(place, get)
            if get.get("line_shipping") and not self._is_return:
                row.extras.append(_extra(LineKind.SHIPPING, self._minor.exact(get["line_shipping"], place)))
        return row

    def _line(self, place: int, get: dict[str, Any]) -> LineDraft:
        sku, name = get.get("sku") or "", get.get("name") or ""
        if not sku and not name:
            raise Misfit(place, {"code": "orders.no_name"})
        quantity = self._quantity(place, get.get("quantity"))
        unit_price, gross = self._price(place, get, quantity)
        discount = get.get("line_discount")
        kind = get.get("line_kind")
        return LineDraft(
            external_id=get.get("line_id") or "",
            kind=kind if kind in LINE_KINDS else PRODUCT,
            sku=sku,
            name=name or sku,
            options=get.get("options") or "",
            quantity=quantity,
            unit_price=unit_price,
            # malls write a discount with and without minus
            total=gross - abs(self._minor.exact(discount, place)) if discount else gross,
            state=get.get("line_state") or "",
            carrier=get.get("carrier") or "",
            tracking_number=get.get("tracking_number") or "",
        )

    def _quantity(self, place: int, quantity: int | None) -> int:
        if not quantity:
            raise Misfit(place, {"code": "orders.no_quantity"})
        if quantity < 0 and not self._is_return:
            raise Misfit(place, {"code": "orders.negative"})
        if abs(quantity) > MILLION:
            raise Misfit(place, {"code": "orders.too_many"})
        return abs(quantity)

    def _price(self, place: int, get: dict[str, Any], quantity: int) -> tuple[Decimal, int]:
        """Return unit price (major units) and gross amount of the line (minor units, half up)."""
        unit_price: Decimal | None = get.get("unit_price")
        amount: Decimal | None = get.get("line_amount")
        if self._is_return:  # what came back is told by minus signs, here or there
            unit_price = None if unit_price is None else abs(unit_price)
            amount = None if amount is None else abs(amount)
        if (unit_price or 0) < 0 or (amount or 0) < 0:
            raise Misfit(place, {"code": "orders.price_negative"})
        if amount is not None:
            each = unit_price if unit_price is not None else amount / quantity
            return each.quantize(_TEN_THOUSANDTH, ROUND_HALF_UP), self._minor.exact(amount, place)
        if unit_price is None:
            raise Misfit(place, {"code": "orders.no_price"})
        return self._minor.unit(unit_price, place), self._minor.rounded(unit_price * quantity, place)


def identify_lines(rows: list[Row]) -> Iterator[tuple[Row, Row]]:
    """Give every line an id that is the same in each delivery; yield the rows that repeat another, with that other.

    With the source's own line number, a second row of the same number is a repetition (Misfit when its content
    differs). Without one, the id is SKU or name and the how-manieth such line in an order of content, so that neither
    the order of rows nor a second delivery makes lines anew.
    """
    seen: dict[str, Row] = {}
    nameless: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.line is None:
            continue
        key = row.line.external_id
        if not key:
            nameless[(row.line.sku or row.line.name)[:60]].append(row)
        elif key in seen:
            yield _repeated(row, seen[key]), seen[key]
        else:
            seen[key] = row
    for name, alike in nameless.items():
        for count, row in enumerate(sorted(alike, key=_content), start=1):
            line = row.line
            if line is not None:
                line.external_id, line.is_numbered = f"{name}#{count}", False
    _identify_extras(rows)


def _identify_extras(rows: list[Row]) -> None:
    for row in rows:
        for extra in row.extras:
            extra.parent = row.line
            name_by_parent(extra)


def _repeated(row: Row, first: Row) -> Row:
    # the mall's line number decides; only another quantity or amount makes it another line (names are edited meanwhile)
    if _content(row)[3:] != _content(first)[3:]:
        raise Misfit(row.place, {"code": "orders.conflict", "place": first.place})
    return row


def _content(row: Row) -> tuple[Any, ...]:
    line = row.line
    assert line is not None  # noqa: S101 callers pass rows with lines only
    return (line.sku, line.name, line.options, line.quantity, line.unit_price, line.total, line.kind)


def _extra(kind: LineKind, amount: int) -> LineDraft:
    return LineDraft(external_id="", kind=kind.value, quantity=1, unit_price=Decimal(0), total=amount)
