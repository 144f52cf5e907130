"""What a customer may want next, each with the reason why."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import JSONField
from django.db.models.expressions import RawSQL
from django.utils import timezone

from catalog.models import Product
from crm.models import CustomerPattern
from crm.models.pattern import PURCHASED
from crm.selectors.patterns import Pair, latest_pattern, measured

MOST = 5
YEAR = timedelta(days=365)
SMALLEST_LIFT = Decimal("1.2")  # together at least a fifth more often than by chance
SOON = 14  # days before the usual day; twice the interval after it nothing is due any more


@dataclass(frozen=True, slots=True)
class Refill:
    """A product that the customer usually needs again: bought last on, usually again after so many days."""

    product: Product
    last_on: date
    typical_gap: int
    due_on: date


@dataclass(frozen=True, slots=True)
class Companion:
    """A product that goes with one the customer has."""

    product: Product
    because: Product
    pair: Pair


# what the customer bought within a year, with its last day; what is due again of it, and what goes with it
_RECOMMENDED = """
WITH run AS (
    SELECT id, basket_count FROM crm_patternrun WHERE finished_at IS NOT NULL ORDER BY day DESC LIMIT 1
), bought AS MATERIALIZED (
    SELECT v.product_id, max((o.placed_at AT TIME ZONE %(zone)s)::date) AS last_on FROM orders_order o
    JOIN orders_orderline l ON l.order_id = o.id JOIN catalog_variant v ON v.id = l.variant_id
    WHERE o.customer_id = %(customer)s AND o.status = ANY(%(purchased)s) AND o.placed_at >= %(since)s
    AND l.kind = 'product' AND l.quantity > l.cancelled_count GROUP BY 1
)
SELECT p.id, p.name, NULL::bigint, '', b.last_on, r.typical_gap, 0, 0, 0, 0
FROM run JOIN crm_replenishment r ON r.run_id = run.id JOIN bought b ON b.product_id = r.product_id
JOIN catalog_product p ON p.id = r.product_id AND p.status = 'active'
UNION ALL
SELECT p.id, p.name, had.id, had.name, b.last_on, 0, t.together, t.product_orders, t.other_orders, run.basket_count
FROM run JOIN crm_basketpair t ON t.run_id = run.id JOIN bought b ON b.product_id = t.product_id
JOIN catalog_product had ON had.id = t.product_id JOIN catalog_product p ON p.id = t.other_id AND p.status = 'active'
WHERE NOT EXISTS (SELECT FROM bought h WHERE h.product_id = t.other_id)
"""
_CATEGORIES = """
SELECT jsonb_agg(jsonb_build_array(name, n, whole) ORDER BY n DESC, name) FROM (
    SELECT c.name, count(*) AS n, sum(count(*)) OVER () AS whole FROM orders_order o
    JOIN orders_orderline l ON l.order_id = o.id JOIN catalog_variant v ON v.id = l.variant_id
    JOIN catalog_product p ON p.id = v.product_id JOIN catalog_category c ON c.id = p.category_id
    WHERE o.customer_id = %s AND o.status = ANY(%s) AND o.placed_at >= %s AND l.kind = 'product'
    AND l.quantity > l.cancelled_count GROUP BY c.id, c.name ORDER BY 2 DESC, c.name LIMIT 3
) AS favourite
"""


def recommended(customer_id: int, *, today: date) -> tuple[list[Refill], list[Companion]]:
    """Return what is due again, the first due first, and what goes with what the customer has; one statement.

    Due from two weeks before the usual day until one interval after it. What goes with it is not had yet and stands
    once, by its strongest reason, the strongest first.
    """
    due, together = [], dict[int, Companion]()
    for pk, name, had_pk, had_name, last_on, gap, *numbers in _recommended_rows(customer_id):
        product = _product(pk, name)
        if had_pk is None:
            refill = Refill(product, last_on, gap, last_on + timedelta(days=gap))
            if refill.due_on - timedelta(days=SOON) <= today <= refill.due_on + timedelta(days=gap):
                due.append(refill)
            continue
        pair, known = measured((had_name, name), *numbers), together.get(pk)
        if pair.lift >= SMALLEST_LIFT and (known is None or pair.confidence > known.pair.confidence):
            together[pk] = Companion(product, _product(had_pk, had_name), pair)
    due.sort(key=lambda refill: (refill.due_on, refill.product.pk))
    ranked = sorted(together.values(), key=lambda one: (-one.pair.confidence, -one.pair.lift, one.product.pk))
    return due[:MOST], ranked[:MOST]


def buying_of(customer_id: int) -> tuple[CustomerPattern, list[tuple[str, int, Decimal]]] | None:
    """Return how a customer buys with (category, purchases, percent of their own), at most three; one statement."""
    purchased = [status.value for status in PURCHASED]
    categories = RawSQL(  # noqa: S611 our own
        _CATEGORIES, [customer_id, purchased, timezone.now() - YEAR], output_field=JSONField()
    )
    found = latest_pattern(customer_id).annotate(favourites=categories).first()
    if found is None:
        return None
    return found, [
        (name, count, Decimal(100 * count / whole).quantize(Decimal(1)))
        for name, count, whole in found.favourites or ()
    ]


def _recommended_rows(customer_id: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            _RECOMMENDED,
            {
                "zone": str(timezone.get_default_timezone()),
                "customer": customer_id,
                "purchased": [status.value for status in PURCHASED],
                "since": timezone.now() - YEAR,
            },
        )
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _product(pk: int, name: str) -> Product:
    return Product.from_db(connection.alias, ["id", "name"], [pk, name])
