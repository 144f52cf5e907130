"""Which answers wait for a second person: rules that an answer fits, and what waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Max, Q, QuerySet, Sum
from django.utils import timezone

from core.money import format_money
from orders.models import Order
from payments.models import Refund, RefundState
from service.models import (
    ApprovalGround,
    ApprovalKind,
    ApprovalRule,
    OutgoingState,
    ReplyApproval,
    Ticket,
    TicketOrder,
    told_in,
)
from service.selectors.promises import amounts_in, phrase_in
from staff.models import User
from staff.selectors.roles import roles_of

SHOWN = 50


@dataclass(frozen=True, kw_only=True)
class Ground:
    """A rule that fits, and what in the answer or its order."""

    rule: ApprovalRule
    word: str = ""
    amount: int | None = None


def grounds_of(*, ticket: Ticket, text: str, writer: User | None) -> list[Ground]:
    """Return the active rules that this answer fits; none means that it may leave."""
    rules = [rule for rule in ApprovalRule.objects.filter(is_active=True) if _is_about(rule, writer)]
    amounts = amounts_in(text) if any(rule.kind == ApprovalKind.AMOUNT for rule in rules) else []
    found = (_ground(rule, ticket, text, amounts) for rule in rules)
    return [ground for ground in found if ground is not None]


def ground_words(ground: ApprovalGround) -> str:
    """Return the rule and what it found: "Gifts: ₩120,000"; an amount of no order is no secret of its writer."""
    what = ground.word or format_money(ground.amount, ground.rule.currency)
    return f"{ground.rule}: {what}" if what else str(ground.rule)


def waiting_approvals(*, decider: User | None = None) -> "QuerySet[ReplyApproval]":
    """Return what waits, the oldest first; with ``decider`` only what this colleague did not write."""
    rows = ReplyApproval.objects.filter(decision="", outgoing__state=OutgoingState.AWAITING)
    if decider is not None:
        rows = rows.filter(~Q(writer=decider) | Q(writer=None))
    return rows.order_by("pk")


def _is_about(rule: ApprovalRule, writer: User | None) -> bool:
    if rule.roles and (writer is None or not set(rule.roles) & {role.value for role in roles_of(writer)}):
        return False
    if rule.newer_than_days is None:
        return True
    return writer is not None and writer.date_joined > timezone.now() - timedelta(days=rule.newer_than_days)


def _ground(rule: ApprovalRule, ticket: Ticket, text: str, amounts: Sequence[tuple[str, int]]) -> Ground | None:
    if rule.kind == ApprovalKind.WORDS:
        word = phrase_in(rule.words, text)
        return Ground(rule=rule, word=word) if word else None
    if rule.kind == ApprovalKind.AMOUNT:
        most = max((amount for currency, amount in amounts if currency == rule.currency), default=None)
    elif rule.kind == ApprovalKind.ORDER_TOTAL:
        most = _orders(ticket).filter(currency=rule.currency).aggregate(most=Max("total"))["most"]
    else:
        most = _refunded(ticket, rule.currency)
    return Ground(rule=rule, amount=most) if most is not None and most > (rule.limit or 0) else None


def _orders(ticket: Ticket) -> "QuerySet[Order]":
    links = TicketOrder.objects.filter(told_in(ticket))
    return Order.objects.filter(pk__in=links.values("order_id"))


def _refunded(ticket: Ticket, currency: str) -> int | None:
    """Return the most that was promised or sent back for one of the orders."""
    promised = (
        Refund.objects.filter(order__in=_orders(ticket), currency=currency)
        .exclude(state=RefundState.WITHDRAWN)
        .order_by()
        .values("order")
        .annotate(most=Sum("amount"))
        .values_list("most", flat=True)
    )
    return max(promised, default=None)
