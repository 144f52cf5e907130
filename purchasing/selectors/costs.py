"""What stock and sold goods cost."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from inventory.models import MovementKind
from purchasing.models import CostEntry, VariantValue


@dataclass(frozen=True, slots=True)
class SoldCost:
    """What pieces that left for a reservation cost us, in minor units of the shop's currency; ``quantity`` of them."""

    quantity: int
    average: Decimal
    fifo: Decimal
    is_known: bool


def cost_of_sales(*, reservation_ids: Collection[int]) -> dict[int, SoldCost]:
    """Return what was shipped for each reservation and what it cost; what is not valued yet is not there."""
    rows = CostEntry.objects.filter(
        movement__reservation__in=reservation_ids, movement__kind=MovementKind.SHIPPED
    ).values_list("movement__reservation", "quantity", "average_value", "fifo_value", "is_known")
    found: dict[int, SoldCost] = {}
    for reservation_id, quantity, average, fifo, known in rows:
        before = found.get(reservation_id, SoldCost(0, Decimal(0), Decimal(0), is_known=True))
        found[reservation_id] = SoldCost(
            before.quantity - quantity, before.average - average, before.fifo - fifo, before.is_known and known
        )
    return found


@dataclass(frozen=True, slots=True)
class StockWorth:
    """What all stock is worth both ways, and of how many variants some cost is not known."""

    pieces: int
    average: Decimal
    fifo: Decimal
    unknown: int


def stock_worth() -> StockWorth:
    """Return what all stock is worth, as far as it is valued."""
    sums = VariantValue.objects.aggregate(pieces=Sum("quantity"), average=Sum("average_value"), fifo=Sum("fifo_value"))
    zero = Decimal(0)
    unknown = VariantValue.objects.filter(is_complete=False).count()
    return StockWorth(sums["pieces"] or 0, sums["average"] or zero, sums["fifo"] or zero, unknown)
