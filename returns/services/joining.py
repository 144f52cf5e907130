"""Returns that a channel's file tells of become part of the case that waits for those goods."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from core.errors import DomainError
from orders.models import Return, ReturnLine
from orders.services.returns import shelve_return
from returns.models import AWAITED, RequestKind, RequestLine, RequestState, ReturnRequest
from returns.services.cases import check_move, lines_of, lock_case
from returns.services.findings import write_received

_ROUNDING = timedelta(days=1)  # files tell days, cases moments


def join_file_returns(*, limit: int = 200) -> int:
    """Receive cases whose goods a file says came back, and return how many; twice finds none.

    A case waits until a file told of all its lines, or until its time is over: what is missing then did not come.
    """
    waiting = ReturnRequest.objects.filter(
        kind=RequestKind.RETURN,
        state__in=AWAITED,
        lines__return_record=None,
        lines__order_line__return_lines__record__external_number__gt="",
        lines__order_line__return_lines__record__returned_at__gte=F("asked_at") - _ROUNDING,
    )
    ids = list(waiting.order_by("pk").distinct().values_list("pk", flat=True)[:limit])
    return sum(_join(pk) for pk in ids)


@transaction.atomic
def _join(request_id: int) -> int:
    """Tie each line to the first return of it that no case has; the pieces wait in quarantine to be inspected."""
    _order, request = lock_case(request_id)
    if request.state not in AWAITED:
        return 0  # somebody received it meanwhile
    lines = lines_of(request)
    found = _told(request, lines)
    is_over = request.due_at is not None and request.due_at < timezone.now()
    if not found or (len(found) < len(lines) and not is_over):
        return 0
    check_move(request, RequestState.RECEIVED)
    for line in lines:
        if line.pk in found:
            line.return_record, line.received_count = found[line.pk]
    records = {record.pk: record for record, _count in found.values()}
    for pk in sorted(records):
        _shelve(pk, request)
    write_received(request=request, lines=lines, at=max(one.returned_at for one in records.values()), actor=None)
    return 1


def _told(request: ReturnRequest, lines: Sequence[RequestLine]) -> dict[int, tuple[Return, int]]:
    """Return line id -> the return of a file that fits the line, and its pieces."""
    rows = ReturnLine.objects.filter(
        order_line__in=[line.order_line_id for line in lines],
        record__external_number__gt="",
        record__returned_at__gte=request.asked_at - _ROUNDING,
    ).select_related("record")
    pieces: dict[int, dict[Return, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows.order_by("record__returned_at", "record_id", "pk"):
        pieces[row.order_line_id or 0][row.record] += row.quantity
    taken = set(
        RequestLine.objects.filter(order_line__in=pieces, return_record__isnull=False).values_list(
            "order_line_id", "return_record_id"
        )
    )
    found: dict[int, tuple[Return, int]] = {}
    for line in lines:
        fitting = (
            (record, count)
            for record, count in pieces[line.order_line_id].items()
            if count <= line.quantity and (line.order_line_id, record.pk) not in taken
        )
        first = next(fitting, None)
        if first is not None:
            found[line.pk] = first
            taken.add((line.order_line_id, first[0].pk))
    return found


def _shelve(return_id: int, request: ReturnRequest) -> None:
    """Put its pieces into quarantine; where nobody knows their place they stay where they are."""
    try:
        with transaction.atomic():
            shelve_return(return_id=return_id, warehouse_id=request.warehouse_id)
    except DomainError:
        return
