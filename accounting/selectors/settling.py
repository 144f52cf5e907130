"""How a statement differs from our books: worked out for all its orders in a fixed number of statements."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from accounting.models import DifferenceKind, Settlement, SettlementKind, SettlementLine, SettlementState
from accounting.selectors.billing import goods_of
from accounting.selectors.terms import FeeTable, Terms, TermsTable, part_of
from core.money import split
from orders.models import LineKind, Order, OrderLine, OrderStatus, Payment, PaymentKind, Return

_K = SettlementKind
# what a channel passes on of what customers pay; points it takes for what it gave them are a cost
CUSTOMERS_MONEY = Q(kind__in=[_K.SALE, _K.COUPON]) | Q(kind__in=[_K.SHIPPING, _K.POINTS], amount__gt=0)
TAKEN = Q(kind=_K.FEE)


class Found(NamedTuple):
    """A difference: what our books expect and what the statement says, in minor units."""

    kind: str
    subject: str
    order_id: int | None
    expected: int
    actual: int


@dataclass
class OrderSums:
    """What statements say of one order: in this one (``here``), in all of its channel (``ever``)."""

    here: int = 0
    ever: int = 0
    fee: int = 0
    statements: int = 0
    has_sale: bool = False
    has_fee: bool = False


@dataclass
class Expected:
    """What our books expect of one order: customers' money with the channel's share of discounts, and fees."""

    order: Order
    money: int = 0
    fee: int | None = None
    terms: Terms = field(default_factory=Terms)


def active_total(line: OrderLine) -> int:
    """Return what a line is sold for without its cancelled pieces, in minor units."""
    if line.kind != LineKind.PRODUCT or not line.cancelled_count:
        return line.total
    return split(line.total, [line.quantity - line.cancelled_count, line.cancelled_count])[0]


def differences_of(settlement: Settlement) -> list[Found]:
    """Return all points in which the statement and our books differ."""
    found = [
        Found(DifferenceKind.UNKNOWN_ORDER, number, None, 0, amount) for number, amount in _unknown(settlement).items()
    ]
    sums = _sums(settlement)
    for pk, expected in expected_of(list(sums), channel_id=settlement.sales_channel_id).items():
        found += _of_order(expected, sums[pk])
    found += _missing(settlement)
    found += _unsettled_refunds(settlement)
    if settlement.payout is not None and settlement.payout != settlement.total:
        found.append(Found(DifferenceKind.PAYOUT, "", None, settlement.total, settlement.payout))
    return found


def _unknown(settlement: Settlement) -> Mapping[str, int]:
    rows = settlement.lines.filter(order=None).exclude(external_number="").order_by()
    return dict(rows.values_list("external_number").annotate(amount=Sum("amount")))


def _sums(settlement: Settlement) -> dict[int, OrderSums]:
    """Return what this and other statements of the channel say of the orders of this one."""
    here = settlement.lines.filter(order__isnull=False).order_by().values("order")
    sums = {
        row["order"]: OrderSums(here=row["money"], fee=row["fee"], has_sale=bool(row["sales"]), has_fee=row["fee"] != 0)
        for row in here.annotate(
            money=Sum("amount", filter=CUSTOMERS_MONEY, default=0),
            fee=Sum("amount", filter=TAKEN, default=0),
            sales=Sum("amount", filter=Q(kind=_K.SALE), default=0),
        )
    }
    ever = alive_lines(settlement.sales_channel_id).filter(order__in=here.values("order")).order_by()
    rows = ever.filter(CUSTOMERS_MONEY).values_list("order", "settlement").annotate(money=Sum("amount"))
    for order_id, _settlement_id, money in rows:
        sums[order_id].ever += money
        sums[order_id].statements += money > 0
    return sums


def alive_lines(channel_id: int) -> "QuerySet[SettlementLine]":
    """Return the lines of all statements of a channel that were not undone."""
    lines = SettlementLine.objects.filter(settlement__sales_channel=channel_id)
    return lines.exclude(settlement__state=SettlementState.UNDONE)


def expected_of(order_ids: Collection[int], *, channel_id: int) -> dict[int, Expected]:
    """Return what our books expect a channel to pass on and to take, by order."""
    expected = {order.pk: Expected(order) for order in Order.objects.filter(pk__in=order_ids).order_by("pk")}
    fees, terms = FeeTable([channel_id]), TermsTable([channel_id])
    lines: dict[int, list[OrderLine]] = defaultdict(list)
    for line in OrderLine.objects.filter(order__in=order_ids).select_related("variant__product").order_by("pk"):
        lines[line.order_id].append(line)
    for pk, one in expected.items():
        day = timezone.localdate(one.order.placed_at)
        one.terms = terms.of(channel_id, day)
        totals = [active_total(line) for line in lines[pk]]
        discounts = sum(total for line, total in zip(lines[pk], totals, strict=True) if is_discount(line))
        one.money = sum(totals) - part_of(discounts, one.terms.discount_share)
        one.fee = _expected_fee(fees, one.order, day, lines[pk])
    return expected


def is_discount(line: OrderLine) -> bool:
    """Tell whether a line takes off from the others."""
    return line.kind == LineKind.DISCOUNT or (line.kind == LineKind.PRODUCT and line.total < 0)


def _expected_fee(fees: FeeTable, order: Order, day: date, lines: list[OrderLine]) -> int | None:
    goods = [line for line in lines if line.kind == LineKind.PRODUCT and line.total >= 0]
    totals = [active_total(line) for line in goods]
    if not goods:
        return None
    charged = split(sum(one.total for one in lines if one.kind not in (LineKind.PRODUCT, LineKind.DISCOUNT)), totals)
    off = split(sum(one.total for one in lines if is_discount(one)), totals)
    parts = [
        fees.fee(
            order.sales_channel_id, goods_of(line), day, order.currency, sold=total + less, shipping=more
        )
        for line, total, less, more in zip(goods, totals, off, charged, strict=True)
    ]  # fmt: skip
    return None if None in parts else sum(part or 0 for part in parts)


def _of_order(expected: Expected, sums: OrderSums) -> list[Found]:
    order, terms = expected.order, expected.terms
    number = order.external_number or order.number
    found = []
    is_over = sums.has_sale and sums.ever - expected.money > terms.tolerance
    if is_over and (sums.statements > 1 or sums.here >= 2 * expected.money):
        found.append(Found(DifferenceKind.TWICE, number, order.pk, expected.money, sums.ever))
    elif sums.has_sale and abs(sums.ever - expected.money) > terms.tolerance:
        found.append(Found(DifferenceKind.AMOUNT, number, order.pk, expected.money, sums.ever))
    if sums.has_sale and sums.has_fee and expected.fee is not None and abs(sums.fee + expected.fee) > terms.tolerance:
        found.append(Found(DifferenceKind.FEE, number, order.pk, -expected.fee, sums.fee))
    return found


def _window(settlement: Settlement) -> tuple[datetime, datetime] | None:
    """Return from and until when parcels left that should be in the statement; None where it names no period."""
    if settlement.starts_on is None or settlement.ends_on is None:
        return None
    channel = settlement.sales_channel
    days = TermsTable([channel.pk]).of(channel.pk, settlement.ends_on).settles_after_days
    zone, lag = ZoneInfo(channel.time_zone), timedelta(days=days)
    start = datetime.combine(settlement.starts_on, time.min, zone) - lag
    return start, datetime.combine(settlement.ends_on + timedelta(days=1), time.min, zone) - lag


def _missing(settlement: Settlement) -> list[Found]:
    """Return the orders that should be settled by now and are in no statement of the channel."""
    window = _window(settlement)
    if window is None:
        return []
    settled = alive_lines(settlement.sales_channel_id).filter(order=OuterRef("pk"))
    start, end = window
    orders = (
        Order.objects.filter(
            ~Exists(settled),
            sales_channel=settlement.sales_channel_id,
            status=OrderStatus.SHIPPED,
            shipped_at__gte=start,
            shipped_at__lt=end,
            total__gt=0,
        )
        .exclude(external_number="")
        .values_list("pk", flat=True)
    )
    missing = expected_of(list(orders), channel_id=settlement.sales_channel_id)
    return [
        Found(DifferenceKind.MISSING, one.order.external_number, pk, one.money, 0)
        for pk, one in missing.items()
        if one.money
    ]


def _unsettled_refunds(settlement: Settlement) -> list[Found]:
    """Return the orders that were settled, of which money or goods went back, and no statement says so."""
    window = _window(settlement)
    if window is None:
        return []
    start, end = window
    lines = alive_lines(settlement.sales_channel_id).filter(order=OuterRef("pk"))
    paid_back = Payment.objects.filter(kind=PaymentKind.REFUND, paid_at__gte=start, paid_at__lt=end)
    came_back = Return.objects.filter(returned_at__gte=start, returned_at__lt=end)
    of_channel = {"order__sales_channel": settlement.sales_channel_id}
    orders = set(paid_back.filter(**of_channel).values_list("order", flat=True))
    orders |= set(came_back.filter(**of_channel).values_list("order", flat=True))
    rows = (
        Order.objects.filter(Exists(lines.filter(kind=_K.SALE)), ~Exists(lines.filter(kind=_K.REFUND)), pk__in=orders)
        .annotate(
            back=Sum("payments__amount", filter=Q(payments__kind=PaymentKind.REFUND), default=0),
            goods=Max("returns__total", default=0),
        )
        .values_list("pk", "external_number", "number", "back", "goods")
    )
    return [
        Found(DifferenceKind.REFUND, external or number, pk, -(back or goods), 0)
        for pk, external, number, back, goods in rows
        if back or goods
    ]
