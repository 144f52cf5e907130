"""What lies in which parcel: as it is planned, and for what nobody planned one parcel for each order and warehouse."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.db.models import F

from orders.models import Allocation, Parcel, ParcelPiece, ParcelState
from orders.services.holdings import held_for


@dataclass(slots=True)
class ParcelContent:
    """A box that will be packed; ``parcel_id`` is None where nobody planned it: then it is shipped by its order.

    ``pieces``: order id -> line id -> pieces. All of ``order_ids`` get the same tracking number.
    """

    parcel_id: int | None
    warehouse_id: int
    reason: str = ""  # ParcelReason
    pieces: dict[int, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))

    @property
    def order_ids(self) -> list[int]:
        """Return whose goods lie in it."""
        return list(self.pieces)

    @property
    def piece_count(self) -> int:
        """Return how many pieces lie in it."""
        return sum(count for lines in self.pieces.values() for count in lines.values())


def parcels_of(order_ids: Collection[int]) -> list[ParcelContent]:
    """Return the parcels in which these orders will leave, planned ones whole (with the other orders in them).

    Only reserved pieces are in a parcel. Planned parcels come first, then the others by order and warehouse; a fixed
    number of statements.
    """
    mine = ParcelPiece.objects.filter(parcel__state=ParcelState.PLANNED, line__order__in=order_ids).values("parcel")
    planned: dict[int, ParcelContent] = {}
    rows = ParcelPiece.objects.filter(parcel__in=mine).select_related("parcel", "line").order_by("parcel_id", "line_id")
    for row in rows:
        content = planned.setdefault(
            row.parcel_id, ParcelContent(row.parcel_id, row.parcel.warehouse_id, row.parcel.reason)
        )
        content.pieces[row.line.order_id][row.line_id] = row.quantity
    return [*planned.values(), *_unplanned(order_ids, planned.values())]


def _unplanned(order_ids: Collection[int], planned: Iterable[ParcelContent]) -> list[ParcelContent]:
    """Return what is reserved and in no planned parcel."""
    taken: dict[tuple[int, int], int] = defaultdict(int)
    for content in planned:
        for lines in content.pieces.values():
            for line, count in lines.items():
                taken[line, content.warehouse_id] += count
    held = F("reservation__quantity") - F("reservation__shipped") - F("reservation__released")
    open_now = Allocation.objects.filter(line__order__in=order_ids).annotate(held=held).filter(held__gt=0)
    owners = dict(open_now.values_list("line_id", "line__order_id"))
    found: dict[tuple[int, int], ParcelContent] = {}
    for line, pieces in held_for(owners).items():
        for one in pieces:
            rest = one.quantity - taken[line, one.warehouse_id]
            if rest > 0:
                key = (owners[line], one.warehouse_id)
                content = found.setdefault(key, ParcelContent(None, one.warehouse_id))
                content.pieces[owners[line]][line] = rest
            taken[line, one.warehouse_id] = max(0, -rest)
    return [found[key] for key in sorted(found)]


def planned_parcels(*, order_id: int) -> list[Parcel]:
    """Return the parcels planned for one order, and those of them that left, with all that lies in them."""
    mine = ParcelPiece.objects.filter(line__order=order_id).values("parcel")
    shown = Parcel.objects.filter(pk__in=mine).exclude(state=ParcelState.UNDONE).select_related("warehouse")
    return list(shown.prefetch_related("pieces__line__order").order_by("pk"))
