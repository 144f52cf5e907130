"""The customer gets what was decided: money, a replacement, a repair, or the goods again."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from compliance.selectors.clocks import clocks_of
from compliance.services import Stop, settle_clocks
from core.commands import once
from core.events import record
from core.money import split
from orders.models import LineKind, Order, Return, Withdrawal
from orders.services.batches import check_right
from payments.models import Refund, RefundReason, RefundState
from payments.services import grant_refund
from returns.events import RefundOwedAgain, ReturnResolved
from returns.models import (
    Fault,
    Finding,
    MessageStep,
    RequestKind,
    RequestLine,
    RequestState,
    Resolution,
    ReturnRequest,
)
from returns.policies import can_resolve_returns
from returns.selectors.reckoning import delivery_owed
from returns.services.cases import check_move, lines_of, lock_case
from returns.services.exchanging import free_exchange
from returns.services.outcomes import Outcome, apply_outcomes, reckon_amounts
from returns.services.replacing import place_replacement
from returns.services.telling import tell_by_itself
from staff.models import User

_DECIDED = ["resolution", "quantity", "serials", "value", "value_loss", "amount", "evidence", "judged_by"]
# as payments calls the reasons of refunds
_REASONS = {
    "defective": RefundReason.DEFECTIVE,
    "wrong-item": RefundReason.WRONG_ITEM,
    "broken-in-transit": RefundReason.DAMAGED,
    "lost-in-transit": RefundReason.NOT_DELIVERED,
    "missing-piece": RefundReason.NOT_DELIVERED,
    "late": RefundReason.LATE,
}
_BY_FAULT = {
    Fault.CUSTOMER: RefundReason.CHANGED_MIND,
    Fault.SHOP: RefundReason.OTHER,
    Fault.SUPPLIER: RefundReason.DEFECTIVE,
    Fault.CARRIER: RefundReason.DAMAGED,
}


def resolve_return(
    *, request_id: int, outcomes: Sequence[Outcome], key: str = "", actor: User | None = None
) -> ReturnRequest:
    """Give the customer what was decided of each piece, and return the case; the same ``key`` gives once.

    Refunds are granted as one, by order line: the pieces' share of what was paid, less a proved loss of value and what
    the approval said the customer bears; where the law asks for it with the delivery. A replacement is an order of its
    own that takes the pieces that were kept. What is not refunded settles the law's deadline with its reason.

    InvalidTransition unless it is inspected; InvalidInput where the outcomes are not those of all pieces, for a loss
    of value without evidence or of a customer who is not at fault, and what ``grant_refund`` or the stock refuses;
    NotAllowed without the right. What was rejected stays so.
    """
    check_right(can_resolve_returns, actor)

    def run() -> int:
        return _resolve(request_id, outcomes, actor).pk

    if not key:
        return ReturnRequest.objects.get(pk=run())
    parameters: dict[str, Any] = {"request": request_id, "outcomes": [asdict(one) for one in outcomes]}
    return ReturnRequest.objects.get(pk=once(key=f"returns.resolve:{key}", parameters=parameters, run=run))


@transaction.atomic  # not around ``once``: a kept refusal must outlive it
def _resolve(request_id: int, outcomes: Sequence[Outcome], actor: User | None) -> ReturnRequest:
    """Resolve a case.

    1. Order and case are locked. 2. Findings get their outcomes. 3. The refund is granted. 4. Replacements are placed
    and take what was kept; the rest is free again. 5. The law's deadline is settled by what is not refunded.
    """
    order, request = lock_case(request_id)
    check_move(request, RequestState.RESOLVED)
    is_first = request.resolved_at is None
    settled = list(request_findings(request).exclude(resolution=""))
    findings = apply_outcomes(request=request, outcomes=outcomes, actor=actor)
    if is_first:
        request.delivery_refund = delivery_owed(order=order, request=request, findings=[*findings, *settled])
    reckon_amounts(order=order, request=request, findings=findings, with_costs=is_first)
    Finding.objects.bulk_update(findings, _DECIDED)
    delivery = request.delivery_refund if is_first else 0
    refund = _grant(order, request, findings, delivery, actor)
    replacement = place_replacement(order=order, request=request, findings=findings, actor=actor)
    _free_the_rest(request)
    rejected = [one for one in settled if is_first and one.resolution == Resolution.REJECT]
    _settle_rest(request, [*findings, *settled], actor)
    request.state, request.resolved_at = RequestState.RESOLVED, timezone.now()
    request.save(update_fields=["state", "resolved_at", "delivery_refund", "not_refunded"])
    _tell(request, [*findings, *rejected], refund, replacement, actor)
    return request


def request_findings(request: ReturnRequest) -> "QuerySet[Finding]":
    """Return the findings of a case with what stands on their lines."""
    rows = Finding.objects.filter(line__request=request)
    return rows.select_related("line__order_line__variant", "line__reason", "line__exchange_variant").order_by("pk")


def _grant(
    order: Order, request: ReturnRequest, findings: Sequence[Finding], delivery: int, actor: User | None
) -> Refund | None:
    """Grant one refund for all findings, by order line, with the delivery on its own lines; None for no money."""
    amounts: Counter[int] = Counter()
    for one in findings:
        amounts[one.line.order_line_id] += one.amount
    ways = [line for line in order.lines.all() if line.kind == LineKind.SHIPPING and line.total > 0]
    if delivery and ways:
        for line, part in zip(ways, split(delivery, [line.total for line in ways]), strict=True):
            amounts[line.pk] += part
    total = sum(amounts.values())
    if not total:
        return None
    reason = lines_of(request)[0].reason
    refund = grant_refund(
        order_id=order.pk,
        amount=total,
        lines={pk: part for pk, part in amounts.items() if part},
        reason=_REASONS.get(reason.code, _BY_FAULT[Fault(reason.fault)]),
        note=f"{request.number} {reason}",
        actor=actor,
    )
    paid = [one for one in findings if one.amount]
    for one in paid:
        one.refund = refund
    Finding.objects.bulk_update(paid, ["refund"])
    return refund


def _free_the_rest(request: ReturnRequest) -> None:
    """Free what was kept for lines of which nothing is replaced now; a replacement that waits keeps its own."""
    kept = RequestLine.objects.filter(request=request, held_until__isnull=False)
    free_exchange(lines=list(kept.exclude(findings__replacement__isnull=False)), actor=None)


def _settle_rest(request: ReturnRequest, findings: Sequence[Finding], actor: User | None) -> None:
    """Let what is not refunded settle the law's deadline once, with the reason; a refund does it when it is sent."""
    not_refunded = sum(one.value - one.amount for one in findings)
    rest = not_refunded - request.not_refunded  # a case that is resolved again settled the other part before
    if request.kind == RequestKind.CLAIM or rest <= 0:
        return
    request.not_refunded = not_refunded
    documents = [line.return_record_id for line in lines_of(request) if line.return_record_id is not None]
    clocks = clocks_of({Return: documents, Withdrawal: [request.withdrawal_id] if request.withdrawal_id else []})
    running = [clock.pk for clock in clocks if clock.stopped_at is None and clock.amount]
    if running:
        said = _("%(case)s: exchanged, repaired, rejected or borne by the customer") % {"case": request.number}
        stop = Stop(at=timezone.now(), evidence=said)
        settle_clocks(clock_ids=running, amount=rest, stop=stop, actor=actor)


def _tell(
    request: ReturnRequest,
    findings: Sequence[Finding],
    refund: Refund | None,
    replacement: Order | None,
    actor: User | None,
) -> None:
    counts: Counter[str] = Counter()
    for one in findings:
        counts[one.resolution] += one.quantity
    fact = ReturnResolved(
        request_id=request.pk,
        number=request.number,
        amount=refund.amount if refund else 0,
        currency=request.currency,
        counts=dict(counts),
        replacements=[replacement.number] if replacement else [],
    )
    record(fact, subject=request, actor=actor)
    if refund is not None:
        tell_by_itself(request=request, step=MessageStep.REFUNDED, actor=actor)
    if replacement is not None:
        tell_by_itself(request=request, step=MessageStep.REPLACED, actor=actor)


@transaction.atomic
def reopen_for_withdrawn(*, refund_id: int) -> int:
    """Let a case whose refund was withdrawn be resolved again, and return how many pieces; twice finds none.

    Not where the money went back another way: then the customer has it. Pieces that are replaced stay so; what a
    cheaper replacement gave back is granted again by hand.
    """
    request_id = Finding.objects.filter(refund=refund_id).values_list("line__request_id", flat=True).first()
    if request_id is None:
        return 0
    order, request = lock_case(request_id)
    refund = Refund.objects.get(pk=refund_id)
    promised = Refund.objects.open().filter(order=order).aggregate(total=Sum("amount"))["total"] or 0
    if refund.state != RefundState.WITHDRAWN or order.paid_total - promised < refund.amount:
        return 0
    findings = list(Finding.objects.filter(refund=refund, replacement=None).order_by("pk"))
    if not findings:
        return 0
    for one in findings:
        one.refund, one.resolution, one.amount, one.value_loss = None, "", 0, 0
    Finding.objects.bulk_update(findings, ["refund", "resolution", "amount", "value_loss"])
    request.state = RequestState.INSPECTED
    if not Finding.objects.filter(line__request=request, refund__isnull=False).exists():
        request.resolved_at = None  # no refund bore the customer's costs: the next one does
    request.save(update_fields=["state", "resolved_at"])
    pieces = sum(one.quantity for one in findings)
    fact = RefundOwedAgain(request_id=request.pk, number=request.number, piece_count=pieces, refund=refund.number)
    record(fact, subject=request)
    return pieces
