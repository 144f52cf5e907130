"""A customer asks: the case is opened, within what they have and what the rules allow, and pinned to rule and law."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from compliance.models import ClockEvent
from compliance.services import Stop, stop_clocks
from core.commands import once
from core.errors import InvalidInput
from core.events import record
from core.sequences import document_number, next_numbers
from orders.models import Order, OrderLine, Withdrawal, WithdrawalWay
from orders.services import record_withdrawal
from orders.services.batches import check_right, lock_order
from returns.events import ReturnAsked
from returns.models import (
    AskedThrough,
    Fault,
    MessageStep,
    RequestKind,
    RequestLine,
    Resolution,
    ReturnReason,
    ReturnRequest,
)
from returns.policies import can_open_returns
from returns.selectors.returnable import returnable
from returns.selectors.rules import RuleAnswer, rules_for
from returns.selectors.standing import LawStanding, standing_of
from returns.services.cases import fault_of, lines_of
from returns.services.telling import tell_by_itself
from staff.models import User

SERIES = "returns.request"
_WAYS: Mapping[str, WithdrawalWay] = {
    AskedThrough.CHANNEL: WithdrawalWay.CHANNEL,
    AskedThrough.PHONE: WithdrawalWay.PHONE,
    AskedThrough.WRITTEN: WithdrawalWay.WRITTEN,
    AskedThrough.BUTTON: WithdrawalWay.BUTTON,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LineWish:
    """Pieces of an order line, why, and what the customer would like; an exchange may be for another variant."""

    line_id: int
    quantity: int
    reason_id: int
    wish: Resolution = Resolution.REFUND
    exchange_variant_id: int | None = None
    note: str = ""


def open_return(
    *,
    order_id: int,
    lines: Sequence[LineWish],
    asked_at: datetime,
    asked_through: AskedThrough,
    kind: RequestKind = RequestKind.RETURN,
    customer_note: str = "",
    key: str = "",
    actor: User | None = None,
) -> ReturnRequest:
    """Open a case and return it; the same ``key`` opens once.

    The rule of each line is pinned. Where the law lets the customer withdraw and this is such a statement, it is
    recorded as one, with the moment of the asking. InvalidInput for no pieces, more than are with the customer and in
    no other case, a reason or wish that neither rule nor law allows, and a moment before the order or in the future;
    NotAllowed without the right.
    """
    check_right(can_open_returns, actor)
    asked = _Asked(list(lines), asked_at, asked_through, kind, customer_note.strip()[:2000])

    def run() -> int:
        return _open(order_id, asked, actor).pk

    if not key:
        return ReturnRequest.objects.get(pk=run())
    parameters: dict[str, Any] = {
        "order": order_id, "kind": kind, "at": asked_at.isoformat(), "through": asked_through,
        "lines": [asdict(line) for line in lines],
    }  # fmt: skip
    return ReturnRequest.objects.get(pk=once(key=f"returns.open:{key}", parameters=parameters, run=run))


@dataclass(frozen=True, slots=True)
class _Asked:
    lines: list[LineWish]
    at: datetime
    through: AskedThrough
    kind: RequestKind
    note: str


@transaction.atomic  # not around ``once``: a kept refusal must outlive it
def _open(order_id: int, asked: _Asked, actor: User | None) -> ReturnRequest:
    order = lock_order(order_id)
    if not order.placed_at <= asked.at <= timezone.now():
        raise InvalidInput(_("It was asked before the order or in the future. Correct the day."))
    free = {line.pk: (line, left) for line, left in returnable(order=order)}
    _check_pieces(asked.lines, free)
    reasons = ReturnReason.objects.in_bulk([line.reason_id for line in asked.lines])
    answers = rules_for(order=order, lines=[line for line, _left in free.values()])
    law = standing_of(order)
    for wish in asked.lines:
        _check_wish(wish, free[wish.line_id][0], reasons.get(wish.reason_id), answers[wish.line_id], law, asked)
    [number] = next_numbers(series=SERIES)
    request = ReturnRequest.objects.create(
        number=document_number("RC", number),
        order=order,
        kind=asked.kind,
        asked_at=asked.at,
        asked_through=asked.through,
        customer_note=asked.note,
        currency=order.currency,
        opened_by=actor,
    )
    RequestLine.objects.bulk_create(
        RequestLine(
            request=request,
            order_line_id=wish.line_id,
            quantity=wish.quantity,
            reason_id=wish.reason_id,
            wish=wish.wish,
            rule=answers[wish.line_id].rule,
            exchange_variant_id=wish.exchange_variant_id if wish.wish == Resolution.EXCHANGE else None,
            note=wish.note.strip()[:300],
        )
        for wish in asked.lines
    )
    _tell_the_law(order, request, law, actor)
    fact = ReturnAsked(
        request_id=request.pk,
        number=request.number,
        kind=request.kind,
        piece_count=sum(wish.quantity for wish in asked.lines),
        is_withdrawal=request.withdrawal_id is not None,
    )
    record(fact, subject=request, actor=actor)
    tell_by_itself(request=request, step=MessageStep.ASKED, actor=actor)
    return request


def _check_pieces(wishes: Sequence[LineWish], free: Mapping[int, tuple[OrderLine, int]]) -> None:
    if not wishes or len({wish.line_id for wish in wishes}) != len(wishes):
        raise InvalidInput(_("Choose at least one piece, each line once."))
    for wish in wishes:
        left = free[wish.line_id][1] if wish.line_id in free else 0
        if not 0 < wish.quantity <= left:
            raise InvalidInput(
                _("Only %(count)s pieces of this line are with the customer and in no other case. Reload the page.")
                % {"count": left}
            )


def _check_wish(
    wish: LineWish, line: OrderLine, reason: ReturnReason | None, answer: RuleAnswer, law: LawStanding, asked: _Asked
) -> None:
    """Refuse what neither the rule nor the law allows; a customer who may withdraw needs no reason and gets money."""
    if reason is None or not reason.is_active:
        raise InvalidInput(_("Choose a reason."))
    if asked.kind == RequestKind.CLAIM and not reason.is_for_claims:
        raise InvalidInput(_("“%(reason)s” is no reason to claim without sending goods back.") % {"reason": reason})
    if wish.exchange_variant_id is None and wish.wish == Resolution.EXCHANGE and line.variant_id is None:
        raise InvalidInput(_("Nobody knows which product this line is: it cannot be exchanged. Match it first."))
    may_withdraw = law.in_time(asked.at) is True
    if answer.rule is None or reason.fault != Fault.CUSTOMER or (may_withdraw and wish.wish == Resolution.REFUND):
        return
    rule = answer.rule
    allowed = {
        Resolution.REFUND: rule.allows_refund,
        Resolution.EXCHANGE: rule.allows_exchange,
        Resolution.REPAIR: rule.allows_repair,
    }
    if not allowed.get(wish.wish, False):
        raise InvalidInput(
            _("The rule “%(rule)s” does not allow this: %(wish)s.") % {"rule": rule, "wish": wish.wish.label}
        )
    reasons = set(rule.reasons.values_list("pk", flat=True))
    if reasons and reason.pk not in reasons and not may_withdraw:
        raise InvalidInput(
            _("The rule “%(rule)s” does not allow this reason: %(reason)s.") % {"rule": rule, "reason": reason}
        )


def _tell_the_law(order: Order, request: ReturnRequest, law: LawStanding, actor: User | None) -> None:
    """Record a withdrawal where this is one; stop the windows for defects where the goods are not as promised."""
    lines = lines_of(request)
    if fault_of(lines) != Fault.CUSTOMER and law.defect:
        stop = Stop(at=request.asked_at, evidence=request.number)
        stop_clocks(event=ClockEvent.CLAIM_STATED, model=Order, stops={order.pk: stop}, actor=actor)
    wanted = {line.order_line_id: line.quantity for line in lines if line.wish == Resolution.REFUND}
    if request.kind != RequestKind.RETURN or not wanted or law.rule is None:
        return
    if fault_of(lines) != Fault.CUSTOMER and not law.in_time(request.asked_at):
        return  # a complaint about the goods, long after: no withdrawal
    withdrawal: Withdrawal = record_withdrawal(
        order_id=order.pk,
        stated_at=request.asked_at,
        way=_WAYS[request.asked_through],
        quantities=wanted,
        reason=str(lines[0].reason)[:200],
        actor=None,  # whoever opens cases need not have the right to record withdrawals: the case says who it was
    )
    request.withdrawal = withdrawal
    request.save(update_fields=["withdrawal"])
