"""What an edit would do, before it is done: lines, totals, the difference. Changes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _

from core.errors import InvalidInput, InvalidTransition
from core.money import to_decimal, to_minor, whole_minor
from orders.models import OPEN_STATUSES, LineKind, Order, OrderLine
from orders.services.changing.edits import LineEdit, OrderEdit
from orders.services.manual.pricing import MOST, PIECES, PricedLine, price_lines
from orders.services.manual.wanted import WantedLine

Sum = list[int]  # pieces that are not cancelled, price of one, total


@dataclass(slots=True)
class LinePlan:
    """A line before and after; ``row`` is None for a new one, ``priced`` for a known one."""

    name: str
    before: Sum | None
    after: Sum | None
    row: OrderLine | None = None
    priced: PricedLine | None = None
    reason: str = ""
    is_price_decided: bool = False

    @property
    def difference(self) -> int:
        """By how much the order becomes dearer."""
        return (self.after[2] if self.after else 0) - (self.before[2] if self.before else 0)


@dataclass(slots=True)
class Plan:
    """What the edit comes to; amounts in minor units of the order's currency."""

    order: Order
    lines: list[LinePlan] = field(default_factory=list)

    @property
    def difference(self) -> int:
        """By how much the order becomes dearer, below zero cheaper."""
        return sum(line.difference for line in self.lines)

    @property
    def total(self) -> int:
        """What the order will come to."""
        return self.order.total + self.difference

    @property
    def extra(self) -> int:
        """What is still to be paid because of the edit."""
        return max(0, min(self.difference, self.total - self.order.paid_total))

    @property
    def owed(self) -> int:
        """What is to go back because of the edit."""
        return max(0, min(-self.difference, self.order.paid_total - self.total))


def plan_lines(order: Order, rows: Mapping[int, OrderLine], edit: OrderEdit) -> Plan:
    """Return what the edit does to the order's lines.

    InvalidTransition for closed orders; InvalidInput for fewer pieces than were shipped or cancelled, for impossible
    lines, for prices without a reason, and when no goods would be left.
    """
    if edit.lines and order.status not in OPEN_STATUSES:
        raise InvalidTransition(_("The order is closed; its lines can no longer change."))
    plan = Plan(order)
    for change in edit.lines:
        if change.line_id is None:
            continue
        row = rows.get(change.line_id)
        if row is None:
            raise InvalidInput(_("A line is not of this order. Reload the page."))
        planned = _changed(row, change, order.currency)
        if planned.before != planned.after:
            plan.lines.append(planned)
    plan.lines += _added(order, [change for change in edit.lines if change.line_id is None])
    _check(plan, rows)
    return plan


def standing(row: OrderLine, currency: str) -> Sum:
    """Return pieces, price and total of a line as it stands."""
    return [row.quantity - row.cancelled_count, to_minor(row.unit_price, currency), row.total]


def _changed(row: OrderLine, change: LineEdit, currency: str) -> LinePlan:
    before = standing(row, currency)
    count = before[0] if change.quantity is None else change.quantity
    price = before[1] if change.price is None else change.price
    if not max(row.shipped_count, 0) <= count <= PIECES:
        raise InvalidInput(
            _("%(name)s: %(count)d pieces were shipped already; fewer are impossible.")
            % {"name": row.name, "count": row.shipped_count}
        )
    _check_price(row, price, before[1])
    after = [count, price, _total(row, before, count, price, currency)] if count else None
    return LinePlan(
        row.name, before, after, row=row, reason=change.reason.strip(), is_price_decided=price != before[1]
    )  # fmt: skip


def _check_price(row: OrderLine, price: int, before: int) -> None:
    if price == before:
        return
    if abs(price) > MOST or (price > 0 if row.kind == LineKind.DISCOUNT else price < 0):
        raise InvalidInput(_("A discount is below zero, everything else is not."))


def _total(row: OrderLine, before: Sum, count: int, price: int, currency: str) -> int:
    """Return what the line costs then: its own discount is kept by the piece while its price stays."""
    if price != before[1]:
        return price * count
    if count == before[0] or not before[0]:
        return row.total
    if row.unit_price == to_decimal(before[1], currency) and row.total == before[1] * before[0]:
        return price * count
    return whole_minor(Decimal(row.total) * count / before[0])


def _added(order: Order, changes: Sequence[LineEdit]) -> list[LinePlan]:
    if not changes:
        return []
    wanted = [
        WantedLine(
            quantity=1 if change.quantity is None else change.quantity,
            variant_id=change.variant_id,
            kind=change.kind,
            name=change.name,
            price=change.price,
            reason=change.reason,
        )
        for change in changes
    ]
    return [
        LinePlan(
            line.name,
            None,
            [line.wanted.quantity, line.price, line.total],
            priced=line,
            reason=line.wanted.reason.strip(),
            is_price_decided=line.is_overridden,
        )
        for line in price_lines(wanted, order.sales_channel, None)
    ]


def _check(plan: Plan, rows: Mapping[int, OrderLine]) -> None:
    if any(line.is_price_decided and not line.reason for line in plan.lines):
        raise InvalidInput(_("Say why it is sold at another price than the price list’s."))
    if not plan.lines:
        return
    changed = {line.row.pk: line.after[0] if line.after else 0 for line in plan.lines if line.row}
    goods = [row for row in rows.values() if row.kind == LineKind.PRODUCT]
    left = sum(changed.get(row.pk, row.quantity - row.cancelled_count) for row in goods)
    new = any(line.priced and line.priced.variant for line in plan.lines)
    if goods and not left and not new:
        raise InvalidInput(_("Nothing would be left of it. Cancel the order instead."))
    if plan.total < 0:
        raise InvalidInput(_("The order would come to less than nothing."))
