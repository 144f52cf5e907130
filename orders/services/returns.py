"""Shipped pieces come back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.commands import once
from core.errors import InvalidInput
from core.events import record
from core.sequences import document_number, next_numbers
from inventory.models import HoldKind
from inventory.services import EntryLine, ReservedSet, take_back_stock
from orders.events import ReturnRecorded
from orders.models import OrderLine, Return, ReturnCondition, ReturnLine, ShipmentLine
from orders.policies import can_record_returns
from orders.services.batches import check_right, goods_of, lock_order
from orders.services.counting import Counter, raise_counter
from orders.services.holdings import sets_for
from orders.services.legal.withdrawing import return_in_time
from staff.models import User

SERIES = "orders.return"
_HOLDS = {
    ReturnCondition.OPENED: HoldKind.OPENED.value,
    ReturnCondition.DAMAGED: HoldKind.DAMAGED.value,
    ReturnCondition.QUARANTINE: HoldKind.QUARANTINE.value,
}


@dataclass(frozen=True, slots=True)
class _Arrival:
    """What came back, why, when, and where it goes."""

    quantities: Mapping[int, int]
    condition: ReturnCondition
    serials: Mapping[int, Sequence[str]]
    reason: str
    warehouse_id: int | None
    at: datetime | None


def record_return(
    *,
    order_id: int,
    quantities: Mapping[int, int],
    condition: ReturnCondition = ReturnCondition.GOOD,
    serials: Mapping[int, Sequence[str]] | None = None,
    reason: str = "",
    warehouse_id: int | None = None,
    at: datetime | None = None,
    key: str = "",
    actor: User | None = None,
) -> Return:
    """Note pieces of one order that came back (line id: pieces); what is as good as new can be sold again at once.

    What is opened, damaged or to be checked goes straight into a hold: it is in stock and never for sale. ``serials``
    are the numbers of the pieces by line id.

    They go to ``warehouse_id``, by default to where they were shipped from. Their value is the line's share, so that
    returns of all pieces add up to the line. The same ``key`` answers with the same return. InvalidInput for no pieces
    or more than are with the customer; NotAllowed without the right. Refunds are recorded apart; the time that the law
    gives for them starts. Whether the return is in time is decided by the statement (``record_withdrawal``).
    """
    check_right(can_record_returns, actor)

    def run() -> int:
        return _record(order_id, _Arrival(quantities, condition, serials or {}, reason, warehouse_id, at), actor).pk

    parameters: dict[str, Any] = {
        "order": order_id,
        "pieces": sorted(quantities.items()),
        "restock": condition != ReturnCondition.NOT_KEPT,
        "reason": reason,
        "warehouse": warehouse_id,
    }
    if condition in _HOLDS:
        parameters["condition"] = condition
    if serials:
        parameters["serials"] = sorted((pk, list(numbers)) for pk, numbers in serials.items())
    pk = once(key=f"orders.return:{key}", parameters=parameters, run=run) if key else run()
    return Return.objects.get(pk=pk)


@transaction.atomic  # not around ``once``: a kept refusal must outlive it
def _record(order_id: int, arrival: _Arrival, actor: User | None) -> Return:
    order = lock_order(order_id)
    lines = {line.pk: line for line in goods_of([order]).get(order.pk, ())}
    pieces = {pk: count for pk, count in arrival.quantities.items() if count}
    _check(pieces, lines)
    rows = [
        _row(lines[pk], count, restock=arrival.condition != ReturnCondition.NOT_KEPT) for pk, count in pieces.items()
    ]
    [number] = next_numbers(series=SERIES)
    document = Return.objects.create(
        number=document_number("R", number),
        sales_channel_id=order.sales_channel_id,
        order=order,
        customer_id=order.customer_id,
        reason=arrival.reason,
        currency=order.currency,
        total=sum(row.total for row in rows),
        line_count=len(rows),
        returned_at=arrival.at or timezone.now(),
    )
    for row in rows:
        row.record = document
    ReturnLine.objects.bulk_create(rows)
    raise_counter(Counter.RETURNED, pieces)
    _put_back(document, rows, arrival, actor)
    in_time = return_in_time(order, document, actor)
    fact = ReturnRecorded(
        order_id=order.pk,
        return_id=document.pk,
        number=document.number,
        piece_count=sum(row.quantity for row in rows),
        restocked_count=sum(row.quantity for row in rows if row.is_restocked),
        condition=arrival.condition,
        reason=document.reason,
        is_in_time=in_time,
    )
    record(fact, subject=order, actor=actor)
    return document


@transaction.atomic
def shelve_return(
    *,
    return_id: int,
    condition: ReturnCondition = ReturnCondition.QUARANTINE,
    warehouse_id: int | None = None,
    actor: User | None = None,
) -> int:
    """Put pieces of a return that a source told of onto the shelf, and return how many; twice finds none.

    They go to ``warehouse_id``, by default to where they were shipped from. InvalidInput for a return without order,
    and where neither is known; NotAllowed without the right.
    """
    check_right(can_record_returns, actor)
    document = Return.objects.get(pk=return_id)
    if document.order_id is None:
        raise InvalidInput(_("Nobody knows which order this return is of."))
    lock_order(document.order_id)
    loose = document.lines.filter(order_line__isnull=False, variant__isnull=False, is_restocked=False)
    rows = list(loose.select_related("order_line").order_by("pk"))
    for row in rows:
        row.is_restocked = True
        if row.order_line is not None:
            row.order_line.returned_count -= row.quantity  # as it was before they came; never saved
    _put_back(document, rows, _Arrival({}, condition, {}, document.reason, warehouse_id, None), actor)
    ReturnLine.objects.bulk_update(rows, ["is_restocked"])
    return sum(row.quantity for row in rows)


def _check(pieces: Mapping[int, int], lines: Mapping[int, OrderLine]) -> None:
    if not pieces:
        raise InvalidInput(_("Choose at least one piece that came back."))
    for pk, count in pieces.items():
        line = lines.get(pk)
        if line is None or not 0 < count <= line.shipped_count - line.returned_count:
            raise InvalidInput(_("More pieces than the customer has. Reload the page to see what was shipped."))


def _row(line: OrderLine, count: int, *, restock: bool) -> ReturnLine:
    """Return the row of a return; its value is the line's up to this piece, less what earlier returns were worth."""
    earlier = line.total * line.returned_count // line.quantity
    value = line.total * (line.returned_count + count) // line.quantity - earlier
    return ReturnLine(
        order_line=line,
        variant_id=line.variant_id,
        sku=line.sku,
        name=line.name,
        quantity=count,
        unit_price=line.unit_price,
        total=value,
        is_restocked=restock and line.variant_id is not None,
    )


def _put_back(document: Return, rows: Sequence[ReturnLine], arrival: _Arrival, actor: User | None) -> None:
    """Put pieces back where they came from or where the return says, into a hold unless they are as good as new."""
    back = [row for row in rows if row.is_restocked]
    if not back:
        return
    lines = [row.order_line_id for row in back if row.order_line_id is not None]
    sets = sets_for(lines)
    shipped = ShipmentLine.objects.filter(line__in=lines, shipment__warehouse__isnull=False).order_by("pk")
    origin: dict[int | None, int | None] = dict(shipped.values_list("line_id", "shipment__warehouse_id"))
    shelf: list[EntryLine] = []
    for row in back:
        place = arrival.warehouse_id or origin.get(row.order_line_id)
        if place is None or row.variant_id is None:
            raise InvalidInput(_("Choose the warehouse that the pieces go back to."))
        for line in _shelf_lines(row, place, sets.get(row.order_line_id or 0, ())):
            numbers = arrival.serials.get(row.order_line_id or 0, ()) if line.variant_id == row.variant_id else ()
            shelf.append(replace(line, hold_kind=_HOLDS.get(arrival.condition, ""), serials=tuple(numbers)))
    take_back_stock(lines=shelf, reason=document.reason, reference=document.number, actor=actor)


def _shelf_lines(row: ReturnLine, place: int, sets: Sequence[ReservedSet]) -> list[EntryLine]:
    """Return what comes onto the shelf: packed bundles as they left, the others by the components that left."""
    recipe = next((one.recipe for one in sets if not one.is_whole and one.shipped), None)
    whole = row.quantity
    if recipe is not None:
        returned = row.order_line.returned_count if row.order_line is not None else 0
        packed = sum(one.shipped for one in sets if one.is_whole) - returned
        whole = min(whole, max(packed, 0))
    pieces = {row.variant_id: whole} if whole else {}
    pieces |= {variant: count * (row.quantity - whole) for variant, count in (recipe or {}).items()}
    return [
        EntryLine(variant_id=pk, warehouse_id=place, quantity=count) for pk, count in pieces.items() if pk and count
    ]
