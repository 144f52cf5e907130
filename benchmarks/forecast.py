"""Forecasts of a whole shop from its rows to its rows, and how good they are on sales of a real one.

    python -m benchmarks forecast [--variants 10000] [--retail FILE]

Speed: variants on two channels over three years, every day a row that sold something; demand is read, methods are
tried at six points of the past, forecasts and classes are written. Quality: the sales of UCI Online Retail (CC BY 4.0,
Daqing Chen 2015) as CSV, plain or .xz: methods are chosen on all but the last four weeks of three spans and then
measured on these; left out with a sentence when the file is not given.
"""

import argparse
import csv
import io
import lzma
import time
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.goods import stocked_variants
from benchmarks.report import Figure, publish
from catalog.models import SalesChannel, Variant
from core.copying import copy_rows
from purchasing.models import DemandDay, Forecast
from purchasing.services.demand.running import forecast_all
from purchasing.services.forecasting import forecast, scale
from purchasing.services.forecasting.methods import naive

DAYS = 156 * 7
LIMIT = 300.0  # seconds, proposals included
HELD_OUT = 4  # weeks
SPANS = (0, 4, 8)  # weeks before the last one on which a span ends
TODAY = date(2026, 6, 1)


def main() -> int:
    """Measure and print; 1 when a figure is beyond its limit."""
    parser = argparse.ArgumentParser(prog="benchmarks forecast")
    parser.add_argument("--variants", type=int, default=10_000)
    parser.add_argument("--retail", type=Path, help="the CSV of UCI Online Retail, plain or .xz")
    options = parser.parse_args()
    figures = [_speed(options.variants)]
    if options.retail and options.retail.exists():
        figures += _quality(options.retail)
    else:
        print("The back-test is left out: give the CSV of UCI Online Retail by --retail.")
    return publish("forecast", figures, f"{options.variants:,} variants on two channels over three years of days")


def _speed(count: int) -> Figure:
    rows = _fill(stocked_variants(count, on_hand=100))
    begun = time.perf_counter()
    outcome = forecast_all(today=TODAY)
    spent = time.perf_counter() - begun
    made = Forecast.objects.exclude(method="none").count()
    print(f"{rows:,} days with sales; {outcome['variants']:,} variants, {made:,} forecasts")
    return Figure("forecasts of all variants, read to written", spent, "s", limit=LIMIT)


def _fill(variants: list[Variant]) -> int:
    channels = [
        SalesChannel.objects.create(code=f"bench-{n}", name=f"Bench {n}", kind="own", currency="KRW", country=country)
        for n, country in enumerate(("KR", "JP"))
    ]
    rng = np.random.default_rng(7)
    days = [TODAY - timedelta(days=count) for count in range(DAYS, 0, -1)]
    rows = 0
    for variant in variants:
        level = rng.gamma(0.5, 4)
        for channel, share in zip(channels, (0.75, 0.25), strict=True):
            sold = rng.poisson(level * share, DAYS)
            places = np.flatnonzero(sold)
            rows += len(places)
            copy_rows(
                DemandDay,
                ("variant_id", "sales_channel_id", "day", "pieces"),
                ((variant.pk, channel.pk, days[place], int(sold[place])) for place in places),
            )
    return rows


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
