"""Lots: which end soon, where they lie, who got them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import F, QuerySet, Sum

from inventory.models import Lot, SerialNumber, ShelfMovement, ShelfStock, StockPolicy
from inventory.selectors.shelves import racks_of, shop_day


@dataclass(frozen=True, slots=True)
class EndingLot:
    """Pieces of a lot in one warehouse, and how many days are left; negative when it has ended."""

    lot_id: int
    number: str
    stock_item_id: int
    variant_id: int
    expires_on: date
    pieces: int
    days_left: int


def lots_ending(
    *, within_days: int, variant_ids: Collection[int] | None = None, now: datetime | None = None
) -> list[EndingLot]:
    """Return lots with pieces in stock that end within so many days of the shop's calendar, the first to end first."""
    today = shop_day(now)
    rows = ShelfStock.objects.filter(quantity__gt=0, lot__expires_on__lte=today + timedelta(days=within_days))
    if variant_ids is not None:
        rows = rows.filter(stock_item__variant_id__in=variant_ids)
    found = (
        rows.values_list("lot", "lot__number", "stock_item", "stock_item__variant", "lot__expires_on")
        .annotate(pieces=Sum("quantity"))
        .order_by("lot__expires_on", "lot", "stock_item")
    )
    return [
        EndingLot(lot, number, item, variant, ends, pieces, (ends - today).days)
        for lot, number, item, variant, ends, pieces in found
        if ends is not None
    ]


def lot_shelves(*, lot_id: int) -> QuerySet[ShelfStock]:
    """Return where pieces of a lot lie, with warehouse and bin."""
    rows = ShelfStock.objects.filter(lot_id=lot_id, quantity__gt=0).select_related("stock_item__warehouse", "bin")
    return rows.order_by("stock_item__warehouse__rank", F("bin__pick_rank").asc(nulls_last=True), "bin__code", "pk")


@dataclass(frozen=True, slots=True)
class LotToShip:
    """A lot of which pieces can leave a stock item, and whether one that ends earlier would be passed over."""

    lot_id: int
    number: str
    expires_on: date | None
    free: int
    skips: str  # the number of the lot that ends earlier; empty for the first to expire


def lots_to_ship(*, stock_item_ids: Collection[int]) -> dict[int, list[LotToShip]]:
    """Return the lots of each stock item that may be shipped, the first to expire first; blocked ones are none."""
    racks = racks_of(stock_item_ids=stock_item_ids)
    wanted = {shelf.lot_id for rack in racks.values() for shelf in rack.shelves if shelf.lot_id is not None}
    numbers = dict(Lot.objects.filter(pk__in=wanted).values_list("pk", "number"))
    found: dict[int, list[LotToShip]] = {}
    for pk, rack in racks.items():
        free: dict[int, int] = {}
        ends: dict[int, date | None] = {}
        for shelf in rack.shelves:
            if shelf.lot_id is not None and not shelf.is_blocked and shelf.free > 0:
                free[shelf.lot_id] = free.get(shelf.lot_id, 0) + shelf.free
                ends[shelf.lot_id] = shelf.expires_on
        found[pk] = [
            LotToShip(lot, numbers[lot], ends[lot], pieces, numbers.get(rack.skipped_for(lot) or 0, ""))
            for lot, pieces in free.items()
        ]
    return found


@dataclass(frozen=True, slots=True)
class LotDelivery:
    """Pieces of a lot that left for one document."""

    reservation_id: int
    key: str  # of the reservation's holder, such as "orderline:17"
    document: str
    warehouse: str
    pieces: int
    at: datetime


def lot_deliveries(*, lot_id: int, limit: int = 1000) -> list[LotDelivery]:
    """Return who got pieces of a lot, the latest first: whom a recall has to reach."""
    rows = (
        ShelfMovement.objects.filter(shelf__lot_id=lot_id, change__lt=0, movement__reservation__isnull=False)
        .order_by("-pk")
        .values_list(
            "movement__reservation", "movement__reservation__key", "movement__reservation__reference",
            "shelf__stock_item__warehouse__name", "change", "at",
        )[:limit]
    )  # fmt: skip
    return [
        LotDelivery(pk or 0, key, document or key, place, -change, at) for pk, key, document, place, change, at in rows
    ]


@dataclass(frozen=True, slots=True)
class LotTaken:
    """Pieces of one lot that left for some reservations."""

    lot: Lot
    pieces: int


def lots_taken(*, reservation_ids: Collection[int]) -> list[LotTaken]:
    """Return which lots left for these reservations, and how many pieces of each."""
    taken = ShelfMovement.objects.filter(movement__reservation__in=reservation_ids, shelf__lot__isnull=False)
    pieces = dict(taken.values("shelf__lot").annotate(pieces=-Sum("change")).values_list("shelf__lot", "pieces"))
    lots = Lot.objects.filter(pk__in=pieces).select_related("variant").order_by("variant__sku", "pk")
    return [LotTaken(lot, pieces[lot.pk]) for lot in lots]


def serials_shipped(*, reservation_ids: Collection[int]) -> QuerySet[SerialNumber]:
    """Return the numbered pieces whose latest way out was for these reservations."""
    shipped = SerialNumber.objects.filter(reservation__in=reservation_ids).select_related("variant")
    return shipped.order_by("variant__sku", "number")


def numbered_variants(*, variant_ids: Iterable[int]) -> set[int]:
    """Return those of the variants whose pieces are numbered."""
    asked = StockPolicy.objects.filter(variant_id__in=variant_ids, tracks_serials=True)
    return set(asked.values_list("variant_id", flat=True))
