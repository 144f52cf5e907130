"""What is decided of inspected pieces, and what money that means."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from compliance.models import RefusalGround
from core.errors import Conflict, InvalidInput
from core.events import record
from core.money import split
from orders.models import Order, ReturnCondition
from orders.services.batches import check_right
from returns.events import PiecesRejected, PiecesSentBack
from returns.models import Fault, Finding, MessageStep, RequestKind, RequestState, Resolution, ReturnRequest
from returns.policies import can_inspect_returns, can_judge_returns, ground_problem
from returns.selectors.standing import standing_of
from returns.services.cases import check_move, lines_of, lock_case
from returns.services.deciding import ground_words
from returns.services.replacing import price_differences
from returns.services.shelving import send_held_back
from returns.services.telling import tell_by_itself
from staff.models import User

_R = Resolution
GOES_BACK = (_R.REJECT, _R.REPAIR)
_NOT_HELD = {ReturnCondition.GOOD, ReturnCondition.NOT_KEPT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What becomes of pieces of a finding; several outcomes of one finding share its pieces.

    ``value_loss`` (minor units, of all these pieces) is what is kept because they lost value through the customer.
    ``refund`` beside a replacement is for claims: both.
    """

    finding_id: int
    resolution: Resolution
    quantity: int
    value_loss: int = 0
    evidence: str = ""
    refund: int = 0


def apply_outcomes(*, request: ReturnRequest, outcomes: Sequence[Outcome], actor: User | None) -> list[Finding]:
    """Put the outcomes on the findings that have none, divided where one has several, and return them, without amounts.

    InvalidInput where the outcomes are not those of all their pieces, or one cannot be. Under the case's lock.
    """
    rows = Finding.objects.filter(line__request=request, resolution="").order_by("pk")
    rows = rows.select_related("line__order_line__variant", "line__reason", "line__exchange_variant")
    findings = {one.pk: one for one in rows}
    wanted: dict[int, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        wanted[outcome.finding_id].append(outcome)
    if set(wanted) - set(findings):
        raise InvalidInput(_("Some pieces were decided meanwhile. Reload the page."))
    return [row for pk, finding in findings.items() for row in _divided(request, finding, wanted[pk], actor)]


def _divided(
    request: ReturnRequest, finding: Finding, outcomes: Sequence[Outcome], actor: User | None
) -> list[Finding]:
    if any(one.quantity < 1 for one in outcomes) or sum(one.quantity for one in outcomes) != finding.quantity:
        raise InvalidInput(_("Say of each of the pieces what becomes of it."))
    for one in outcomes:
        _check_possible(request, finding, one)
    values = split(finding.value, [one.quantity for one in outcomes])
    rows = [finding, *(_copy(finding) for _more in outcomes[1:])]
    for row, one, value in zip(rows, outcomes, values, strict=True):
        row.resolution, row.quantity, row.value, row.judged_by = one.resolution, one.quantity, value, actor
        row.value_loss, row.amount = one.value_loss, one.refund
        row.evidence = (one.evidence.strip() or row.evidence)[:300]
        _check_loss(row)
    # the constraint holds for each row: the larger one becomes smaller before the others are written
    finding.save(update_fields=["quantity", "value"])
    for row in rows[1:]:
        kept = (row.resolution, row.value_loss, row.amount)
        row.resolution, row.value_loss, row.amount = "", 0, 0
        row.save(force_insert=True)
        row.resolution, row.value_loss, row.amount = kept
    return rows


def _copy(finding: Finding) -> Finding:
    return Finding(
        line=finding.line, condition=finding.condition, lot=finding.lot, evidence=finding.evidence,
        inspected_by=finding.inspected_by,
    )  # fmt: skip


def _check_possible(request: ReturnRequest, finding: Finding, one: Outcome) -> None:
    is_claim = request.kind == RequestKind.CLAIM
    if one.resolution == _R.REJECT:
        raise InvalidInput(_("Rejecting is a step of its own, with its evidence. Do it first."))
    if one.resolution == _R.REPAIR and (is_claim or finding.condition in _NOT_HELD):
        raise InvalidInput(_("Only pieces that are held here can be repaired."))
    if one.resolution == _R.EXCHANGE and finding.line.order_line.variant_id is None:
        raise InvalidInput(_("Nobody knows which product this line is: it cannot be exchanged. Match it first."))
    if one.refund < 0 or (one.refund and not (is_claim and one.resolution == _R.EXCHANGE)):
        raise InvalidInput(_("Only a claim gives money beside a replacement."))


def _check_loss(row: Finding) -> None:
    """Refuse to keep money that neither rule nor law lets us keep."""
    if row.value_loss < 0 or row.value_loss + row.amount > row.value:
        raise InvalidInput(_("That is more than these pieces are worth."))
    if not row.value_loss:
        return
    if row.resolution != _R.REFUND or row.line.reason.fault != Fault.CUSTOMER:
        raise InvalidInput(_("A loss of value is kept of a refund only, and when the customer caused it."))
    if not row.evidence:
        raise InvalidInput(_("Say what proves the loss of value: photos, what was seen."))


def reckon_amounts(*, order: Order, request: ReturnRequest, findings: Sequence[Finding], with_costs: bool) -> None:
    """Set what is granted for each finding: its value, less a loss of value and the customer's costs; minor units.

    The costs are shared out over what is refunded, and never more than it; a cheaper exchange gives back the
    difference.
    """
    cheaper = price_differences(order=order, lines=[one.line for one in findings])
    for one in findings:
        if one.resolution == _R.REFUND:
            one.amount = one.value - one.value_loss
        elif one.resolution == _R.EXCHANGE and not one.amount:
            one.amount = min(one.value, max(0, -cheaper[one.line_id]) * one.quantity)
        elif one.resolution != _R.EXCHANGE:
            one.amount = 0
    refunded = [one for one in findings if one.resolution == _R.REFUND and one.amount]
    costs = request.return_shipping + request.fee if with_costs else 0
    costs = min(costs, sum(one.amount for one in refunded))
    if costs:
        for one, part in zip(refunded, split(costs, [one.amount for one in refunded]), strict=True):
            one.amount -= part


@transaction.atomic
def reject_pieces(
    *,
    finding_id: int,
    evidence: str,
    ground: RefusalGround | None = None,
    was_told: bool = False,
    has_consent: bool = False,
    actor: User | None = None,
) -> Finding:
    """Do not take inspected pieces back, and return the finding: they go to the customer again.

    InvalidTransition unless the case is inspected and not resolved; InvalidInput without evidence, for pieces that are
    disposed of or on sale again, and of what was asked in time without a ground of the law; NotAllowed without the
    right to judge.
    """
    check_right(can_judge_returns, actor)
    finding = Finding.objects.select_related("line").get(pk=finding_id)
    order, request = lock_case(finding.line.request_id)
    finding.refresh_from_db()
    check_move(request, RequestState.RESOLVED)
    if request.kind == RequestKind.CLAIM:
        raise InvalidInput(_("Nothing came back with this claim."))
    if not evidence.strip():
        raise InvalidInput(_("Say what proves it: photos, what was seen."))
    if finding.condition in _NOT_HELD:
        raise InvalidInput(
            _("These pieces are not held any more: what is on sale again or disposed of was taken back.")
        )
    law = standing_of(order)
    if law.in_time(request.asked_at) is True:
        problem = ground_problem(law.law, ground or "", was_told=was_told, has_consent=has_consent)
        if problem:
            raise InvalidInput(ground_words(problem))
    finding.resolution, finding.ground = _R.REJECT, ground or ""
    finding.evidence, finding.judged_by = evidence.strip()[:300], actor
    finding.value_loss = finding.amount = 0
    finding.save(update_fields=["resolution", "ground", "evidence", "judged_by", "value_loss", "amount"])
    fact = PiecesRejected(
        request_id=request.pk, number=request.number, piece_count=finding.quantity, ground=finding.ground,
        evidence=finding.evidence,
    )  # fmt: skip
    record(fact, subject=request, actor=actor)
    tell_by_itself(request=request, step=MessageStep.REJECTED, actor=actor)
    return finding


@transaction.atomic
def send_pieces_back(
    *, finding_id: int, carrier: str = "", serials: Sequence[str] = (), actor: User | None = None
) -> Finding:
    """Note that rejected or repaired pieces left for the customer, and return the finding; they leave stock.

    Conflict when they left before; InvalidInput for pieces that we keep, and when they are not held any more;
    NotAllowed without the right.
    """
    check_right(can_inspect_returns, actor)
    finding = Finding.objects.select_related("line").get(pk=finding_id)
    _order, request = lock_case(finding.line.request_id)
    finding.refresh_from_db()
    if finding.resolution not in GOES_BACK:
        raise InvalidInput(_("These pieces are not the customer's any more."))
    if finding.sent_back_at is not None:
        raise Conflict(_("They were sent back already. Reload the page."))
    line = next(one for one in lines_of(request) if one.pk == finding.line_id)
    note = _("Sent back to the customer: %(case)s") % {"case": request.number}
    numbers = list(serials) or list(finding.serials)
    send_held_back(line=line, quantity=finding.quantity, serials=numbers, note=note, actor=actor)
    finding.sent_back_at, finding.sent_back_with = timezone.now(), carrier.strip()[:120]
    finding.save(update_fields=["sent_back_at", "sent_back_with"])
    fact = PiecesSentBack(
        request_id=request.pk, number=request.number, piece_count=finding.quantity, carrier=finding.sent_back_with
    )
    record(fact, subject=request, actor=actor)
    return finding
