"""What papers of orders say: seller, lines with their rates, sums; a fixed number of statements for a whole batch."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounting.models import ChannelSeller, Seller
from accounting.selectors.taxing import (
    CARRIAGE_FOLLOWS_GOODS,
    EXPORT,
    Goods,
    Rate,
    RateSum,
    TaxTable,
    share_by_rate,
    sums_by_rate,
    taxing_country,
)
from core.errors import InvalidInput
from core.money import split
from orders.models import LineKind, Order, OrderLine


@dataclass(frozen=True, slots=True)
class BillLine:
    """One line as a paper tells it."""

    line: OrderLine
    rate: Rate


@dataclass(frozen=True, slots=True)
class Bill:
    """What was sold with an order, by whom, and what tax is in it; ``country``: whose rates hold, empty for exports."""

    order: Order
    seller: Seller
    country: str
    supplied_on: date
    lines: Sequence[BillLine]
    sums: Sequence[RateSum]

    def scaled(self, amount: int) -> list[RateSum]:
        """Return the sums of a part of the bill, such as what was paid so far."""
        parts = split(amount, [one.gross for one in self.sums]) if self.sums else []
        shares = {one.rate: part for one, part in zip(self.sums, parts, strict=True)}
        return sums_by_rate(shares, self.seller.rounding)


class Sellers:
    """Who sells on each channel."""

    def __init__(self) -> None:
        self._all = {seller.pk: seller for seller in Seller.objects.all()}
        self._default = next((seller for seller in self._all.values() if seller.is_default), None)
        self._by_channel = dict(ChannelSeller.objects.values_list("sales_channel_id", "seller_id"))

    def of(self, order: Order) -> Seller:
        """Return who sells an order; InvalidInput when nobody is named."""
        seller = self._all.get(self._by_channel.get(order.sales_channel_id, 0), self._default)
        if seller is None:
            raise InvalidInput(_("Nobody is named as the seller. Add a seller under “Sellers” first."))
        return seller


def bills_of(*, orders: Sequence[Order]) -> tuple[dict[int, Bill], dict[int, str]]:
    """Return the bills of orders, and why there is none for some of them, by order id."""
    sellers, bills, refused = Sellers(), {}, {}
    lines: dict[int, list[OrderLine]] = defaultdict(list)
    rows = OrderLine.objects.filter(order__in=orders).select_related("variant__product").order_by("position", "pk")
    for line in rows:
        lines[line.order_id].append(line)
    table: TaxTable | None = None
    for order in orders:
        try:
            seller = sellers.of(order)
            if table is None:
                table = TaxTable(_countries(sellers, orders))
            bills[order.pk] = _bill(order, seller, lines[order.pk], table)
        except InvalidInput as error:
            refused[order.pk] = str(error)
    return bills, refused


def _countries(sellers: Sellers, orders: Sequence[Order]) -> set[str]:
    return {taxing_country(sellers.of(order), order.country) for order in orders}


def _bill(order: Order, seller: Seller, lines: Sequence[OrderLine], table: TaxTable) -> Bill:
    country = taxing_country(seller, order.country)
    day = timezone.localdate(order.shipped_at or order.placed_at)
    standard = table.standard(country, day) if country else EXPORT
    bill_lines = [
        BillLine(line, table.rate(country, goods_of(line), day) if line.kind == LineKind.PRODUCT else standard)
        for line in lines
    ]
    by_rate = share_by_rate(
        [(one.line.kind, one.line.total, one.rate) for one in bill_lines],
        standard,
        follows_goods=country in CARRIAGE_FOLLOWS_GOODS,
    )
    return Bill(order, seller, country, day, bill_lines, sums_by_rate(by_rate, seller.rounding))


def goods_of(line: OrderLine) -> Goods:
    """Return by what a line is classed; nothing for goods that nobody has matched."""
    if line.variant is None:
        return Goods()
    product: Any = line.variant.product
    return Goods(product.pk, product.category_id, product.product_type_id)
