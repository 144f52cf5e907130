"""500 orders confirmed and shipped at once: through the services, and by the buttons of the order list.

    python -m benchmarks bulk [--orders 500] [--rounds 3]

Orders of three lines over 300 SKUs. Statements are counted with 50 orders as well: their number must not grow.
"""

import argparse
import statistics
import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection
from django.test import Client
from django.urls import reverse

from benchmarks.goods import orders_to_confirm, stocked_variants
from benchmarks.people import manager
from benchmarks.report import Figure, publish
from catalog.models import Variant
from core.verify import verify
from orders.models import Order, OrderStatus
from orders.services import confirm_orders, ship_orders
from staff.models import User

SECONDS = 5
LINES = 3
Act = Callable[[list[int]], None]


class Counter:
    """Counts statements."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        self.count += 1
        return execute(*arguments)


def by_service(user: User) -> tuple[Act, Act]:
    """Return how the services confirm and ship."""

    def confirm(ids: list[int]) -> None:
        confirm_orders(order_ids=ids, actor=user)

    def ship(ids: list[int]) -> None:
        ship_orders(order_ids=ids, carrier="CJ", actor=user)

    return confirm, ship


def by_button(client: Client) -> tuple[Act, Act]:
    """Return how the buttons of the list confirm and ship: the second POST of the dialog."""

    def press(name: str, ids: list[int], **answers: str) -> None:
        url = reverse("admin:orders_order_bulk", args=[name])
        response = client.post(url, {"_key": uuid.uuid4().hex, "_selected": ids, **answers})
        assert response.status_code == 302, response.status_code

    return (
        lambda ids: press("confirm_selected", ids),
        lambda ids: press("ship_selected", ids, carrier="CJ"),
    )


def timed(act: Act, ids: list[int], expected: str) -> tuple[float, int]:
    """Return seconds and statements of an act that brings all orders to ``expected``."""
    counter = Counter()
    with connection.execute_wrapper(counter):
        began = time.perf_counter()
        act(ids)
        seconds = time.perf_counter() - began
    assert Order.objects.filter(pk__in=ids, status=expected).count() == len(ids), f"not all are {expected}"
    return seconds, counter.count


def figures_of(name: str, acts: tuple[Act, Act], variants: Sequence[Variant], count: int, rounds: int) -> list[Figure]:
    """Measure confirming and shipping."""
    confirm, ship = acts
    few = orders_to_confirm(50, variants=variants, lines=LINES)
    counts_of_few = [timed(confirm, few, OrderStatus.TO_SHIP)[1], timed(ship, few, OrderStatus.SHIPPED)[1]]
    runs: list[list[tuple[float, int]]] = [[], []]
    for _ in range(rounds):
        ids = orders_to_confirm(count, variants=variants, lines=LINES)
        runs[0].append(timed(confirm, ids, OrderStatus.TO_SHIP))
        runs[1].append(timed(ship, ids, OrderStatus.SHIPPED))
    figures = []
    for verb, taken, of_few in zip(("confirm", "ship"), runs, counts_of_few, strict=True):
        seconds = statistics.median(one for one, _count in taken)
        statements = taken[-1][1]
        figures.append(Figure(f"{verb} {count} orders {name}", seconds, "s", SECONDS))
        note = f"{of_few} with 50 orders"
        figures.append(Figure(f"{verb} {count} orders {name}: statements", statements, "", of_few, note))
    return figures


def main() -> int:
    """Measure and publish."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks bulk")
    parser.add_argument("--orders", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    user, client = manager()
    variants = stocked_variants(300, on_hand=100_000)
    figures = figures_of("by the services", by_service(user), variants, options.orders, options.rounds)
    figures += figures_of("by the buttons", by_button(client), variants, options.orders, options.rounds)
    broken = [finding.invariant.name for finding in verify() if not finding.holds]
    figures.append(Figure("invariants broken (manage.py verify)", len(broken), "", 0, ", ".join(broken)))
    return publish("bulk", figures, f"{options.orders} orders of {LINES} lines, median of {options.rounds} runs")
