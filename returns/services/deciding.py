"""A case is approved, refused, or called off by the customer; the goods are on their way."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from compliance.models import ClockEvent, RefusalGround
from compliance.services import Stop, stop_clocks
from core.errors import InvalidInput
from core.events import record
from inventory.models import Warehouse
from orders.models import Order, Withdrawal, WithdrawalDecision
from orders.policies import can_decide_withdrawals
from orders.services import WithdrawalRefusal, accept_withdrawal, refuse_withdrawal
from orders.services.batches import check_right
from returns.events import ReturnApproved, ReturnCalledOff, ReturnRefused, ReturnSent
from returns.models import MessageStep, RequestKind, RequestLine, RequestState, ReturnRequest
from returns.policies import can_decide_returns, can_open_returns, ground_problem, may_charge_fee, may_charge_way_back
from returns.selectors.standing import standing_of
from returns.services.cases import check_move, fault_of, lines_of, lock_case
from returns.services.exchanging import free_exchange, keep_for_exchange
from returns.services.findings import write_claim_findings
from returns.services.telling import tell_by_itself
from staff.models import User

DAYS_TO_SEND = 14
_S = RequestState


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """On what terms goods may come back; what is None is taken from the rules. Money in minor units."""

    warehouse_id: int | None = None
    days: int = DAYS_TO_SEND
    return_shipping: int | None = None
    fee: int | None = None


@transaction.atomic
def approve_return(*, request_id: int, terms: Terms | None = None, actor: User | None = None) -> ReturnRequest:
    """Let goods come back, or accept a claim, and return the case; what is promised in exchange is kept from now on.

    A claim goes on to be resolved at once. InvalidTransition unless it waits for a decision; InvalidInput where a
    reason needs photos and there are none, for costs that the law does not let the customer bear, and when the pieces
    for the exchange are not there; NotAllowed without the right.
    """
    check_right(can_decide_returns, actor)
    order, request = lock_case(request_id)
    check_move(request, _S.APPROVED)
    lines = lines_of(request)
    if any(line.reason.needs_photos for line in lines) and not request.photos.exists():
        raise InvalidInput(_("This reason needs photos. Add them first."))
    given = terms or Terms()
    _settle_costs(order, request, lines, given)
    now = timezone.now()
    if not 0 < given.days <= 365:
        raise InvalidInput(_("Write within how many days the goods have to come, 1 to 365."))
    request.due_at = now + timedelta(days=given.days) if request.kind == RequestKind.RETURN else None
    request.warehouse_id = given.warehouse_id or _home(order)
    kept = keep_for_exchange(order=order, request=request, lines=lines, until=now + timedelta(days=given.days))
    if request.withdrawal_id is not None:
        _accept(request.withdrawal_id, actor)
    request.state, request.decided_at, request.decided_by = _S.APPROVED, now, actor
    changed = ["state", "decided_at", "decided_by", "due_at", "warehouse", "return_shipping", "fee"]
    if request.kind == RequestKind.CLAIM:
        check_move(request, _S.INSPECTED)
        write_claim_findings(lines=lines, actor=actor)
        request.state, request.inspected_at = _S.INSPECTED, now
        changed.append("inspected_at")
    request.save(update_fields=changed)
    record(ReturnApproved(request_id=request.pk, number=request.number, kept=kept), subject=request, actor=actor)
    if request.kind == RequestKind.RETURN:
        tell_by_itself(request=request, step=MessageStep.APPROVED, actor=actor)
    return request


def _settle_costs(order: Order, request: ReturnRequest, lines: list[RequestLine], given: Terms) -> None:
    """Decide what the customer pays, never more than rule and law allow together."""
    fault = fault_of(lines)
    rules = [line.rule for line in lines if line.rule is not None and line.rule.currency == order.currency]
    in_time = standing_of(order).in_time(request.asked_at)
    may_way, may_fee = may_charge_way_back(fault), may_charge_fee(fault=fault, is_in_time=in_time)
    pays = may_way and any(line.reason.shipping_payer == "customer" for line in lines)
    by_rule = max((rule.return_shipping for rule in rules), default=0) if pays else 0
    fee_by_rule = max((rule.fee for rule in rules), default=0) if may_fee else 0
    request.return_shipping = by_rule if given.return_shipping is None else given.return_shipping
    request.fee = fee_by_rule if given.fee is None else given.fee
    if request.return_shipping and not may_way:
        raise InvalidInput(_("The customer is not at fault and does not pay the way back."))
    if request.fee and not may_fee:
        raise InvalidInput(_("Of somebody who withdraws in time, or is not at fault, no fee may be kept."))
    if min(request.return_shipping, request.fee) < 0:
        raise InvalidInput(_("Costs cannot be less than zero."))


def _home(order: Order) -> int | None:
    """Return the warehouse that the goods came from, else the first one that is open."""
    left = order.shipments.exclude(warehouse=None).order_by("-pk").values_list("warehouse_id", flat=True).first()
    return left or Warehouse.objects.filter(is_active=True).order_by("rank", "pk").values_list("pk", flat=True).first()


def _accept(withdrawal_id: int, actor: User | None) -> None:
    if Withdrawal.objects.filter(pk=withdrawal_id, decision=WithdrawalDecision.OPEN).exists():
        # whoever approves cases accepts with them: a lawful withdrawal needs nobody's permission
        accept_withdrawal(withdrawal_id=withdrawal_id, actor=actor if actor and can_decide_withdrawals(actor) else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRefusal:
    """Why a case is refused; the ground of the law and its conditions where it came in time."""

    reason: str
    ground: RefusalGround | None = None
    was_told: bool = False
    has_consent: bool = False


@transaction.atomic
def refuse_return(*, request_id: int, refusal: RequestRefusal, actor: User | None = None) -> ReturnRequest:
    """Refuse a case and return it: what came in time only by a ground of the law whose conditions were met.

    InvalidTransition unless it waits for a decision; InvalidInput without a reason or a lawful ground; NotAllowed
    without the right, for a withdrawal the right to decide withdrawals.
    """
    check_right(can_decide_returns, actor)
    order, request = lock_case(request_id)
    check_move(request, _S.REFUSED)
    if not refusal.reason.strip():
        raise InvalidInput(_("Say why it is refused, in words that the customer can read."))
    _check_lawful(order, request, refusal)
    request.state, request.refusal, request.ground = _S.REFUSED, refusal.reason.strip()[:300], refusal.ground or ""
    request.decided_at, request.decided_by = timezone.now(), actor
    request.save(update_fields=["state", "refusal", "ground", "decided_at", "decided_by"])
    if request.withdrawal_id is not None:
        refuse_withdrawal(
            withdrawal_id=request.withdrawal_id,
            refusal=WithdrawalRefusal(
                evidence=request.refusal, ground=refusal.ground, was_told=refusal.was_told,
                has_consent=refusal.has_consent,
            ),
            actor=actor,
        )  # fmt: skip
    fact = ReturnRefused(request_id=request.pk, number=request.number, reason=request.refusal, ground=request.ground)
    record(fact, subject=request, actor=actor)
    tell_by_itself(request=request, step=MessageStep.REFUSED, actor=actor)
    return request


def _check_lawful(order: Order, request: ReturnRequest, refusal: RequestRefusal) -> None:
    law = standing_of(order)
    if request.kind != RequestKind.RETURN or law.in_time(request.asked_at) is not True:
        return
    problem = ground_problem(law.law, refusal.ground or "", was_told=refusal.was_told, has_consent=refusal.has_consent)
    if problem:
        raise InvalidInput(ground_words(problem))


def ground_words(problem: str) -> str:
    """Return why a ground does not hold, in a sentence."""
    return {
        "none_known": _("It was asked in time, and we know of no exception there. Approve it."),
        "not_lawful": _("It was asked in time: only a ground of the law counts. Choose one, or approve it."),
        "not_told": _("Without clear notice before the order the customer may withdraw all the same."),
        "no_consent": _("Made to order counts only with a separate notice and the customer's written consent."),
    }[problem]


@transaction.atomic
def call_off_return(*, request_id: int, note: str, actor: User | None = None) -> ReturnRequest:
    """Note that the customer keeps what they have, and return the case; what was kept for an exchange is free again.

    A withdrawal that was stated is taken back with it. InvalidTransition once goods came or it was decided against;
    InvalidInput without a note who said it and how; NotAllowed without the right.
    """
    check_right(can_open_returns, actor)
    _order, request = lock_case(request_id)
    check_move(request, _S.CALLED_OFF)
    if not note.strip():
        raise InvalidInput(_("Write how the customer told it."))
    free_exchange(lines=lines_of(request), actor=actor)
    if request.withdrawal_id is not None:
        stop = Stop(
            at=timezone.now(), evidence=_("Taken back by the customer: %(note)s") % {"note": note.strip()[:200]}
        )
        stops = {request.withdrawal_id: stop}
        stop_clocks(event=ClockEvent.REFUND_PAID, model=Withdrawal, stops=stops, actor=actor)
        _accept(request.withdrawal_id, actor)
    request.state = _S.CALLED_OFF
    request.save(update_fields=["state"])
    fact = ReturnCalledOff(request_id=request.pk, number=request.number, note=note.strip()[:200])
    record(fact, subject=request, actor=actor)
    return request


@transaction.atomic
def note_return_sent(
    *, request_id: int, carrier: str = "", tracking_number: str = "", at: datetime | None = None,
    actor: User | None = None,
) -> ReturnRequest:  # fmt: skip
    """Note that the goods are with a carrier, and return the case; a later call corrects carrier and number.

    InvalidTransition unless goods are awaited; NotAllowed without the right.
    """
    check_right(can_open_returns, actor)
    _order, request = lock_case(request_id)
    if request.state != _S.IN_TRANSIT:
        check_move(request, _S.IN_TRANSIT)
        if request.kind != RequestKind.RETURN:
            raise InvalidInput(_("Nothing comes back with this claim."))
    request.state, request.sent_at = _S.IN_TRANSIT, request.sent_at or at or timezone.now()
    request.carrier, request.tracking_number = carrier.strip()[:60], tracking_number.strip()[:60]
    request.save(update_fields=["state", "sent_at", "carrier", "tracking_number"])
    fact = ReturnSent(
        request_id=request.pk, number=request.number, carrier=request.carrier, tracking_number=request.tracking_number
    )
    record(fact, subject=request, actor=actor)
    return request
