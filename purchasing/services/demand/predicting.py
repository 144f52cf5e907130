"""Forecasts of some variants: from their days to rows of what is expected, of all channels and of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from purchasing.models import Forecast, ForecastMethod
from purchasing.services.demand.calendar import DemandCalendar
from purchasing.services.demand.reading import Demand
from purchasing.services.forecasting import Outlook, day_sizes, forecast, is_lumpy, weeks_ahead, weeks_of

WEEKS_BACK = 156
WEEKS_AHEAD = 13
TRIED = (2, 4, 8)  # weeks over which methods are tried: the one next to what a purchase has to cover
SHARE_WEEKS = 13  # the weeks that tell how much of a variant each channel sells
SELDOM = (ForecastMethod.CROSTON, ForecastMethod.TSB)  # methods for demand in lumps
_CENT, _FINE = Decimal("0.001"), Decimal("0.0001")

Series = NDArray[np.float64]
Errors = Mapping[str, Mapping[str, Series]]


@dataclass(frozen=True, slots=True)
class Prediction:
    """Forecast rows to write, and the ordinary weeks of all channels they were made from (by variant)."""

    rows: Sequence[Forecast]
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
    rows: list[Forecast] = []
    has_sold = sold.any(axis=(1, 2))
    weights = _shares(by_channel)
    together = (bent * weights[:, :, None]).sum(axis=1)
    facts = _Facts(demand, today, cover)
    rows += facts.rows(whole, together, None, np.flatnonzero(has_sold))
    _add_sizes(rows, demand, past, is_lumpy(whole))
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

    def rows(self, weeks: Series, bent: Series, channel: int | None, places: NDArray[Any]) -> list[Forecast]:
        """Return the forecasts of the series at ``places``, tried over the horizon that fits each variant."""
        wanted = np.array([self._tried(self.demand.variants[place]) for place in places], dtype=int)
        found: list[Forecast] = []
        for tried in TRIED:
            mine = places[wanted == tried]
            if not len(mine):
                continue
            outlook = forecast(weeks[mine], horizon=WEEKS_AHEAD, tested=tried)
            errors = _errors(outlook)
            found += [
                self._row(outlook, at, int(place), channel, bent[place], weeks[place], errors)
                for at, place in enumerate(mine)
            ]
        return found

    def _tried(self, variant: int) -> int:
        weeks = self.cover.get(variant, 28) / 7
        return min(TRIED, key=lambda tried: abs(tried - weeks))

    def _row(
        self,
        outlook: Outlook,
        at: int,
        place: int,
        channel: int | None,
        bent: Series,
        weeks: Series,
        errors: Errors,
    ) -> Forecast:
        variant = self.demand.variants[place]
        pieces = self.demand.pieces[place]
        daily = pieces.sum(axis=0) if channel is None else pieces[self.demand.channels.index(channel)]
        row = Forecast(
            variant_id=variant,
            sales_channel_id=channel,
            method=ForecastMethod.NONE,
            starts_on=self.today,
            history_days=7 * int(np.isfinite(weeks).sum()),
            sold_days=int((daily > 0).sum()),
        )
        if not outlook.is_enough[at]:
            return row
        row.method = str(outlook.method[at])
        ahead = outlook.ahead[at] * bent
        row.weekly, row.low, row.high = (
            _decimals(values) for values in (ahead, outlook.low[at] * bent, outlook.high[at] * bent)
        )
        span = max(1, min(WEEKS_AHEAD, round(self.cover.get(variant, 28) / 7)))
        row.daily_mean = _decimal(float(ahead[:span].mean()) / 7, _FINE)
        row.daily_deviation = _decimal(float(outlook.deviation[at]) / 7**0.5, _FINE)
        row.errors = {
            name: {kind: round(float(values[at]), 4) for kind, values in kinds.items()}
            for name, kinds in errors.items()
        }
        row.error = _decimal(min(row.errors[row.method]["weekly"], 99_999), _FINE)
        return row


def _add_sizes(rows: Sequence[Forecast], demand: Demand, factors: Series, lumpy: NDArray[np.bool_]) -> None:
    """Write into forecasts of demand in lumps what its days look like."""
    places = {variant: place for place, variant in enumerate(demand.variants)}
    for row in rows:
        place = places[row.variant_id]
        if row.method in SELDOM or (lumpy[place] and row.method != ForecastMethod.NONE):
            row.sizes = day_sizes(demand.pieces[place], factors[place], demand.is_open[place])


def _errors(outlook: Outlook) -> Errors:
    """Return method -> MASE of weeks and of sums, and the pieces it was off by in a week."""
    found = outlook.residuals
    return {
        name: {"weekly": found.weekly(name), "sum": found.whole(name), "pieces": found.pieces(name)}
        for name in found.gaps
    }


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


def _decimals(values: Series) -> list[Decimal]:
    return [_decimal(float(value), _CENT) for value in values]


def _decimal(value: float, step: Decimal) -> Decimal:
    return Decimal(value).quantize(step)
