"""How many pieces of an order may still be asked back."""

from collections.abc import Mapping

from django.db.models import Q, Sum

from orders.models import LineKind, Order, OrderLine
from returns.models import RequestKind, RequestLine, RequestState

_S = RequestState
# pieces that a case speaks for and that the ledger does not yet count as returned; of a claim they never come back
_SPOKEN_FOR = Q(request__kind=RequestKind.RETURN, request__state__in=[_S.REQUESTED, _S.APPROVED, _S.IN_TRANSIT]) | (
    Q(request__kind=RequestKind.CLAIM) & ~Q(request__state__in=[_S.REFUSED, _S.CALLED_OFF])
)


def spoken_for(*, order_id: int) -> dict[int, int]:
    """Return order line id -> pieces that cases speak for already; read under the order's lock where it decides."""
    rows = RequestLine.objects.filter(_SPOKEN_FOR, request__order=order_id).order_by().values("order_line_id")
    return {row["order_line_id"]: row["pieces"] for row in rows.annotate(pieces=Sum("quantity"))}


def returnable(*, order: Order) -> list[tuple[OrderLine, int]]:
    """Return the product lines of which pieces are with the customer, and how many nobody asked back yet."""
    taken: Mapping[int, int] = spoken_for(order_id=order.pk)
    lines = order.lines.filter(kind=LineKind.PRODUCT).select_related("variant__product")
    left = [(line, line.shipped_count - line.returned_count - taken.get(line.pk, 0)) for line in lines]
    return [(line, count) for line, count in left if count > 0]
