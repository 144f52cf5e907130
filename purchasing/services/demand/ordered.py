"""Demand by day from order lines: what was ordered and not cancelled; what came back later was wanted all the same."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.utils import timezone

from core.models import EventRecord
from orders.models import Order
from purchasing.models import DemandProgress

DAYS_AT_ONCE = 31
ORDERS = "orders"
SETTLED = timedelta(hours=1)  # events get their number before their commit: the newest are read again next time

# bundles count as what is in them, by today's recipe; circles cannot be (catalog_bundlecomponent_no_circle)
_REBUILD = """
WITH RECURSIVE inside (bundle, variant, pieces) AS (
    SELECT bundle_id, component_id, quantity::bigint FROM catalog_bundlecomponent
    UNION ALL
    SELECT i.bundle, c.component_id, i.pieces * c.quantity
    FROM inside i JOIN catalog_bundlecomponent c ON c.bundle_id = i.variant
), leaves AS (
    SELECT bundle, variant, sum(pieces) AS pieces FROM inside i
    WHERE NOT EXISTS (SELECT FROM catalog_bundlecomponent c WHERE c.bundle_id = i.variant) GROUP BY bundle, variant
), span (day, since, until) AS (
    SELECT * FROM unnest(%(days)s::date[], %(since)s::timestamptz[], %(until)s::timestamptz[])
), sold AS (
    SELECT l.variant_id, o.sales_channel_id, s.day, sum(l.quantity - l.cancelled_count) AS pieces
    FROM span s
    JOIN orders_order o ON o.placed_at >= s.since AND o.placed_at < s.until AND o.status <> 'cancelled'
    JOIN orders_orderline l ON l.order_id = o.id AND l.variant_id IS NOT NULL AND l.quantity > l.cancelled_count
    GROUP BY l.variant_id, o.sales_channel_id, s.day
), fresh AS (
    SELECT coalesce(v.variant, s.variant_id) AS variant_id, s.sales_channel_id, s.day,
        sum(s.pieces * coalesce(v.pieces, 1))::int AS pieces
    FROM sold s LEFT JOIN leaves v ON v.bundle = s.variant_id
    GROUP BY 1, 2, 3
), gone AS (
    DELETE FROM purchasing_demandday d
    WHERE d.day = ANY (%(days)s::date[]) AND NOT EXISTS (
        SELECT FROM fresh f
        WHERE f.variant_id = d.variant_id AND f.sales_channel_id = d.sales_channel_id AND f.day = d.day)
    RETURNING 1
), written AS (
    INSERT INTO purchasing_demandday AS d (variant_id, sales_channel_id, day, pieces)
    SELECT variant_id, sales_channel_id, day, pieces FROM fresh
    ON CONFLICT (variant_id, sales_channel_id, day) DO UPDATE SET pieces = excluded.pieces
    WHERE d.pieces <> excluded.pieces
    RETURNING 1
)
SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM written)
"""
_CHANGED_DAYS = """
SELECT DISTINCT (o.placed_at AT TIME ZONE %(zone)s)::date AS day FROM orders_order o
WHERE o.id IN (SELECT subject_id FROM core_eventrecord WHERE id > %(after)s AND subject_type_id = %(kind)s)
ORDER BY day
"""


def rebuild_demand(*, days: Sequence[date]) -> int:
    """Let the demand of these days of the shop agree with the orders and return how many rows differ now.

    Twice is harmless: what agrees is left alone. One transaction for each ``DAYS_AT_ONCE`` days.
    """
    changed = 0
    for first in range(0, len(days), DAYS_AT_ONCE):
        part = list(days[first : first + DAYS_AT_ONCE])
        bounds: dict[str, Any] = {
            "days": part,
            "since": [_midnight(day) for day in part],
            "until": [_midnight(day + timedelta(days=1)) for day in part],
        }
        with transaction.atomic(), connection.cursor() as cursor:
            _one_at_a_time()
            cursor.execute(_REBUILD, bounds)
            changed += int(cursor.fetchone()[0])
    return changed


def rebuild_all_demand() -> int:
    """Let the demand of all days agree with the orders, from the first order on; return how many rows differ now."""
    first = Order.objects.order_by("placed_at").values_list("placed_at", flat=True).first()
    if first is None:
        return 0
    zone = timezone.get_default_timezone()
    start, today = timezone.localdate(first, zone), timezone.localdate(timezone=zone)
    return rebuild_demand(days=[start + timedelta(days=count) for count in range((today - start).days + 1)])


def refresh_demand() -> int:
    """Rebuild the days of orders to which something happened since the last time; all days the first time.

    Returns how many rows differ now. Killed in between, the next run begins where this one did.
    """
    progress, is_first = DemandProgress.objects.get_or_create(key=ORDERS)
    newest = _settled_event()
    if is_first or not progress.event_id:
        changed = rebuild_all_demand()
    else:
        kind = ContentType.objects.get_for_model(Order).pk
        zone = timezone.get_default_timezone_name()
        with connection.cursor() as cursor:
            cursor.execute(_CHANGED_DAYS, {"zone": zone, "after": progress.event_id, "kind": kind})
            days = [day for (day,) in cursor.fetchall()]
        changed = rebuild_demand(days=days)
    DemandProgress.objects.filter(pk=progress.pk, event_id__lt=newest).update(event_id=newest)
    return changed


def _settled_event() -> int:
    settled = EventRecord.objects.filter(at__lt=timezone.now() - SETTLED).order_by("-id")
    return settled.values_list("pk", flat=True).first() or 0


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min), timezone.get_default_timezone())


def _one_at_a_time() -> None:
    """Wait for a rebuild that runs: two that insert the same day would meet at its unique key in crossing order."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('purchasing.demand'))")
