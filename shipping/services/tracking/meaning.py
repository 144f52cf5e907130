"""Which parcel of an order a number means: one that fits alone gets it, several are asked about, none is guessed."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from inventory.models import Warehouse
from orders.models import LineKind, OrderLine, Shipment, ShipmentLine
from orders.selectors.parcels import ParcelContent

LinesOf = Mapping[str, Sequence[int]]  # SKU -> lines of one order


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What rows say beside the order: the warehouse, the parcel's own number, and what lies in it (SKU, pieces)."""

    warehouse_id: int | None = None
    parcel: str = ""
    goods: tuple[tuple[str, int | None], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.warehouse_id or self.parcel or self.goods)


@dataclass(slots=True, kw_only=True)
class Box:
    """A parcel that waits for its number: ``shipment`` left without one, ``content`` is still here.

    ``pieces`` (line -> pieces of this order) is what is in it; what rows take of a box that nobody planned leaves it.
    """

    order_id: int
    shipment: Shipment | None = None
    content: ParcelContent | None = None
    pieces: dict[int, int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Return what people call it."""
        if self.shipment is not None:
            return self.shipment.number
        return f"P-{self.content.parcel_id}" if self.content and self.content.parcel_id else ""

    @property
    def warehouse_id(self) -> int | None:
        """Return where it is or was packed."""
        return self.shipment.warehouse_id if self.shipment else self.content.warehouse_id if self.content else None

    @property
    def is_divisible(self) -> bool:
        """Tell whether a part of it may leave by itself: nobody planned it whole."""
        return self.content is not None and self.content.parcel_id is None

    def takes(self, hints: Hints, lines: LinesOf) -> dict[int, int] | None:
        """Return the pieces that the hints mean of this box; None when they mean another."""
        if hints.warehouse_id not in {None, self.warehouse_id} or not self._is_named(hints.parcel):
            return None
        return self._part(hints.goods, lines) if hints.goods else dict(self.pieces)

    def _is_named(self, name: str) -> bool:
        planned = self.shipment.parcel_id if self.shipment else None
        return name in {"", self.name} or (planned is not None and name == f"P-{planned}")

    def _part(self, goods: Iterable[tuple[str, int | None]], lines: LinesOf) -> dict[int, int] | None:
        found: dict[int, int] = {}
        for sku, told in goods:
            mine = [line for line in lines.get(sku, ()) if self.pieces.get(line)]
            left = told if told is not None else sum(self.pieces[line] for line in mine)
            for line in mine:
                part = min(left, self.pieces[line])
                left -= part
                if part:
                    found[line] = found.get(line, 0) + part
            if left or not mine:
                return None
        return found if self.is_divisible else dict(self.pieces)


def boxes_of(
    order_id: int,
    shipments: Iterable[Shipment],
    contents: Iterable[ParcelContent],
    inside: Mapping[int, Mapping[int, int]],
) -> list[Box]:
    """Return the parcels of an order that have no number yet; ``inside``: shipment -> line -> pieces."""
    left = [
        Box(order_id=order_id, shipment=one, pieces=dict(inside.get(one.pk, {})))
        for one in shipments
        if not one.tracking_number
    ]
    here = [Box(order_id=order_id, content=one, pieces=dict(one.pieces[order_id])) for one in contents]
    return [*left, *here]


def fitting(boxes: Iterable[Box], hints: Hints, lines: LinesOf) -> list[tuple[Box, dict[int, int]]]:
    """Return the boxes that the hints may mean, each with the pieces."""
    return [(box, pieces) for box in boxes if (pieces := box.takes(hints, lines)) is not None]


def take(boxes: list[Box], box: Box, pieces: Mapping[int, int]) -> None:
    """Take the pieces out of the box, and the box off the list when nothing is left in it."""
    box.pieces = {
        line: count - pieces.get(line, 0) for line, count in box.pieces.items() if count > pieces.get(line, 0)
    }
    if not box.is_divisible or not box.pieces:
        boxes.remove(box)


def names_of(boxes: Sequence[Box]) -> str:
    """Return how a person tells these boxes apart: by number, else by warehouse."""
    places = Warehouse.objects.in_bulk({box.warehouse_id for box in boxes if box.warehouse_id})
    told = []
    for box in boxes:
        place = places.get(box.warehouse_id or 0)
        told.append(" ".join(part for part in (box.name, f"({place.code})" if place else "") if part))
    return ", ".join(told)


def lines_by_sku(order_ids: Collection[int]) -> dict[int, dict[str, list[int]]]:
    """Return order -> SKU -> lines of goods; one statement."""
    found: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    rows = OrderLine.objects.filter(order__in=order_ids, kind=LineKind.PRODUCT).order_by("position", "pk")
    for order_id, pk, own, sold in rows.values_list("order_id", "pk", "variant__sku", "sku"):
        for sku in {own, sold} - {"", None}:
            found[order_id][sku].append(pk)
    return found


def contents_of(shipments: Iterable[Shipment]) -> dict[int, dict[int, int]]:
    """Return shipment -> line -> pieces; one statement."""
    found: dict[int, dict[int, int]] = defaultdict(dict)
    rows = ShipmentLine.objects.filter(shipment__in=list(shipments)).values_list("shipment_id", "line_id", "quantity")
    for shipment_id, line_id, quantity in rows:
        found[shipment_id][line_id] = quantity
    return found
