"""Customers withdraw: the statement is kept with its day, and a lawful one is not refused without the law's ground."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from compliance.models import GROUNDS, NEEDS_CONSENT, NEEDS_NOTICE, ClockEvent, Duty, LegalClock, RefusalGround
from compliance.selectors.clocks import clocks_of, is_in_time, window_of, withdrawal_rule
from compliance.services import Stop, start_clocks, stop_clocks
from core.commands import once
from core.errors import Conflict, InvalidInput
from core.events import record
from orders.events import WithdrawalDecided, WithdrawalStated
from orders.models import Order, OrderStatus, Return, Withdrawal, WithdrawalDecision, WithdrawalWay
from orders.policies import can_decide_withdrawals, can_record_returns
from orders.services.batches import check_right, goods_of, lock_order
from orders.services.legal.deadlines import (
    begin_refund_of_return,
    begin_refund_of_withdrawal,
    law_of,
    start_of,
    value_of,
)
from staff.models import User


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawalRefusal:
    """Why a withdrawal is refused: the law's ground (none when it came too late) and what proves it.

    ``was_told``: the exception was clearly shown before the order; ``has_consent``: the customer agreed in writing.
    """

    evidence: str
    ground: RefusalGround | None = None
    was_told: bool = False
    has_consent: bool = False


def record_withdrawal(
    *,
    order_id: int,
    stated_at: datetime,
    way: WithdrawalWay,
    quantities: Mapping[int, int] | None = None,
    reason: str = "",
    key: str = "",
    actor: User | None = None,
) -> Withdrawal:
    """Note that a customer withdraws from an order or from some pieces of it (line id: pieces), and return it.

    The moment of the statement decides whether it is in time, not when it is read. The window stops; what the law
    counts from the statement starts. The same ``key`` answers with the same withdrawal. InvalidInput for a statement
    before the order or in the future, for a cancelled order, and for more pieces than the order has; NotAllowed
    without the right.
    """
    check_right(can_record_returns, actor)

    def run() -> int:
        return _record(order_id, stated_at, way, quantities, reason, actor).pk

    parameters: dict[str, Any] = {
        "order": order_id,
        "stated_at": stated_at.isoformat(),
        "way": way,
        "pieces": sorted(quantities.items()) if quantities is not None else None,
    }
    pk = once(key=f"orders.withdrawal:{key}", parameters=parameters, run=run) if key else run()
    return Withdrawal.objects.get(pk=pk)


@transaction.atomic
def accept_withdrawal(*, withdrawal_id: int, actor: User | None = None) -> Withdrawal:
    """Let the customer withdraw, and return it; goods and money follow as a return, a cancellation and a refund.

    Conflict when it is decided; NotAllowed without the right.
    """
    withdrawal = _locked(withdrawal_id, actor)
    return _decide(withdrawal, WithdrawalDecision.ACCEPTED, actor)


@transaction.atomic
def refuse_withdrawal(*, withdrawal_id: int, refusal: WithdrawalRefusal, actor: User | None = None) -> Withdrawal:
    """Refuse a withdrawal, and return it: too late, or by one of the law's own exceptions.

    InvalidInput without what proves it; for a statement in time without a ground of the law that holds there, and for
    a ground that the customer had to be told of, or to agree to in writing, where that was not so. Conflict when it
    is decided; NotAllowed without the right.
    """
    withdrawal = _locked(withdrawal_id, actor)
    if not refusal.evidence.strip():
        raise InvalidInput(_("Say what proves it: photos, the inspection, the order page."))
    if withdrawal.is_in_time:
        _check_ground(law_of(withdrawal.order), refusal)
    withdrawal.ground = refusal.ground or ""
    withdrawal.evidence = refusal.evidence.strip()[:300]
    _decide(withdrawal, WithdrawalDecision.REFUSED, actor)
    stop = Stop(at=timezone.now(), evidence=_("Withdrawal refused"))
    stop_clocks(event=ClockEvent.REFUND_PAID, model=Withdrawal, stops={withdrawal.pk: stop}, actor=actor)
    return withdrawal


def return_in_time(order: Order, document: Return, actor: User | None) -> bool | None:
    """Start and stop what goods that came back start and stop, and tell whether the customer was in time.

    The latest statement counts; without one the goods themselves where they came in the window. None where that cannot
    be told, and where we know of no right to withdraw. Called by ``record_return`` under the order's lock.
    """
    rule = withdrawal_rule(law_of(order), order.placed_at, order.country)
    if rule is None:
        return None
    earlier = order.withdrawals.exclude(decision=WithdrawalDecision.REFUSED).order_by("-stated_at", "-pk").first()
    moment = earlier.stated_at if earlier else document.returned_at
    window = _window(order)
    answer = is_in_time(window, moment)
    if answer:
        stop = Stop(at=moment, evidence=document.number)
        stop_clocks(event=ClockEvent.WITHDRAWAL_STATED, model=Order, stops={order.pk: stop}, actor=actor)
    begin_refund_of_return(order, document, moment)
    return answer or (None if earlier is None else False)


@transaction.atomic  # not around ``once``: a kept refusal must outlive it
def _record(
    order_id: int,
    stated_at: datetime,
    way: WithdrawalWay,
    quantities: Mapping[int, int] | None,
    reason: str,
    actor: User | None,
) -> Withdrawal:
    order = lock_order(order_id)
    lines = goods_of([order]).get(order.pk, [])
    left = {line.pk: line.quantity - line.cancelled_count - line.returned_count for line in lines}
    pieces = {pk: count for pk, count in (left if quantities is None else quantities).items() if count}
    _check(order, stated_at, pieces, left)
    law = law_of(order)
    rule = withdrawal_rule(law, order.placed_at, order.country)
    window = _window(order)
    withdrawal = Withdrawal.objects.create(
        order=order,
        stated_at=stated_at,
        way=way,
        reason=reason[:200],
        piece_count=sum(pieces.values()),
        total=value_of(lines, pieces),
        is_in_time=is_in_time(window, stated_at) if rule else None,
        due_at=window.due_at if window else None,
    )
    number = f"{order.number} · {withdrawal.pk}"
    stop_clocks(
        event=ClockEvent.WITHDRAWAL_STATED,
        model=Order,
        stops={order.pk: Stop(at=stated_at, evidence=number)} if withdrawal.is_in_time else {},
        actor=actor,
    )
    if withdrawal.is_in_time:
        begin_refund_of_withdrawal(
            order, withdrawal, is_whole=pieces == {pk: count for pk, count in left.items() if count}
        )
    if way == WithdrawalWay.BUTTON:
        start = start_of(order, stated_at, subject=withdrawal)
        start_clocks(event=ClockEvent.WITHDRAWAL_BY_BUTTON, model=Withdrawal, starts=[start])
    fact = WithdrawalStated(
        order_id=order.pk, withdrawal_id=withdrawal.pk, way=way, is_in_time=withdrawal.is_in_time, reason=reason
    )
    record(fact, subject=order, actor=actor)
    return withdrawal


def _check(order: Order, stated_at: datetime, pieces: Mapping[int, int], left: Mapping[int, int]) -> None:
    if order.status == OrderStatus.CANCELLED:
        raise InvalidInput(_("The order is cancelled already."))
    if not order.placed_at <= stated_at <= timezone.now():
        raise InvalidInput(_("The statement lies before the order or in the future."))
    if not pieces or any(not 0 < count <= left.get(pk, 0) for pk, count in pieces.items()):
        raise InvalidInput(_("Choose pieces that the order still has."))


def _window(order: Order) -> LegalClock | None:
    return window_of(clocks_of({Order: [order.pk]}), Duty.WITHDRAWAL)


def _check_ground(law: str, refusal: WithdrawalRefusal) -> None:
    """Refuse a ground that the law of the place does not know, or whose conditions are not met."""
    lawful = GROUNDS.get(law, frozenset())
    if refusal.ground is None or refusal.ground not in lawful:
        if not lawful:
            raise InvalidInput(_("It was stated in time, and we know of no exception there. Accept it."))
        known = "; ".join(str(ground.label) for ground in RefusalGround if ground in lawful)
        raise InvalidInput(
            _("It was stated in time. Only the law's exceptions count: %(grounds)s.") % {"grounds": known}
        )
    if refusal.ground in NEEDS_NOTICE and not refusal.was_told:
        raise InvalidInput(_("Without clear notice before the order the customer may withdraw all the same."))
    if refusal.ground in NEEDS_CONSENT and not refusal.has_consent:
        raise InvalidInput(_("Made to order counts only with a separate notice and the customer's written consent."))


def _locked(withdrawal_id: int, actor: User | None) -> Withdrawal:
    check_right(can_decide_withdrawals, actor)
    rows = Withdrawal.objects.select_for_update(no_key=True, of=("self",)).select_related("order")
    withdrawal = rows.filter(pk=withdrawal_id).first()
    if withdrawal is None:
        raise InvalidInput(_("This withdrawal is gone. Reload the page."))
    if withdrawal.decision != WithdrawalDecision.OPEN:
        raise Conflict(_("It is decided already. Reload the page."))
    return withdrawal


def _decide(withdrawal: Withdrawal, decision: WithdrawalDecision, actor: User | None) -> Withdrawal:
    withdrawal.decision, withdrawal.decided_at, withdrawal.decided_by = decision, timezone.now(), actor
    withdrawal.save(update_fields=["decision", "decided_at", "decided_by", "ground", "evidence"])
    fact = WithdrawalDecided(
        order_id=withdrawal.order_id,
        withdrawal_id=withdrawal.pk,
        decision=decision,
        ground=withdrawal.ground,
        evidence=withdrawal.evidence,
    )
    record(fact, subject=withdrawal.order, actor=actor)
    return withdrawal
