"""Parcels are received: the day from which customers may withdraw."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from compliance.models import ClockEvent
from compliance.services import start_clocks
from core.events import Event, record_many
from orders.events import ShipmentDelivered
from orders.models import DeliverySource, Order, Shipment
from orders.policies import can_record_deliveries
from orders.services.batches import BatchReport, Refusal, check_right, lock_orders
from orders.services.legal.deadlines import start_of
from staff.models import User


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """A parcel that the customer received, and who says so."""

    shipment_id: int
    at: datetime
    source: DeliverySource


@transaction.atomic
def record_deliveries(*, deliveries: Sequence[Delivered], actor: User | None = None) -> BatchReport:
    """Note when parcels were received, and start the customers' windows by the law of their country.

    ``done`` are ids of shipments. Known already at the same moment: done, and nothing changes. Refused: received before
    it left or in the future, known with another moment (the first word stays), and a shipment that is gone; refusals
    name the shipment. NotAllowed without the right. Of an order in several parcels the last one counts.
    """
    check_right(can_record_deliveries, actor)
    told = {one.shipment_id: one for one in deliveries}
    pairs = dict(Shipment.objects.filter(pk__in=told).values_list("pk", "order_id"))
    orders = {order.pk: order for order in lock_orders(pairs.values())}
    shipments = {row.pk: row for row in Shipment.objects.filter(pk__in=told).order_by("pk")}
    report = BatchReport()
    changed: list[Shipment] = []
    for pk, one in told.items():
        shipment = shipments.get(pk)
        problem = _("There is no such shipment any more.") if shipment is None else _problem(shipment, one)
        if shipment is None or problem:
            report.refused.append(Refusal(pk, shipment.number if shipment else str(pk), problem))
            continue
        report.done.append(pk)
        if shipment.delivered_at is None:
            shipment.delivered_at, shipment.delivery_source = one.at, one.source
            changed.append(shipment)
    Shipment.objects.bulk_update(changed, ["delivered_at", "delivery_source"], batch_size=500)
    _begin(changed, orders)
    facts: list[tuple[Event, int]] = [
        (
            ShipmentDelivered(
                order_id=row.order_id, shipment_id=row.pk, shipment=row.number, source=row.delivery_source
            ),
            row.order_id,
        )
        for row in changed
    ]
    record_many(facts, model=Order, actor=actor)
    return report


def _problem(shipment: Shipment, one: Delivered) -> str:
    if one.at < shipment.shipped_at:
        return _("It cannot be received before it was shipped.")
    if one.at > timezone.now():
        return _("That moment is in the future.")
    if shipment.delivered_at is not None and shipment.delivered_at != one.at:
        return _("It is known already when it was received.")
    return ""


def _begin(shipments: Sequence[Shipment], orders: dict[int, Order]) -> None:
    """Start or move the windows of the orders: each by its last parcel."""
    last: dict[int, datetime] = {}
    for shipment in shipments:
        if shipment.delivered_at is not None:
            last[shipment.order_id] = max(shipment.delivered_at, last.get(shipment.order_id, shipment.delivered_at))
    starts = [start_of(orders[pk], at) for pk, at in last.items()]
    if starts:
        start_clocks(event=ClockEvent.DELIVERED, model=Order, starts=starts)
