"""How long suppliers really take."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median, pstdev

from django.db.models import Min, Q
from django.utils import timezone

from purchasing.models import PurchaseOrderLine, SupplierItem

MEASURED_OVER = timedelta(days=365)
ENOUGH = 3  # deliveries; with fewer the agreed time counts


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadTime:
    """Days from sending an order to the first delivery of a line, and their deviation; ``count`` 0: as agreed."""

    days: float
    deviation: float
    count: int


def lead_times(*, items: Sequence[SupplierItem]) -> dict[int, LeadTime]:
    """Return by item id the median of the last twelve months: of the item, else of its supplier, else as agreed.

    ``items`` have their supplier selected; two statements for any number of them.
    """
    by_item, by_supplier = _measured({item.supplier_id for item in items})
    found = {}
    for item in items:
        days = by_item.get(item.pk, [])
        if len(days) < ENOUGH:
            days = by_supplier.get(item.supplier_id, [])
        if len(days) < ENOUGH:
            agreed = item.supplier.lead_days if item.lead_days is None else item.lead_days
            found[item.pk] = LeadTime(days=agreed, deviation=0, count=0)
        else:
            found[item.pk] = LeadTime(days=median(days), deviation=pstdev(days), count=len(days))
    return found


def _measured(supplier_ids: set[int]) -> tuple[dict[int, list[float]], dict[int, list[float]]]:
    """Return the days that deliveries took, by item and by supplier."""
    rows = (
        PurchaseOrderLine.objects.filter(
            order__supplier_id__in=supplier_ids, order__sent_at__gte=timezone.now() - MEASURED_OVER
        )
        .annotate(
            came_at=Min(
                "receipt_lines__receipt__received_at", filter=Q(receipt_lines__receipt__undone_at=None)
            )  # a receipt that was a mistake did not come
        )
        .filter(came_at__isnull=False)
        .values_list("item_id", "order__supplier_id", "order__sent_at", "came_at")
    )
    by_item: dict[int, list[float]] = defaultdict(list)
    by_supplier: dict[int, list[float]] = defaultdict(list)
    for item_id, supplier_id, sent_at, came_at in rows:
        days = max(0.0, (came_at - sent_at) / timedelta(days=1))
        by_supplier[supplier_id].append(days)
        if item_id is not None:
            by_item[item_id].append(days)
    return by_item, by_supplier
