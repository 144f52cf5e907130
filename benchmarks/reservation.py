"""Reserving through the public service against the same statement bare in pgbench, in the same rounds.

    python -m benchmarks reservation [--rounds 3] [--seconds 2] [--race 60]

Each round runs all ways one after the other: bare (the limit, see ``pgbench``), the service with its key, warehouse,
ledger, constraints and facts, and a reference as one writes it with the ORM. Then eight processes order three random
SKUs each until ``--race`` is over: nothing oversold, no deadlock, every invariant holds.
"""

import argparse
import random
import statistics
import uuid
from collections.abc import Callable
from functools import partial

from django.db import OperationalError, connection, transaction

from benchmarks import pgbench
from benchmarks.crew import Pace, pace, watched
from benchmarks.goods import stocked_variants
from benchmarks.report import Figure, publish
from core.verify import verify
from inventory.models import MovementKind, Reservation, StockItem, StockMovement
from inventory.services import Need, StockRequest, reserve_stock

SKUS = 10_000
PLENTY = 10_000_000
PROCESSES, MANY = 4, 32
Place = tuple[int, int]  # (variant id, stock item id)


def request(variants: list[int]) -> StockRequest:
    """Return an order of one piece of each."""
    key = uuid.uuid4().hex
    needs = [Need(key=f"{key}:{n}", variant_id=variant, quantity=1) for n, variant in enumerate(variants)]
    return StockRequest(reference=key, needs=needs, country="KR")


def service(goods: list[Place], orders: int, lines: int, _who: int, _turn: int) -> int:
    """Reserve a batch of orders and return how many lines it had."""
    batch = [request([variant for variant, _item in random.choices(goods, k=lines)]) for _ in range(orders)]
    return sum(len(answer.reservation_ids) for answer in reserve_stock(requests=batch))


@transaction.atomic
def reference(goods: list[Place], lines: int, _who: int, _turn: int) -> int:
    """Reserve one order as one writes it with the ORM: lock in order, check, save."""
    chosen = [item for _variant, item in random.choices(goods, k=lines)]
    items = {item.pk: item for item in StockItem.objects.select_for_update().filter(pk__in=chosen).order_by("pk")}
    key = uuid.uuid4().hex
    for n, pk in enumerate(chosen):
        item = items[pk]
        if item.available < 1:
            raise ValueError("sold out")
        item.reserved += 1
        item.save(update_fields=["reserved"])
        held = Reservation.objects.create(stock_item=item, key=f"{key}:{n}", reference=key, quantity=1)
        StockMovement.objects.create(
            stock_item=item,
            kind=MovementKind.RESERVED,
            reserved_change=1,
            on_hand_after=item.on_hand,
            reserved_after=item.reserved,
            held_after=item.held,
            reservation=held,
        )
    return lines


def three_skus(goods: list[Place], _who: int, _turn: int) -> int:
    """Order up to three pieces of each of three SKUs; return 1 for a deadlock."""
    needs = [
        Need(key=uuid.uuid4().hex, variant_id=variant, quantity=random.randint(1, 3))
        for variant, _item in random.sample(goods, 3)
    ]
    try:
        reserve_stock(requests=[StockRequest(reference="race", needs=needs)])
    except OperationalError:
        return 1
    return 0


def ways(goods: list[Place], hot: list[Place], seconds: float) -> dict[str, Callable[[], Pace]]:
    """Return what is measured in each round, by name; a pace counts lines."""

    def bare(places: list[Place], lines: int, clients: int = PROCESSES) -> Pace:
        ids = [item for _variant, item in places]
        script = pgbench.statement(low=min(ids), high=max(ids), lines=lines)
        found = watched(
            lambda: pgbench.run(script, clients=clients, seconds=seconds),
            idle=lambda: pgbench.run(pgbench.IDLE, clients=clients, seconds=0),
            seconds=max(1, round(seconds)),
        )
        return Pace(found.rate * lines, found.processor / lines)

    def many(work: Callable[[int, int], int], processes: int = PROCESSES) -> Pace:
        return pace(work, processes=processes, seconds=seconds)

    return {
        "one line, bare": lambda: bare(goods, 1),
        "one line": lambda: many(partial(service, goods, 1, 1)),
        "five lines, bare": lambda: bare(goods, 5),
        "five lines": lambda: many(partial(service, goods, 1, 5)),
        "five lines, ORM": lambda: many(partial(reference, goods, 5)),
        "100 orders, bare": lambda: bare(goods, 500),
        "100 orders": lambda: many(partial(service, goods, 100, 5)),
        "hot SKU, one by one": lambda: many(partial(service, hot, 1, 1)),
        "hot SKU, 100 orders": lambda: many(partial(service, hot, 100, 1)),
        "hot SKU, bare, one client": lambda: bare(hot, 1, 1),
        "hot SKU, one client": lambda: many(partial(service, hot, 1, 1), 1),
        "hot SKU, 32 clients, each by itself": lambda: many(partial(service, hot, 1, 1), MANY),
        "hot SKU, orders of 32 clients": lambda: many(partial(service, hot, MANY, 1), 1),  # wait, and go together
    }


GOALS = [  # what, against what, at most how many times the time of a line
    ("one line", "one line, bare", 1 / 0.55),
    ("five lines", "five lines, bare", 1 / 0.70),
    ("five lines", "five lines, ORM", 1 / 5),
    ("100 orders", "100 orders, bare", 1 / 0.80),
    ("hot SKU, 100 orders", "hot SKU, one by one", 1 / 8),
    ("hot SKU, orders of 32 clients", "hot SKU, one client", 1.0),
]


def compared(paces: dict[str, list[Pace]]) -> list[Figure]:
    """Return how long a line takes, as a multiple: the median over the rounds, in which both ran side by side."""
    figures = []
    for name, against, limit in GOALS:
        pairs = list(zip(paces[name], paces[against], strict=True))
        slower = statistics.median(other.rate / own.rate for own, other in pairs)
        processor = statistics.median(own.processor / other.processor for own, other in pairs)
        note = f"{1 / slower:.2f} × its rate; processor {1 / processor:.2f} ×"
        figures.append(Figure(f"{name}: time of “{against}”", slower, "×", limit, note, processor))
    for name, found in paces.items():
        rate = statistics.median(one.rate for one in found)
        cost = statistics.median(one.processor for one in found)
        figures.append(Figure(f"{name}: lines a second", rate, "", note=f"{cost:.0f} µs of processor a line"))
    return figures


def places(count: int, on_hand: int) -> list[Place]:
    """Return new stocked variants with their stock items."""
    variants = stocked_variants(count, on_hand=on_hand)
    return list(StockItem.objects.filter(variant__in=variants).order_by("pk").values_list("variant_id", "pk"))


def raced(seconds: float) -> list[Figure]:
    """Let eight processes order few SKUs until long after they are sold out, and prove every row."""
    goods = places(60, 2000)
    deadlocks = pace(partial(three_skus, goods), processes=8, seconds=seconds).rate * seconds
    items = StockItem.objects.filter(pk__in=[item for _variant, item in goods])
    oversold = sum(max(0, item.reserved - 2000) for item in items)
    left = sum(item.available for item in items)
    broken = [finding.invariant.name for finding in verify() if not finding.holds]
    return [
        Figure("pieces oversold", oversold, "", 0, f"8 processes, {seconds:.0f} s, {left} of 120,000 pieces left"),
        Figure("deadlocks", round(deadlocks), "", 0),
        Figure("invariants broken (manage.py verify)", len(broken), "", 0, ", ".join(broken)),
    ]


def main() -> int:
    """Measure and publish."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks reservation")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--race", type=float, default=60)
    options = parser.parse_args()
    goods, hot = places(SKUS, PLENTY), places(1, PLENTY)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE inventory_stockitem, inventory_reservation, inventory_stockmovement")
    paces: dict[str, list[Pace]] = {}
    for number in range(options.rounds):
        measured = list(ways(goods, hot, options.seconds).items())
        for name, measure in measured if number % 2 else reversed(measured):
            paces.setdefault(name, []).append(measure())
    figures = [*compared(dict(sorted(paces.items()))), *raced(options.race)]
    return publish(
        "reservation",
        figures,
        f"{PROCESSES} processes, {SKUS:,} SKUs, median of {options.rounds} rounds of {options.seconds:g} s each way",
    )
