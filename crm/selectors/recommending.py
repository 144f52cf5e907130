"""What a customer may want next, each with the reason why."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db import connection
from django.utils import timezone

from catalog.models import Product
from crm.models import BasketPair, PatternRun, Replenishment
from crm.models.pattern import PURCHASED
from crm.selectors.patterns import Pair, measured

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


def bought_products(customer_id: int) -> dict[int, date]:
    """Return what the customer bought within a year: product -> last day; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT v.product_id, max((o.placed_at AT TIME ZONE %s)::date) FROM orders_order o"
            " JOIN orders_orderline l ON l.order_id = o.id JOIN catalog_variant v ON v.id = l.variant_id"
            " WHERE o.customer_id = %s AND o.status = ANY(%s) AND o.placed_at >= %s AND l.kind = 'product'"
            " AND l.quantity > l.cancelled_count GROUP BY 1",
            [
                str(timezone.get_default_timezone()),
                customer_id,
                [status.value for status in PURCHASED],
                timezone.now() - YEAR,
            ],
        )
        return dict(cursor.fetchall())


def refills(run: PatternRun, bought: dict[int, date], *, today: date) -> list[Refill]:
    """Return what is due again from two weeks before the usual day until one interval after it; the first due first."""
    rows = Replenishment.objects.filter(run=run, product__in=bought, product__status="active").select_related("product")
    found = []
    for row in rows:
        due = bought[row.product_id] + timedelta(days=row.typical_gap)
        if due - timedelta(days=SOON) <= today <= due + timedelta(days=row.typical_gap):
            found.append(Refill(row.product, bought[row.product_id], row.typical_gap, due))
    return sorted(found, key=lambda refill: (refill.due_on, refill.product.pk))[:MOST]


def companions(run: PatternRun, bought: dict[int, date]) -> list[Companion]:
    """Return what goes with what the customer has and is not had yet, the strongest first, each product once."""
    rows = BasketPair.objects.filter(run=run, product__in=bought, other__status="active").exclude(other__in=bought)
    found: dict[int, Companion] = {}
    for row in rows.select_related("product", "other"):
        pair = measured(
            (row.product.name, row.other.name), row.together, row.product_orders, row.other_orders, run.basket_count
        )
        known = found.get(row.other_id)
        if pair.lift >= SMALLEST_LIFT and (known is None or pair.confidence > known.pair.confidence):
            found[row.other_id] = Companion(row.other, row.product, pair)
    ranked = sorted(found.values(), key=lambda one: (-one.pair.confidence, -one.pair.lift, one.product.pk))
    return ranked[:MOST]


def favourite_categories(customer_id: int) -> list[tuple[str, int, Decimal]]:
    """Return (category, purchases, percent of the customer's own) of the last year, at most three; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.name, count(*), sum(count(*)) OVER () FROM orders_order o"
            " JOIN orders_orderline l ON l.order_id = o.id JOIN catalog_variant v ON v.id = l.variant_id"
            " JOIN catalog_product p ON p.id = v.product_id JOIN catalog_category c ON c.id = p.category_id"
            " WHERE o.customer_id = %s AND o.status = ANY(%s) AND o.placed_at >= %s AND l.kind = 'product'"
            " AND l.quantity > l.cancelled_count GROUP BY c.id, c.name ORDER BY 2 DESC, c.name LIMIT 3",
            [customer_id, [status.value for status in PURCHASED], timezone.now() - YEAR],
        )
        return [
            (name, count, Decimal(100 * count / whole).quantize(Decimal(1))) for name, count, whole in cursor.fetchall()
        ]
