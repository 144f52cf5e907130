"""Days on which a variant could not be bought: from the ledger, all warehouses together."""

from datetime import datetime, time, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from catalog.models import Variant

VARIANTS_AT_ONCE = 500
RECENT_DAYS = 35  # read again every night: more than a month without a night's run needs the command

# What was available after each movement is what is available now, less all later changes. A variant that may be sold
# when it is out is never out. Movements of one statement have the same moment: their number says which came first.
_REBUILD = """
WITH item AS (
    SELECT s.id, s.variant_id, s.on_hand - s.reserved - s.held AS available FROM inventory_stockitem s
    WHERE s.variant_id BETWEEN %(first)s AND %(last)s AND NOT EXISTS (
        SELECT FROM inventory_stockpolicy p WHERE p.variant_id = s.variant_id AND p.when_out <> 'refuse')
), begun AS (
    SELECT i.variant_id, min(r.at) AS at FROM item i CROSS JOIN LATERAL (
        SELECT m.at FROM inventory_stockmovement m
        WHERE m.stock_item_id = i.id AND m.on_hand_change > 0 ORDER BY m.id LIMIT 1) r
    GROUP BY i.variant_id
), recent AS (
    SELECT i.variant_id, m.at, m.id, m.on_hand_change - m.reserved_change - m.held_change AS change
    FROM item i JOIN inventory_stockmovement m ON m.stock_item_id = i.id
    WHERE m.at >= %(since)s
), opening AS (
    SELECT i.variant_id, sum(i.available) - coalesce((
        SELECT sum(r.change) FROM recent r WHERE r.variant_id = i.variant_id), 0) AS available
    FROM item i GROUP BY i.variant_id
), line AS (
    SELECT variant_id, at, sum(change) OVER ordered AS available, lead(at, 1, %(until)s) OVER ordered AS upto
    FROM (SELECT * FROM recent UNION ALL SELECT variant_id, %(since)s, 0, available FROM opening) steps
    WINDOW ordered AS (PARTITION BY variant_id ORDER BY at, id)
), out AS (
    SELECT l.variant_id, greatest(l.at, b.at) AS at, least(l.upto, %(until)s) AS upto
    FROM line l JOIN begun b USING (variant_id)
    WHERE l.available <= 0 AND least(l.upto, %(until)s) > greatest(l.at, b.at)
), fresh AS (
    SELECT o.variant_id, d.day::date AS day
    FROM out o CROSS JOIN LATERAL generate_series(
        date_trunc('day', o.at AT TIME ZONE %(zone)s), o.upto AT TIME ZONE %(zone)s, interval '1 day') AS d (day)
    GROUP BY o.variant_id, d.day
    HAVING sum(least(o.upto, (d.day + interval '1 day') AT TIME ZONE %(zone)s)
        - greatest(o.at, d.day AT TIME ZONE %(zone)s)) > interval '12 hours'
), gone AS (
    DELETE FROM purchasing_stockoutday d
    WHERE d.variant_id BETWEEN %(first)s AND %(last)s AND d.day >= (%(since)s AT TIME ZONE %(zone)s)::date
        AND NOT EXISTS (SELECT FROM fresh f WHERE f.variant_id = d.variant_id AND f.day = d.day)
    RETURNING 1
), written AS (
    INSERT INTO purchasing_stockoutday (variant_id, day) SELECT variant_id, day FROM fresh
    ON CONFLICT (variant_id, day) DO NOTHING RETURNING 1
)
SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM written)
"""
_FIRST_MOVEMENT = "SELECT at FROM inventory_stockmovement ORDER BY id LIMIT 1"


def rebuild_stockouts(*, since: datetime, now: datetime | None = None) -> int:
    """Let the days without stock agree with the ledger, from ``since`` (a midnight of the shop) to yesterday.

    A day counts when nothing was available for more than half of it, never before the first receipt. Returns how many
    rows differ now; twice is harmless. One transaction for each ``VARIANTS_AT_ONCE`` variants.
    """
    until = _midnight(now or timezone.now())
    changed = 0
    for first, last in _spans():
        changed += _rebuild(first, last, since, until)
    return changed


def rebuild_all_stockouts(*, now: datetime | None = None) -> int:
    """Let all days without stock agree with the ledger, from the first movement on; return how many rows differ now."""
    with connection.cursor() as cursor:
        cursor.execute(_FIRST_MOVEMENT)
        row = cursor.fetchone()
    return rebuild_stockouts(since=_midnight(row[0]), now=now) if row else 0


def refresh_stockouts(*, now: datetime | None = None) -> int:
    """Let the last ``RECENT_DAYS`` agree with the ledger and return how many rows differ now."""
    since = _midnight(now or timezone.now()) - timedelta(days=RECENT_DAYS)
    last = Variant.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    return _rebuild(0, last, _midnight(since), _midnight(now or timezone.now()))


def _rebuild(first: int, last: int, since: datetime, until: datetime) -> int:
    bounds: dict[str, Any] = {
        "first": first,
        "last": last,
        "since": since,
        "until": until,
        "zone": timezone.get_default_timezone_name(),
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('purchasing.stockouts'))")
        cursor.execute(_REBUILD, bounds)
        return int(cursor.fetchone()[0])


def _spans() -> list[tuple[int, int]]:
    ids = list(Variant.objects.order_by("pk").values_list("pk", flat=True))
    parts = [ids[first : first + VARIANTS_AT_ONCE] for first in range(0, len(ids), VARIANTS_AT_ONCE)]
    return [(part[0], part[-1]) for part in parts]


def _midnight(moment: datetime) -> datetime:
    zone = timezone.get_default_timezone()
    return timezone.make_aware(datetime.combine(timezone.localdate(moment, zone), time.min), zone)
