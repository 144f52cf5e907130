"""What lies reserved for orders, and from which bins it is picked."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import F

from catalog.models import Variant
from inventory.models import Bin, Lot, ShelfStock
from orders.models import Allocation

OPEN_PIECES = F("reservation__quantity") - F("reservation__shipped") - F("reservation__released")


@dataclass(frozen=True, slots=True)
class Reserved:
    """``pieces`` of one stock item held for one order line; ``per_unit`` of them make one piece that the line sells."""

    order_id: int
    line_id: int
    stock_item_id: int
    variant_id: int
    warehouse_id: int
    pieces: int
    per_unit: int


@dataclass(slots=True)
class PickRow:
    """A walk to one bin: so many pieces of a variant, and into which slots they go (slot, pieces)."""

    variant: Variant
    place: Bin | None
    lot: Lot | None
    slots: list[tuple[int, int]] = field(default_factory=list)

    @property
    def pieces(self) -> int:
        """How many are taken here."""
        return sum(count for _slot, count in self.slots)


def reserved_for(order_ids: Collection[int], *, warehouse_id: int | None = None) -> list[Reserved]:
    """Return what is held for these orders (in one warehouse), by line; one statement."""
    found = Allocation.objects.annotate(open_pieces=OPEN_PIECES).filter(line__order__in=order_ids, open_pieces__gt=0)
    if warehouse_id is not None:
        found = found.filter(reservation__stock_item__warehouse=warehouse_id)
    rows = found.order_by("line__order_id", "line__position", "line_id", "pk").values_list(
        "line__order_id",
        "line_id",
        "reservation__stock_item_id",
        "reservation__stock_item__variant_id",
        "reservation__stock_item__warehouse_id",
        "open_pieces",
        "reservation__per_unit",
    )
    return [Reserved(*row) for row in rows]


def pick_rows(*, reserved: Iterable[Reserved], slot_of: dict[int, int]) -> list[PickRow]:
    """Return the walk: bins by their pick rank, what lies in no bin last; lots that end first are taken first.

    ``slot_of``: order id -> slot. Three statements for any number of orders.
    """
    wanted: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    variant_of: dict[int, int] = {}
    for one in reserved:
        wanted[one.stock_item_id][slot_of[one.order_id]] += one.pieces
        variant_of[one.stock_item_id] = one.variant_id
    variants = Variant.objects.select_related("product").in_bulk(set(variant_of.values()))
    shelves = _shelves(wanted)
    rows: list[PickRow] = []
    for item_id, by_slot in wanted.items():
        rows += _from_shelves(variants[variant_of[item_id]], sorted(by_slot.items()), shelves.get(item_id, ()))
    return sorted(rows, key=_walk)


def _shelves(item_ids: Collection[int]) -> dict[int, list[ShelfStock]]:
    lying = ShelfStock.objects.filter(stock_item__in=item_ids, quantity__gt=0).select_related("bin", "lot")
    found: dict[int, list[ShelfStock]] = defaultdict(list)
    ordered = lying.order_by(F("lot__expires_on").asc(nulls_last=True), F("bin__pick_rank").asc(nulls_last=True), "pk")
    for shelf in ordered:
        found[shelf.stock_item_id].append(shelf)
    return found


def _from_shelves(variant: Variant, by_slot: Sequence[tuple[int, int]], shelves: Sequence[ShelfStock]) -> list[PickRow]:
    """Deal the slots' pieces out over the shelves, one after the other."""
    rows: list[PickRow] = []
    stacks = [(shelf.bin, shelf.lot, shelf.quantity) for shelf in shelves]
    everything = sum(count for _slot, count in by_slot)
    stacks.append((None, None, everything))  # what no shelf names is there all the same, only unplaced
    waiting = list(by_slot)
    for place, lot, there in stacks:
        row, left = PickRow(variant, place, lot), there
        while waiting and left:
            slot, count = waiting.pop(0)
            taken = min(count, left)
            left -= taken
            row.slots.append((slot, taken))
            if taken < count:
                waiting.insert(0, (slot, count - taken))
        if row.slots:
            rows.append(row)
    return rows


def _walk(row: PickRow) -> tuple[bool, int, str, str]:
    place = row.place
    return (place is None, place.pick_rank if place else 0, place.code if place else "", row.variant.sku)
