"""Orders that sort themselves: 10,000 new ones beside 50,000 open ones, 1,000 confirmed at once, the tabs' counts.

    python -m benchmarks triage [--orders 1000000] [--open 50000] [--new 10000] [--rounds 5]

``--orders`` are loaded as for order_list, for the counts; the open ones come on top, with lines, customers and a rule
of every kind. New orders are sorted in batches as intake sorts them, and once more, when nothing changes.
"""

import argparse
import statistics
import time
import uuid
from collections.abc import Callable, Sequence
from datetime import timedelta

from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse

from benchmarks.bulk import Counter
from benchmarks.goods import orders_to_confirm, stocked_variants
from benchmarks.order_list import prepare
from benchmarks.people import manager
from benchmarks.report import Figure, publish
from benchmarks.server import owner
from catalog.models import Category, SalesChannel, Variant
from core.ui.tabs import capped_counts
from inventory.selectors import shop_day
from orders.models import HoldRule, Order, OrderStatus
from orders.services import RuleDraft, save_hold_rule, triage_orders

TRIAGE_SECONDS, CONFIRM_SECONDS, COUNT_MS = 30, 10, 200
LINES = 3
BATCH = 1000
MOST = 10_000  # orders made in one statement


def write_rules(variants: Sequence[Variant]) -> int:
    """Write a rule of every kind, most of which mean few orders; return how many rules run."""
    HoldRule.objects.update(is_active=False)
    run = uuid.uuid4().hex[:6]
    category = Category.objects.create(name=f"Bench {run}")
    channel = SalesChannel.objects.order_by("pk").values_list("pk", flat=True)[0]
    amount = {"currency": "KRW", "amount": 5_000_000}
    for code, value in {
        "channel": [channel],
        "product": [variants[0].sku],
        "category": [category.pk],
        "tag": [f"tag-{run}"],
        "quantity": 50,
        "amount": amount,
        "note": True,
        "address": ["no_door", "odd_postcode", "short", "no_house"],
        "returner": {"count": 2, "days": 180},
        "kana": True,
        "customs": True,
        "first_order": amount,
    }.items():
        save_hold_rule(draft=RuleDraft(name=f"{code} {run}", conditions={code: value}))
    return HoldRule.objects.filter(is_active=True).count()


def make(count: int, variants: Sequence[Variant]) -> list[int]:
    """Make orders to confirm, some with a note, some with a wished day."""
    ids: list[int] = []
    while len(ids) < count:
        ids += orders_to_confirm(min(MOST, count - len(ids)), variants=variants, lines=LINES)
    Order.objects.filter(pk__in=ids[::20]).update(customer_note="Please ring twice")
    Order.objects.filter(pk__in=ids[7::50]).update(delivery_on=shop_day() + timedelta(days=9))
    return ids


def sort_in_batches(ids: Sequence[int]) -> tuple[float, int]:
    """Return the seconds, and the most statements of one batch."""
    most = 0
    began = time.perf_counter()
    for start in range(0, len(ids), BATCH):
        counter = Counter()
        with connection.execute_wrapper(counter):
            triage_orders(order_ids=ids[start : start + BATCH])
        most = max(most, counter.count)
    return time.perf_counter() - began, most


def triage_figures(variants: Sequence[Variant], opened: int, new: int) -> list[Figure]:
    """Measure sorting new orders, and sorting them again."""
    rules = write_rules(variants)
    make(opened, variants)
    ids = make(new, variants)
    few = sort_in_batches(ids[:50])[1]
    seconds, statements = sort_in_batches(ids)
    again = sort_in_batches(ids)[0]
    held = Order.objects.filter(pk__in=ids, is_held=True).count()
    assert held >= new // 20, held
    note = f"{held} held"
    return [
        Figure(f"{new:,} new orders sorted by {rules} rules", seconds, "s", TRIAGE_SECONDS, note),
        Figure("  the same once more, nothing changes", again, "s", TRIAGE_SECONDS),
        Figure(f"  statements of {BATCH} orders", statements, "", max(few, statements), f"{few} with 50"),
    ]


def confirm_figures(client: Client, variants: Sequence[Variant], count: int, rounds: int) -> list[Figure]:
    """Measure the button that confirms and allocates."""
    taken = []
    url = reverse("admin:orders_order_bulk", args=["confirm_selected"])
    for _ in range(rounds):
        ids = orders_to_confirm(count, variants=variants, lines=LINES)
        began = time.perf_counter()
        response = client.post(url, {"_key": uuid.uuid4().hex, "_selected": ",".join(map(str, ids))})
        taken.append(time.perf_counter() - began)
        assert response.status_code == 302, response.status_code
        assert Order.objects.filter(pk__in=ids, status=OrderStatus.TO_SHIP).count() == count
    return [
        Figure(
            f"{count:,} orders confirmed and allocated by the button", statistics.median(taken), "s", CONFIRM_SECONDS
        )
    ]


def count_figures(orders: int, rounds: int) -> list[Figure]:
    """Measure the counts of all tabs, in the one statement in which the list asks for them."""
    with owner() as database, database.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE orders_order")
    model_admin = admin.site.get_model_admin(Order)
    request = HttpRequest()
    request.user = AnonymousUser()
    rows = Order.objects.all()

    def ask() -> list[int]:
        return capped_counts([tab.apply(rows, request) for tab in model_admin.get_tabs(request) if tab.count])

    milliseconds = _median(ask, rounds)
    counts = ", ".join(f"{count:,}" for count in ask())
    return [Figure(f"counts of all tabs at {orders:,} orders", milliseconds, "ms", COUNT_MS, counts)]


def _median(run: Callable[[], object], rounds: int) -> float:
    taken = []
    for _ in range(rounds + 2):
        began = time.perf_counter()
        run()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken[2:])


def main() -> int:
    """Measure and publish."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks triage")
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--open", type=int, default=50_000)
    parser.add_argument("--new", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    prepare(options.orders, again=True)
    _user, client = manager()
    variants = stocked_variants(300, on_hand=1_000_000)
    figures = triage_figures(variants, options.open, options.new)
    figures += confirm_figures(client, variants, min(1000, options.new), options.rounds)
    figures += count_figures(Order.objects.count(), options.rounds)
    about = f"{options.orders:,} orders, {options.open:,} of them open besides, {options.new:,} new"
    return publish("triage", figures, about)
