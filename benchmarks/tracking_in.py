"""Tracking numbers of a carrier's file come in and ship their orders; and what each mall waits for, at many orders.

    python -m benchmarks tracking_in [--rows 10000] [--orders 1000000] [--rounds 5]

``--rows`` orders of one line are ready to leave; the file has a row for each, and comes in a second time, when nothing
changes. Then ``--orders`` are loaded as for order_list, and the page “Due today” counts them by channel.
"""

import argparse
import io
import statistics
import time
from datetime import timedelta

from django.core.files.base import ContentFile
from django.db import connection
from django.utils import timezone

from benchmarks.bulk import Counter
from benchmarks.goods import orders_to_confirm, stocked_variants
from benchmarks.order_list import prepare
from benchmarks.report import Figure, publish
from benchmarks.server import owner
from channels.services.formats import sync_formats
from core.imports.running import run_import
from core.imports.services import start_import, upload_file
from orders.models import Order, OrderStatus, Shipment
from orders.services import confirm_orders
from shipping.selectors.handing import promises_of_channels
from shipping.services import sync_carriers

ROWS_SECONDS, DUE_MS = 120, 200
BATCH = 1000
FIRST = 40_000_000_000


def number_of(place: int) -> str:
    """Return the next number of a carrier whose last digit is what is left of the others by seven."""
    body = FIRST + place
    return f"{body}{body % 7}"


def file_of(ids: list[int]) -> bytes:
    """Return a file with a number for each order."""
    out = io.StringIO()
    out.write("order_number,carrier,tracking_number\n")
    numbers = Order.objects.filter(pk__in=ids).order_by("pk").values_list("number", flat=True)
    for place, number in enumerate(numbers):
        out.write(f"{number},yamato,{number_of(place)}\n")
    return out.getvalue().encode()


def bring_in(content: bytes, name: str) -> tuple[float, dict[str, int]]:
    """Return the seconds of the import, and how many rows became what."""
    batch = upload_file(target="shipping.tracking", file=ContentFile(content, name=name), options={}, actor=None)
    start_import(batch_id=batch.pk, actor=None)
    began = time.perf_counter()
    done = run_import(batch_id=batch.pk)
    return time.perf_counter() - began, dict(done.counts)


def tracking_figures(count: int) -> list[Figure]:
    """Measure a file that ships every order, and the same file once more."""
    sync_carriers()
    sync_formats()
    ids = orders_to_confirm(count, variants=stocked_variants(300, on_hand=1_000_000), lines=1)
    for start in range(0, count, BATCH):
        confirm_orders(order_ids=ids[start : start + BATCH])
    content = file_of(ids)
    seconds, counts = bring_in(content, "first.csv")
    assert counts == {"created": count}, counts
    assert Order.objects.filter(pk__in=ids, status=OrderStatus.SHIPPED).count() == count
    again, told = bring_in(content, "again.csv")
    assert Shipment.objects.filter(order__in=ids).count() == count
    return [
        Figure(f"{count:,} tracking numbers in, each ships its order", seconds, "s", ROWS_SECONDS * count / 10_000),
        Figure("  the same file once more", again, "s", ROWS_SECONDS * count / 10_000, str(told)),
    ]


def due_figures(orders: int, rounds: int) -> list[Figure]:
    """Measure the counts of the page “Due today”."""
    prepare(orders, again=True)
    soon = timezone.now() + timedelta(hours=9)
    some = Order.objects.open().order_by("-pk").values("pk")[: max(orders // 200, 1)]
    Order.objects.filter(pk__in=some).update(ship_by=soon)
    with owner() as database, database.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE orders_order")
    taken = []
    counter = Counter()
    for _ in range(rounds + 2):
        began = time.perf_counter()
        promises = promises_of_channels()
        taken.append((time.perf_counter() - began) * 1000)
    with connection.execute_wrapper(counter):
        promises_of_channels()
    note = f"{len(promises)} channels, {sum(one.late + one.today + one.tomorrow for one in promises):,} due"
    return [
        Figure(f"promises of all channels at {orders:,} orders", statistics.median(taken[2:]), "ms", DUE_MS, note),
        Figure("  statements", counter.count, "", 4),
    ]


def main() -> int:
    """Measure and publish."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks tracking_in")
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    figures = tracking_figures(options.rows)
    figures += due_figures(options.orders, options.rounds)
    return publish("tracking_in", figures, f"{options.rows:,} rows, {options.orders:,} orders")
