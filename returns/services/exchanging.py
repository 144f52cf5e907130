"""Pieces are kept for an exchange from the moment it is promised, so that nobody else buys them."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import InvalidInput
from core.events import record
from inventory.models import HoldKind, StockItem
from inventory.selectors import serving_warehouses
from inventory.services import HoldWish, hold_stock, release_held_for
from orders.models import Order
from orders.services.batches import check_right
from returns.events import ExchangeEnded
from returns.models import RequestLine, RequestState, Resolution, ReturnRequest
from returns.policies import can_decide_returns, may_change_wishes
from returns.services.cases import check_move, line_by_id, lines_of, lock_case
from staff.models import User


def keep_for_exchange(*, order: Order, request: ReturnRequest, lines: Sequence[RequestLine], until: datetime) -> int:
    """Hold the pieces of all lines that are to be exchanged and return how many; InvalidInput where one is not there.

    They come from the warehouse that serves the order's channel and has most of them. Called under the order's lock.
    ``release_late_exchanges`` frees them when the goods did not come ``until`` then; what came keeps its exchange.
    """
    wanted = [line for line in lines if line.wish == Resolution.EXCHANGE]
    if not wanted:
        return 0
    wishes = [
        HoldWish(
            stock_item_id=_place(order, line).pk,
            kind=HoldKind.EXCHANGE,
            quantity=line.quantity,
            key=line.hold_key,
            reference=request.number,
            note=_("Exchange of %(case)s") % {"case": request.number},
        )
        for line in wanted
    ]
    hold_stock(wishes=wishes)  # the case decides who may: no right to hold stock by hand is needed
    for line in wanted:
        line.held_until = until
    RequestLine.objects.bulk_update(wanted, ["held_until"])
    return sum(line.quantity for line in wanted)


def _place(order: Order, line: RequestLine) -> StockItem:
    variant_id = line.exchange_variant_id or line.order_line.variant_id
    serving = serving_warehouses()
    places = serving.get(order.sales_channel_id, serving[0])
    items = StockItem.objects.filter(variant=variant_id, warehouse__in=places).select_related("variant")
    free = items.annotate(free=F("on_hand") - F("reserved") - F("held")).order_by("-free", "pk").first()
    if free is None or free.available < line.quantity:
        raise InvalidInput(
            _("%(sku)s for the exchange is not there: %(count)s available. Offer a refund or another product.")
            % {
                "sku": line.exchange_variant.sku if line.exchange_variant else line.order_line.sku,
                "count": free.available if free else 0,
            }
        )
    return free


def free_exchange(*, lines: Sequence[RequestLine], actor: User | None) -> int:
    """Free what is kept for these lines and return how many pieces; called under the case's lock."""
    kept = [line for line in lines if line.held_until is not None]
    count = sum(release_held_for(key=line.hold_key, actor=actor) for line in kept)
    for line in kept:
        line.held_until = None
    RequestLine.objects.bulk_update(kept, ["held_until"])
    return count


@transaction.atomic
def cancel_exchange(*, line_id: int, actor: User | None = None) -> RequestLine:
    """Give money instead of an exchange: what was kept is free again. Refused once the case is closed.

    InvalidInput for a line that is not to be exchanged, or whose replacement is an order already; NotAllowed without
    the right to decide.
    """
    check_right(can_decide_returns, actor)
    request_id = RequestLine.objects.values_list("request_id", flat=True).get(pk=line_id)
    _order, request = lock_case(request_id)
    line = line_by_id(lines_of(request), line_id)
    if line.wish != Resolution.EXCHANGE:
        raise InvalidInput(_("This line is not to be exchanged."))
    if line.findings.filter(replacement__isnull=False).exists():
        raise InvalidInput(_("Its replacement is ordered already: cancel that order instead."))
    if not may_change_wishes(request):
        check_move(request, RequestState.CALLED_OFF)  # closed: neither may follow
    freed = free_exchange(lines=[line], actor=actor)
    line.wish, line.exchange_variant = Resolution.REFUND, None
    line.save(update_fields=["wish", "exchange_variant"])
    fact = ExchangeEnded(
        request_id=request.pk, number=request.number, piece_count=freed or line.quantity, why="unwanted"
    )
    record(fact, subject=request, actor=actor)
    return line


def release_late_exchanges(*, now: datetime | None = None, limit: int = 200) -> int:
    """Free what was kept for exchanges whose goods did not come in time; return how many cases. Twice finds none."""
    moment = now or timezone.now()
    late = ReturnRequest.objects.filter(
        state__in=[RequestState.APPROVED, RequestState.IN_TRANSIT], lines__held_until__lte=moment
    )
    ids = list(late.order_by("pk").distinct().values_list("pk", flat=True)[:limit])
    return sum(_release_late(pk, moment) for pk in ids)


@transaction.atomic
def _release_late(request_id: int, moment: datetime) -> int:
    _order, request = lock_case(request_id)
    if request.state not in {RequestState.APPROVED, RequestState.IN_TRANSIT}:
        return 0  # it came meanwhile
    lines = [line for line in lines_of(request) if line.held_until is not None and line.held_until <= moment]
    if not lines:
        return 0
    free_exchange(lines=lines, actor=None)
    pieces = sum(line.quantity for line in lines)
    fact = ExchangeEnded(request_id=request.pk, number=request.number, piece_count=pieces, why="late")
    record(fact, subject=request)
    return 1
