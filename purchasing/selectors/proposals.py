"""Open proposals as a buyer works through them: by supplier, the most urgent first, with sums and what is missing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from inventory.models import Warehouse
from purchasing.models import ProposalState, ReorderProposal, Supplier


@dataclass(slots=True)
class SupplierGroup:
    """All proposals at one supplier (None: nobody sells them to us yet) for one warehouse."""

    supplier: Supplier | None
    warehouse: Warehouse
    rows: list[ReorderProposal] = field(default_factory=list)

    @property
    def amount(self) -> int:
        """Return what all of them cost, in minor units; those without a price count nothing."""
        return sum(row.amount or 0 for row in self.rows)

    @property
    def missing(self) -> int:
        """Return by how much the supplier's minimum is not reached, 0 when it is."""
        return max(0, self.supplier.minimum_amount - self.amount) if self.supplier else 0

    @property
    def is_priced(self) -> bool:
        """Tell whether the price of all is known."""
        return all(row.amount is not None for row in self.rows)


def is_urgent(row: ReorderProposal, today: date) -> bool:
    """Tell whether an order placed tomorrow would come too late."""
    return row.order_by is not None and row.order_by <= today


def open_proposals(*, urgent_on: date | None = None) -> QuerySet[ReorderProposal]:
    """Return the open proposals; with ``urgent_on`` only those that have to be ordered by that day."""
    rows = ReorderProposal.objects.filter(state=ProposalState.OPEN)
    return rows if urgent_on is None else rows.filter(order_by__lte=urgent_on)


def proposals_of(*, show: str, today: date, words: str = "") -> list[SupplierGroup]:
    """Return the proposals by supplier: ``show`` "urgent" (within a week), "open" or "later"; the most urgent first."""
    states = [ProposalState.SNOOZED] if show == "later" else [ProposalState.OPEN]
    rows = ReorderProposal.objects.filter(state__in=states)
    if show == "urgent":
        rows = rows.filter(order_by__lte=today + timedelta(days=7))
    if words:
        rows = rows.filter(Q(variant__sku__icontains=words) | Q(variant__product__name__icontains=words))
    groups: dict[tuple[int, int], SupplierGroup] = {}
    order = rows.select_related("variant__product", "warehouse", "item__supplier").order_by("order_by", "pk")
    for row in order:
        supplier = row.item.supplier if row.item else None
        place = (supplier.pk if supplier else 0, row.warehouse_id)
        groups.setdefault(place, SupplierGroup(supplier, row.warehouse)).rows.append(row)
    return sorted(groups.values(), key=lambda group: group.supplier is None)


def warehouses_of(groups: Sequence[SupplierGroup]) -> int:
    """Return for how many warehouses these proposals are."""
    return len({row.warehouse_id for group in groups for row in group.rows})
