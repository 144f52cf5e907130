"""Which pieces inventory holds for which order lines."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from inventory.models import Reservation
from inventory.services import Portion
from orders.models import Allocation


@dataclass(frozen=True, slots=True)
class Held:
    """Pieces of one line, held by one reservation in one warehouse."""

    line_id: int
    reservation_id: int
    variant_id: int
    warehouse_id: int
    quantity: int

    @property
    def portion(self) -> Portion:
        """What to tell inventory."""
        return Portion(self.reservation_id, self.quantity)


def held_for(line_ids: Collection[int]) -> dict[int, list[Held]]:
    """Return what is held for each line; it changes only under the lock of the line's order."""
    held: dict[int, list[Held]] = defaultdict(list)
    allocations = Allocation.objects.filter(line_id__in=line_ids).select_related("reservation__stock_item")
    for allocation in allocations.order_by("reservation_id"):
        reservation: Reservation = allocation.reservation
        if reservation.held:
            item = reservation.stock_item
            held[allocation.line_id].append(
                Held(allocation.line_id, reservation.pk, item.variant_id, item.warehouse_id, reservation.held)
            )
    return held


def draw(held: Mapping[int, Sequence[Held]], wanted: Mapping[int, int]) -> list[Held] | None:
    """Return which held pieces make up the wanted (line id, pieces), or None when less is held."""
    drawn: list[Held] = []
    for line_id, pieces in wanted.items():
        left = pieces
        for hold in held.get(line_id, ()):
            part = min(left, hold.quantity)
            left -= part
            if part:
                drawn.append(Held(line_id, hold.reservation_id, hold.variant_id, hold.warehouse_id, part))
        if left:
            return None
    return drawn


def by_warehouse(held: Iterable[Held]) -> dict[int, list[Held]]:
    """Group held pieces by the warehouse they lie in."""
    grouped: dict[int, list[Held]] = defaultdict(list)
    for hold in held:
        grouped[hold.warehouse_id].append(hold)
    return grouped
