"""The past by fortnights: orders come in, are paid, confirmed, shipped, cancelled and returned, all by the services."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
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
from orders.models import LineKind, Order, OrderLine, ReturnCondition
from orders.services import (
    BatchReport,
    cancel_order,
    confirm_orders,
    record_payment,
    record_refund,
    record_return,
    ship_order,
    ship_orders,
)
from orders.services.intake.placing import place_orders
from staff.models import User

SPAN = timedelta(days=14)
Key = tuple[str, str]  # channel code, the channel's order number


class Act(IntEnum):
    """What happens to an order, in the sequence of a fortnight: whatever comes first for one order stands first."""

    PAY = 1
    CONFIRM = 2
    CANCEL = 3
    SHIP_IN_PART = 4
    SHIP = 5
    RETURN = 6


@dataclass(slots=True)
class Fortnight:
    """Everything that happened in fourteen days; acts in order of time. Longer would shuffle order numbers too much."""

    placed: list[PlannedOrder] = field(default_factory=list)
    acts: dict[Act, dict[Key, tuple[datetime, PlannedOrder]]] = field(default_factory=lambda: {act: {} for act in Act})
    receipts: dict[datetime, Mapping[Place, int]] = field(default_factory=dict)


def fortnights_of(plan: Plan) -> list[Fortnight]:
    """Return the plan's orders, acts and deliveries by fortnight."""
    start = plan.begin.start
    spans = [Fortnight() for _n in range((plan.begin.now - start) // SPAN + 1)]

    def span(at: datetime) -> Fortnight:
        return spans[min(max((at - start) // SPAN, 0), len(spans) - 1)]

    acts = []
    for order in plan.orders:
        span(order.placed_at).placed.append(order)
        acts += [(at, act, order) for at, act in _acts(order)]
    for at, act, order in sorted(acts, key=lambda one: one[0]):
        span(at).acts[act][order.channel, order.number] = (at, order)
    for at, pieces in plan.stock.receipts.items():
        span(at).receipts[at] = pieces
    return spans


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


@dataclass(frozen=True, slots=True)
class Job:
    """One act of a fortnight on the orders it concerns: when, by order id."""

    moments: Mapping[int, datetime]
    orders: Mapping[int, PlannedOrder]
    team: Mapping[str, User]


def live_through(span: Fortnight, *, team: Mapping[str, User]) -> None:
    """Carry out one fortnight; RuntimeError when a service refuses what the plan foresaw."""
    for at, pieces in sorted(span.receipts.items()):
        receive_stock(at=at, pieces=pieces, actor=team["warehouse"])
    _place(span.placed)
    ids = _order_ids(number for acts in span.acts.values() for _channel, number in acts)
    handlers: dict[Act, Callable[[Job], None]] = {
        Act.PAY: _pay,
        Act.CONFIRM: _confirm,
        Act.CANCEL: _cancel,
        Act.SHIP_IN_PART: _ship_in_part,
        Act.SHIP: _ship,
        Act.RETURN: _take_back,
    }
    for act, moments in span.acts.items():
        if moments:
            times = {ids[key]: at for key, (at, _order) in moments.items()}
            handlers[act](Job(times, {ids[key]: order for key, (_at, order) in moments.items()}, team))


def _place(orders: Sequence[PlannedOrder]) -> None:
    by_channel: dict[str, list[PlannedOrder]] = defaultdict(list)
    for order in orders:
        by_channel[order.channel].append(order)
    channels = channel_ids()
    for code in sorted(by_channel):
        place_orders(drafts=[draft_of(order) for order in by_channel[code]], sales_channel_id=channels[code])


def _order_ids(numbers: Iterable[str]) -> dict[Key, int]:
    rows = Order.objects.filter(external_number__in=set(numbers))
    return {(code, number): pk for code, number, pk in rows.values_list("sales_channel__code", "external_number", "pk")}


def _pay(job: Job) -> None:
    for pk, order in job.orders.items():
        record_payment(
            order_id=pk,
            amount=order.total,
            method=order.payment_method,
            external_id=f"T{code_of(order.number)}",
            paid_at=job.moments[pk],
            actor=job.team["accountant"],
        )


def _confirm(job: Job) -> None:
    """Confirm in order of time, for stock goes to whoever comes first; who waits for it is part of the plan."""
    first = next(iter(job.moments.values()))
    actor = job.team["cslead" if first.month % 2 else "manager"]
    report = confirm_orders(order_ids=list(job.orders), at=job.moments, actor=actor)
    _insist(report)
    foreseen = {pk for pk, order in job.orders.items() if order.fate.waits}
    if set(report.waiting) != foreseen:
        raise RuntimeError(f"not as planned: orders {sorted(set(report.waiting) ^ foreseen)} and their stock")


def _cancel(job: Job) -> None:
    for pk, order in job.orders.items():
        at, reason = job.moments[pk], order.fate.reason
        cancel_order(order_id=pk, reason=reason, at=at, actor=job.team["cs"])
        if order.fate.paid_at is not None:
            record_refund(
                order_id=pk,
                amount=order.total,
                reason=reason,
                method=order.payment_method,
                paid_at=at,
                actor=job.team["accountant"],
            )


def _ship_in_part(job: Job) -> None:
    lines = _goods_lines(job.orders)
    for pk, order in job.orders.items():
        first = lines[pk][0]
        carrier, head = _carrier(order)
        ship_order(
            order_id=pk,
            quantities={first.pk: first.quantity},
            carrier=carrier,
            tracking_number=head + code_of(f"{order.number}/1"),
            at=job.moments[pk],
            actor=job.team["warehouse"],
        )


def _ship(job: Job) -> None:
    by_carrier: dict[str, dict[int, str]] = defaultdict(dict)
    for pk, order in job.orders.items():
        carrier, head = _carrier(order)
        by_carrier[carrier][pk] = head + code_of(order.number)
    for carrier, numbers in sorted(by_carrier.items()):
        report = ship_orders(
            order_ids=list(numbers),
            carrier=carrier,
            tracking_numbers=numbers,
            at=job.moments,
            actor=job.team["warehouse"],
        )
        _insist(report)


def _take_back(job: Job) -> None:
    lines = _goods_lines(job.orders)
    for pk, order in job.orders.items():
        came = record_return(
            order_id=pk,
            quantities={lines[pk][0].pk: 1},
            condition=ReturnCondition.NOT_KEPT if order.fate.is_damaged else ReturnCondition.GOOD,
            reason=order.fate.reason,
            at=job.moments[pk],
            actor=job.team["quality"] if order.fate.is_damaged else job.team["cs"],
        )
        if came.total and order.fate.paid_at is not None:
            record_refund(
                order_id=pk,
                amount=min(came.total, order.total),  # a coupon may have made the order cheaper than its goods
                reason=order.fate.reason,
                method=order.payment_method,
                paid_at=job.moments[pk],
                actor=job.team["accountant"],
            )


def _goods_lines(order_ids: Iterable[int]) -> dict[int, list[OrderLine]]:
    lines: dict[int, list[OrderLine]] = defaultdict(list)
    for line in OrderLine.objects.filter(order_id__in=order_ids, kind=LineKind.PRODUCT).order_by("position", "pk"):
        lines[line.order_id].append(line)
    return lines


def _carrier(order: PlannedOrder) -> tuple[str, str]:
    """Return who carries the order, and how that carrier's tracking numbers begin."""
    carriers = load("shop")["carriers"][order.country]
    choices = [one for one in carriers for _n in range(one[1])]
    name, _share, head = choices[crc32(order.number.encode()) % len(choices)]
    return name, head


def _insist(report: BatchReport) -> None:
    if report.refused:
        raise RuntimeError(f"not as planned: {report.refused[:3]}")
