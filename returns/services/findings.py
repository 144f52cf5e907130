"""What comes back is received, looked at piece by piece, and put where its condition says."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.commands import once
from core.errors import InvalidInput
from core.events import record
from core.money import split
from orders.models import ReturnCondition
from orders.services import record_return
from orders.services.batches import check_right
from returns.events import ReturnInspected, ReturnReceived
from returns.models import Finding, MessageStep, RequestLine, RequestState, ReturnRequest
from returns.policies import can_inspect_returns
from returns.services.cases import check_move, lines_of, lock_case
from returns.services.exchanging import free_exchange
from returns.services.shelving import PiecesIn, put_by_condition
from returns.services.telling import tell_by_itself
from staff.models import User

_S = RequestState


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Pieces of a line in one condition; ``evidence`` says what was seen."""

    line_id: int
    quantity: int
    condition: ReturnCondition
    serials: tuple[str, ...] = ()
    lot: str = ""
    evidence: str = ""


def receive_return(
    *,
    request_id: int,
    counts: Mapping[int, int],
    serials: Mapping[int, Sequence[str]] | None = None,
    warehouse_id: int | None = None,
    at: datetime | None = None,
    key: str = "",
    actor: User | None = None,
) -> ReturnRequest:
    """Take in what came back (line of the case: pieces) and return the case; it waits in quarantine to be inspected.

    One document of orders for each line; from it on the law counts the time for the refund. Pieces kept for an
    exchange of what did not come are free again. The same ``key`` receives once. InvalidTransition unless goods are
    awaited; InvalidInput for no pieces or more than were asked back, and what ``record_return`` refuses; NotAllowed
    without the right.
    """
    check_right(can_inspect_returns, actor)

    def run() -> int:
        return _receive(request_id, counts, serials or {}, warehouse_id, at, actor).pk

    if not key:
        return ReturnRequest.objects.get(pk=run())
    parameters: dict[str, Any] = {"request": request_id, "counts": sorted(counts.items()), "warehouse": warehouse_id}
    return ReturnRequest.objects.get(pk=once(key=f"returns.receive:{key}", parameters=parameters, run=run))


@transaction.atomic  # not around ``once``: a kept refusal must outlive it
def _receive(
    request_id: int,
    counts: Mapping[int, int],
    serials: Mapping[int, Sequence[str]],
    warehouse_id: int | None,
    at: datetime | None,
    actor: User | None,
) -> ReturnRequest:
    order, request = lock_case(request_id)
    check_move(request, _S.RECEIVED)
    lines = lines_of(request)
    _check_counts(lines, counts)
    moment = at or timezone.now()
    for line in lines:
        line.received_count = counts.get(line.pk, 0)
        if not line.received_count:
            continue
        numbers = {line.order_line_id: serials[line.pk]} if serials.get(line.pk) else None
        line.return_record = record_return(
            order_id=order.pk,
            quantities={line.order_line_id: line.received_count},
            condition=ReturnCondition.QUARANTINE if line.order_line.variant_id else ReturnCondition.NOT_KEPT,
            serials=numbers,
            reason=f"{request.number} {line.reason}"[:200],
            warehouse_id=warehouse_id or request.warehouse_id,
            at=moment,
            actor=None,  # the right to inspect is enough; the case says who it was
        )
    request.warehouse_id = warehouse_id or request.warehouse_id
    return write_received(request=request, lines=lines, at=moment, actor=actor)


def write_received(
    *, request: ReturnRequest, lines: Sequence[RequestLine], at: datetime, actor: User | None
) -> ReturnRequest:
    """Keep what the lines of a case say came back; what is kept for the others is free again. Under its lock."""
    RequestLine.objects.bulk_update(lines, ["received_count", "return_record"])
    free_exchange(lines=[line for line in lines if not line.received_count], actor=actor)
    request.state, request.received_at = _S.RECEIVED, at
    request.save(update_fields=["state", "received_at", "warehouse"])
    asked, came = sum(line.quantity for line in lines), sum(line.received_count for line in lines)
    fact = ReturnReceived(request_id=request.pk, number=request.number, piece_count=came, missing=asked - came)
    record(fact, subject=request, actor=actor)
    tell_by_itself(request=request, step=MessageStep.RECEIVED, actor=actor)
    return request


def _check_counts(lines: Sequence[RequestLine], counts: Mapping[int, int]) -> None:
    asked = {line.pk: line.quantity for line in lines}
    if not any(counts.values()) or set(counts) - set(asked):
        raise InvalidInput(_("Write how many pieces came back, at least one."))
    if any(not 0 <= count <= asked[pk] for pk, count in counts.items()):
        raise InvalidInput(_("More came back than was asked for. Open another case for the rest."))


def inspect_return(
    *, request_id: int, findings: Sequence[Found], key: str = "", actor: User | None = None
) -> ReturnRequest:
    """Keep what was found of every piece that came back, put the pieces where that says, and return the case.

    Good pieces are for sale again (or what the rule restocks them as), opened and damaged ones held as such, pieces in
    quarantine stay there, and what is not kept is disposed of. The same ``key`` inspects once. InvalidTransition unless
    it was received; InvalidInput where the pieces of a line are not those that came; NotAllowed without the right.
    """
    check_right(can_inspect_returns, actor)

    def run() -> int:
        return _inspect(request_id, findings, actor).pk

    if not key:
        return ReturnRequest.objects.get(pk=run())
    parameters: dict[str, Any] = {"request": request_id, "findings": [asdict(one) for one in findings]}
    return ReturnRequest.objects.get(pk=once(key=f"returns.inspect:{key}", parameters=parameters, run=run))


@transaction.atomic  # not around ``once``: a kept refusal must outlive it
def _inspect(request_id: int, findings: Sequence[Found], actor: User | None) -> ReturnRequest:
    _order, request = lock_case(request_id)
    check_move(request, _S.INSPECTED)
    if request.state != _S.RECEIVED:
        raise InvalidInput(_("Receive the goods first."))
    lines = lines_of(request)
    by_line = _by_line(lines, findings)
    rows = [row for line in lines for row in _rows(line, by_line[line.pk], actor)]
    Finding.objects.bulk_create(rows)
    for line in lines:
        if line.return_record_id is not None:
            put_by_condition(line=line, pieces=[_pieces(line, one) for one in by_line[line.pk]], actor=actor)
    request.state, request.inspected_at = _S.INSPECTED, timezone.now()
    request.save(update_fields=["state", "inspected_at"])
    fact = ReturnInspected(
        request_id=request.pk,
        number=request.number,
        piece_count=sum(one.quantity for one in findings),
        bad_count=sum(one.quantity for one in findings if one.condition != ReturnCondition.GOOD),
    )
    record(fact, subject=request, actor=actor)
    return request


def _by_line(lines: Sequence[RequestLine], findings: Sequence[Found]) -> dict[int, list[Found]]:
    found: dict[int, list[Found]] = defaultdict(list)
    for one in findings:
        found[one.line_id].append(one)
    if set(found) - {line.pk for line in lines}:
        raise InvalidInput(_("A line is of another case. Reload the page."))
    for line in lines:
        ones = found[line.pk]
        if any(one.quantity < 1 for one in ones) or sum(one.quantity for one in ones) != line.received_count:
            raise InvalidInput(
                _("%(name)s: %(count)s came back, say of each what it is like.")
                % {"name": line.order_line.name, "count": line.received_count}
            )
    return found


def _pieces(line: RequestLine, one: Found) -> PiecesIn:
    condition = one.condition
    if condition == ReturnCondition.GOOD and line.rule is not None:
        condition = ReturnCondition(line.rule.restocks_as)
    return PiecesIn(condition=condition, quantity=one.quantity, serials=one.serials, note=one.evidence)


def _rows(line: RequestLine, ones: Sequence[Found], actor: User | None) -> list[Finding]:
    """Return findings whose values add up to what the ledger says these pieces are worth."""
    if not ones:
        return []
    whole = line.return_record.lines.get(order_line=line.order_line_id).total if line.return_record else 0
    values = split(whole, [one.quantity for one in ones])
    return [
        Finding(
            line=line,
            quantity=one.quantity,
            condition=one.condition,
            serials=list(one.serials),
            lot=one.lot.strip()[:60],
            evidence=one.evidence.strip()[:300],
            value=max(0, value),
            inspected_by=actor,
        )
        for one, value in zip(ones, values, strict=True)
    ]


def write_claim_findings(*, lines: Sequence[RequestLine], actor: User | None) -> None:
    """Write what a claim is worth: its pieces never come back, the values of all claims never exceed the line."""
    rows = []
    for line in lines:
        source = line.order_line
        before = source.returned_count + _claimed_before(line)
        upto = source.total * (before + line.quantity) // source.quantity
        value = upto - source.total * before // source.quantity
        rows.append(
            Finding(
                line=line,
                quantity=line.quantity,
                condition=ReturnCondition.NOT_KEPT,
                evidence=line.note or str(line.reason),
                value=max(0, value),
                inspected_by=actor,
            )
        )
    Finding.objects.bulk_create(rows)


def _claimed_before(line: RequestLine) -> int:
    others = Finding.objects.filter(line__order_line=line.order_line_id, line__request__kind="claim")
    return sum(others.exclude(line=line).values_list("quantity", flat=True))
