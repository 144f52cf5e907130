"""What stock and sold goods cost."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import OuterRef, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from inventory.models import MovementKind
from purchasing.models import CostEntry, CostLayer, SupplierItem, VariantValue


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


@dataclass(frozen=True, slots=True)
class GroupWorth:
    """What the stock of one product or supplier is worth; ``share`` of all in percent."""

    name: str
    pieces: int
    average: Decimal
    fifo: Decimal
    share: int


_GROUPS = {"product": "variant__product__name", "supplier": "supplier"}


def worth_by(*, group: str, limit: int) -> list[GroupWorth]:
    """Return what stock is worth by product, or by preferred supplier (an empty name: none), the most first."""
    preferred = SupplierItem.objects.filter(variant=OuterRef("variant"), is_preferred=True)
    rows = VariantValue.objects.filter(quantity__gt=0).annotate(
        supplier=Coalesce(Subquery(preferred.values("supplier__name")[:1]), Value(""))
    )
    path = _GROUPS[group]
    key = "variant__product" if group == "product" else path
    found = (
        rows.values(key, path)
        .annotate(pieces=Sum("quantity"), average=Sum("average_value"), fifo=Sum("fifo_value"))
        .order_by("-average", path)[:limit]
    )
    whole = stock_worth().average
    return [
        GroupWorth(
            row[path],
            row["pieces"],
            row["average"],
            row["fifo"],
            int(row["average"] * 100 / whole) if whole else 0,
        )
        for row in found
    ]


def open_layers(*, variant_id: int) -> list[CostLayer]:
    """Return the pieces left as they came, the oldest first."""
    layers = CostLayer.objects.filter(variant=variant_id, remaining__gt=0)
    return list(layers.select_related("movement__entry", "movement__stock_item__warehouse").order_by("movement_id"))


def cost_story(*, variant_id: int, limit: int = 20) -> list[CostEntry]:
    """Return the latest cost entries with their movements."""
    entries = CostEntry.objects.filter(variant=variant_id)
    return list(entries.select_related("movement__entry", "movement__reservation").order_by("-pk")[:limit])
