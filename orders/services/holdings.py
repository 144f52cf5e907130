"""Which pieces inventory holds for which order lines, counted as the line sells them: a bundle by whole sets."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from inventory.models import Reservation
from inventory.services import EntryLine, Portion, ReservedSet, reserved_sets
from orders.models import Allocation


@dataclass(frozen=True, slots=True)
class Held:
    """``quantity`` sold pieces of one line, held in one warehouse."""

    line_id: int
    pieces: ReservedSet
    quantity: int

    @property
    def warehouse_id(self) -> int:
        """Return where they lie."""
        return self.pieces.warehouse_id

    @property
    def portions(self) -> list[Portion]:
        """What to tell inventory: each component's share."""
        return [Portion(row.pk, row.per_unit * self.quantity) for row in self.pieces.reservations]

    @property
    def shelf_lines(self) -> list[EntryLine]:
        """The same as pieces on the shelf."""
        return [
            EntryLine(variant_id=variant, warehouse_id=self.warehouse_id, quantity=count * self.quantity)
            for variant, count in self.pieces.recipe.items()
        ]


def sets_for(line_ids: Collection[int]) -> dict[int, list[ReservedSet]]:
    """Return what inventory was ever asked to hold for each line and did not take back; whole pieces come first."""
    rows: dict[int, list[Reservation]] = defaultdict(list)
    variants: dict[int, int] = {}
    allocations = Allocation.objects.filter(line_id__in=line_ids).select_related("line", "reservation__stock_item")
    for allocation in allocations:
        rows[allocation.line_id].append(allocation.reservation)
        variants[allocation.line_id] = allocation.line.variant_id or 0
    found = {pk: reserved_sets(variant_id=variants[pk], reservations=reservations) for pk, reservations in rows.items()}
    return {pk: sorted(sets, key=lambda one: not one.is_whole) for pk, sets in found.items()}


def held_for(line_ids: Collection[int]) -> dict[int, list[Held]]:
    """Return what is held for each line; it changes only under the lock of the line's order."""
    return {
        line_id: [Held(line_id, one, one.held) for one in sets if one.held]
        for line_id, sets in sets_for(line_ids).items()
    }


def draw(held: Mapping[int, Sequence[Held]], wanted: Mapping[int, int]) -> list[Held] | None:
    """Return which held pieces make up the wanted (line id, pieces), or None when less is held."""
    drawn: list[Held] = []
    for line_id, pieces in wanted.items():
        left = pieces
        for hold in held.get(line_id, ()):
            part = min(left, hold.quantity)
            left -= part
            if part:
                drawn.append(Held(line_id, hold.pieces, part))
        if left:
            return None
    return drawn


def by_warehouse(held: Iterable[Held]) -> dict[int, list[Held]]:
    """Group held pieces by the warehouse they lie in."""
    grouped: dict[int, list[Held]] = defaultdict(list)
    for hold in held:
        grouped[hold.warehouse_id].append(hold)
    return grouped
