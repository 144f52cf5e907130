"""Orders, or what is left of them, are called off."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from compliance.services import Stop
from core.errors import DomainError, InvalidInput
from core.events import Event, record_many
from inventory.services import release_stock, write_off_stock
from orders.events import OrderCancelled
from orders.models import CancelCause, Order, OrderStatus
from orders.policies import can_cancel_orders
from orders.services.batches import BatchReport, check_right, goods_of, lock_orders, sift, transition_problem
from orders.services.changing.settling import settle_changes
from orders.services.counting import Counter, raise_counter
from orders.services.holdings import Held, held_for
from orders.services.legal.deadlines import begin_refund_of_cancelled, end_shipping, value_of
from orders.services.parcels.leaving import leave_parcels
from orders.services.triage.holding import end_holds
from staff.models import User


@dataclass(frozen=True, slots=True)
class _CalledOff:
    """Why and when, and what becomes of the reserved pieces."""

    reason: str
    cause: CancelCause
    at: datetime
    _: KW_ONLY
    restock: bool


@transaction.atomic
def cancel_orders(
    *,
    order_ids: Sequence[int],
    reason: str,
    restock: bool = True,
    at: datetime | None = None,
    cause: CancelCause = CancelCause.CUSTOMER,
    actor: User | None = None,
) -> BatchReport:
    """Call off many orders of which nothing has left, in a fixed number of statements.

    What was reserved is free again, what held them ends; without ``restock`` it is written off (damaged, lost) with
    the reason. What was paid has to go back in the time of the law: by ``cause`` it counts from the cancellation or
    from the payment. Refused: shipped, partly shipped and already cancelled orders. InvalidInput without a reason;
    NotAllowed without the right.
    """
    called_off = _CalledOff(reason, cause, at or timezone.now(), restock=restock)
    return _cancel(order_ids, _whole_problem, called_off, actor)


@transaction.atomic
def cancel_order(
    *,
    order_id: int,
    reason: str,
    restock: bool = True,
    at: datetime | None = None,
    cause: CancelCause = CancelCause.CUSTOMER,
    actor: User | None = None,
) -> Order:
    """Call off one order, or what is left of a partly shipped one (which is then shipped), and return it.

    InvalidInput without a reason; DomainError when it is shipped or cancelled already; NotAllowed without the right.
    """
    called_off = _CalledOff(reason, cause, at or timezone.now(), restock=restock)
    report = _cancel([order_id], _rest_problem, called_off, actor)
    if report.refused:
        raise DomainError(report.refused[0].reason)
    return Order.objects.get(pk=order_id)


def _whole_problem(order: Order) -> str:
    return transition_problem(order, OrderStatus.CANCELLED)


def _rest_problem(order: Order) -> str:
    return "" if order.status == OrderStatus.PARTLY_SHIPPED else _whole_problem(order)


def _cancel(
    order_ids: Sequence[int], problem: Callable[[Order], str], called_off: _CalledOff, actor: User | None
) -> BatchReport:
    check_right(can_cancel_orders, actor)
    reason, restock = called_off.reason, called_off.restock
    if not reason.strip():
        raise InvalidInput(_("Say why it is cancelled."))
    orders, refused = sift(order_ids, lock_orders(order_ids), problem)
    lines = goods_of(orders)
    open_pieces = {
        order.pk: {line.pk: line.open_count for line in lines.get(order.pk, ()) if line.open_count} for order in orders
    }
    held = _holdings(open_pieces)
    raise_counter(Counter.CANCELLED, {pk: count for pieces in open_pieces.values() for pk, count in pieces.items()})
    _move_on(orders, reason, called_off.at)
    end_holds(orders)
    settle_changes([order.pk for order in orders])
    leave_parcels(order_ids=[order.pk for order in orders], why="cancelled", actor=actor)
    _let_go(orders, held, reason, restock=restock, actor=actor)
    owed = _owed(orders, {order.pk: value_of(lines.get(order.pk, ()), open_pieces[order.pk]) for order in orders})
    _end_deadlines(orders, owed, called_off, actor)
    facts: list[tuple[Event, int]] = []
    for order in orders:
        fact = OrderCancelled(
            order_id=order.pk,
            reason=reason,
            piece_count=sum(open_pieces[order.pk].values()),
            released_count=sum(one.quantity for one in held[order.pk]),
            is_written_off=not restock,
            is_partial=order.status == OrderStatus.PARTLY_SHIPPED,
            owed=owed[order.pk],
        )
        facts.append((fact, order.pk))
    record_many(facts, model=Order, actor=actor)
    return BatchReport(done=[order.pk for order in orders], refused=refused)


def _owed(orders: Sequence[Order], values: Mapping[int, int]) -> dict[int, int]:
    """Return what was paid for the pieces called off (order id: minor units); all that was paid of a whole order."""
    return {
        order.pk: min(values[order.pk], order.paid_total)
        if order.status == OrderStatus.PARTLY_SHIPPED
        else order.paid_total
        for order in orders
    }


def _end_deadlines(
    orders: Sequence[Order], owed: Mapping[int, int], called_off: _CalledOff, actor: User | None
) -> None:
    """Nothing is to be shipped any more; what was paid for it is to go back."""
    end_shipping({order.pk: Stop(at=called_off.at, evidence=called_off.reason) for order in orders}, actor)
    begin_refund_of_cancelled(orders, owed, called_off.cause, called_off.at)


def _holdings(open_pieces: Mapping[int, Mapping[int, int]]) -> dict[int, list[Held]]:
    """Return what is held for each order."""
    by_line = held_for([pk for pieces in open_pieces.values() for pk in pieces])
    return {
        order_id: [one for line_id in pieces for one in by_line.get(line_id, ())]
        for order_id, pieces in open_pieces.items()
    }


def _move_on(orders: Sequence[Order], reason: str, at: datetime) -> None:
    partly = [order.pk for order in orders if order.status == OrderStatus.PARTLY_SHIPPED]
    whole = [order.pk for order in orders if order.status != OrderStatus.PARTLY_SHIPPED]
    now = timezone.now()
    Order.objects.filter(pk__in=partly).update(status=OrderStatus.SHIPPED, shipped_at=at, updated_at=now)
    Order.objects.filter(pk__in=whole).update(
        status=OrderStatus.CANCELLED, cancelled_at=at, cancel_reason=reason[:200], updated_at=now
    )


def _let_go(
    orders: Sequence[Order], held: Mapping[int, Sequence[Held]], reason: str, *, restock: bool, actor: User | None
) -> None:
    """Release what is held; without ``restock`` it leaves stock by one entry for all orders."""
    everything = [one for order in orders for one in held[order.pk]]
    release_stock(portions=[portion for one in everything for portion in one.portions], actor=actor)
    if not restock and everything:
        write_off_stock(
            lines=[line for one in everything for line in one.shelf_lines],
            reason=reason,
            reference=orders[0].number if len(orders) == 1 else "",
            actor=actor,
        )
