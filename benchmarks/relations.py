"""A night of purchase patterns and segments, and the customer's page: a million customers, five million orders.

    python -m benchmarks relations [--customers 1000000] [--rounds 40] [--again]

Five orders for each customer over three years, most for few of them; one to three products each of 5,000 in 40
categories. The night reads orders and writes groups, intervals, cohorts, pairs, replenishment and the groups of the
month that ended; then three segments are counted and kept in snapshots. The first night begins from nothing, the
second replaces it. The page is a whole request through every middleware as an EC manager; the median of as many
customers as there are rounds, each asked for the second time.
"""

import argparse
import statistics
import time
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import psycopg
from django.db import models
from django.urls import reverse
from django.utils import timezone

from benchmarks.filling import CHANCE, NAME, fill, without_indexes
from benchmarks.loading import EN_FAMILY, EN_GIVEN, JA_FAMILY, JA_GIVEN, KO_FAMILY, KO_GIVEN
from benchmarks.order_list import cost_of, statements
from benchmarks.people import manager
from benchmarks.report import Figure, publish
from benchmarks.server import superuser
from catalog.models import Category, Product, SalesChannel, Variant
from crm.conditions import customers_in
from crm.services.patterns import refresh_patterns
from crm.services.proposing import propose_duplicates
from crm.services.segmenting import save_segment, take_snapshot
from customers.models import Customer
from orders.models import Order, OrderLine
from staff.models import User

NIGHT = 180  # seconds
MS = 150
STATEMENTS = 15
ORDERS_EACH = 5
PRODUCTS, CATEGORIES = 5000, 40
YEARS = 3
TREES: Mapping[str, Mapping[str, Any]] = {
    "champions of Japan": {
        "join": "all",
        "parts": [
            {"is": "group", "value": {"group": "champion"}},
            {"is": "country", "value": {"country": "JP"}},
        ],
    },
    "ordered twice within 180 days, or lapsed": {
        "join": "any",
        "parts": [{"is": "ordered", "value": {"times": 2, "days": 180}}, {"is": "lapsed", "value": {}}],
    },
    "nothing sent back, spent much": {
        "join": "all",
        "parts": [
            {"join": "none", "parts": [{"is": "returned", "value": {"times": 1, "days": 365}}]},
            {"is": "spent", "value": {"amount": 100000, "currency": "KRW"}},
        ],
    },
}
_TABLES = ["customers_customer", "orders_order", "orders_orderline"]
_FROM_ORDERS = "generate_series(1, %(orders)s::bigint) AS n"


def main() -> int:
    """Measure and publish."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks relations")
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--again", action="store_true", help="load customers and orders again")
    options = parser.parse_args()
    prepare(options.customers, again=options.again)
    user, client = manager()
    today = timezone.localdate()
    figures = [*_night("first", today, user), *_night("second", today + timedelta(days=1), user)]
    began = time.perf_counter()
    found = propose_duplicates()
    figures.append(Figure("possible duplicates", time.perf_counter() - began, "s", None, f"{found:,} pairs"))
    for name, url in (("whole story", "admin:crm_story"), ("page", "admin:customers_customer_change")):
        figures += _page(client, f"customer: {name}", url, options.rounds, options.customers)
    patterns = statistics.median(cost_of(client, reverse("admin:crm_patterns")).clock for _time in range(5))
    figures.append(Figure("page: how customers buy", patterns, "ms"))
    about = f"{options.customers:,} customers, {options.customers * ORDERS_EACH:,} orders"
    return publish("relations", figures, about, "")


def _night(name: str, day: date, user: User) -> list[Figure]:
    began = time.perf_counter()
    run = refresh_patterns(day=day)
    counted = time.perf_counter()
    for title, tree in TREES.items():
        segment = save_segment(name=f"{name}: {title}", purpose=name, owner=user, review_on=day, tree=tree, actor=None)
        take_snapshot(segment_id=segment.pk, used_for=name, actor=None)
    kept = time.perf_counter()
    figures = [Figure(f"{name} night: patterns", counted - began, "s", None, f"{run.buyer_count:,} buyers")]
    for title, tree in TREES.items():
        start = time.perf_counter()
        count = customers_in(tree).count()
        figures.append(Figure(f"live count: {title}", time.perf_counter() - start, "s", None, f"{count:,}"))
    whole = Figure(f"{name} night: patterns and three snapshots", kept - began, "s", NIGHT)
    return [figures[0], whole] if name == "first" else [*figures, whole]


def _page(client: Any, name: str, url: str, rounds: int, customers: int) -> list[Figure]:
    step = max(1, customers // rounds)
    addresses = [reverse(url, args=[1 + place * step]) for place in range(rounds)]
    costs = [[cost_of(client, address) for _time in range(2)][1] for address in addresses]
    clock = statistics.median(cost.clock for cost in costs)
    processor = statistics.median(cost.python + cost.database for cost in costs)
    most = max(statements(client, address) for address in addresses)
    return [
        Figure(name, clock, "ms", MS, f"processor {processor:.0f} ms", processor),
        Figure(f"{name}: most statements", most, "", STATEMENTS if url == "admin:crm_story" else None),
    ]


def prepare(customers: int, *, again: bool) -> None:
    """Load customers, orders and lines unless they are there, and forget earlier nights."""
    _goods()
    with superuser() as connection, connection.cursor() as cursor:
        for table in ("crm_patternrun", "crm_monthlygroup", "crm_migrationcell", "crm_segment"):
            cursor.execute(f"TRUNCATE {table} CASCADE")
        if again or Customer.objects.count() != customers:
            _load(cursor, customers)


def _goods() -> None:
    channels = (("bench-kr", "KRW", "KR"), ("bench-jp", "JPY", "JP"))
    for code, currency, country in channels:
        SalesChannel.objects.get_or_create(
            code=code, defaults={"name": code, "kind": "own", "currency": currency, "country": country}
        )
    if Variant.objects.exists():
        return
    categories = [Category.objects.create(name=f"Category {place}") for place in range(CATEGORIES)]
    products = Product.objects.bulk_create(
        Product(code=f"R-{place}", name=f"Product {place}", status="active", category=categories[place % CATEGORIES])
        for place in range(PRODUCTS)
    )
    Variant.objects.bulk_create(Variant(sku=f"R-{row.pk}", product=row) for row in products)


def _load(cursor: "psycopg.Cursor[Any]", customers: int) -> None:
    """Replace all: without triggers of foreign keys, indexes last."""
    cursor.execute("SET maintenance_work_mem = '1GB'")
    cursor.execute("SET session_replication_role = replica")
    cursor.execute("TRUNCATE customers_customer CASCADE")
    cursor.execute("TRUNCATE orders_order CASCADE")
    indexes = without_indexes(cursor, _TABLES)
    cursor.execute(CHANCE)
    _insert(cursor, Customer, _customer_columns(), "generate_series(1, %(customers)s::bigint) AS n", customers)
    _insert(cursor, Order, _order_columns(), _FROM_ORDERS, customers)
    lines = f"{_FROM_ORDERS} CROSS JOIN generate_series(0, 2) AS place WHERE place <= 2 * pg_temp.chance(n, 9)^2 + 0.3"
    _insert(cursor, OrderLine, _line_columns(), lines, customers)
    for definition in indexes:
        cursor.execute(definition)
    cursor.execute("RESET session_replication_role")
    for table in _TABLES:
        cursor.execute(f"VACUUM ANALYZE {table}")


def _insert(
    cursor: "psycopg.Cursor[Any]", model: type[models.Model], known: Mapping[str, str], source: str, customers: int
) -> None:
    ids = dict(SalesChannel.objects.filter(code__startswith="bench-").values_list("code", "pk"))
    fill(
        cursor,
        model,
        known,
        source,
        {
            "customers": customers,
            "orders": customers * ORDERS_EACH,
            "kr": ids["bench-kr"],
            "jp": ids["bench-jp"],
            "variants": list(Variant.objects.filter(sku__startswith="R-").order_by("pk").values_list("pk", flat=True)),
            "span": YEARS * 365 * 86400,
            "family": [*KO_FAMILY.split(), *(word.split("/")[0] for word in JA_FAMILY.split()), *EN_FAMILY.split()],
            "given": [*KO_GIVEN.split(), *(word.split("/")[0] for word in JA_GIVEN.split()), *EN_GIVEN.split()],
        },
    )


# few customers place most orders: the square of a random number
_BUYER = "(1 + floor(%(customers)s * pg_temp.chance(n, 3) * sqrt(pg_temp.chance(n, 3))))::bigint"
_PRICE = "(ceil(8000 * power(10, pg_temp.chance(n, 4)^2 * 1.6)))::bigint"
_PLACED = "now() - make_interval(secs => 60 + %(span)s * pg_temp.chance(n, 5))"


def _customer_columns() -> dict[str, str]:
    name = NAME.format(n="n")
    country = "CASE WHEN n %% 5 < 3 THEN 'KR' ELSE 'JP' END"
    language = "CASE WHEN n %% 5 < 3 THEN 'ko' ELSE 'ja' END"
    return {"id": "n", "name": name, "search_text": f"lower({name})", "country": country, "language": language}


def _order_columns() -> dict[str, str]:
    name = NAME.format(n=_BUYER)
    is_kr = f"{_BUYER} %% 5 < 3"
    return {
        "id": "n",
        "number": "'O-' || n",
        "external_number": "'R' || n",
        "sales_channel_id": f"CASE WHEN {is_kr} THEN %(kr)s::bigint ELSE %(jp)s::bigint END",
        "customer_id": _BUYER,
        "status": "CASE WHEN pg_temp.chance(n, 6) < 0.05 THEN 'cancelled' ELSE 'shipped' END",
        "placed_at": _PLACED,
        "currency": f"CASE WHEN {is_kr} THEN 'KRW' ELSE 'JPY' END",
        "country": f"CASE WHEN {is_kr} THEN 'KR' ELSE 'JP' END",
        "goods_total": _PRICE,
        "total": _PRICE,
        "paid_total": _PRICE,
        "line_count": "1",
        "buyer_name": name,
        "recipient_name": name,
        "buyer_email": f"'buyer' || {_BUYER} || '@example.com'",
        "buyer_phone": f"'010' || lpad(({_BUYER} * 9 %% 90000000)::text, 8, '0')",
        "search_text": f"lower('o-' || n || ' ' || {name})",
    }


def _line_columns() -> dict[str, str]:
    variant = (
        "(%(variants)s::bigint[])[1 + floor(cardinality(%(variants)s::bigint[]) * pg_temp.chance(n, 7 + place)"
        " * pg_temp.chance(n, 7 + place))::int]"
    )
    return {
        "order_id": "n",
        "kind": "'product'",
        "position": "place",
        "external_id": "place::text",
        "variant_id": variant,
        "name": "'Product'",
        "quantity": "1",
        "unit_price": "1000",
        "total": "1000",
        "shipped_count": "1",
    }
