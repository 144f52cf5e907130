"""What all services of cases share: locking, moving, what a reason means for the money."""

from collections.abc import Sequence

from django.db.models import QuerySet

from core.errors import InvalidInput
from orders.models import Order
from orders.services.batches import lock_order
from returns.models import REQUEST_TRANSITIONS, Fault, RequestLine, RequestState, ReturnRequest


def lock_case(request_id: int) -> tuple[Order, ReturnRequest]:
    """Return the order and the case, both locked until the transaction ends, the order first as everywhere.

    ReturnRequest.DoesNotExist when there is none.
    """
    order = lock_order(ReturnRequest.objects.values_list("order_id", flat=True).get(pk=request_id))
    request = ReturnRequest.objects.select_for_update(no_key=True, of=("self",)).get(pk=request_id)
    return order, request


def check_move(request: ReturnRequest, target: RequestState) -> None:
    """Raise InvalidTransition unless ``target`` may follow the case's state."""
    REQUEST_TRANSITIONS.check(RequestState(request.state), target)


def lines_of(request: ReturnRequest) -> list[RequestLine]:
    """Return the lines of a case with what stands on the order; they change only under the case's lock."""
    rows: QuerySet[RequestLine] = request.lines.select_related("order_line__variant__product", "reason", "rule")
    return list(rows.order_by("pk"))


def fault_of(lines: Sequence[RequestLine]) -> str:
    """Return who is at fault for the case as a whole: the customer only where it is so for every line."""
    faults = [line.reason.fault for line in lines]
    return next((fault for fault in faults if fault != Fault.CUSTOMER), Fault.CUSTOMER.value)


def line_by_id(lines: Sequence[RequestLine], line_id: int) -> RequestLine:
    """Return one of the lines; InvalidInput when it is of another case."""
    for line in lines:
        if line.pk == line_id:
            return line
    raise InvalidInput("No such line.")
