"""The past week by week: orders come in, are paid, confirmed, shipped, cancelled and returned, all by the services."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from zlib import crc32

from backoffice.demo.drafts import code_of, draft_of
from backoffice.demo.goods import receive_stock
from backoffice.demo.plan import Plan
from backoffice.demo.premises import channel_ids
from backoffice.demo.shopping import PlannedOrder
from backoffice.demo.stocking import Place
from backoffice.demo.vocabulary import load
from orders.models import LineKind, Order, OrderLine
from orders.services import (
    BatchReport,
    cancel_orders,
    confirm_orders,
    record_payment,
    record_refund,
    record_return,
    ship_order,
    ship_orders,
)
from orders.services.intake import place_orders
from staff.models import User

Key = tuple[str, str]  # channel code, the channel's order number


class Act(IntEnum):
    """What happens to an order; at the same moment in this order."""

    PAY = 1
    CONFIRM = 2
    CANCEL = 3
    SHIP_IN_PART = 4
    SHIP = 5
    RETURN = 6


@dataclass(frozen=True, slots=True)
class Week:
    """Everything that happened in seven days."""

    placed: Sequence[PlannedOrder]
    acts: Mapping[tuple[datetime, Act], Sequence[PlannedOrder]]
    receipts: Mapping[datetime, Mapping[Place, int]]


def weeks_of(plan: Plan) -> list[Week]:
    """Return the plan's orders and acts by week."""
    start = plan.begin.start
    count = (plan.begin.now - start) // timedelta(days=7) + 1

    def week(at: datetime) -> int:
        return min(max((at - start) // timedelta(days=7), 0), count - 1)

    placed: dict[int, list[PlannedOrder]] = defaultdict(list)
    acts: dict[int, dict[tuple[datetime, Act], list[PlannedOrder]]] = defaultdict(lambda: defaultdict(list))
    for order in plan.orders:
        placed[week(order.placed_at)].append(order)
        for at, act in _acts(order):
            acts[week(at)][at, act].append(order)
    receipts: dict[int, dict[datetime, Mapping[Place, int]]] = defaultdict(dict)
    for at, pieces in plan.stock.receipts.items():
        receipts[week(at)][at] = pieces
    return [Week(placed[n], dict(sorted(acts[n].items())), receipts[n]) for n in range(count)]


def _acts(order: PlannedOrder) -> Iterable[tuple[datetime, Act]]:
    fate = order.fate
    moments = (
        (fate.paid_at if fate.is_paid_by_hand else None, Act.PAY),
        (fate.confirmed_at, Act.CONFIRM),
        (fate.cancelled_at, Act.CANCEL),
        (fate.partly_shipped_at, Act.SHIP_IN_PART),
        (fate.shipped_at, Act.SHIP),
        (fate.returned_at, Act.RETURN),
    )
    return [(at, act) for at, act in moments if at is not None]


def live_through(week: Week, *, team: Mapping[str, User]) -> None:
    """Carry out one week; RuntimeError when a service refuses what the plan foresaw."""
    for at, pieces in sorted(week.receipts.items()):
        receive_stock(at=at, pieces=pieces, actor=team["warehouse"])
    _place(week.placed)
    ids = _order_ids(order for orders in week.acts.values() for order in orders)
    handlers: dict[Act, Callable[[datetime, Sequence[PlannedOrder], Mapping[Key, int], Mapping[str, User]], None]] = {
        Act.PAY: _pay,
        Act.CONFIRM: _confirm,
        Act.CANCEL: _cancel,
        Act.SHIP_IN_PART: _ship_in_part,
        Act.SHIP: _ship,
        Act.RETURN: _take_back,
    }
    for (at, act), orders in week.acts.items():
        handlers[act](at, orders, ids, team)


def _place(orders: Sequence[PlannedOrder]) -> None:
    by_channel: dict[str, list[PlannedOrder]] = defaultdict(list)
    for order in orders:
        by_channel[order.channel].append(order)
    channels = channel_ids()
    for code in sorted(by_channel):
        place_orders(drafts=[draft_of(order) for order in by_channel[code]], sales_channel_id=channels[code])


def _order_ids(orders: Iterable[PlannedOrder]) -> dict[Key, int]:
    numbers = {order.number for order in orders}
    rows = Order.objects.filter(external_number__in=numbers)
    return {(code, number): pk for code, number, pk in rows.values_list("sales_channel__code", "external_number", "pk")}


def _pay(at: datetime, orders: Sequence[PlannedOrder], ids: Mapping[Key, int], team: Mapping[str, User]) -> None:
    for order in orders:
        record_payment(
            order_id=ids[order.channel, order.number],
            amount=order.total,
            method=order.payment_method,
            external_id=f"T{code_of(order.number)}",
            paid_at=at,
            actor=team["accountant"],
        )


def _confirm(at: datetime, orders: Sequence[PlannedOrder], ids: Mapping[Key, int], team: Mapping[str, User]) -> None:
    actor = team["cslead"] if at.weekday() % 2 else team["manager"]
    report = confirm_orders(order_ids=[ids[one.channel, one.number] for one in orders], at=at, actor=actor)
    _insist(report)
    foreseen = {ids[one.channel, one.number] for one in orders if one.fate.waits}
    if set(report.waiting) != foreseen:
        raise RuntimeError(f"not as planned: orders {sorted(set(report.waiting) ^ foreseen)} and their stock")


def _cancel(at: datetime, orders: Sequence[PlannedOrder], ids: Mapping[Key, int], team: Mapping[str, User]) -> None:
    by_reason: dict[str, list[PlannedOrder]] = defaultdict(list)
    for order in orders:
        by_reason[order.fate.reason].append(order)
    for reason, group in sorted(by_reason.items()):
        order_ids = [ids[order.channel, order.number] for order in group]
        _insist(cancel_orders(order_ids=order_ids, reason=reason, at=at, actor=team["cs"]))
    for order in orders:
        if order.fate.paid_at is not None:
            record_refund(
                order_id=ids[order.channel, order.number],
                amount=order.total,
                reason=order.fate.reason,
                method=order.payment_method,
                paid_at=at,
                actor=team["accountant"],
            )


def _ship_in_part(
    at: datetime, orders: Sequence[PlannedOrder], ids: Mapping[Key, int], team: Mapping[str, User]
) -> None:
    lines = _goods_lines([ids[one.channel, one.number] for one in orders])
    for order in orders:
        pk = ids[order.channel, order.number]
        first = lines[pk][0]
        carrier, head = _carrier(order.country, at)
        ship_order(
            order_id=pk,
            quantities={first.pk: first.quantity},
            carrier=carrier,
            tracking_number=head + code_of(f"{order.number}/1"),
            at=at,
            actor=team["warehouse"],
        )


def _ship(at: datetime, orders: Sequence[PlannedOrder], ids: Mapping[Key, int], team: Mapping[str, User]) -> None:
    by_country: dict[str, list[PlannedOrder]] = defaultdict(list)
    for order in orders:
        by_country[order.country].append(order)
    for country, group in sorted(by_country.items()):
        carrier, head = _carrier(country, at)
        numbers = {ids[order.channel, order.number]: head + code_of(order.number) for order in group}
        report = ship_orders(
            order_ids=list(numbers), carrier=carrier, tracking_numbers=numbers, at=at, actor=team["warehouse"]
        )
        _insist(report)


def _take_back(at: datetime, orders: Sequence[PlannedOrder], ids: Mapping[Key, int], team: Mapping[str, User]) -> None:
    lines = _goods_lines([ids[one.channel, one.number] for one in orders])
    for order in orders:
        pk = ids[order.channel, order.number]
        came = record_return(
            order_id=pk,
            quantities={lines[pk][0].pk: 1},
            restock=not order.fate.is_damaged,
            reason=order.fate.reason,
            at=at,
            actor=team["quality"] if order.fate.is_damaged else team["cs"],
        )
        if came.total and order.fate.paid_at is not None:
            record_refund(
                order_id=pk,
                amount=min(came.total, order.total),  # a coupon may have made the order cheaper than its goods
                reason=order.fate.reason,
                method=order.payment_method,
                paid_at=at + timedelta(hours=1),
                actor=team["accountant"],
            )


def _goods_lines(order_ids: Sequence[int]) -> dict[int, list[OrderLine]]:
    lines: dict[int, list[OrderLine]] = defaultdict(list)
    for line in OrderLine.objects.filter(order_id__in=order_ids, kind=LineKind.PRODUCT).order_by("position", "pk"):
        lines[line.order_id].append(line)
    return lines


def _carrier(country: str, at: datetime) -> tuple[str, str]:
    """Return the carrier who comes on this day, and how its tracking numbers begin."""
    carriers = load("shop")["carriers"][country]
    choices = [one for one in carriers for _n in range(one[1])]
    name, _share, head = choices[crc32(f"{country}{at:%Y%m%d}".encode()) % len(choices)]
    return name, head


def _insist(report: BatchReport) -> None:
    if report.refused:
        raise RuntimeError(f"not as planned: {report.refused[:3]}")
