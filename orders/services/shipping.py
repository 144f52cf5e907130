"""Parcels leave: whole orders in bulk, or some pieces of one order."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.commands import once
from core.errors import DomainError, InvalidInput
from core.events import record
from inventory.models import Lot
from orders.events import OrderLotsChosen
from orders.models import Order, Shipment
from orders.policies import can_ship_orders, is_shippable
from orders.services.batches import When, check_right, goods_of, lock_orders, moment, sift
from orders.services.dispatching import DispatchReport, Label, dispatch, pieces_to_ship
from orders.services.numbering import ChosenLots
from orders.services.parcels.together import Plans
from orders.services.releasing import early_problem
from orders.services.stops import Stops
from staff.models import User


@transaction.atomic
def ship_orders(
    *,
    order_ids: Sequence[int],
    carrier: str = "",
    tracking_numbers: Mapping[int, str] | None = None,
    at: When = None,
    actor: User | None = None,
) -> DispatchReport:
    """Ship everything that is left of many orders, in a fixed number of statements.

    ``tracking_numbers`` are by order id. There is one shipment for each order and warehouse; an order of services only
    is complete without one. Refused: orders not to be shipped now (so a repeated call ships nothing twice), held ones,
    those that would arrive before the wished day, those of a planned parcel whose other orders are not among these (or
    that leave in several parcels), and those whose pieces are not all reserved. NotAllowed without the
    right to ship. ``at`` is when they left (default: now), for all or by order id.
    """
    check_right(can_ship_orders, actor)
    locked = lock_orders(order_ids)
    plans, problem = Plans(locked), leaving_problem(locked, at)
    orders, refused = sift(order_ids, locked, lambda order: plans.against_at_once(order) or problem(order))
    lines = goods_of(orders)
    report = dispatch(orders, lines, pieces_to_ship(orders, lines), Label(carrier, tracking_numbers or {}, at), actor)
    report.refused = refused + report.refused
    return report


def ship_order(
    *,
    order_id: int,
    quantities: Mapping[int, int] | None = None,
    carrier: str = "",
    tracking_number: str = "",
    serials: Mapping[int, Sequence[str]] | None = None,
    lots: ChosenLots | None = None,
    at: datetime | None = None,
    key: str = "",
    actor: User | None = None,
) -> list[Shipment]:
    """Ship some pieces (line id: pieces; default all that is left) of one order and return the new shipments.

    There is one shipment for each warehouse the pieces lie in, usually one. The same ``key`` answers with the same
    shipments; Conflict when it comes with other content. InvalidInput for pieces that are not open on this order;
    DomainError with the reason when the order cannot be shipped now; NotAllowed without the right to ship. ``serials``
    (line id: numbers) name the pieces of what is numbered. ``lots`` are taken instead of the first to expire:
    InvalidInput without a reason when that passes over one that ends earlier, Conflict for a lot that is blocked or has
    too few pieces. The order tells which lots were chosen, and why.
    """
    check_right(can_ship_orders, actor)
    label = Label(carrier, {order_id: tracking_number}, at, serials or {}, lots or ChosenLots())

    def run() -> list[int]:
        return [shipment.pk for shipment in _ship_one(order_id, quantities, label, actor)]

    if not key:
        return list(Shipment.objects.filter(pk__in=run()).order_by("pk"))
    parameters: dict[str, Any] = {
        "order": order_id,
        "pieces": sorted(quantities.items()) if quantities is not None else None,
        "carrier": carrier,
        "tracking_number": tracking_number,
    }
    if serials:
        parameters["serials"] = sorted((pk, list(numbers)) for pk, numbers in serials.items())
    if lots:
        parameters["lots"], parameters["lot_reason"] = sorted(lots.by_line.items()), lots.reason
    ids = once(key=f"orders.ship:{key}", parameters=parameters, run=run)
    return list(Shipment.objects.filter(pk__in=ids).order_by("pk"))


def ship_from_warehouse(
    *,
    order_id: int,
    warehouse_id: int,
    quantities: Mapping[int, int],
    carrier: str = "",
    tracking_number: str = "",
    serials: Mapping[int, Sequence[str]] | None = None,
    at: datetime | None = None,
    actor: User | None = None,
) -> Shipment:
    """Ship these pieces (line id: pieces) of one order out of one warehouse and return the parcel.

    What is held for the same lines elsewhere stays there. Refuses what ``ship_order`` refuses, and DomainError when
    fewer pieces are held in this warehouse.
    """
    check_right(can_ship_orders, actor)
    label = Label(carrier, {order_id: tracking_number}, at, serials or {}, warehouse_id=warehouse_id)
    [shipment] = _ship_one(order_id, quantities, label, actor)
    return shipment


@transaction.atomic  # not around ``once``: a kept refusal must outlive it
def _ship_one(order_id: int, quantities: Mapping[int, int] | None, label: Label, actor: User | None) -> list[Shipment]:
    locked = lock_orders([order_id])
    plans, problem = Plans(locked), leaving_problem(locked, label.at)
    planned = plans.against_at_once if quantities is None else plans.against_alone
    orders, refused = sift([order_id], locked, lambda order: planned(order) or problem(order))
    if refused:
        raise DomainError(refused[0].reason)
    lines = goods_of(orders)
    left = {line.pk: line.open_count for line in lines.get(order_id, ())}
    everything = pieces_to_ship(orders, lines)[order_id]
    chosen = everything if quantities is None else {pk: pieces for pk, pieces in quantities.items() if pieces}
    if quantities is not None and not chosen:
        raise InvalidInput(_("Choose at least one piece to ship."))
    if any(not 0 <= pieces <= left.get(pk, 0) for pk, pieces in chosen.items()):
        raise InvalidInput(_("More pieces than are left to ship. Reload the page to see what is left."))
    report = dispatch(orders, lines, {order_id: chosen}, label, actor)
    if report.refused:
        raise DomainError(report.refused[0].reason)
    if label.lots.by_line and label.lots.reason:
        numbers = Lot.objects.filter(pk__in=label.lots.by_line.values()).order_by("number")
        fact = OrderLotsChosen(
            order_id=order_id, lots=list(numbers.values_list("number", flat=True)), reason=label.lots.reason
        )
        record(fact, subject=orders[0], actor=actor)
    return report.shipments[order_id]


def leaving_problem(locked: Sequence[Order], at: When) -> Callable[[Order], str]:
    """Return what tells of each of these locked orders why it may not leave; an empty text when it may."""
    stops, now = Stops(locked), timezone.now()

    def problem(order: Order) -> str:
        if held := stops.against_leaving(order):
            return held
        if not is_shippable(order):
            return _("It cannot be shipped while it is “%(status)s”.") % {"status": order.get_status_display()}
        return early_problem(order, moment(at, order.pk, now))

    return problem
