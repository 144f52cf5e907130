"""Counters of lines and totals of orders: refreshed under the order's lock, many rows in one statement."""

from collections.abc import Collection, Mapping
from enum import Enum

from django.db import connection

_RAISE = """
UPDATE orders_orderline AS l SET {counter} = l.{counter} + t.pieces
FROM unnest(%s::bigint[], %s::int[]) AS t(id, pieces) WHERE l.id = t.id
"""
_TOTALS = """
UPDATE orders_order AS o
SET goods_total = t.goods, extras_total = t.extras, total = t.goods + t.extras, line_count = t.lines,
    paid_total = t.paid, updated_at = now()
FROM (
    SELECT wanted.id, coalesce(l.goods, 0) AS goods, coalesce(l.extras, 0) AS extras, coalesce(l.lines, 0) AS lines,
           coalesce(p.paid, 0) AS paid
    FROM unnest(%(ids)s::bigint[]) AS wanted(id)
    LEFT JOIN (SELECT order_id, sum(total) FILTER (WHERE kind = 'product') AS goods,
                      sum(total) FILTER (WHERE kind <> 'product') AS extras, count(*) AS lines
               FROM orders_orderline WHERE order_id = ANY (%(ids)s::bigint[]) GROUP BY order_id) l
           ON l.order_id = wanted.id
    LEFT JOIN (SELECT order_id, sum(CASE kind WHEN 'refund' THEN -amount ELSE amount END) AS paid
               FROM orders_payment WHERE order_id = ANY (%(ids)s::bigint[]) GROUP BY order_id) p
           ON p.order_id = wanted.id
) t
WHERE o.id = t.id
"""


class Counter(Enum):
    """A counter of an order line."""

    SHIPPED = "shipped_count"
    CANCELLED = "cancelled_count"
    RETURNED = "returned_count"


def raise_counter(counter: Counter, by_line: Mapping[int, int]) -> None:
    """Add pieces to one counter of many lines, whose orders are locked."""
    if by_line:
        with connection.cursor() as cursor:
            cursor.execute(_RAISE.format(counter=counter.value), [list(by_line), list(by_line.values())])


def refresh_totals(order_ids: Collection[int]) -> None:
    """Make the totals of locked orders what their lines and payments add up to."""
    with connection.cursor() as cursor:
        cursor.execute(_TOTALS, {"ids": list(order_ids)})
