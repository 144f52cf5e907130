"""Forecasts of some variants: from their days to rows of what is expected, of all channels and of each."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from purchasing.models import ForecastMethod
from purchasing.services.demand.calendar import DemandCalendar
from purchasing.services.demand.reading import Demand
from purchasing.services.forecasting import Outlook, day_sizes, forecast, is_lumpy, weeks_ahead, weeks_of

WEEKS_BACK = 156
WEEKS_AHEAD = 13
TRIED = (2, 4, 8)  # weeks over which methods are tried: the one next to what a purchase has to cover
SHARE_WEEKS = 13  # the weeks that tell how much of a variant each channel sells
SELDOM = (ForecastMethod.CROSTON, ForecastMethod.TSB)  # methods for demand in lumps

Series = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastRow:
    """One forecast as it is written: numbers as text with as many decimals as their columns have."""

    variant_id: int
    sales_channel_id: int | None
    method: str = ForecastMethod.NONE
    weekly: str = "{}"  # an array of PostgreSQL
    low: str = "{}"
    high: str = "{}"
    daily_mean: str = "0"
    daily_deviation: str = "0"
    error: str | None = None
    errors: str = "{}"  # JSON
    sizes: str = "{}"  # JSON
    history_days: int
    sold_days: int


@dataclass(frozen=True, slots=True)
class Prediction:
    """Forecast rows to write, and the ordinary weeks of all channels they were made from (by variant)."""

    rows: Sequence[ForecastRow]
    weeks: Mapping[int, Series]


def predict(*, demand: Demand, calendar: DemandCalendar, today: date, cover: Mapping[int, int]) -> Prediction:
    """Return the forecasts of the variants that ever sold; ``cover`` is how many days one purchase has to last.

    A channel has a row of its own only where enough is known of it and the variant sells on others too.
    """
    past = calendar.factors(variants=demand.variants, channels=demand.channels, days=demand.days)
    coming = [today + timedelta(days=count) for count in range(WEEKS_AHEAD * 7)]
    future = calendar.factors(variants=demand.variants, channels=demand.channels, days=coming)
    by_channel = np.stack(
        [
            weeks_of(demand.pieces[:, place], factors=past[:, place], is_known=demand.is_open)
            for place in range(len(demand.channels))
        ],
        axis=1,
    )
    sold = demand.pieces.reshape(*demand.pieces.shape[:2], -1, 7).sum(axis=3) > 0
    whole = _begun(by_channel.sum(axis=1), sold.any(axis=1))
    bent = np.stack([weeks_ahead(np.ones((len(whole), WEEKS_AHEAD)), factors=future[:, c]) for c in _range(demand)], 1)
    has_sold = sold.any(axis=(1, 2))
    weights = _shares(by_channel)
    together = (bent * weights[:, :, None]).sum(axis=1)
    facts = _Facts(demand, today, cover)
    found = facts.rows(whole, together, None, np.flatnonzero(has_sold))
    rows = list(_with_sizes(found, demand, past, is_lumpy(whole)))
    spread = sold.any(axis=2).sum(axis=1) > 1
    for place, channel in enumerate(demand.channels):
        own = _begun(by_channel[:, place], sold[:, place])
        found = facts.rows(own, bent[:, place], channel, np.flatnonzero(spread & sold[:, place].any(axis=1)))
        rows += [row for row in found if row.method != ForecastMethod.NONE]
    weeks = {demand.variants[int(row)]: whole[row] for row in np.flatnonzero(has_sold)}
    return Prediction(rows, weeks)


@dataclass(frozen=True, slots=True)
class _Facts:
    demand: Demand
    today: date
    cover: Mapping[int, int]

    def rows(self, weeks: Series, bent: Series, channel: int | None, places: NDArray[Any]) -> list[ForecastRow]:
        """Return the forecasts of the series at ``places``, tried over the horizon that fits each variant."""
        wanted = np.array([self._tried(self.demand.variants[place]) for place in places], dtype=int)
        found: list[ForecastRow] = []
        for tried in TRIED:
            mine = places[wanted == tried]
            if len(mine):
                outlook = forecast(weeks[mine], horizon=WEEKS_AHEAD, tested=tried)
                found += self._rows(outlook, weeks[mine], bent[mine], channel, mine)
        return found

    def _tried(self, variant: int) -> int:
        weeks = self.cover.get(variant, 28) / 7
        return min(TRIED, key=lambda tried: abs(tried - weeks))

    def _rows(
        self, outlook: Outlook, weeks: Series, bent: Series, channel: int | None, places: NDArray[Any]
    ) -> Iterator[ForecastRow]:
        pieces = self.demand.pieces[places]
        daily = pieces.sum(axis=1) if channel is None else pieces[:, self.demand.channels.index(channel)]
        known, sold = 7 * np.isfinite(weeks).sum(axis=1), (daily > 0).sum(axis=1)
        ahead = outlook.ahead * bent
        texts = zip(*map(_arrays, (ahead, outlook.low * bent, outlook.high * bent)), strict=True)
        errors, chosen = _errors(outlook)
        for at, (weekly, low, high) in enumerate(texts):
            variant = self.demand.variants[places[at]]
            bare = ForecastRow(
                variant_id=variant,
                sales_channel_id=channel,
                history_days=int(known[at]),
                sold_days=int(sold[at]),
            )
            if not outlook.is_enough[at]:
                yield bare
                continue
            span = max(1, min(WEEKS_AHEAD, round(self.cover.get(variant, 28) / 7)))
            yield replace(
                bare,
                method=str(outlook.method[at]),
                weekly=weekly,
                low=low,
                high=high,
                daily_mean=f"{ahead[at, :span].mean() / 7:.4f}",
                daily_deviation=f"{outlook.deviation[at] / 7**0.5:.4f}",
                error=f"{min(chosen[at], 99_999):.4f}",
                errors=errors[at],
            )


def _with_sizes(
    rows: Iterable[ForecastRow], demand: Demand, factors: Series, lumpy: NDArray[np.bool_]
) -> Iterator[ForecastRow]:
    """Give the rows; forecasts of demand in lumps say what its days look like."""
    places = {variant: place for place, variant in enumerate(demand.variants)}
    for row in rows:
        place = places[row.variant_id]
        if row.method in SELDOM or (lumpy[place] and row.method != ForecastMethod.NONE):
            sizes = day_sizes(demand.pieces[place], factors[place], demand.is_open[place])
            yield replace(row, sizes=json.dumps(sizes))
        else:
            yield row


def _arrays(values: Series) -> list[str]:
    """Return each row of weeks as an array of PostgreSQL."""
    form = "{" + ",".join(["%.3f"] * values.shape[1]) + "}"
    return [form % tuple(row) for row in values.tolist()]


def _errors(outlook: Outlook) -> tuple[list[str], Series]:
    """Return by series JSON (method -> MASE of weeks and of sums, pieces off in a week), the chosen method's MASE."""
    found = outlook.residuals
    kinds = {"weekly": found.weekly, "sum": found.whole, "pieces": found.pieces}
    form = ", ".join(f'"{kind}": %.4f' for kind in kinds)
    form = "{" + ", ".join(f'"{name}": {{{form}}}' for name in found.gaps) + "}"
    table = np.stack([measure(name) for name in found.gaps for measure in kinds.values()], axis=1)
    return [form % tuple(row) for row in table.tolist()], outlook.error


def _begun(weeks: Series, sold: NDArray[np.bool_]) -> Series:
    """Return the weeks with what is before the first sale unknown: nobody could buy it yet."""
    return np.asarray(np.where(np.maximum.accumulate(sold, axis=1), weeks, np.nan))


def _shares(by_channel: Series) -> Series:
    """Return (variants, channels): how much of the latest weeks each channel sold; all alike where nothing was."""
    sums = np.nansum(by_channel[:, :, -SHARE_WEEKS:], axis=2)
    total = sums.sum(axis=1, keepdims=True)
    return np.asarray(np.where(total > 0, sums / np.where(total > 0, total, 1), 1 / by_channel.shape[1]))


def _range(demand: Demand) -> range:
    return range(len(demand.channels))
