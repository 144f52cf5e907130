"""What counts as a purchase, read once into tables that end with the transaction."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from crm.models.pattern import PURCHASED
from orders.models import LineKind, OrderSource

BASKET_DAYS = 365
LARGEST_BASKET = 30  # products; an order of a reseller says nothing about what goes together

_DAYS = """
CREATE TEMPORARY TABLE crm_days ON COMMIT DROP AS
SELECT customer_id, currency, (placed_at AT TIME ZONE %(zone)s)::date AS day,
       count(*)::int AS orders, sum(goods_total)::bigint AS spent
FROM orders_order
WHERE customer_id IS NOT NULL AND status = ANY(%(statuses)s) AND source <> %(replacement)s AND placed_at < %(until)s
GROUP BY 1, 2, 3
"""
_BASKETS = """
CREATE TEMPORARY TABLE crm_baskets ON COMMIT DROP AS
SELECT DISTINCT l.order_id, o.customer_id, v.product_id, (o.placed_at AT TIME ZONE %(zone)s)::date AS day
FROM orders_order o
JOIN orders_orderline l ON l.order_id = o.id
JOIN catalog_variant v ON v.id = l.variant_id
WHERE o.status = ANY(%(statuses)s) AND o.source <> %(replacement)s
  AND o.placed_at >= %(since)s AND o.placed_at < %(until)s
  AND l.kind = %(goods)s AND l.quantity > l.cancelled_count
"""


def gather_days(*, until: date) -> None:
    """Make ``crm_days``: a row for each customer, currency and day with purchases before ``until``."""
    let_it_take_its_time()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS crm_days")
        cursor.execute(_DAYS, _parameters(until))
        cursor.execute("ANALYZE crm_days")


def gather_baskets(*, until: date) -> None:
    """Make ``crm_baskets``: a row for each order and product of the year before ``until``."""
    let_it_take_its_time()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS crm_baskets")
        cursor.execute(_BASKETS, _parameters(until))
        cursor.execute("ANALYZE crm_baskets")


def _parameters(until: date) -> dict[str, Any]:
    zone = timezone.get_default_timezone()
    start = datetime.combine(until, time(), zone)
    return {
        "zone": str(zone),
        "statuses": [status.value for status in PURCHASED],
        "replacement": OrderSource.REPLACEMENT.value,
        "goods": LineKind.PRODUCT.value,
        "until": start,
        "since": datetime.combine(until - timedelta(days=BASKET_DAYS), time(), zone),
    }


def let_it_take_its_time() -> None:
    """Lift the time limit of statements, and give them room, until the transaction ends: this is the night's work."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL work_mem = '256MB'")
        # foreign keys checked at each statement's end: two million checks that wait for the commit take longer
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
