"""What the lines of one order earned, worked out from facts alone; every part adds up to its whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.utils import timezone

from accounting.models import PARTS, LineProfit
from accounting.selectors.billing import goods_of
from accounting.selectors.earning import Facts, Sent
from accounting.selectors.settling import active_total, is_discount
from accounting.selectors.taxing import CARRIAGE_FOLLOWS_GOODS, EXPORT, share_by_rate, sums_by_rate
from accounting.selectors.terms import part_of
from core.errors import InvalidInput
from core.money import split
from orders.models import LineKind, Order, OrderLine, OrderStatus

# nothing is earned yet, or nothing any more
UNSOLD = frozenset({OrderStatus.NEW, OrderStatus.AWAITING_PAYMENT, OrderStatus.CANCELLED})


@dataclass(frozen=True)
class Whole:
    """What concerns an order as a whole, before it is split over its lines; minor units."""

    charged: int
    discount: int

    @classmethod
    def of(cls, lines: Sequence[OrderLine]) -> "Whole":
        """Add up what is no goods."""
        others = [line for line in lines if line.kind not in (LineKind.PRODUCT, LineKind.DISCOUNT)]
        return cls(sum(line.total for line in others), sum(line.total for line in lines if is_discount(line)))


def profits_of(order: Order, facts: Facts) -> list[LineProfit]:
    """Return the unsaved profits of the order's product lines, without advertising; none of what is not sold."""
    lines = facts.lines[order.pk]
    goods = [
        line
        for line in lines
        if line.kind == LineKind.PRODUCT and line.total >= 0 and line.cancelled_count < line.quantity
    ]
    if order.status in UNSOLD or not goods:
        return []
    day = timezone.localdate(order.placed_at)
    rows = [
        LineProfit(
            order_line=line, order=order, sales_channel_id=order.sales_channel_id, currency=order.currency, day=day,
            product_id=line.variant.product_id if line.variant else None,
            quantity=line.quantity - line.cancelled_count, sales=active_total(line), computed_at=timezone.now(),
        )
        for line in goods
    ]  # fmt: skip
    work = _Work(order, goods, rows, Whole.of(lines), facts, day)
    work.share_sums()
    work.take_tax(lines)
    work.take_refunds()
    work.take_fees()
    work.take_parcels()
    work.take_costs()
    for row in rows:
        row.profit = sum(getattr(row, name) for name in PARTS)
    return rows


class _Work:
    """The lines of one order while their parts are worked out."""

    def __init__(
        self, order: Order, goods: list[OrderLine], rows: list[LineProfit], whole: Whole, facts: Facts, day: date
    ) -> None:
        self.order, self.goods, self.rows, self.whole, self.facts, self.day = order, goods, rows, whole, facts, day
        self.terms = facts.terms.of(order.sales_channel_id, day)
        self.settled = facts.settled.get(order.pk)

    def _spread(self, name: str, amount: int, weights: Sequence[int] | None = None) -> None:
        """Add an amount to a part of the lines, by weight or by what the goods are sold for."""
        if amount:
            by = [row.sales for row in self.rows] if weights is None else weights
            for row, part in zip(self.rows, split(amount, by), strict=True):
                setattr(row, name, getattr(row, name) + part)

    def share_sums(self) -> None:
        """Shipping and discounts by what the goods are sold for, and what the channel bears of discounts."""
        self._spread("charged", self.whole.charged)
        self._spread("discount", self.whole.discount)
        paid = sum(row.paid for row in self.rows)
        support = -part_of(self.whole.discount, self.terms.discount_share)
        if self.settled is not None and self.settled.has_sale:
            told = self.settled.money - paid
            if 0 <= told <= -self.whole.discount:  # anything else is a difference that people decide
                support = told
        self._spread("support", support, [-row.discount for row in self.rows])

    def take_tax(self, lines: Sequence[OrderLine]) -> None:
        """Take the tax of each rate, rounded once for the order, off the lines by what tax is in them."""
        if self.order.pk not in self.facts.sellers:
            self._untaxed()
            return
        seller, country = self.facts.sellers[self.order.pk]
        taxes = self.facts.taxes
        try:
            standard = taxes.standard(country, self.day) if country else EXPORT
            rates = [taxes.rate(country, goods_of(line), self.day) for line in self.goods]
        except InvalidInput:  # nobody has written a rate
            self._untaxed()
            return
        told = [(LineKind.PRODUCT.value, row.sales, rate) for row, rate in zip(self.rows, rates, strict=True)]
        told += [(LineKind.SHIPPING.value, self.whole.charged, standard)]
        told += [(LineKind.DISCOUNT.value, self.whole.discount, standard)]
        by_rate = share_by_rate(told, standard, follows_goods=country in CARRIAGE_FOLLOWS_GOODS)
        tax = sum(one.tax for one in sums_by_rate(by_rate, seller.rounding))
        weights = [
            max(row.paid, 0) * int(rate.percent * 1000) * 1_000_000 // (100_000 + int(rate.percent * 1000))
            for row, rate in zip(self.rows, rates, strict=True)
        ]
        self._spread("tax", -tax, weights)

    def _untaxed(self) -> None:
        for row in self.rows:
            row.is_tax_known = False

    def take_refunds(self) -> None:
        """Take what went back off, without its tax: as it was paid, as it was settled, else as goods came back."""
        paid = sum(row.paid for row in self.rows)
        # what was paid too much and went back is no refund of what was sold; some channels tell no payments
        came, went = self.facts.paid[self.order.pk] or paid, self.facts.refunds[self.order.pk]
        back, is_final = 0, True
        if went:
            back = min(max(paid - came + went, 0), paid)
        elif self.settled is not None and self.settled.refund < 0:
            back = min(-self.settled.refund, paid)
        elif self.order.pk not in self.facts.replaced:
            returned = sum(self._value_back(line, row) for line, row in zip(self.goods, self.rows, strict=True))
            back, is_final = min(returned, paid), not returned
        if back <= 0:
            return
        for row, part in zip(self.rows, self._shares_of_refund(back), strict=True):
            row.refunded = -part + (-row.tax * part // row.paid if row.paid > 0 else 0)
            row.is_refund_final = is_final

    def _value_back(self, line: OrderLine, row: LineProfit) -> int:
        """Return what was paid for the pieces that came back: a coupon's share of them is not given back."""
        if line.pk not in self.facts.came_back:
            return 0
        value = self.facts.came_back[line.pk].value
        return max(value + (row.discount * value // row.sales if row.sales > 0 else 0), 0)

    def _shares_of_refund(self, back: int) -> list[int]:
        """Return what went back for each line, never more than was paid for it."""
        said = [self.facts.refund_lines.get(line.pk, 0) for line in self.goods]
        came = [self._value_back(line, row) for line, row in zip(self.goods, self.rows, strict=True)]
        limits = [max(row.paid, 0) for row in self.rows]
        weights = next((by for by in (said, came) if sum(by)), limits)
        parts = [min(part, limit) for part, limit in zip(split(back, weights), limits, strict=True)]
        rest = back - sum(parts)
        free = [limit - part for part, limit in zip(parts, limits, strict=True)]
        if rest and sum(free) >= rest:  # what is more than one line's worth belongs to the others
            parts = [part + more for part, more in zip(parts, split(rest, free), strict=True)]
        return parts

    def take_fees(self) -> None:
        """Take what the channel settled; a line without a settled fee bears what the rules say."""
        own = [self.facts.settled_lines.get(line.pk) for line in self.goods]
        of_order = self.settled is not None and self.settled.has_fee
        if self.settled is not None:
            self._spread("fee", self.settled.fee)
            self._spread("points", self.settled.points)
        for row, line, settled in zip(self.rows, self.goods, own, strict=True):
            if settled is not None:
                row.fee += settled.fee
                row.points += settled.points
            row.is_fee_settled = of_order or bool(settled and settled.has_fee)
            if not row.is_fee_settled:
                row.fee -= self._estimate(row, line)

    def _estimate(self, row: LineProfit, line: OrderLine) -> int:
        fee = self.facts.fees.fee(
            row.sales_channel_id, goods_of(line), self.day, row.currency,
            sold=row.sales + row.discount, shipping=row.charged,
        )  # fmt: skip
        return fee or 0

    def take_parcels(self) -> None:
        """Take what each parcel cost off the lines in it, by weight where all of them have one, else by value."""
        parcels = self.facts.parcels.get(self.order.pk, [])
        sent: set[int] = set()
        for parcel in parcels:
            sent |= parcel.pieces.keys()
            weights = self._weights(parcel)
            self._spread("shipping", -(parcel.cost or 0), weights)
            self._spread("packaging", -self.terms.packaging, weights)
        is_known = all(parcel.cost is not None for parcel in parcels)
        for row, line in zip(self.rows, self.goods, strict=True):
            row.is_shipping_known = is_known and line.pk in sent

    def _weights(self, parcel: Sent) -> list[int]:
        pieces = [parcel.pieces.get(line.pk, 0) for line in self.goods]
        grams = [(line.variant.weight_g or 0) if line.variant else 0 for line in self.goods]
        if all(weight for weight, count in zip(grams, pieces, strict=True) if count):
            return [weight * count for weight, count in zip(grams, pieces, strict=True)]
        return [row.sales * count // row.quantity for row, count in zip(self.rows, pieces, strict=True)]

    def take_costs(self) -> None:
        """Take what the goods cost: as stock was valued when they left, else what stock is worth or the price says."""
        for row, line in zip(self.rows, self.goods, strict=True):
            sold = self.facts.sold.get(line.pk)
            booked = min(sold.quantity, row.quantity) if sold else 0
            cost, is_known = Decimal(0), True
            if sold is not None and sold.quantity:
                back = min(self.facts.came_back[line.pk].restocked if line.pk in self.facts.came_back else 0, booked)
                cost = sold.average * (sold.quantity - back) / sold.quantity
                is_known = sold.is_known
            minor = self.facts.rates.exchange(cost, settings.SHOP_CURRENCY, row.currency, self.day)
            rest, rest_known = self._cost_of_rest(line, row, row.quantity - booked)
            row.goods_cost = -((minor or 0) + rest)
            row.is_cost_final = booked >= row.quantity
            row.is_cost_known = is_known and minor is not None and rest_known

    def _cost_of_rest(self, line: OrderLine, row: LineProfit, pieces: int) -> tuple[int, bool]:
        """Return what pieces that are not booked yet will cost, and whether anybody knows."""
        if not pieces:
            return 0, True
        average, is_complete = self.facts.averages.get(line.variant_id or 0, (None, False))
        if average is not None:
            amount = self.facts.rates.exchange(average * pieces, settings.SHOP_CURRENCY, row.currency, self.day)
            if amount is not None:
                return amount, is_complete
        price = self.facts.prices[row.currency].get(line.variant_id or 0)
        return (price.amount * pieces, True) if price else (0, False)
