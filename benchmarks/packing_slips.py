"""Packing slips as one PDF, and the wave they belong to: put together, listed, scanned.

    python -m benchmarks packing_slips [--orders 500] [--open 5000] [--scans 20]

Orders of three lines with Korean names; ``--open`` others are ready to pick beside them. Scans are those of whole
orders through the service: the order, then each piece; the last one ships.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.goods import orders_to_confirm, stocked_variants
from benchmarks.report import Figure, publish
from inventory.models import Warehouse
from orders.models import Order
from orders.services import confirm_orders
from shipping.models import PackingCheck, Wave
from shipping.selectors.packing import parcel_of
from shipping.selectors.waving import WaveCriteria, open_orders, preview_wave
from shipping.services import make_wave, print_slips, scan
from shipping.services.papers import packing_slips, pick_list

SLIPS_SECONDS, WAVE_SECONDS, SCAN_MS = 30, 10, 150
LINES = 3
BATCH = 1000


def _timed(run: Callable[[], object]) -> tuple[float, float, object]:
    """Return seconds by the clock and of processor, and what came out."""
    clock, processor = time.perf_counter(), time.process_time()
    found = run()
    return time.perf_counter() - clock, time.process_time() - processor, found


def _scan_whole(order: Order) -> list[float]:
    """Scan an order and its pieces; return the milliseconds of each scan."""
    taken = []
    clock = time.perf_counter()
    packing = scan(code=order.number).packing
    taken.append((time.perf_counter() - clock) * 1000)
    assert packing is not None
    codes = [need.variant_id for need in parcel_of(packing=packing).needs]
    skus = dict(order.lines.values_list("variant_id", "variant__sku"))
    for variant_id in codes:
        clock = time.perf_counter()
        check = scan(code=skus[variant_id], packing_id=packing.pk)
        taken.append((time.perf_counter() - clock) * 1000)
    assert check.outcome == "complete", check.note
    return taken


def main() -> int:
    """Measure and publish."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks packing_slips")
    parser.add_argument("--orders", type=int, default=500)
    parser.add_argument("--open", type=int, default=5000)
    parser.add_argument("--scans", type=int, default=20)
    parser.add_argument("--keep", type=Path, help="write the PDF here")
    options = parser.parse_args()
    variants = stocked_variants(300, on_hand=1_000_000)
    ids = orders_to_confirm(options.orders + options.open, variants=variants, lines=LINES)
    for start in range(0, len(ids), BATCH):
        confirm_orders(order_ids=ids[start : start + BATCH])
    criteria = WaveCriteria(warehouse_id=Warehouse.objects.get(code="bench").pk, most=options.orders)
    shown, shown_cpu, _preview = _timed(lambda: preview_wave(criteria))
    made, made_cpu, wave = _timed(lambda: make_wave(criteria=criteria))
    assert isinstance(wave, Wave)
    inside = list(open_orders(wave.pk))
    order_ids = [one.order_id for one in inside]
    print_slips(order_ids=order_ids)
    slips, slips_cpu, pdf = _timed(lambda: packing_slips(order_ids=order_ids, with_prices=True, language="ko"))
    assert isinstance(pdf, bytes)
    if options.keep:
        options.keep.write_bytes(pdf)
    walk, walk_cpu, _paper = _timed(lambda: pick_list(wave_id=wave.pk, language="ko"))
    scans = [taken for one in inside[: options.scans] for taken in _scan_whole(one.order)]
    assert PackingCheck.objects.count() >= len(scans)
    count = len(order_ids)
    note = f"{len(pdf) / 2**20:.1f} MB"
    figures = [
        Figure(f"{count} packing slips as one PDF", slips, "s", SLIPS_SECONDS, note, processor=slips_cpu),
        Figure(f"  pick list of {count} orders", walk, "s", WAVE_SECONDS, processor=walk_cpu),
        Figure(f"preview of a wave among {len(ids):,} ready orders", shown, "s", WAVE_SECONDS, processor=shown_cpu),
        Figure(f"a wave of {count} orders made", made, "s", WAVE_SECONDS, processor=made_cpu),
        Figure("one scan, median", statistics.median(scans), "ms", SCAN_MS, f"slowest {max(scans):.0f} ms"),
    ]
    return publish("packing_slips", figures, f"{count} orders of {LINES} lines, {options.open:,} ready besides")
