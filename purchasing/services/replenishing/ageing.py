"""How old stock is and what lies too long, worked out for all variants by one statement; what to do follows from it.

Age is that of the cost layers (first in, first out): what is left of the oldest receipts is the oldest stock.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from catalog.models import SalesChannel
from core.copying import update_rows
from purchasing.models import Remedy, StockHealth, Verdict

HALF_A_YEAR, A_YEAR = 180, 365
SENT_BACK_WITHIN = 120  # days after receipt in which suppliers are asked to take goods back

_WORK_OUT = """
WITH cost AS (
    -- where no document says what pieces cost: what their price in the shop's currency counts with
    SELECT DISTINCT ON (variant_id) variant_id, cost FROM catalog_price
    WHERE cost IS NOT NULL AND currency = %(currency)s ORDER BY variant_id, starts_at DESC, id DESC
),
layer AS (
    SELECT variant_id,
           sum(remaining) AS pieces,
           sum(remaining) FILTER (WHERE age <= 30) AS age_30,
           sum(remaining) FILTER (WHERE age BETWEEN 31 AND 60) AS age_60,
           sum(remaining) FILTER (WHERE age BETWEEN 61 AND 90) AS age_90,
           sum(remaining) FILTER (WHERE age BETWEEN 91 AND 180) AS age_180,
           sum(remaining) FILTER (WHERE age BETWEEN 181 AND 365) AS age_365,
           sum(remaining) FILTER (WHERE age > 365) AS age_older,
           sum(remaining * unit_cost) AS value,
           max(received_on) AS last_received_on
    FROM (SELECT l.variant_id, l.remaining,
                 CASE WHEN l.is_known THEN l.unit_cost ELSE greatest(l.unit_cost, coalesce(c.cost, 0)) END AS unit_cost,
                 (l.received_at AT TIME ZONE %(zone)s)::date AS received_on,
                 %(today)s::date - (l.received_at AT TIME ZONE %(zone)s)::date AS age
          FROM purchasing_costlayer l LEFT JOIN cost c ON c.variant_id = l.variant_id
          WHERE l.remaining > 0) left_over
    GROUP BY variant_id
),
sold AS (
    SELECT variant_id, max(day) AS last_sold_on,
           coalesce(sum(pieces) FILTER (WHERE day > %(today)s::date - 90), 0) / 90.0 AS daily
    FROM purchasing_demandday WHERE day <= %(today)s::date AND pieces > 0 GROUP BY variant_id
),
figure AS (
    SELECT layer.*, sold.last_sold_on, coalesce(sold.daily, 0) AS daily,
           CASE WHEN sold.daily > 0 THEN floor(layer.pieces / sold.daily) END AS cover_days,
           greatest(0, layer.pieces - coalesce(sold.daily, 0) * 180) AS excess
    FROM layer LEFT JOIN sold USING (variant_id)
),
judged AS (
    SELECT *, CASE
        -- what came in lately had no time to sell
        WHEN coalesce(last_sold_on, '-infinity') <= %(today)s::date - 180 AND age_older + age_365 > 0 THEN 'dead'
        WHEN age_older + age_365 + age_180 > 0
             AND (coalesce(last_sold_on, '-infinity') <= %(today)s::date - 90 OR cover_days > 365) THEN 'slow'
        WHEN cover_days > 180 THEN 'excess'
        ELSE 'healthy' END AS verdict
    FROM (SELECT variant_id, pieces, coalesce(age_30, 0) AS age_30, coalesce(age_60, 0) AS age_60,
                 coalesce(age_90, 0) AS age_90, coalesce(age_180, 0) AS age_180, coalesce(age_365, 0) AS age_365,
                 coalesce(age_older, 0) AS age_older, value, last_received_on, last_sold_on, daily, cover_days, excess
          FROM figure) f
)
INSERT INTO purchasing_stockhealth AS h
    (variant_id, on_hand, age_30, age_60, age_90, age_180, age_365, age_older, value, excess_value, daily, cover_days,
     last_sold_on, last_received_on, verdict, remedy, computed_at)
SELECT variant_id, pieces, age_30, age_60, age_90, age_180, age_365, age_older, round(value),
       CASE WHEN verdict = 'healthy' THEN 0 ELSE round(value * excess / pieces) END, round(daily, 4),
       CASE WHEN cover_days IS NOT NULL THEN least(cover_days, 100000) END,
       last_sold_on, last_received_on, verdict, '', %(now)s
FROM judged ORDER BY variant_id
ON CONFLICT (variant_id) DO UPDATE SET
    on_hand = excluded.on_hand, age_30 = excluded.age_30, age_60 = excluded.age_60, age_90 = excluded.age_90,
    age_180 = excluded.age_180, age_365 = excluded.age_365, age_older = excluded.age_older, value = excluded.value,
    excess_value = excluded.excess_value, daily = excluded.daily, cover_days = excluded.cover_days,
    last_sold_on = excluded.last_sold_on, last_received_on = excluded.last_received_on, verdict = excluded.verdict,
    remedy = excluded.remedy, computed_at = excluded.computed_at
"""
_REASONS = """
SELECT h.id,
       EXISTS (SELECT FROM inventory_stockhold o JOIN inventory_stockitem i ON i.id = o.stock_item_id
               WHERE i.variant_id = h.variant_id AND o.kind IN ('expiry', 'damaged') AND o.quantity > o.released),
       EXISTS (SELECT FROM purchasing_supplieritem s JOIN purchasing_supplier c ON c.id = s.supplier_id
               WHERE s.variant_id = h.variant_id AND s.is_active AND c.is_active),
       (SELECT count(*) FROM catalog_listing l WHERE l.product_id = v.product_id AND l.state = 'live'),
       EXISTS (SELECT FROM catalog_bundlecomponent b WHERE b.component_id = h.variant_id)
FROM purchasing_stockhealth h JOIN catalog_variant v ON v.id = h.variant_id
WHERE h.verdict <> 'healthy'
"""


@transaction.atomic
def judge_stock(*, today: date | None = None, now: datetime | None = None) -> int:
    """Work out age, cover and verdict of every variant with stock; return how many are not healthy. Twice is the same.

    Variants whose stock is gone lose their row.
    """
    today, now = today or timezone.localdate(), now or timezone.now()
    with connection.cursor() as cursor:
        words = {"zone": timezone.get_default_timezone_name(), "currency": settings.SHOP_CURRENCY}
        cursor.execute(_WORK_OUT, {"today": today, "now": now, **words})
        StockHealth.objects.exclude(computed_at=now).delete()
        cursor.execute(_REASONS)
        reasons = {row[0]: row[1:] for row in cursor.fetchall()}
    rows = list(StockHealth.objects.exclude(verdict=Verdict.HEALTHY).order_by("pk"))
    channels = SalesChannel.objects.filter(is_active=True).count()
    changes = [(row.pk, remedy_for(row, reasons[row.pk], channels=channels, today=today)) for row in rows]
    update_rows(StockHealth, [("remedy", "text")], changes)
    return len(rows)


def remedy_for(row: StockHealth, reasons: Sequence[Any], *, channels: int, today: date) -> Remedy:
    """Return what is proposed: what cannot be sold goes, what came lately goes back, the rest is sold another way."""
    is_spoilt, has_supplier, live_listings, is_bundled = reasons
    if is_spoilt and row.verdict == Verdict.DEAD:
        return Remedy.DISPOSE
    is_recent = row.last_received_on is not None and (today - row.last_received_on).days <= SENT_BACK_WITHIN
    if has_supplier and is_recent and row.verdict != Verdict.EXCESS:
        return Remedy.SEND_BACK
    if row.verdict == Verdict.EXCESS:
        return Remedy.STOP
    if live_listings < channels:
        return Remedy.MOVE
    if row.verdict == Verdict.DEAD and not is_bundled:
        return Remedy.BUNDLE
    return Remedy.MARK_DOWN
