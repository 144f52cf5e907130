"""Reservations as the pieces that were sold: a bundle's components belong together, set by set."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from inventory.models import Reservation


@dataclass(frozen=True, slots=True)
class ReservedSet:
    """What one warehouse reserved of one sold variant: one reservation of it, or one for each of its components.

    The recipe is that of the reservations (``per_unit``), whatever became of the bundle since.
    """

    warehouse_id: int
    is_whole: bool  # the variant itself, not its components
    reservations: tuple[Reservation, ...]

    @property
    def taken(self) -> int:
        """Sold pieces that the holder has been given, shipped ones included."""
        return min((row.quantity - row.released) // row.per_unit for row in self.reservations)

    @property
    def held(self) -> int:
        """Sold pieces that are still reserved."""
        return min(row.held // row.per_unit for row in self.reservations)

    @property
    def shipped(self) -> int:
        """Sold pieces that have left."""
        return min(row.shipped // row.per_unit for row in self.reservations)

    @property
    def recipe(self) -> dict[int, int]:
        """Variant id -> pieces of it in one sold piece."""
        return {row.stock_item.variant_id: row.per_unit for row in self.reservations}


def reserved_sets(*, variant_id: int, reservations: Iterable[Reservation]) -> list[ReservedSet]:
    """Group the reservations of one key (with their stock items) for ``variant_id``, in the order of their ids.

    What was released altogether is left out: it belongs to nobody, and the next recipe may differ.
    """
    grouped: dict[tuple[int, bool], list[Reservation]] = defaultdict(list)
    for row in sorted(reservations, key=lambda row: row.pk):
        if row.quantity > row.released:
            is_whole = row.stock_item.variant_id == variant_id and row.per_unit == 1
            grouped[row.stock_item.warehouse_id, is_whole].append(row)
    return [ReservedSet(place, is_whole, tuple(rows)) for (place, is_whole), rows in grouped.items()]
