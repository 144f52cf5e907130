"""What is bought together, which categories share customers, and what is bought again when."""

from django.db import connection

from crm.services.patterns.gathering import LARGEST_BASKET

FEWEST_TOGETHER = 5  # orders with both, customers of both
PAIRS_OF_ONE = 20  # partners kept of a product or category
FEWEST_REPEATS = 10  # purchases again before a product has an interval

_PAIRS = f"""
INSERT INTO crm_basketpair (run_id, product_id, other_id, together, product_orders, other_orders)
WITH sold AS (
    SELECT product_id, count(*)::int AS orders FROM crm_baskets GROUP BY 1 HAVING count(*) >= {FEWEST_TOGETHER}
), useful AS (
    SELECT order_id FROM crm_baskets GROUP BY 1 HAVING count(*) BETWEEN 2 AND {LARGEST_BASKET}
), held AS (
    SELECT b.order_id, b.product_id, s.orders
    FROM crm_baskets b JOIN useful USING (order_id) JOIN sold s USING (product_id)
), met AS (
    SELECT a.product_id, b.product_id AS other_id, count(*)::int AS together, a.orders, b.orders AS other_orders
    FROM held a JOIN held b ON a.order_id = b.order_id AND a.product_id <> b.product_id
    GROUP BY 1, 2, 4, 5 HAVING count(*) >= {FEWEST_TOGETHER}
), ranked AS (
    SELECT met.*, row_number() OVER (
        PARTITION BY product_id ORDER BY together::numeric / other_orders DESC, together DESC, other_id) AS place
    FROM met
)
SELECT %(run)s, product_id, other_id, together, orders, other_orders FROM ranked WHERE place <= {PAIRS_OF_ONE}
"""  # noqa: S608 numbers of our own
_CATEGORIES = f"""
INSERT INTO crm_categorypair (run_id, category_id, other_id, together, category_customers, other_customers)
WITH held AS (
    SELECT DISTINCT b.customer_id, p.category_id FROM crm_baskets b JOIN catalog_product p ON p.id = b.product_id
    WHERE b.customer_id IS NOT NULL AND p.category_id IS NOT NULL
), sized AS (
    SELECT category_id, count(*)::int AS customers FROM held GROUP BY 1
), met AS (
    SELECT a.category_id, b.category_id AS other_id, count(*)::int AS together
    FROM held a JOIN held b ON a.customer_id = b.customer_id AND a.category_id <> b.category_id
    GROUP BY 1, 2 HAVING count(*) >= {FEWEST_TOGETHER}
), ranked AS (
    SELECT met.*, s.customers, t.customers AS other_customers, row_number() OVER (
        PARTITION BY met.category_id ORDER BY together::numeric / t.customers DESC, together DESC, other_id) AS place
    FROM met JOIN sized s ON s.category_id = met.category_id JOIN sized t ON t.category_id = met.other_id
)
SELECT %(run)s, category_id, other_id, together, customers, other_customers FROM ranked WHERE place <= {PAIRS_OF_ONE}
"""  # noqa: S608
_AGAIN = f"""
INSERT INTO crm_replenishment (run_id, product_id, typical_gap, repeat_count)
SELECT %(run)s, product_id, percentile_disc(0.5) WITHIN GROUP (ORDER BY gap), count(*) FROM (
    SELECT product_id, day - lag(day) OVER (PARTITION BY customer_id, product_id ORDER BY day) AS gap
    FROM (SELECT DISTINCT customer_id, product_id, day FROM crm_baskets WHERE customer_id IS NOT NULL) one
) stepped WHERE gap IS NOT NULL GROUP BY product_id HAVING count(*) >= {FEWEST_REPEATS}
"""  # noqa: S608


def write_goods(*, run_id: int) -> None:
    """Write pairs, affinities and intervals of products of a run anew, from ``crm_baskets``."""
    values = {"run": run_id}
    with connection.cursor() as cursor:
        for table, statement in (
            ("crm_basketpair", _PAIRS),
            ("crm_categorypair", _CATEGORIES),
            ("crm_replenishment", _AGAIN),
        ):
            cursor.execute(f"DELETE FROM {table} WHERE run_id = %(run)s", values)  # noqa: S608 names of our own
            cursor.execute(statement, values)
        cursor.execute(
            "UPDATE crm_patternrun SET basket_count = (SELECT count(DISTINCT order_id) FROM crm_baskets)"
            " WHERE id = %(run)s",
            values,
        )
