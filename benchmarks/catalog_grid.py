"""The bulk edit grid over 100,000 variants: pages as people open them, and saving a thousand cells of every kind.

    python -m benchmarks catalog_grid [--variants 100000] [--rounds 9]

Server time is that of whole requests through every middleware, as an EC manager, warm; the median counts. Saves are
whole requests, too: parsing, locking, comparing, writing, history, search texts; each time other values.
"""

import argparse
import json
import statistics
import time
import uuid
from collections.abc import Callable
from dataclasses import replace

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks.catalog_search import goods
from benchmarks.order_list import database_seconds, page_cost
from benchmarks.order_list import statements as statements_of
from benchmarks.people import manager
from benchmarks.report import Figure, publish
from benchmarks.server import owner
from catalog.models import Category, GridLayout, Product, SalesChannel, Variant
from catalog.services import NewProduct, create_products
from inventory.models import Warehouse
from inventory.services import set_alert_levels
from staff.models import User

PAGE = "/admin/catalog/grid/"
MS, QUERIES = 150, 12
SECONDS = 3
AT_ONCE = 500  # products of one statement: a batch with its prices stays far below the time a statement may take
CELLS = 1_000
CHANNELS = (("bench-kr", "KRW", "KR"), ("bench-jp", "JPY", "JP"), ("bench-us", "USD", "US"))


def prepare(count: int) -> None:
    """Make channels, warehouses, categories and goods with prices, once."""
    there = Variant.objects.count()
    if there == count:
        return
    if there:
        raise SystemExit(f"{there:,} variants are there already: delete var/bench/catalog_grid first.")
    print(f"making {count:,} variants (a minute or two) ...", flush=True)
    channels = [
        SalesChannel.objects.create(code=code, name=code, kind="own", currency=currency, country=country)
        for code, currency, country in CHANNELS
    ]
    warehouses = [Warehouse.objects.create(code=f"bench-{n}", name=f"Bench {n}", country="KR") for n in range(2)]
    shelves = [Category.objects.create(name=f"Shelf {n}") for n in range(20)]
    prices = {channel.pk: 10_000 + place for place, channel in enumerate(channels)}
    some: list[NewProduct] = []
    for product in goods(count):
        priced = [replace(variant, prices=prices) for variant in product.variants]
        some.append(replace(product, variants=priced, category_id=shelves[len(some) % 20].pk))
        if len(some) == AT_ONCE:
            create_products(products=some, is_active=True)
            some = []
    create_products(products=some, is_active=True)
    ids = list(Variant.objects.values_list("pk", flat=True))
    for start in range(0, len(ids), AT_ONCE):
        part = ids[start : start + AT_ONCE]
        set_alert_levels(levels={(pk, warehouse.pk): 3 for pk in part for warehouse in warehouses})
    with owner() as database, database.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def arrange(user: User, *columns: str) -> None:
    """Let the person work with these columns; without any, with the default ones."""
    GridLayout.objects.filter(user=user).delete()
    if columns:
        GridLayout.objects.create(user=user, columns=list(columns))


def all_columns() -> list[str]:
    """Return a column of every kind, for each channel, warehouse and language."""
    prices = [f"{kind}:{pk}" for pk in SalesChannel.objects.values_list("pk", flat=True) for kind in ("amount", "cost")]
    stock = [
        f"{kind}:{pk}" for pk in Warehouse.objects.values_list("pk", flat=True) for kind in ("low_at", "available")
    ]
    texts = [f"{kind}:{language}" for language in ("en", "ko", "ja") for kind in ("title", "description")]
    own = ["name", "status", "brand", "category", "tags", "options", "barcode", "is_active", "weight_g"]
    return [*own, *texts, *prices, *stock]


def pages(count: int) -> dict[str, str]:
    """Return the addresses by what they show."""
    shelf = Category.objects.order_by("pk").values_list("pk", flat=True)[0]
    last = count // 100
    ids = ",".join(map(str, Product.objects.order_by("pk").values_list("pk", flat=True)[:50]))
    return {
        "products on sale (the first tab)": PAGE,
        "all products": f"{PAGE}?tab=all",
        "all products, page 10": f"{PAGE}?tab=all&p=10",
        "all products, middle page": f"{PAGE}?tab=all&p={last // 2}",
        "all products, last page": f"{PAGE}?tab=all&p={last}",
        "by SKU": f"{PAGE}?tab=all&sort=sku",
        "on sale, by SKU downwards": f"{PAGE}?sort=-sku",
        "a category": f"{PAGE}?tab=all&category__id__exact={shelf}",
        "search: hoodie": f"{PAGE}?q=hoodie",
        "search: 원피스": f"{PAGE}?q=원피스",
        "search: an SKU, in variants": f"{PAGE}?list=variant&q=BS-000100-1",
        "search: nothing found": f"{PAGE}?q=refrigerator",
        "50 ticked products": f"{PAGE}?ids={ids}",
        "all variants": f"{PAGE}?list=variant",
    }


def page_figures(client: Client, user: User, count: int, rounds: int) -> list[Figure]:
    """Return server time of each page with default columns, and of the first with a column of every kind."""
    figures, most = [], 0
    arrange(user)
    for name, url in pages(count).items():
        figure, number = _page(client, name, url, rounds)
        figures.append(figure)
        most = max(most, number)
    arrange(user, *all_columns())
    for name, url in (("every kind of column", f"{PAGE}?tab=all"), ("every kind, searched", f"{PAGE}?q=hoodie")):
        figure, number = _page(client, name, url, rounds)
        figures.append(figure)
        most = max(most, number)
    return [*figures, Figure("most statements of a page", most, "", QUERIES)]


def _page(client: Client, name: str, url: str, rounds: int) -> tuple[Figure, int]:
    cost, attempts = page_cost(client, url, rounds)
    number = statements_of(client, url)
    processor = cost.python + cost.database
    note = f"{processor:.0f} ({cost.python:.0f} + {cost.database:.0f}), {number} statements"
    return Figure(name, cost.clock, "ms", MS, note if attempts == 1 else f"{note}, try {attempts}", processor), number


Cell = list[int | str]


def save_figures(client: Client, rounds: int) -> list[Figure]:
    """Return the time of saving a thousand cells of one kind each, and of all kinds mixed."""
    channel, warehouse = SalesChannel.objects.order_by("pk")[0].pk, Warehouse.objects.order_by("pk")[0].pk
    names: dict[str, Callable[[int], str]] = {
        "name": lambda n: f"Name {n}",
        "tags": lambda n: f"tag {n}, season",
        "title:ko": lambda n: f"제목 {n}",
        "weight_g": lambda n: str(100 + n % 900),
        f"amount:{channel}": lambda n: str(20_000 + n % 9_000),
        f"low_at:{warehouse}": lambda n: str(10 + n % 90),
    }
    known: dict[tuple[str, int], str] = {}
    # one variant of each product, so that a product's cells are as many as a variant's
    rows = list(
        Variant.objects.order_by("product_id", "pk").distinct("product_id").values_list("pk", flat=True)[:CELLS]
    )
    figures: list[Figure] = []
    for name, columns in {**{key: [key] for key in names}, "all kinds mixed": list(names)}.items():
        times, processors, statements = [], [], 0
        for turn in range(rounds + 1):
            cells = _cells(rows, columns, names, known, turn + 1 + 100 * len(figures))
            body = {"key": str(uuid.uuid4()), "cells": cells}
            database, processor, began = database_seconds(), time.process_time(), time.perf_counter()
            with CaptureQueriesContext(connection) as queries:
                answer = client.post(f"{PAGE}save/", json.dumps(body), content_type="application/json")
            times.append(time.perf_counter() - began)
            processors.append(time.process_time() - processor + database_seconds() - database)
            statements = len(queries)
            _keep(cells, answer.json()["cells"], known)
        figures.append(
            Figure(
                f"saving {CELLS:,} cells: {name.split(':')[0]}",
                statistics.median(times[1:]),
                "s",
                SECONDS,
                f"{statistics.median(processors[1:]):.2f}, {statements} statements",
                statistics.median(processors[1:]),
            )
        )
    return figures


def _cells(
    rows: list[int],
    columns: list[str],
    names: dict[str, Callable[[int], str]],
    known: dict[tuple[str, int], str],
    turn: int,
) -> list[Cell]:
    each = CELLS // len(columns)
    return [
        [pk, column, known.get((column, pk), ""), names[column](pk + turn * 7)]
        for column in columns
        for pk in rows[:each]
    ]


def _keep(cells: list[Cell], told: list[dict[str, str]], known: dict[tuple[str, int], str]) -> None:
    """Remember what the cells hold; the first save of a cell is a conflict that tells it."""
    for (pk, column, _base, text), outcome in zip(cells, told, strict=True):
        assert outcome["state"] in {"saved", "conflict"}, outcome
        known[str(column), int(pk)] = outcome.get("value", str(text))


def main() -> int:
    """Measure and publish."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks catalog_grid")
    parser.add_argument("--variants", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    prepare(options.variants)
    user, client = manager()
    figures = page_figures(client, user, options.variants, options.rounds)
    figures += save_figures(client, min(options.rounds, 5))
    about = f"{options.variants:,} variants, medians of {options.rounds}, warm"
    return publish("catalog_grid", figures, about, "processor ms (Python + PostgreSQL), statements")
