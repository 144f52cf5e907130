"""Reads about stock: what can be promised and what runs low."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet, Sum

from catalog.models import Variant
from catalog.selectors.bundling import bundle_contents
from inventory.models import AVAILABLE, Reservation, StockAlert, StockHold, StockItem, Warehouse


@dataclass(frozen=True, slots=True)
class Availability:
    """What is there of one variant over all active warehouses."""

    on_hand: int = 0
    reserved: int = 0
    held: int = 0

    @property
    def available(self) -> int:
        """Pieces that can be promised."""
        return self.on_hand - self.reserved - self.held


def availability_of(*, variant_ids: Collection[int]) -> dict[int, Availability]:
    """Return the stock of each variant over the active warehouses; a variant never stocked has none."""
    rows = (
        StockItem.objects.filter(variant_id__in=variant_ids, warehouse__is_active=True)
        .values("variant_id")
        .annotate(on_hand_sum=Sum("on_hand"), reserved_sum=Sum("reserved"), held_sum=Sum("held"))
    )
    found = {row["variant_id"]: Availability(row["on_hand_sum"], row["reserved_sum"], row["held_sum"]) for row in rows}
    return {variant_id: found.get(variant_id, Availability()) for variant_id in variant_ids}


def buildable(needs: Mapping[int, int], pieces: Mapping[int, int]) -> int:
    """Return how many pieces of a bundle ``pieces`` (variant id -> available) allow, by what one piece needs."""
    return max(0, min((pieces.get(variant, 0) // count for variant, count in needs.items()), default=0))


@dataclass(frozen=True, slots=True)
class BundleStock:
    """How many of a bundle can be packed in one warehouse, and the SKU that allows no more."""

    warehouse: Warehouse
    count: int
    scarcest: str


def bundle_stock(*, variant_id: int) -> list[BundleStock]:
    """Return how many pieces of a bundle each active warehouse could pack, in the order in which warehouses are asked.

    Counted are the pieces that could be promised, down to what is no bundle itself; empty for what is no bundle.
    """
    needs = bundle_contents(variant_ids=[variant_id]).get(variant_id)
    if not needs:
        return []
    items = StockItem.objects.filter(variant_id__in=needs, warehouse__is_active=True)
    held: dict[int, dict[int, int]] = defaultdict(dict)
    for item in items:
        held[item.warehouse_id][item.variant_id] = item.available
    skus = dict(Variant.objects.filter(pk__in=needs).values_list("pk", "sku"))
    found = []
    for warehouse in Warehouse.objects.filter(pk__in=held).order_by("rank", "name", "pk"):
        pieces = held[warehouse.pk]
        scarcest = min(needs, key=lambda variant: (pieces.get(variant, 0) // needs[variant], skus[variant]))
        found.append(BundleStock(warehouse, buildable(needs, pieces), skus[scarcest]))
    return found


def stock_by_warehouse(*, variant_id: int) -> list[StockItem]:
    """Return a variant's stock items with their warehouses, in the order in which warehouses are asked."""
    return list(
        StockItem.objects.filter(variant_id=variant_id)
        .select_related("warehouse")
        .order_by("warehouse__rank", "warehouse__name", "pk")
    )


def low_stock_items() -> QuerySet[StockItem]:
    """Return stock items at or below their alert level, the scarcest first, with variant, product and warehouse."""
    return (
        StockItem.objects.filter(
            low_at__gt=0, on_hand__lte=F("low_at") + F("reserved") + F("held"), warehouse__is_active=True
        )
        .select_related("variant__product", "warehouse")
        .order_by(AVAILABLE, "pk")
    )


def open_reservations(*, stock_item_id: int, limit: int = 200) -> QuerySet[Reservation]:
    """Return the reservations that still hold pieces of a stock item, the oldest first."""
    held = Reservation.objects.filter(stock_item_id=stock_item_id, quantity__gt=F("shipped") + F("released"))
    return held.order_by("pk")[:limit]


def stock_of_product(*, product_id: int) -> QuerySet[StockItem]:
    """Return the stock items of all variants of a product, with variant and warehouse."""
    items = StockItem.objects.filter(variant__product_id=product_id).select_related("variant", "warehouse")
    return items.order_by("variant__sku", "warehouse__rank", "pk")


def watched_items_of(*, product_id: int) -> list[int]:
    """Return the stock items of a product that have an alert level, or an alert that is still open."""
    items = StockItem.objects.filter(variant__product_id=product_id)
    watched = Q(low_at__gt=0) | Q(pk__in=StockAlert.objects.filter(closed_at=None).values("stock_item"))
    return list(items.filter(watched).order_by("pk").values_list("pk", flat=True))


def kept_pieces(*, stock_item_ids: Collection[int]) -> tuple[dict[int, list[Reservation]], dict[int, list[StockHold]]]:
    """Return what keeps pieces of these items: open reservations and open holds by item, the oldest first."""
    reserved: dict[int, list[Reservation]] = defaultdict(list)
    rows = Reservation.objects.filter(stock_item__in=stock_item_ids, quantity__gt=F("shipped") + F("released"))
    for row in rows.order_by("pk"):
        reserved[row.stock_item_id].append(row)
    held: dict[int, list[StockHold]] = defaultdict(list)
    for hold in StockHold.objects.filter(stock_item__in=stock_item_ids, quantity__gt=F("released")).order_by("pk"):
        held[hold.stock_item_id].append(hold)
    return dict(reserved), dict(held)
