"""Forecasts and reorder proposals of a whole shop from its rows to its rows, and how good they are on real sales.

    python -m benchmarks forecast [--variants 10000] [--retail FILE]

Speed: variants on two channels over three years, every day a row that sold something; demand is read, methods are
tried at six points of the past, forecasts and classes are written. Then what to reorder: two warehouses, fifty
suppliers with packs, minimums, price breaks and measured lead times, some pieces on their way; proposals are written,
and a second run refreshes them. Quality: the sales of UCI Online Retail (CC BY 4.0,
Daqing Chen 2015) as CSV, plain or .xz: methods are chosen on all but the last four weeks of three spans and then
measured on these; left out with a sentence when the file is not given.
"""

import argparse
import csv
import io
import lzma
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from benchmarks.goods import stocked_variants
from benchmarks.report import Figure, publish
from benchmarks.server import owner
from catalog.models import SalesChannel, Variant
from inventory.models import EntryKind, Warehouse
from inventory.services import EntryLine, post_entry
from purchasing.models import (
    Forecast,
    GoodsReceipt,
    GoodsReceiptLine,
    PriceBreak,
    PurchaseOrder,
    PurchaseOrderLine,
    PurchaseState,
    Supplier,
    SupplierItem,
)
from purchasing.services.demand.running import forecast_all
from purchasing.services.forecasting import forecast, scale
from purchasing.services.forecasting.methods import naive
from purchasing.services.replenishing.proposing import propose

DAYS = 156 * 7
LIMIT = 300.0  # seconds, proposals included
HELD_OUT = 4  # weeks
SPANS = (0, 4, 8)  # weeks before the last one on which a span ends
SUPPLIERS = 50
AT_ONCE = 200  # variants of one COPY: their keys are checked at its end
TODAY = date(2026, 6, 1)


def main() -> int:
    """Measure and print; 1 when a figure is beyond its limit."""
    parser = argparse.ArgumentParser(prog="benchmarks forecast")
    parser.add_argument("--variants", type=int, default=10_000)
    parser.add_argument("--retail", type=Path, help="the CSV of UCI Online Retail, plain or .xz")
    options = parser.parse_args()
    figures = _speed(options.variants)
    if options.retail and options.retail.exists():
        figures += _quality(options.retail)
    else:
        print("The back-test is left out: give the CSV of UCI Online Retail by --retail.")
    return publish("forecast", figures, f"{options.variants:,} variants on two channels over three years of days")


def _speed(count: int) -> list[Figure]:
    _clear()
    variants = stocked_variants(count, on_hand=12)
    rows = _fill(variants)
    _sell_to_us(variants)
    with owner() as database:
        database.execute("ANALYZE")
    timed: list[tuple[str, Callable[[], object]]] = [
        ("forecasts of all variants, read to written", lambda: forecast_all(today=TODAY)),
        ("proposals to reorder, all new", lambda: propose(today=TODAY)),
        ("the same proposals refreshed", lambda: propose(today=TODAY)),
    ]
    figures = []
    for name, run in timed:
        begun, own = time.perf_counter(), time.process_time()
        print(name, run())
        spent = time.perf_counter() - begun
        figures.append(Figure(name, spent, "s", note=f"{time.process_time() - own:.1f} s of it Python"))
    both = figures[0].value + figures[1].value
    made = Forecast.objects.exclude(method="none")
    lumps = made.filter(sales_channel=None).exclude(sizes={}).count()
    print(f"{rows:,} days with sales; {made.count():,} forecasts, {lumps:,} variants whose demand comes in lumps")
    return [*figures, Figure("forecasts and proposals together", both, "s", limit=LIMIT)]


def _clear() -> None:
    """Leave nothing of an earlier run that would be forecast or proposed."""
    with owner() as database:
        database.execute("TRUNCATE purchasing_demandday, purchasing_forecast, purchasing_reorderproposal")
        database.execute("UPDATE catalog_variant SET is_active = false")
        database.execute("UPDATE purchasing_supplier SET is_active = false")


def _fill(variants: Sequence[Variant]) -> int:
    channels = [
        SalesChannel.objects.get_or_create(
            code=f"bench-{n}", defaults={"name": f"Bench {n}", "kind": "own", "currency": "KRW", "country": country}
        )[0].pk
        for n, country in enumerate(("KR", "JP"))
    ]
    rng = np.random.default_rng(7)
    days = [str(TODAY - timedelta(days=count)) for count in range(DAYS, 0, -1)]
    statement = "COPY purchasing_demandday (variant_id, sales_channel_id, day, pieces) FROM STDIN"
    rows = 0
    with owner() as database, database.cursor() as cursor:
        for first in range(0, len(variants), AT_ONCE):
            with cursor.copy(statement) as copy:
                for variant in variants[first : first + AT_ONCE]:
                    level = rng.gamma(0.5, 4)
                    for channel, share in zip(channels, (0.75, 0.25), strict=True):
                        sold = rng.poisson(level * share, DAYS)
                        places = np.flatnonzero(sold).tolist()
                        rows += len(places)
                        copy.write("".join(f"{variant.pk}\t{channel}\t{days[at]}\t{sold[at]}\n" for at in places))
    return rows


def _sell_to_us(variants: Sequence[Variant]) -> None:
    """Make suppliers of these variants, a second warehouse for a third of them, deliveries of the last year."""
    run = uuid.uuid4().hex[:6]
    suppliers = Supplier.objects.bulk_create(
        Supplier(
            code=f"bench-{run}-{n}", name=f"Bench {n}", country="KR", currency="KRW", lead_days=5 + n % 20,
            minimum_amount=1_000_000,
        )
        for n in range(SUPPLIERS)
    )  # fmt: skip
    items = SupplierItem.objects.bulk_create(
        SupplierItem(
            variant=variant, supplier=suppliers[n % SUPPLIERS], is_preferred=True, pack_size=(1, 6, 12)[n % 3],
            minimum=(1, 24)[n % 2], shelf_life_days=200 if n % 10 == 0 else None,
        )
        for n, variant in enumerate(variants)
    )  # fmt: skip
    PriceBreak.objects.bulk_create(
        (
            PriceBreak(item=item, starts_on=day, from_quantity=least, price=price)
            for item in items
            for day in (TODAY - timedelta(days=400), TODAY - timedelta(days=30))
            for least, price in ((1, 5000), (100, 4500), (500, 3900))
        ),
        batch_size=5000,
    )
    second, _made = Warehouse.objects.get_or_create(code="bench-2", defaults={"name": "Bench 2", "country": "JP"})
    lines = [EntryLine(variant_id=variant.pk, warehouse_id=second.pk, quantity=4) for variant in variants[::3]]
    post_entry(kind=EntryKind.OPENING, lines=lines)
    main = Warehouse.objects.get(code="bench")
    for n, supplier in enumerate(suppliers):
        for months in range(4):
            sent = timezone.now() - timedelta(days=30 * months)
            order = PurchaseOrder.objects.create(
                number=f"B{run}{n}-{months}", supplier=supplier, warehouse=main, currency="KRW", approved_at=sent,
                sent_at=sent, state=PurchaseState.RECEIVED if months else PurchaseState.SENT,
                closed_at=sent if months else None, expected_on=TODAY + timedelta(days=5),
            )  # fmt: skip
            ordered = PurchaseOrderLine.objects.bulk_create(
                PurchaseOrderLine(
                    order=order, variant_id=item.variant_id, item=item, quantity=30, unit_price=5000,
                    received=30 if months else 0,
                )
                for item in items[n :: SUPPLIERS * 4]
            )  # fmt: skip
            if months:
                receipt = GoodsReceipt.objects.create(
                    number=f"G{run}{n}-{months}",
                    order=order,
                    warehouse=main,
                    received_at=sent + timedelta(days=6 + months),
                )
                GoodsReceiptLine.objects.bulk_create(
                    GoodsReceiptLine(receipt=receipt, order_line=line, accepted=30) for line in ordered
                )


def _quality(path: Path) -> list[Figure]:
    weeks = retail_weeks(path)
    won: list[NDArray[np.bool_]] = []
    summed: list[NDArray[np.bool_]] = []
    for span in SPANS:
        end = weeks.shape[1] - span
        past, future = weeks[:, : end - HELD_OUT], weeks[:, end - HELD_OUT : end]
        outlook, unit, plain = forecast(past, horizon=HELD_OUT, tested=HELD_OUT), scale(past), naive(past, HELD_OUT)
        judged = outlook.is_enough & np.isfinite(unit)
        own, other = (np.abs(said - future)[judged] / unit[judged, None] for said in (outlook.ahead, plain))
        own_sum, other_sum = (
            np.abs((said - future)[judged].sum(axis=1)) / unit[judged] / HELD_OUT for said in (outlook.ahead, plain)
        )
        won.append(_verdict(f"weeks, span {span}", own.mean(axis=1), other.mean(axis=1)))
        summed.append(_verdict(f"sums, span {span}", own_sum, other_sum))
        inside = ((future >= outlook.low) & (future <= outlook.high))[judged].mean()
        print(f"  in the band: {inside:.0%} of weeks")
    return [
        Figure("variants not better than seasonal naive, by week", 100 - _percent(won), "%", limit=50.0),
        Figure("the same by the sum of four weeks", 100 - _percent(summed), "%", limit=50.0),
    ]


def _verdict(what: str, own: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.bool_]:
    better, worse = own < other, own > other
    print(
        f"{what}: {len(own)} variants, better {better.mean():.1%}, alike {1 - (better | worse).mean():.1%}, "
        f"worse {worse.mean():.1%}; MASE {own.mean():.3f} against {other.mean():.3f}"
    )
    return np.asarray(better)


def _percent(parts: list[NDArray[np.bool_]]) -> float:
    return 100 * float(np.concatenate(parts).mean())


def retail_weeks(path: Path) -> NDArray[np.float64]:
    """Return pieces by stock code and week, the last day ends the last week; NaN before a code's first sale.

    Cancellations (invoice numbers with C, negative quantities) do not count: customers wanted the pieces.
    """
    sold: dict[tuple[str, date], int] = defaultdict(int)
    with lzma.open(path) if path.suffix == ".xz" else path.open("rb") as raw:
        for row in csv.DictReader(io.TextIOWrapper(raw, encoding="utf-8", errors="replace")):
            if int(row["Quantity"]) > 0 and not row["InvoiceNo"].startswith("C"):
                sold[row["StockCode"], date.fromisoformat(row["InvoiceDate"][:10])] += int(row["Quantity"])
    days = {day for _code, day in sold}
    count = ((max(days) - min(days)).days + 1) // 7
    codes = {code: place for place, code in enumerate(sorted({code for code, _day in sold}))}
    weeks = np.zeros((len(codes), count))
    for (code, day), pieces in sold.items():
        week = count - 1 - (max(days) - day).days // 7
        if week >= 0:
            weeks[codes[code], week] += pieces
    begun = np.maximum.accumulate(weeks > 0, axis=1)
    return np.asarray(np.where(begun, weeks, np.nan))
