"""Ways to forecast, each for many series at once.

Every method takes weeks of shape (series, weeks), NaN where the demand is not known (out of stock, before the first
receipt), and answers with the next ``horizon`` weeks and with what it would have said of each past week the week
before (``fitted``, NaN where it could not tell). Unknown weeks teach nothing: states go on as if nothing was learnt.

Sources: Croston 1972 with the correction of Syntetos and Boylan 2005; TSB: Teunter, Syntetos and Babai 2011; damped
trend: Gardner and McKenzie 1985; Theta as simple smoothing with half the drift: Hyndman and Billah 2003.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

Weeks = NDArray[np.float64]  # (series, weeks)
YEAR = 52
ALPHAS = (0.05, 0.1, 0.2, 0.3, 0.5)
TREND = tuple(product((0.1, 0.2, 0.4), (0.05, 0.2), (0.8, 0.95)))  # alpha, beta, phi
INTERMITTENT = ((0.05, 0.05), (0.1, 0.1), (0.2, 0.1), (0.3, 0.2))  # of sizes, of intervals or probabilities
WINDOWS = (4, 8, 13, 26)


@dataclass(frozen=True, slots=True)
class Fit:
    """What one method says: ``ahead`` (series, horizon), never below nothing; ``fitted`` (series, weeks)."""

    ahead: Weeks
    fitted: Weeks


Method = Callable[[Weeks, int], Fit]


def naive(weeks: Weeks, horizon: int) -> Fit:
    """As the same week a year ago where two years are known, else as the last known week."""
    last = _carried(weeks)
    fitted = np.full_like(weeks, np.nan)
    fitted[:, 1:] = last[:, :-1]
    ahead = np.repeat(last[:, -1:], horizon, axis=1)
    if weeks.shape[1] >= 2 * YEAR:
        before = weeks[:, -YEAR:]
        season = np.stack([before[:, step % YEAR] for step in range(horizon)], axis=1)
        has_years = np.isfinite(weeks[:, :-YEAR]).sum(axis=1) >= YEAR // 2
        ahead = np.where(has_years[:, None] & np.isfinite(season), season, ahead)
        lagged = np.full_like(weeks, np.nan)
        lagged[:, YEAR:] = weeks[:, :-YEAR]
        fitted = np.where(has_years[:, None] & np.isfinite(lagged), lagged, fitted)
    return Fit(ahead, fitted)


def average(weeks: Weeks, horizon: int) -> Fit:
    """The mean of the last weeks; of several windows the one that would have erred least so far."""
    return _best(weeks, (_moving(weeks, horizon, window) for window in WINDOWS))


def smoothing(weeks: Weeks, horizon: int) -> Fit:
    """Exponential smoothing with a damped trend (ETS A,Ad,N), the parameters with the least error so far."""
    return _best(weeks, (_damped(weeks, horizon, *parameters) for parameters in TREND))


def theta(weeks: Weeks, horizon: int) -> Fit:
    """Simple exponential smoothing with half the slope of the straight line through the series as drift."""
    slope = _slope(weeks)
    return _best(weeks, (_drifting(weeks, horizon, alpha, slope / 2) for alpha in ALPHAS))


def croston(weeks: Weeks, horizon: int) -> Fit:
    """Croston's method for rare sales, corrected: how much when something sells, by how often it does."""
    return _best(weeks, (_croston(weeks, horizon, *parameters) for parameters in INTERMITTENT))


def tsb(weeks: Weeks, horizon: int) -> Fit:
    """As Croston's, but the chance of a sale falls in every week without one: what dies out goes to nothing."""
    return _best(weeks, (_tsb(weeks, horizon, *parameters) for parameters in INTERMITTENT))


METHODS: Mapping[str, Method] = {
    "naive": naive,
    "average": average,
    "croston": croston,
    "tsb": tsb,
    "smoothing": smoothing,
    "theta": theta,
}


def _carried(weeks: Weeks) -> Weeks:
    """Return the last known week at each week."""
    known = np.isfinite(weeks)
    places = np.where(known, np.arange(weeks.shape[1]), -1)
    places = np.maximum.accumulate(places, axis=1)
    carried = np.take_along_axis(weeks, np.maximum(places, 0), axis=1)
    return np.where(places < 0, np.nan, carried)


def _best(weeks: Weeks, fits: Iterator[Fit]) -> Fit:
    """Return for each series the fit with the smallest mean squared error over the past."""
    chosen = next(fits)
    least = _squared(weeks, chosen.fitted)
    for fit in fits:
        error = _squared(weeks, fit.fitted)
        better = (error < least)[:, None]
        chosen = Fit(np.where(better, fit.ahead, chosen.ahead), np.where(better, fit.fitted, chosen.fitted))
        least = np.minimum(error, least)
    return Fit(np.maximum(chosen.ahead, 0.0), chosen.fitted)


def _squared(weeks: Weeks, fitted: Weeks) -> NDArray[np.float64]:
    gap = weeks - fitted
    known = np.isfinite(gap)
    count = known.sum(axis=1)
    return np.where(count > 0, np.where(known, gap, 0.0).__pow__(2).sum(axis=1) / np.maximum(count, 1), np.inf)


def _moving(weeks: Weeks, horizon: int, window: int) -> Fit:
    known = np.isfinite(weeks)
    sums = np.cumsum(np.where(known, weeks, 0.0), axis=1)
    counts = np.cumsum(known, axis=1)
    sums[:, window:] -= sums[:, :-window].copy()
    counts[:, window:] -= counts[:, :-window].copy()
    level = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
    level = _carried(level)  # a window in which nothing is known
    fitted = np.full_like(weeks, np.nan)
    fitted[:, 1:] = level[:, :-1]
    return Fit(np.repeat(level[:, -1:], horizon, axis=1), fitted)


def _damped(weeks: Weeks, horizon: int, alpha: float, beta: float, phi: float) -> Fit:
    level, fitted = np.full(weeks.shape[0], np.nan), np.full_like(weeks, np.nan)
    trend = np.zeros(weeks.shape[0])
    for week in range(weeks.shape[1]):
        now = weeks[:, week]
        said = level + phi * trend
        fitted[:, week] = said
        known, begun = np.isfinite(now), np.isfinite(level)
        learnt = alpha * now + (1 - alpha) * said
        slope = beta * (learnt - level) + (1 - beta) * phi * trend
        trend = np.where(known & begun, slope, phi * trend)
        level = np.where(known, np.where(begun, learnt, now), said)
    damping = np.cumsum(phi ** np.arange(1, horizon + 1))
    return Fit(level[:, None] + damping * trend[:, None], fitted)


def _drifting(weeks: Weeks, horizon: int, alpha: float, drift: NDArray[np.float64]) -> Fit:
    level, fitted = np.full(weeks.shape[0], np.nan), np.full_like(weeks, np.nan)
    for week in range(weeks.shape[1]):
        now = weeks[:, week]
        said = level + drift
        fitted[:, week] = said
        learnt = np.where(np.isfinite(level), alpha * now + (1 - alpha) * said, now)
        level = np.where(np.isfinite(now), learnt, said)
    return Fit(level[:, None] + np.arange(1, horizon + 1) * drift[:, None], fitted)


def _slope(weeks: Weeks) -> NDArray[np.float64]:
    """Return the slope of the least-squares line through the known weeks, 0 where fewer than three are known."""
    known = np.isfinite(weeks)
    count = np.maximum(known.sum(axis=1), 1)
    place = np.where(known, np.arange(weeks.shape[1], dtype=float), 0.0)
    value = np.where(known, weeks, 0.0)
    middle = place.sum(axis=1) / count
    spread = (place**2).sum(axis=1) - count * middle**2
    together = (place * value).sum(axis=1) - middle * value.sum(axis=1)
    return np.where((known.sum(axis=1) >= 3) & (spread > 0), together / np.where(spread > 0, spread, 1.0), 0.0)


def _croston(weeks: Weeks, horizon: int, alpha: float, beta: float) -> Fit:
    count = weeks.shape[0]
    size, interval, since = np.full(count, np.nan), np.full(count, np.nan), np.ones(count)
    fitted = np.full_like(weeks, np.nan)
    for week in range(weeks.shape[1]):
        now = weeks[:, week]
        fitted[:, week] = (1 - beta / 2) * size / interval
        sold, known, begun = now > 0, np.isfinite(now), np.isfinite(size)
        size = np.where(sold, np.where(begun, alpha * now + (1 - alpha) * size, now), size)
        interval = np.where(sold, np.where(begun, beta * since + (1 - beta) * interval, since), interval)
        since = np.where(sold, 1.0, since + known)
    level = np.where(np.isfinite(size), (1 - beta / 2) * size / interval, _nothing(weeks))
    return Fit(np.repeat(level[:, None], horizon, axis=1), fitted)


def _tsb(weeks: Weeks, horizon: int, alpha: float, beta: float) -> Fit:
    count = weeks.shape[0]
    size, chance = np.full(count, np.nan), np.full(count, np.nan)
    fitted = np.full_like(weeks, np.nan)
    for week in range(weeks.shape[1]):
        now = weeks[:, week]
        fitted[:, week] = size * chance
        sold, known, begun = now > 0, np.isfinite(now), np.isfinite(size)
        size = np.where(sold, np.where(begun, alpha * now + (1 - alpha) * size, now), size)
        moved = np.where(np.isfinite(chance), beta * sold + (1 - beta) * chance, 1.0)
        chance = np.where(known & (begun | sold), moved, chance)
    level = np.where(np.isfinite(size), size * chance, _nothing(weeks))
    return Fit(np.repeat(level[:, None], horizon, axis=1), fitted)


def _nothing(weeks: Weeks) -> NDArray[np.float64]:
    """Return 0 for series with known weeks (none of which sold anything), NaN for those without."""
    return np.where(np.isfinite(weeks).any(axis=1), 0.0, np.nan)
