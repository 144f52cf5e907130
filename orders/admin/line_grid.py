"""The grid in which lines of an order are written: what it shows, and what it says when it is sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from catalog.models import Variant
from core.errors import InvalidInput
from core.money import format_money, minor_digits, parse_amount, to_decimal
from orders.models import LineKind
from orders.selectors.writing import Goods
from orders.services.manual.wanted import LONGEST

SPARE = 3  # empty rows for who writes without scripts
EXTRAS = (LineKind.SHIPPING, LineKind.FEE, LineKind.DISCOUNT, LineKind.GIFT)
WIDEST = 20


@dataclass(frozen=True, slots=True)
class TypedLine:
    """A row of the grid as somebody sent it; ``price`` is minor units, None where the field was left empty."""

    line_id: int | None
    variant_id: int | None
    kind: str
    name: str
    quantity: int
    price: int | None
    reason: str


@dataclass(slots=True, kw_only=True)
class GridRow:
    """A row as the grid shows it."""

    line_id: str = ""
    variant_id: str = ""
    kind: str = LineKind.PRODUCT.value
    sku: str = ""
    name: str = ""
    quantity: str = ""
    price: str = ""  # what was typed
    listed: str = ""  # what the price list says, shown in the empty field
    reason: str = ""
    available: str = ""
    least: int = 0  # pieces that were shipped
    note: str = ""

    @property
    def is_goods(self) -> bool:
        """Tell whether the row is for pieces of something."""
        return self.kind == LineKind.PRODUCT

    @property
    def label(self) -> str:
        """What stands in the first column of an extra."""
        return str(LineKind(self.kind).label)


def amount_field(minor: int | None, currency: str) -> str:
    """Return minor units as an input field wants them: 1234.50; nothing for None."""
    if minor is None:
        return ""
    value: Decimal = to_decimal(minor, currency)
    return f"{value:.{minor_digits(currency)}f}"


def read_rows(posted: Mapping[str, str], currency: str) -> list[TypedLine]:
    """Return the rows that say something, in their order; InvalidInput names the fault."""
    places = sorted({int(n) for name in posted if (n := name.removeprefix("quantity_")) != name and _is_number(n)})
    if len(places) > LONGEST + SPARE + len(EXTRAS):
        raise InvalidInput(_("At most %(count)d lines.") % {"count": LONGEST})
    found = [_read(posted, place, currency) for place in places]
    return [row for row in found if row is not None]


def _read(posted: Mapping[str, str], place: int, currency: str) -> TypedLine | None:
    def said(name: str) -> str:
        return posted.get(f"{name}_{place}", "").strip()

    kind, line_id = said("kind") or LineKind.PRODUCT.value, said("line")
    sku, price = said("sku"), said("price")
    if not line_id and not (sku if kind == LineKind.PRODUCT else price):
        return None
    variant = _variant(said("variant"), sku) if kind == LineKind.PRODUCT and not line_id else None
    return TypedLine(
        line_id=int(line_id) if _is_number(line_id) else None,
        variant_id=variant,
        kind=kind,
        name=said("name") if kind != LineKind.PRODUCT else "",
        quantity=_pieces(said("quantity"), 0 if line_id else 1),
        price=parse_amount(price, currency) if price else None,
        reason=said("reason")[:200],
    )


def _variant(chosen: str, sku: str) -> int:
    """Return the variant that was chosen from the list, or whose SKU or barcode was typed."""
    wanted = Variant.objects.filter(pk=int(chosen)) if _is_number(chosen) else Variant.objects.filter(sku=sku)
    found = wanted.first() or Variant.objects.filter(barcode=sku).exclude(barcode="").first()
    if found is None:
        raise InvalidInput(_("There is no SKU “%(sku)s”. Look it up in the product list.") % {"sku": sku})
    return found.pk


def _pieces(text: str, empty: int) -> int:
    if not text:
        return empty
    if not _is_number(text):
        raise InvalidInput(_("“%(text)s” is no number of pieces.") % {"text": text[:20]})
    return int(text)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < WIDEST - 1


def typed_rows(posted: Mapping[str, str]) -> list[GridRow]:
    """Return the rows as they were typed, for the page that tells what is wrong with them."""
    places = sorted({int(n) for name in posted if (n := name.removeprefix("quantity_")) != name and _is_number(n)})
    names = {"line": "line_id", "variant": "variant_id"}
    fields = ("line", "variant", "kind", "sku", "name", "quantity", "price", "reason", "listed", "available", "note")
    return [
        _typed_row({names.get(name, name): posted.get(f"{name}_{place}", "")[:300] for name in fields})
        for place in places[: LONGEST + SPARE + len(EXTRAS)]
        if posted.get(f"kind_{place}", "product") in LineKind.values
    ]


def _typed_row(said: dict[str, Any]) -> GridRow:
    return GridRow(**said)


def with_spare(rows: Sequence[GridRow]) -> list[GridRow]:
    """Return goods with empty rows to write on, then the extras."""
    goods = [row for row in rows if row.is_goods]
    extras = [row for row in rows if not row.is_goods]
    missing = [GridRow(kind=kind) for kind in EXTRAS if all(row.kind != kind for row in extras)]
    spare = SPARE if not goods else 1
    return [*goods, *(GridRow() for _place in range(spare)), *extras, *missing]


def goods_json(goods: Goods, currency: str) -> dict[str, Any]:
    """Return a variant as the script of the grid wants it."""
    return {
        "id": goods.variant.pk,
        "sku": goods.variant.sku,
        "label": goods.variant.label,
        "price": amount_field(goods.price, currency),
        "price_text": format_money(goods.price, currency) if goods.price is not None else "–",
        "available": goods.available,
    }
