"""Which legal deadlines an order's own doings start and stop; called by the services that do them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import F, Max, Sum

from compliance.models import ClockEvent
from compliance.selectors import jurisdiction_of
from compliance.selectors.clocks import clocks_of
from compliance.selectors.reckoning import country_in, local_day
from compliance.services import Start, Stop, settle_clocks, start_clocks, stop_clocks
from orders.models import (
    CancelCause,
    LineKind,
    Order,
    OrderLine,
    Payment,
    PaymentKind,
    Return,
    Withdrawal,
    WithdrawalDecision,
)
from staff.models import User


def law_of(order: Order) -> str:
    """Return whose law holds for the order: what was pinned, for older orders that of the country of delivery."""
    return order.jurisdiction or jurisdiction_of(order.country)


def start_of(
    order: Order, at: datetime, *, subject: Return | Withdrawal | None = None, amount: int = 0, delivery: int = 0
) -> Start:
    """Return what a clock of the order, or of a return or withdrawal of it, needs; pinned to the order's day."""
    law = law_of(order)
    day = local_day(order.placed_at, country_in(law, order.country)) if law else order.placed_at.date()
    return Start(
        subject_id=order.pk if subject is None else subject.pk,
        label=subject.number if isinstance(subject, Return) else order.number,
        jurisdiction=law,
        country=order.country,
        contract_on=day,
        at=at,
        amount=amount or None,
        currency=order.currency,
        delivery=delivery,
    )


def begin_shipping(orders: Sequence[tuple[Order, datetime | None]]) -> None:
    """Start the clocks to ship: of what is paid (order, when), and of what need not be paid first (order, None)."""
    paid = [start_of(order, at) for order, at in orders if order.is_prepaid and at is not None]
    ordered = [start_of(order, order.placed_at) for order, _at in orders if not order.is_prepaid]
    for event, starts in ((ClockEvent.PAID, paid), (ClockEvent.ORDERED, ordered)):
        if starts:
            start_clocks(event=event, model=Order, starts=starts)


def end_shipping(stops: Mapping[int, Stop], actor: User | None) -> None:
    """Stop the clocks to ship of these orders: everything has left, or nothing will."""
    stop_clocks(event=ClockEvent.DISPATCHED, model=Order, stops=stops, actor=actor)


def begin_refund_of_return(order: Order, document: Return, stated_at: datetime) -> None:
    """Start what a return that was received owes: the refund of its value, as far as it is not refunded already.

    A withdrawal that was stated before has its own clock where the law counts from the statement.
    """
    amount = _still_owed(order, document.total, is_recorded=True)
    if not amount:
        return
    lines = list(order.lines.all())
    is_whole = all(line.shipped_count == line.returned_count for line in lines if line.kind == LineKind.PRODUCT)
    delivery = _delivery(lines) if is_whole else 0
    start = start_of(order, document.returned_at, subject=document, amount=amount, delivery=delivery)
    start_clocks(event=ClockEvent.RETURN_RECEIVED, model=Return, starts=[start])
    if not order.withdrawals.exclude(decision=WithdrawalDecision.REFUSED).exists():
        stated = start_of(order, stated_at, subject=document, amount=amount, delivery=delivery)
        start_clocks(event=ClockEvent.WITHDRAWAL_STATED, model=Return, starts=[stated])


def begin_refund_of_withdrawal(order: Order, withdrawal: Withdrawal, *, is_whole: bool) -> None:
    """Start what the law counts from the statement of a withdrawal; of the whole order with its delivery."""
    amount = _still_owed(order, withdrawal.total, is_recorded=False)
    if not amount:
        return
    delivery = _delivery(list(order.lines.all())) if is_whole else 0
    start = start_of(order, withdrawal.stated_at, subject=withdrawal, amount=amount, delivery=delivery)
    start_clocks(event=ClockEvent.WITHDRAWAL_STATED, model=Withdrawal, starts=[start])


def begin_refund_of_cancelled(
    orders: Sequence[Order], values: Mapping[int, int], cause: CancelCause, at: datetime
) -> None:
    """Start the refund of orders called off (order id: minor units that they had paid for it).

    Of what cannot be supplied it counts from the payment, otherwise from the cancellation.
    """
    owing = [order for order in orders if values.get(order.pk)]
    if not owing:
        return
    starts = {order.pk: start_of(order, at, amount=values[order.pk]) for order in owing}
    if cause == CancelCause.UNSUPPLIED:
        paid = _last_payments(owing)
        since = [start_of(order, paid.get(order.pk, at), amount=values[order.pk]) for order in owing]
        start_clocks(event=ClockEvent.UNSUPPLIED_PAID, model=Order, starts=since)
    else:
        start_clocks(event=ClockEvent.UNSHIPPED_WITHDRAWN, model=Order, starts=list(starts.values()))
    stated = Withdrawal.objects.filter(order__in=starts).exclude(decision=WithdrawalDecision.REFUSED)
    for pk in set(stated.values_list("order_id", flat=True)):  # these owe it since their statement
        del starts[pk]
    start_clocks(event=ClockEvent.WITHDRAWAL_STATED, model=Order, starts=list(starts.values()))


def settle_refund(order: Order, amount: int, stop: Stop, actor: User | None) -> None:
    """Let money that went back settle what the order, its returns and withdrawals owe, the earliest due first."""
    subjects = {
        Order: [order.pk],
        Return: list(order.returns.values_list("pk", flat=True)),
        Withdrawal: list(order.withdrawals.values_list("pk", flat=True)),
    }
    running = [clock.pk for clock in clocks_of(subjects) if clock.stopped_at is None and clock.amount]
    if running:
        settle_clocks(clock_ids=running, amount=amount, stop=stop, actor=actor)


def value_of(lines: Sequence[OrderLine], pieces: Mapping[int, int]) -> int:
    """Return what these pieces (line id: count) are worth, minor units; each line's share rounded down."""
    return sum(line.total * pieces.get(line.pk, 0) // line.quantity for line in lines)


def _still_owed(order: Order, value: int, *, is_recorded: bool) -> int:
    """Return how much of ``value`` has to go back still; ``is_recorded``: the returns of the order include it.

    What was refunded ahead of it (more than earlier returns and cancelled pieces were worth) counts, and never more
    is owed than the customer has paid and no other clock owes.
    """
    refunds = order.payments.filter(kind=PaymentKind.REFUND).aggregate(total=Sum("amount"))["total"] or 0
    gone = order.returns.aggregate(total=Sum("total"))["total"] or 0
    lines = order.lines.filter(kind=LineKind.PRODUCT)
    off = lines.aggregate(total=Sum(F("total") * F("cancelled_count") / F("quantity")))["total"] or 0
    earlier = max(0, gone + off - value * is_recorded)
    ahead = max(0, refunds - earlier)
    return max(0, min(value - ahead, order.paid_total))


def _delivery(lines: Sequence[OrderLine]) -> int:
    """Return what the customer paid for the delivery."""
    return sum(line.total for line in lines if line.kind == LineKind.SHIPPING and line.total > 0)


def _last_payments(orders: Sequence[Order]) -> dict[int, datetime]:
    rows = Payment.objects.filter(order__in=orders, kind=PaymentKind.CAPTURE).order_by().values("order_id")
    return {row["order_id"]: row["last"] for row in rows.annotate(last=Max("paid_at"))}
