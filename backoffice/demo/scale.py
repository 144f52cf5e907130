"""Multiplies the past: copies of finished orders with their lines, payments, parcels and buyers, set-based.

Why `verify` still passes, and no ledger rule is broken:
- Only finished orders (shipped or cancelled, nothing returned) are copied, as intake takes orders over from before our
  books: their parcels name no warehouse and move no stock, so movements, reservations and counters stay as they are.
- Document numbers are drawn from their series, each order has its fact, and the tables' triggers, foreign keys and
  indexes stay on: what they would refuse is refused here too.
- Each round is one transaction and remembered, so a kill costs one round.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection

from backoffice.demo.plan import Begin
from backoffice.demo.progress import Progress
from backoffice.demo.steps import answers_of, do_once
from core.sequences import document_number, next_numbers
from orders.events import OrderPlaced
from orders.models import Order
from orders.services.dispatching import SERIES as SHIPMENT_SERIES
from orders.services.intake.inserting import ORDER_SERIES

ROUND = 20_000
OLDER_THAN = timedelta(days=25)  # younger ones are still work

_CHOOSE = """
CREATE TEMP TABLE copied ON COMMIT DROP AS
SELECT o.id AS old, nextval(pg_get_serial_sequence('orders_order', 'id')) AS new, o.customer_id AS old_customer,
       o.status, o.sales_channel_id,
       row_number() OVER (ORDER BY o.placed_at, o.id) AS place, ''::text AS number,
       make_interval(secs => -(('x' || substr(md5(o.id || ':' || %(round)s), 1, 6))::bit(24)::int %% 1209600)) AS shift
FROM orders_order o
WHERE o.id <= %(last)s AND o.status IN ('shipped', 'cancelled') AND o.placed_at < %(before)s
      AND NOT EXISTS (SELECT FROM orders_return r WHERE r.order_id = o.id)
      AND NOT EXISTS (SELECT FROM orders_orderline l WHERE l.order_id = o.id AND l.returned_count > 0)
ORDER BY md5(o.id || ':' || %(round)s) LIMIT %(limit)s
"""
_NUMBER = """
UPDATE copied SET number = n.number
FROM unnest(%(numbers)s::text[]) WITH ORDINALITY AS n(number, nth),
     (SELECT old, row_number() OVER (ORDER BY place) AS nth FROM copied) c
WHERE c.nth = n.nth AND copied.old = c.old
"""
_CUSTOMERS = """
CREATE TEMP TABLE copied_customer ON COMMIT DROP AS
SELECT old, nextval(pg_get_serial_sequence('customers_customer', 'id')) AS new
FROM (SELECT DISTINCT old_customer AS old FROM copied WHERE old_customer IS NOT NULL) c;
CREATE TEMP TABLE copied_identity ON COMMIT DROP AS
SELECT c.new, i.kind, i.scope,
       CASE i.kind WHEN 'email' THEN replace(i.value, '@', '+%(round)s@') ELSE i.value || '-%(round)s' END AS value
FROM customers_identity i JOIN copied_customer c ON c.old = i.customer_id WHERE i.kind IN ('email', 'channel');
INSERT INTO customers_customer (id, name, kana, country, language, note, search_text, updated_at)
SELECT c.new, o.name, o.kana, o.country, o.language, '',
       concat_ws(' ', nullif(lower(o.name), ''), nullif(lower(o.kana), ''),
                 (SELECT string_agg(lower(i.value), ' ') FROM copied_identity i WHERE i.new = c.new)), now()
FROM copied_customer c JOIN customers_customer o ON o.id = c.old;
INSERT INTO customers_identity (customer_id, kind, scope, value) SELECT new, kind, scope, value FROM copied_identity;
ANALYZE copied; ANALYZE copied_customer
"""
_LINES = """
CREATE TEMP TABLE copied_line ON COMMIT DROP AS
SELECT l.id AS old, nextval(pg_get_serial_sequence('orders_orderline', 'id')) AS new, c.new AS order_id
FROM copied c JOIN orders_orderline l ON l.order_id = c.old ORDER BY c.new, l.position;
ANALYZE copied_line;
INSERT INTO orders_orderline (id, order_id, kind, external_id, position, variant_id, sku, name, options, quantity,
                              unit_price, total, shipped_count, cancelled_count, returned_count)
SELECT c.new, c.order_id, l.kind, l.external_id, l.position, l.variant_id, l.sku, l.name, l.options, l.quantity,
       l.unit_price, l.total, l.shipped_count, l.cancelled_count, 0
FROM copied_line c JOIN orders_orderline l ON l.id = c.old
"""
_PAYMENTS = """
INSERT INTO orders_payment (order_id, kind, method, amount, currency, external_id, paid_at)
SELECT c.new, p.kind, p.method, p.amount, p.currency, p.external_id, p.paid_at + c.shift
FROM copied c JOIN orders_payment p ON p.order_id = c.old
"""
_SHIPMENTS = """
CREATE TEMP TABLE copied_shipment ON COMMIT DROP AS
SELECT s.id AS old, nextval(pg_get_serial_sequence('orders_shipment', 'id')) AS new, c.new AS order_id, c.shift,
       row_number() OVER (ORDER BY c.new, s.id) AS nth
FROM copied c JOIN orders_shipment s ON s.order_id = c.old;
ANALYZE copied_shipment
"""
_PARCELS = """
INSERT INTO orders_shipment (id, number, order_id, warehouse_id, carrier, tracking_number, shipped_at)
SELECT c.new, n.number, c.order_id, NULL, s.carrier, s.tracking_number, s.shipped_at + c.shift
FROM copied_shipment c JOIN orders_shipment s ON s.id = c.old
JOIN unnest(%(numbers)s::text[]) WITH ORDINALITY AS n(number, nth) ON n.nth = c.nth;
INSERT INTO orders_shipmentline (shipment_id, line_id, quantity)
SELECT c.new, l.new, s.quantity
FROM copied_shipment c JOIN orders_shipmentline s ON s.shipment_id = c.old JOIN copied_line l ON l.old = s.line_id
"""
# As record_many would write OrderPlaced, in one statement; nobody is owed a delivery of what is long past.
_FACTS = """
INSERT INTO core_eventrecord (name, subject_type_id, subject_id, data)
SELECT %(name)s, %(subject_type)s, c.new,
       jsonb_build_object('order_id', c.new, 'sales_channel', s.code, 'status', c.status)
FROM copied c JOIN catalog_saleschannel s ON s.id = c.sales_channel_id ORDER BY c.new
"""
_CHANGED = {
    "id": "c.new",
    "number": "c.number",
    "external_number": "o.external_number || '-%(round)s'",
    "customer_id": "k.new",
    "placed_at": "o.placed_at + c.shift",
    "ship_by": "o.ship_by + c.shift",
    "confirmed_at": "o.confirmed_at + c.shift",
    "shipped_at": "o.shipped_at + c.shift",
    "cancelled_at": "o.cancelled_at + c.shift",
    "buyer_email": "replace(o.buyer_email, '@', '+%(round)s@')",
    "channel_values": "o.channel_values || CASE o.buyer_email WHEN '' THEN '{}'::jsonb ELSE"
    " jsonb_build_object('buyer_email', replace(o.buyer_email, '@', '+%(round)s@')) END",
    "search_text": "replace(replace(replace(o.search_text, lower(o.number), lower(c.number)),"
    " lower(o.external_number), lower(o.external_number || '-%(round)s')), '@', '+%(round)s@')",
    "created_at": "now()",
    "updated_at": "now()",
}


def grow(*, begin: Begin, scale: int, say: Callable[[str], None], is_quiet: bool = False) -> None:
    """Add copies of the past until there are ``scale`` times the demo's orders; does nothing when there are."""
    target = (scale - 1) * begin.orders
    copies = sum(answers_of("scale:"))
    if copies >= target:
        return
    last = do_once("scale-from", lambda: Order.objects.order_by("-pk").values_list("pk", flat=True)[0])
    say(f"adding {target - copies:,} past orders in bulk; stopping and starting again goes on.")
    progress = Progress(target, is_quiet=is_quiet)
    progress.advance(copies, "past orders")
    while copies < target:
        number = len(answers_of("scale:")) + 1
        parameters = {"round": number, "last": last, "before": begin.now - OLDER_THAN}
        limit = min(ROUND, target - copies)
        added = do_once(f"scale:{number:04d}", partial(_copy, {**parameters, "limit": limit}))
        if not added:
            raise RuntimeError("there are no finished orders to copy")
        copies += added
        progress.advance(added, "past orders")
    say(f"{copies:,} past orders were added ({progress.finish():.0f} s).")


def _copy(parameters: dict[str, Any]) -> int:
    """Copy one round of orders and return how many."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(_CHOOSE, parameters)
        count = int(cursor.rowcount)
        numbers = [document_number("O", value) for value in next_numbers(series=ORDER_SERIES, count=count)]
        cursor.execute(_NUMBER, {"numbers": numbers})
        cursor.execute(_CUSTOMERS, parameters)
        cursor.execute(_orders_statement(), parameters)
        for statement in (_LINES, _PAYMENTS, _SHIPMENTS):
            cursor.execute(statement)
        cursor.execute("SELECT count(*) FROM copied_shipment")
        values = next_numbers(series=SHIPMENT_SERIES, count=cursor.fetchone()[0])
        cursor.execute(_PARCELS, {"numbers": [document_number("S", value) for value in values]})
        subject_type = ContentType.objects.get_for_model(Order).pk
        cursor.execute(_FACTS, {"name": OrderPlaced.name, "subject_type": subject_type})
    return count


def _orders_statement() -> str:
    """Return the statement that copies the orders: every column as it is, except those that must differ."""
    columns = [str(one.column) for one in Order._meta.concrete_fields]
    names = ", ".join(columns)
    values = ", ".join(_CHANGED.get(column, f"o.{column}") for column in columns)
    # names come from the model and this module
    return (
        f"INSERT INTO orders_order ({names}) SELECT {values} FROM copied c"  # noqa: S608
        " JOIN orders_order o ON o.id = c.old LEFT JOIN copied_customer k ON k.old = c.old_customer ORDER BY c.place"
    )
