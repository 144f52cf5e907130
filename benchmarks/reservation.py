"""Eight processes want one SKU of 1,000 pieces: nothing oversold, and how fast it goes.

    python -m benchmarks reservation [--rounds 3]

Three ways, alternately, each on a fresh SKU with 1,256 wishes: a bare statement (the limit: psycopg, prepared;
counters, reservation and movement in one), the service for one order after the other, the service for ten at once.
"""

import argparse
import multiprocessing
import statistics
import time
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from django.db.models import Sum

from backoffice.runner.preparation import disconnect
from benchmarks.goods import stocked_variants
from benchmarks.report import Figure, publish
from core.verify import verify
from inventory.models import Reservation, StockItem, StockMovement
from inventory.services import Need, StockRequest, reserve_stock

PROCESSES = 8
PIECES = 1000
WISHES = 157  # of each process: 1,256 in all
BATCH = 10
BARE = """
WITH item AS (
    UPDATE inventory_stockitem SET reserved = reserved + 1 WHERE id = %(item)s AND on_hand - reserved >= 1
    RETURNING id, on_hand, reserved
), reservation AS (
    INSERT INTO inventory_reservation (stock_item_id, key, reference, quantity, shipped, released)
    SELECT id, %(key)s, %(key)s, 1, 0, 0 FROM item RETURNING id
)
INSERT INTO inventory_stockmovement
    (stock_item_id, kind, on_hand_change, reserved_change, on_hand_after, reserved_after, reservation_id)
SELECT item.id, 'reserved', 0, 1, on_hand, reserved, reservation.id FROM item, reservation
"""

Buyer = Callable[[StockItem, int], int]


def bare(item: StockItem, buyer: int) -> int:
    """Buy piece by piece with the bare statement."""
    database = settings.DATABASES["default"]
    with psycopg.connect(
        host=database["HOST"], port=database["PORT"], user=database["USER"], dbname=database["NAME"], autocommit=True
    ) as bought:
        bought.prepare_threshold = 1
        keys = [f"bare:{item.pk}:{buyer}:{n}" for n in range(WISHES)]
        return sum(bought.execute(BARE, {"item": item.pk, "key": key}).rowcount for key in keys)


def through_service(item: StockItem, buyer: int, *, batch: int) -> int:
    """Buy piece by piece with the service, ``batch`` orders in one call."""
    keys = [f"{batch}:{item.pk}:{buyer}:{n}" for n in range(WISHES)]
    requests = [
        StockRequest(reference=key, needs=[Need(key=key, variant_id=item.variant_id, quantity=1)]) for key in keys
    ]
    calls = [requests[start : start + batch] for start in range(0, WISHES, batch)]
    return sum(answer.is_served for call in calls for answer in reserve_stock(requests=call))


WAYS: dict[str, Buyer] = {
    "bare statement": bare,
    "service, one order a call": partial(through_service, batch=1),
    f"service, {BATCH} orders a call": partial(through_service, batch=BATCH),
}


def race(buy: Buyer, item: StockItem) -> tuple[int, float]:
    """Let eight processes buy at once; return pieces sold and seconds from the common start to the last one's end."""
    disconnect()  # a forked process must not share a socket with its parent
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(PROCESSES + 1)
    runs = []
    for buyer in range(PROCESSES):
        mine, theirs = context.Pipe(duplex=False)
        process = context.Process(target=_run, args=(buy, item, buyer, barrier, theirs), daemon=True)
        process.start()
        runs.append((process, mine))
    barrier.wait(60)
    began = time.perf_counter()
    sold = sum(pipe.recv() for _process, pipe in runs)
    seconds = time.perf_counter() - began
    for process, _pipe in runs:
        process.join(60)
    return sold, seconds


def _run(buy: Buyer, item: StockItem, buyer: int, barrier: Any, pipe: Connection) -> None:
    connection.ensure_connection()
    barrier.wait(60)
    pipe.send(buy(item, buyer))
    disconnect()


def off_balance(item: StockItem, sold: int) -> int:
    """Return by how many pieces counters, movements, reservations and answers differ from 1,000 reserved."""
    item.refresh_from_db()
    moved = StockMovement.objects.filter(stock_item=item).aggregate(sum=Sum("reserved_change"))["sum"]
    reserved = Reservation.objects.filter(stock_item=item).aggregate(sum=Sum("quantity"))["sum"]
    return sum(abs(number - PIECES) for number in (sold, item.reserved, moved, reserved, item.on_hand))


def main() -> int:
    """Measure and publish."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks reservation")
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    rates: dict[str, list[float]] = {name: [] for name in WAYS}
    oversold = wrong = 0
    for _ in range(rounds):
        for name, buy in WAYS.items():
            item = StockItem.objects.get(variant=stocked_variants(1, on_hand=PIECES)[0])
            sold, seconds = race(buy, item)
            oversold += max(0, sold - PIECES)
            wrong += off_balance(item, sold)
            rates[name].append(PROCESSES * WISHES / seconds)
    broken = [finding.invariant.name for finding in verify() if not finding.holds]
    limit = statistics.median(rates["bare statement"])
    figures = [
        Figure("pieces oversold", oversold, "", 0, f"{rounds * len(WAYS)} runs of {PROCESSES} processes"),
        Figure("pieces by which counters, movements and reservations differ", wrong, "", 0),
        Figure("invariants broken (manage.py verify)", len(broken), "", 0, ", ".join(broken)),
    ]
    for name, found in rates.items():
        middle = statistics.median(found)
        figures.append(Figure(f"{name}: wishes a second", middle, "", note=f"{middle / limit:.2f} of the bare one"))
    return publish(
        "reservation", figures, f"{PROCESSES} processes, one SKU of {PIECES} pieces, median of {rounds} runs"
    )
