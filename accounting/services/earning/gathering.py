"""What has changed since profits were last looked at: orders with news, costs booked, parcels priced."""

from collections.abc import Collection
from datetime import timedelta

from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.utils import timezone

from accounting.models import ProfitDue, ProfitProgress
from core.models import EventRecord
from orders.models import Order
from purchasing.models import CostEntry
from shipping.models import ParcelCost

MOST = 20_000  # of each kind at once: one transaction stays short
# ids and moments are drawn before they are committed, so what is younger is looked at once more
SETTLING = timedelta(minutes=5)
_OF_COSTS = """
    SELECT DISTINCT l.order_id
    FROM purchasing_costentry e
    JOIN inventory_stockmovement m ON m.id = e.movement_id
    JOIN orders_allocation a ON a.reservation_id = m.reservation_id
    JOIN orders_orderline l ON l.id = a.line_id
    WHERE e.id > %s AND e.id <= %s
"""


@transaction.atomic
def gather_changed() -> int:
    """Queue the orders about which something became known and return how many were found; 0 when all are looked at.

    One gathering runs at a time; another one finds nothing meanwhile.
    """
    ProfitProgress.objects.bulk_create([ProfitProgress(pk=1)], ignore_conflicts=True)
    progress = ProfitProgress.objects.select_for_update(skip_locked=True).filter(pk=1).first()
    if progress is None:
        return 0
    found = _with_news(progress) | _with_costs(progress) | _with_parcels(progress)
    progress.save(update_fields=["event_id", "cost_entry_id", "parcels_until"])
    return _queue(found)


def _queue(order_ids: Collection[int]) -> int:
    due = [ProfitDue(order_id=pk) for pk in sorted(order_ids)]
    ProfitDue.objects.bulk_create(due, ignore_conflicts=True, batch_size=5000)
    return len(due)


def _with_news(progress: ProfitProgress) -> set[int]:
    """Return the orders to which something happened."""
    subject = ContentType.objects.get_for_model(Order)
    events = EventRecord.objects.filter(pk__gt=progress.event_id, subject_type=subject).order_by("pk")
    rows = list(events.values_list("pk", "subject_id", "at")[:MOST])
    settled = timezone.now() - SETTLING
    progress.event_id = max((pk for pk, _order, at in rows if at < settled), default=progress.event_id)
    told = {order_id for _pk, order_id, _at in rows}
    return set(Order.objects.filter(pk__in=told).values_list("pk", flat=True))


def _with_costs(progress: ProfitProgress) -> set[int]:
    """Return the orders whose pieces were valued; entries are written by one valuation at a time, so in order."""
    ids = CostEntry.objects.filter(pk__gt=progress.cost_entry_id).order_by("pk").values_list("pk", flat=True)
    upto = max(ids[:MOST], default=progress.cost_entry_id)
    with connection.cursor() as cursor:
        cursor.execute(_OF_COSTS, [progress.cost_entry_id, upto])
        found = {row[0] for row in cursor.fetchall()}
    progress.cost_entry_id = upto
    return found


def _with_parcels(progress: ProfitProgress) -> set[int]:
    """Return the orders whose parcels got a price."""
    now = timezone.now()
    costs = ParcelCost.objects.all()
    if progress.parcels_until is not None:
        costs = costs.filter(computed_at__gte=progress.parcels_until - SETTLING)
    progress.parcels_until = now
    return set(costs.values_list("shipment__order", flat=True))
