"""A supplier's price list as a file: its items and what they cost, matched by SKU, barcode or the supplier's code."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from catalog.models import Variant
from core.errors import DomainError, InvalidInput
from core.models import TableChange
from core.money import format_money, parse_amount
from core.resources import KeyWidget, Part, PartRow, PartRun, settle
from core.resources.choices import CHANGED, NEW, UNCHANGED
from purchasing.models import PriceBreak, Supplier, SupplierItem
from purchasing.services.ordering.orders import MOST_PRICE
from purchasing.services.supplying import Break, remove_price_break, set_price_breaks

SUPPLIER, CODE, SKU = "supplier", "code", "sku"
DEFAULTS = ("from_quantity", "starts_on")
Place = tuple[int, int, date]  # item, from how many pieces, from which day


class GoodsWidget(KeyWidget):
    """A variant by our SKU, else by its barcode."""

    def __init__(self) -> None:
        super().__init__(Variant, field="sku")

    def ids(self, keys: Iterable[str]) -> Mapping[str, Any]:
        """Return the variant of each key that is known."""
        return goods_by_key(list(keys))


def goods_by_key(keys: Sequence[str]) -> dict[str, int]:
    """Return variant ids by SKU or barcode; a SKU comes first."""
    known = dict(Variant.objects.filter(barcode__in=keys).exclude(barcode="").values_list("barcode", "pk"))
    known.update(Variant.objects.filter(sku__in=keys).values_list("sku", "pk"))
    return known


def complete_price_list(dataset: Any) -> None:
    """Fill in what a supplier leaves out: our SKU by its own code, from one piece on, from today on."""
    headers = [str(header or "") for header in dataset.headers or ()]
    if not headers or SUPPLIER not in headers:
        return
    rows = [dict(zip(headers, row, strict=True)) for row in dataset]
    _fill_skus(rows)
    today = timezone.localdate().isoformat()
    for row in rows:
        row["from_quantity"] = str(row.get("from_quantity") or "").strip() or "1"
        row["starts_on"] = _plain_day(str(row.get("starts_on") or "").strip()) or today
    filled = [*headers, *(name for name in (SKU, *DEFAULTS) if name not in headers)]
    dataset.wipe()
    dataset.headers = filled
    for row in rows:
        dataset.append([row.get(name, "") for name in filled])


def name_supplier(dataset: Any, code: str) -> None:
    """Make every row of a price list one of this supplier; InvalidInput where it names another one."""
    headers = [str(header or "") for header in dataset.headers or ()]
    rows = [list(row) for row in dataset]
    if SUPPLIER not in headers:
        headers, rows = [SUPPLIER, *headers], [[code, *row] for row in rows]
    place = headers.index(SUPPLIER)
    for row in rows:
        named = str(row[place] or "").strip()
        if named and named != code:
            raise InvalidInput(
                _("The file names the supplier “%(named)s”, chosen is “%(chosen)s”.") % {"named": named, "chosen": code}
            )
        row[place] = code
    dataset.wipe()
    dataset.headers = headers
    for row in rows:
        dataset.append(row)


def _plain_day(text: str) -> str:
    return text.replace("/", "-").replace(".", "-").rstrip("-")


def _fill_skus(rows: list[dict[str, Any]]) -> None:
    """Look up the supplier's code where no SKU stands."""
    nameless = [row for row in rows if not str(row.get(SKU) or "").strip() and str(row.get(CODE) or "").strip()]
    found = SupplierItem.objects.filter(code__in={str(row[CODE]).strip() for row in nameless})
    known = {
        (supplier, code): sku for supplier, code, sku in found.values_list("supplier__code", "code", "variant__sku")
    }
    for row in nameless:
        row[SKU] = known.get((str(row.get(SUPPLIER) or "").strip(), str(row[CODE]).strip()), "")


@dataclass(frozen=True, slots=True)
class _Priced:
    """One row that can be written."""

    row: PartRow
    item: SupplierItem
    at: Break

    @property
    def place(self) -> Place:
        """What tells its price apart."""
        return self.item.pk, self.at.from_quantity, self.at.starts_on


def _known(priced: Sequence[_Priced]) -> dict[Place, tuple[int, int]]:
    """Return (key, price) of the breaks of these items by place."""
    rows = PriceBreak.objects.filter(item_id__in={one.item.pk for one in priced})
    return {
        (item, count, day): (pk, price)
        for item, count, day, pk, price in rows.values_list("item_id", "from_quantity", "starts_on", "pk", "price")
    }


class PricesPart(Part):
    """Price breaks of items, in the supplier's currency; written by the service, undone where nobody changed them."""

    model = PriceBreak

    def __init__(self) -> None:
        names = ("supplier", "sku", "from_quantity", "starts_on", "price")
        super().__init__(
            "price",
            columns={name: name for name in names},
            keys=["supplier", "sku", "from_quantity", "starts_on"],
            label="purchasing.pricebreak",
        )

    def apply(self, run: PartRun) -> None:
        """Write the price of each row that names an item, a quantity, a day and an amount."""
        rows = run.good_rows()
        suppliers = dict(Supplier.objects.values_list("code", "pk"))
        goods = goods_by_key([str(row.cells["sku"]).strip() for row in rows])
        wanted = SupplierItem.objects.filter(variant_id__in=goods.values()).select_related("supplier")
        items = {(item.supplier_id, item.variant_id): item for item in wanted}
        priced = []
        for row in rows:
            supplier, variant = str(row.cells["supplier"]).strip(), str(row.cells["sku"]).strip()
            item = items.get((suppliers.get(supplier, 0), goods.get(variant, 0)))
            if item is None:
                run.refuse(row, "sku", _("The supplier has no item of this product yet."))
                continue
            try:
                priced.append(_Priced(row, item, _break(row.cells, item.supplier.currency)))
            except _Fault as fault:
                run.refuse(row, fault.column, str(fault))
        self._write(run, priced)

    def _write(self, run: PartRun, priced: Sequence[_Priced]) -> None:
        """Write what differs in one statement; two rows of one place are one row already."""
        before = _known(priced)
        differing = [one for one in priced if one.place not in before or before[one.place][1] != one.at.price]
        wanted: dict[int, list[Break]] = defaultdict(list)
        for one in differing:
            wanted[one.item.pk].append(one.at)
        set_price_breaks(breaks=wanted, actor=run.user)
        after = _known(differing)
        changed = {one.row.index for one in differing}
        for one in priced:
            if one.row.index not in changed:
                run.told(one.row, UNCHANGED)
                continue
            currency = one.item.supplier.currency
            pk, old = before.get(one.place, (0, None))
            shown = format_money(old, currency), format_money(one.at.price, currency)
            run.told(one.row, CHANGED if pk else NEW, {"price": shown})
            run.keep(
                one.row,
                object_id=after[one.place][0],
                created=not pk,
                before={"price": old} if pk else {},
                after={"price": one.at.price},
            )

    def undo(self, changes: Sequence[TableChange], user: Any) -> None:
        """Give each price what it had, or remove it; one that somebody changed since stays."""
        for change in changes:
            row = PriceBreak.objects.select_related("item__supplier").filter(pk=change.object_id).first()
            if row is None:
                settle(change)
            elif row.price != change.after["price"]:
                now = format_money(row.price, row.item.supplier.currency)
                settle(change, _("The price was changed since."), {"price": now})
            elif change.created:
                remove_price_break(break_id=row.pk, actor=user)
                settle(change)
            else:
                at = Break(price=change.before["price"], starts_on=row.starts_on, from_quantity=row.from_quantity)
                set_price_breaks(breaks={row.item_id: [at]}, actor=user)
                settle(change)


class _Fault(InvalidInput):
    """What is wrong with one cell."""

    def __init__(self, column: str, message: Any) -> None:
        super().__init__(message)
        self.column = column


def _break(cells: Mapping[str, Any], currency: str) -> Break:
    return Break(
        price=_amount(str(cells["price"] or ""), currency),
        from_quantity=_pieces(str(cells["from_quantity"] or "")),
        starts_on=_day(str(cells["starts_on"] or "")),
    )


def _amount(text: str, currency: str) -> int:
    try:
        amount = parse_amount(text, currency)
    except DomainError as error:
        raise _Fault("price", str(error)) from error
    if not 0 <= amount <= MOST_PRICE:
        raise _Fault("price", _("A price cannot be used. Write an amount from 0 on."))
    return amount


def _pieces(text: str) -> int:
    plain = text.strip().replace(",", "")
    if not (plain.isascii() and plain.isdigit() and 0 < int(plain) <= 10_000_000):
        raise _Fault("from_quantity", _("“%(text)s” is no number of pieces.") % {"text": text[:20]})
    return int(plain)


def _day(text: str) -> date:
    try:
        day = parse_date(text.strip()[:10])
    except ValueError:
        day = None
    if day is None:
        raise _Fault("starts_on", _("“%(text)s” is no day. Write it like 2026-12-31.") % {"text": text[:20]})
    return day
