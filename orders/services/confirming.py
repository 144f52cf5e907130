"""From "to confirm" to "to ship", or to "waiting for stock"."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.events import Event, record_many
from inventory.services import StockAnswer
from orders.events import OrderConfirmed, OrderPutOnHold
from orders.models import Order, OrderStatus
from orders.policies import can_confirm_orders
from orders.services.allocating import lacking, piece_count, reserve_for, warehouse_names
from orders.services.batches import (
    BatchReport,
    When,
    check_right,
    goods_of,
    lock_orders,
    move_orders,
    sift,
    transition_problem,
)
from orders.services.stops import Stops
from staff.models import User


@dataclass(slots=True)
class ConfirmReport(BatchReport):
    """``done`` are now to ship, ``waiting`` are confirmed but wait for the stock named by SKU."""

    waiting: dict[int, list[str]] = field(default_factory=dict)


@transaction.atomic
def confirm_orders(*, order_ids: Sequence[int], at: When = None, actor: User | None = None) -> ConfirmReport:
    """Confirm many orders and reserve their stock, all or nothing for each, in a fixed number of statements.

    Stock goes to the orders in the sequence of ``order_ids``; one that cannot be served waits for stock and holds none.
    Refused: orders not to be confirmed now, those held without taking stock, and lines without a known product.
    NotAllowed without the right to confirm.
    ``at`` is when it happened (default: now), for all or by order id.

    1. Lock the orders by primary key, then (in inventory) the stock items: the order of floors.
    2. Decide from what is read after the lock; two clerks who confirm the same orders confirm them once.
    """
    check_right(can_confirm_orders, actor)
    locked = lock_orders(order_ids)
    lines = goods_of(locked)
    stops = Stops(locked)
    unmatched = {pk for pk, goods in lines.items() if any(line.variant_id is None for line in goods)}

    def problem(order: Order) -> str:
        if wrong := transition_problem(order, OrderStatus.AWAITING_STOCK):
            return wrong
        if held := stops.against_stock(order):
            return held
        return _("A line has no product yet. Match it first.") if order.pk in unmatched else ""

    orders, refused = sift(order_ids, locked, problem)
    place = {pk: place for place, pk in enumerate(order_ids)}
    orders.sort(key=lambda order: place[order.pk])
    answers = reserve_for(orders, lines, actor=actor)
    report = ConfirmReport(refused=refused)
    for order, answer in zip(orders, answers, strict=True):
        if answer.is_served:
            report.done.append(order.pk)
        else:
            report.waiting[order.pk] = lacking(answer)
    for status, ids in [(OrderStatus.TO_SHIP, report.done), (OrderStatus.AWAITING_STOCK, list(report.waiting))]:
        move_orders(ids, status, "confirmed_at", at)
    names = warehouse_names()
    facts = [
        (_fact(order, answer, piece_count(lines.get(order.pk, ())), names), order.pk)
        for order, answer in zip(orders, answers, strict=True)
    ]
    record_many(facts, model=Order, actor=actor)
    return report


def confirm_order(*, order_id: int, at: datetime | None = None, actor: User | None = None) -> Order:
    """Confirm one order and return it, to ship or waiting for stock; what ``confirm_orders`` refuses is raised."""
    report = confirm_orders(order_ids=[order_id], at=at, actor=actor)
    if report.refused:
        raise DomainError(report.refused[0].reason)
    return Order.objects.get(pk=order_id)


def _fact(order: Order, answer: StockAnswer, count: int, names: dict[int | None, str]) -> Event:
    if answer.is_served:
        return OrderConfirmed(order_id=order.pk, piece_count=count, warehouse=names.get(answer.warehouse_id, ""))
    return OrderPutOnHold(order_id=order.pk, lacking=lacking(answer))
