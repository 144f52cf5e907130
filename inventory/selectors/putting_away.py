"""What still has to be put away in a warehouse, and into which bin."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from catalog.models import Variant
from inventory.models import Bin, Lot, ShelfStock, StockItem, StockMovement, Warehouse

MOST_SHOWN = 60


@dataclass(frozen=True, slots=True)
class ToPutAway:
    """Pieces of a stock item that lie in no bin: of no lot anybody named, or of one (then ``shelf`` is its row)."""

    item: StockItem
    pieces: int
    shelf: ShelfStock | None = None
    bin: Bin | None = None  # where they should go
    lies_there: bool = False  # because some lie there already; otherwise the bin is empty

    @property
    def lot(self) -> Lot | None:
        """The lot of the pieces, if one is known."""
        return self.shelf.lot if self.shelf else None


def warehouses_with_bins() -> list[Warehouse]:
    """Return the active warehouses that have bins, in the order in which they are asked."""
    bins = Bin.objects.filter(warehouse=OuterRef("pk"), is_active=True)
    return list(Warehouse.objects.filter(Exists(bins), is_active=True).order_by("rank", "pk"))


def to_put_away(*, warehouse_id: int, limit: int = MOST_SHOWN) -> tuple[list[ToPutAway], int]:
    """Return what came in last and lies in no bin, with where to put it, and how many rows there are in all."""
    came = StockMovement.objects.filter(stock_item=OuterRef("pk"), on_hand_change__gt=0).order_by("-id").values("id")
    found = _waiting(StockItem.objects.filter(warehouse=warehouse_id))
    count = found.count()
    items = list(found.annotate(came=Subquery(came[:1])).order_by(F("came").desc(nulls_last=True), "pk")[:limit])
    return _suggested(_rows(items), warehouse_id), count


def put_away_of(*, warehouse_id: int, variant_ids: Collection[int], lot_ids: Collection[int] = ()) -> list[ToPutAway]:
    """Return what of these variants, or of these lots, lies in no bin of the warehouse, with where to put it."""
    wanted = Q(variant__in=variant_ids) | Q(shelves__lot__in=lot_ids)
    items = _waiting(StockItem.objects.filter(wanted, warehouse=warehouse_id).distinct())
    rows = _rows(items.order_by("variant__sku", "pk"))
    known = set(variant_ids)
    return _suggested(
        [row for row in rows if row.item.variant_id in known or (row.lot is not None and row.lot.pk in lot_ids)],
        warehouse_id,
    )


def bin_of(*, warehouse_id: int, code: str) -> Bin | None:
    """Return the bin with this code, whatever its case; None when the warehouse has none in use."""
    found = Bin.objects.filter(warehouse=warehouse_id, code__iexact=code.strip(), is_active=True)
    return found.order_by("pk").first()


def lots_by_number(*, number: str) -> list[int]:
    """Return the lots with this number; two suppliers may have chosen the same."""
    return list(Lot.objects.filter(number=number.strip()).order_by("pk").values_list("pk", flat=True)[:20])


def _waiting(items: "QuerySet[StockItem]") -> "QuerySet[StockItem]":
    """Keep the items with pieces in no bin; ``in_bins`` and ``shelved`` say how many lie in bins and on any shelf."""
    shelves = ShelfStock.objects.filter(stock_item=OuterRef("pk"), quantity__gt=0).order_by().values("stock_item")
    in_bins = shelves.filter(bin__isnull=False).annotate(pieces=Sum("quantity")).values("pieces")
    shelved = shelves.annotate(pieces=Sum("quantity")).values("pieces")
    return (
        items.filter(on_hand__gt=0)
        .annotate(in_bins=Coalesce(Subquery(in_bins), 0), shelved=Coalesce(Subquery(shelved), 0))
        .filter(on_hand__gt=F("in_bins"))
        .select_related("variant__product", "warehouse")
    )


def _rows(items: Iterable[StockItem]) -> list[ToPutAway]:
    """Return a row for each lot without a bin and one for what is of no lot."""
    every = list(items)
    loose: dict[int, list[ShelfStock]] = {}
    shelves = ShelfStock.objects.filter(stock_item__in=every, bin=None, quantity__gt=0).select_related("lot")
    for shelf in shelves.order_by(F("lot__expires_on").asc(nulls_last=True), "pk"):
        loose.setdefault(shelf.stock_item_id, []).append(shelf)
    rows: list[ToPutAway] = []
    for item in every:
        rows += [ToPutAway(item, shelf.quantity, shelf) for shelf in loose.get(item.pk, ())]
        unplaced = item.on_hand - item.shelved  # type: ignore[attr-defined]  # annotated by _waiting
        if unplaced > 0:
            rows.append(ToPutAway(item, unplaced))
    return rows


def _suggested(rows: list[ToPutAway], warehouse_id: int) -> list[ToPutAway]:
    """Add the bin: where pieces of the same lot lie, else of the same variant, else the first empty one to walk to."""
    lying = ShelfStock.objects.filter(
        stock_item__in={row.item.pk for row in rows}, bin__is_active=True, quantity__gt=0
    ).select_related("bin")
    homes: dict[tuple[int, int | None], Bin] = {}
    for shelf in lying.order_by("-quantity", "bin__pick_rank", "pk"):
        if shelf.bin is not None:
            homes.setdefault((shelf.stock_item_id, shelf.lot_id), shelf.bin)
            homes.setdefault((shelf.stock_item_id, -1), shelf.bin)
    taken = ShelfStock.objects.filter(bin=OuterRef("pk"), quantity__gt=0)
    empty = Bin.objects.filter(~Exists(taken), warehouse=warehouse_id, is_active=True)
    free = empty.order_by("pick_rank", "code").first() if rows else None
    found = []
    for row in rows:
        lot_id = row.lot.pk if row.lot else None
        home = homes.get((row.item.pk, lot_id)) or homes.get((row.item.pk, -1))
        found.append(ToPutAway(row.item, row.pieces, row.shelf, home or free, lies_there=home is not None))
    return found


def variants_of_code(*, code: str) -> list[int]:
    """Return the variants whose SKU, barcode or other code this is, whatever its case."""
    exact = Q(sku__iexact=code) | Q(barcode=code) | Q(codes__code=code)
    return list(Variant.objects.filter(exact).distinct().order_by("sku").values_list("pk", flat=True)[:20])
