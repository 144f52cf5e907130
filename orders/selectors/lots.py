"""Lots and orders: which lots a line can be shipped from, and whose parcels hold pieces of a lot."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from inventory.selectors import LotToShip, lot_deliveries, lots_to_ship
from orders.models import Allocation, Order, OrderLine, ShipmentLine
from orders.services.holdings import held_for


def lots_of_lines(*, line_ids: Collection[int]) -> dict[int, list[LotToShip]]:
    """Return line id -> the lots it can be shipped from, the first to expire first.

    Only lines whose pieces are reserved at one place, and no bundles: otherwise one lot cannot be meant.
    """
    item_of: dict[int, int] = {}
    for pk, held in held_for(line_ids).items():
        items = {row.stock_item_id for one in held for row in one.pieces.reservations}
        if len(items) == 1 and all(len(one.pieces.recipe) == 1 for one in held):
            [item_of[pk]] = items
    found = lots_to_ship(stock_item_ids=set(item_of.values())) if item_of else {}
    return {pk: found[item] for pk, item in item_of.items() if found[item]}


@dataclass(frozen=True, slots=True)
class LotReceiver:
    """Pieces of a lot that left: for an order with its buyer and parcels, or for another document."""

    document: str
    at: datetime
    warehouse: str
    pieces: int
    order: Order | None = None
    shipments: str = ""  # numbers of the parcels that hold the line


def lot_receivers(*, lot_id: int, limit: int = 1000) -> list[LotReceiver]:
    """Return who got pieces of a lot, the latest first: whom a recall has to reach."""
    rows = lot_deliveries(lot_id=lot_id, limit=limit)
    allocations = Allocation.objects.filter(reservation__in={row.reservation_id for row in rows})
    line_of = dict(allocations.values_list("reservation", "line"))
    lines = OrderLine.objects.select_related("order__customer", "order__sales_channel").in_bulk(line_of.values())
    parcels: dict[int, list[str]] = defaultdict(list)
    packed = ShipmentLine.objects.filter(line__in=lines).order_by("shipment")
    for line_id, number in packed.values_list("line", "shipment__number"):
        parcels[line_id].append(number)
    found = []
    for row in rows:
        line = lines.get(line_of.get(row.reservation_id, 0))
        found.append(
            LotReceiver(
                document=row.document,
                at=row.at,
                warehouse=row.warehouse,
                pieces=row.pieces,
                order=line.order if line else None,
                shipments=", ".join(parcels[line.pk]) if line else "",
            )
        )
    return found
