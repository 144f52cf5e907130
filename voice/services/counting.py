"""What tickets, returns and low reviews say is counted day by day: by reason, product, lot, supplier and channel.

Set-based: each night the last weeks are counted anew, because matters are settled, linked and moved later. Pages read
the counts only, whatever the number of tickets.
"""

from datetime import date, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from voice.models import LOW

DAYS = 35  # counted anew each night
# one lot and one supplier for each line: the lot that left, the supplier of its receipt, else the preferred one
_GOODS = """
    line_lot AS (
        SELECT DISTINCT ON (a.line_id) a.line_id, s.lot_id
        FROM orders_allocation a
        JOIN inventory_stockmovement m ON m.reservation_id = a.reservation_id AND m.kind = 'shipped'
        JOIN inventory_shelfmovement w ON w.movement_id = m.id
        JOIN inventory_shelfstock s ON s.id = w.shelf_id AND s.lot_id IS NOT NULL
        WHERE a.line_id IN (SELECT line_id FROM wanted WHERE line_id IS NOT NULL)
        ORDER BY a.line_id, m.id, s.lot_id
    ),
    lot_source AS (
        SELECT DISTINCT ON (r.lot_id) r.lot_id, o.supplier_id FROM purchasing_goodsreceiptline r
        JOIN purchasing_purchaseorderline l ON l.id = r.order_line_id
        JOIN purchasing_purchaseorder o ON o.id = l.order_id
        WHERE r.lot_id IS NOT NULL ORDER BY r.lot_id, r.id
    ),
    source AS (
        SELECT DISTINCT ON (v.product_id) v.product_id, i.supplier_id FROM purchasing_supplieritem i
        JOIN catalog_variant v ON v.id = i.variant_id WHERE i.is_active
        ORDER BY v.product_id, i.is_preferred DESC, i.id
    )
"""
_MATTERS = """
    wanted AS (
        -- tickets by the day they were settled; their goods: linked lines, products, or the one product of an order
        SELECT 'ticket' AS source, (t.resolved_at AT TIME ZONE %(zone)s)::date AS day, t.id, t.reason_id,
               coalesce(t.sales_channel_id, o.sales_channel_id) AS sales_channel_id, p.product_id, p.line_id,
               NULL::bigint AS lot_id
        FROM service_ticket t
        LEFT JOIN LATERAL (
            SELECT x.product_id, max(x.line_id) AS line_id FROM (
                SELECT tp.product_id, NULL::bigint AS line_id FROM service_ticketproduct tp WHERE tp.ticket_id = t.id
                UNION ALL
                SELECT v.product_id, l.id FROM service_ticketorder k
                JOIN orders_orderline l ON l.order_id = k.order_id AND (k.line_id IS NULL OR k.line_id = l.id)
                JOIN catalog_variant v ON v.id = l.variant_id
                WHERE k.ticket_id = t.id AND (k.line_id IS NOT NULL OR NOT EXISTS (
                    SELECT FROM orders_orderline n WHERE n.order_id = k.order_id AND n.id <> l.id
                    AND n.variant_id IS NOT NULL))
            ) x GROUP BY x.product_id
        ) p ON true
        LEFT JOIN LATERAL (
            SELECT o.sales_channel_id FROM service_ticketorder k JOIN orders_order o ON o.id = k.order_id
            WHERE k.ticket_id = t.id ORDER BY k.id LIMIT 1
        ) o ON true
        WHERE t.resolved_at >= %(since)s AND t.resolved_at < %(until)s AND t.status IN ('resolved', 'closed')
          AND t.merged_into_id IS NULL
        UNION ALL
        SELECT 'return', (q.asked_at AT TIME ZONE %(zone)s)::date, l.id, n.id, o.sales_channel_id, v.product_id, ol.id,
               (SELECT i.id FROM returns_finding f JOIN inventory_lot i ON i.variant_id = v.id AND i.number = f.lot
                WHERE f.line_id = l.id ORDER BY f.id LIMIT 1)
        FROM returns_requestline l
        JOIN returns_returnrequest q ON q.id = l.request_id AND q.state NOT IN ('refused', 'called_off')
                                     AND q.asked_at >= %(since)s AND q.asked_at < %(until)s
        JOIN orders_order o ON o.id = q.order_id
        JOIN orders_orderline ol ON ol.id = l.order_line_id
        LEFT JOIN catalog_variant v ON v.id = ol.variant_id
        LEFT JOIN LATERAL (
            SELECT n.id FROM service_reasonnode n WHERE n.return_reason_id = l.reason_id
            ORDER BY n.merged_into_id NULLS FIRST, n.id LIMIT 1
        ) n ON true
        UNION ALL
        -- a review that became a ticket is counted there
        SELECT 'review', (r.written_at AT TIME ZONE %(zone)s)::date, r.id, r.reason_id, r.sales_channel_id,
               r.product_id, NULL, NULL
        FROM voice_review r
        WHERE r.rating <= %(low)s AND r.ticket_id IS NULL AND r.written_at >= %(since)s AND r.written_at < %(until)s
    )
"""
_COUNT = f"""
    WITH {_MATTERS}, {_GOODS}
    INSERT INTO voice_mattercell
        (day, source, reason_id, product_id, lot_id, supplier_id, sales_channel_id, matter_count)
    SELECT w.day, w.source, w.reason_id, w.product_id, coalesce(w.lot_id, ll.lot_id),
           coalesce(ls.supplier_id, s.supplier_id), w.sales_channel_id, count(DISTINCT w.id)
    FROM wanted w
    LEFT JOIN line_lot ll ON ll.line_id = w.line_id
    LEFT JOIN lot_source ls ON ls.lot_id = coalesce(w.lot_id, ll.lot_id)
    LEFT JOIN source s ON s.product_id = w.product_id
    GROUP BY 1, 2, 3, 4, 5, 6, 7
"""  # noqa: S608 composed from the statements above
_SELL = f"""
    WITH wanted AS (
        SELECT (p.shipped_at AT TIME ZONE %(zone)s)::date AS day, l.id AS line_id, v.product_id, o.sales_channel_id,
               s.quantity
        FROM orders_shipment p
        JOIN orders_shipmentline s ON s.shipment_id = p.id
        JOIN orders_orderline l ON l.id = s.line_id
        JOIN orders_order o ON o.id = l.order_id
        JOIN catalog_variant v ON v.id = l.variant_id
        WHERE p.shipped_at >= %(since)s AND p.shipped_at < %(until)s
    ), {_GOODS}
    INSERT INTO voice_soldcell (day, product_id, lot_id, supplier_id, sales_channel_id, piece_count)
    SELECT w.day, w.product_id, ll.lot_id, coalesce(ls.supplier_id, s.supplier_id), w.sales_channel_id, sum(w.quantity)
    FROM wanted w
    LEFT JOIN line_lot ll ON ll.line_id = w.line_id
    LEFT JOIN lot_source ls ON ls.lot_id = ll.lot_id
    LEFT JOIN source s ON s.product_id = w.product_id
    GROUP BY 1, 2, 3, 4, 5
"""  # noqa: S608 composed from the statements above


@transaction.atomic
def count_voice(*, days: int = DAYS, today: date | None = None) -> int:
    """Count the matters and the sold pieces of the last days anew and return how many counts of matters there are.

    Repeating gives the same; two at once wait for each other, and readers see the counts of before until it is done.
    """
    last = today or timezone.localdate()
    first = last - timedelta(days=days - 1)
    given: dict[str, date | int | str] = {
        "first": first,
        "last": last,
        "since": _midnight(first),
        "until": _midnight(last + timedelta(days=1)),
        "zone": settings.TIME_ZONE,
        "low": LOW,
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('voice.count'))")
        cursor.execute("DELETE FROM voice_mattercell WHERE day BETWEEN %(first)s AND %(last)s", given)
        cursor.execute("DELETE FROM voice_soldcell WHERE day BETWEEN %(first)s AND %(last)s", given)
        cursor.execute(_SELL, given)
        cursor.execute(_COUNT, given)
        return int(cursor.rowcount)


def _midnight(day: date) -> str:
    return f"{day.isoformat()} 00:00:00 {settings.TIME_ZONE}"
