"""Ways to forecast, each for many series at once.

Every method takes weeks of shape (series, weeks), NaN where the demand is not known (out of stock, before the first
sale), and answers with the next ``horizon`` weeks, never below nothing, and NaN for series of which no week is known.
Unknown weeks teach nothing: states go on as if nothing was learnt.

Sources: Croston 1972 with the correction of Syntetos and Boylan 2005; TSB: Teunter, Syntetos and Babai 2011; damped
trend: Gardner and McKenzie 1985; Theta as simple smoothing with half the drift: Hyndman and Billah 2003; that a plain
mean of forecasts is hard to beat: Clemen 1989 and the M4 competition, Makridakis and others 2020.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

Weeks = NDArray[np.float64]  # (series, weeks)
Method = Callable[[Weeks, int], Weeks]
YEAR = 52
CAP = 0.95  # share of the weeks with sales that are taken as they are: a wholesale order tells little of the next week
ALPHAS = (0.05, 0.1, 0.2, 0.3, 0.5)
TREND = tuple(product((0.1, 0.2, 0.4), (0.05, 0.2), (0.8, 0.95)))  # alpha, beta, phi
INTERMITTENT = ((0.05, 0.05), (0.1, 0.1), (0.2, 0.1), (0.3, 0.2))  # of sizes, of intervals or probabilities
WINDOWS = (4, 8, 13, 26)
MEDIAN_WEEKS = 8


class Running:
    """One method with several parameters at once: what each would have been off by so far, squared.

    Arrays are (parameters, series), so that a pass through the weeks serves all of them.
    """

    def __init__(self, shape: tuple[int, int]) -> None:
        """Begin with nothing."""
        self._squares = np.zeros(shape)
        self._count = np.zeros(shape)

    def judge(self, now: NDArray[np.float64], said: NDArray[np.float64]) -> None:
        """Count what was said of a week that is over; weeks nobody knows, or nothing was said of, do not count."""
        square = (now - said) ** 2
        known = np.isfinite(square)
        self._squares += np.where(known, square, 0.0)
        self._count += known

    def best(self, ahead: NDArray[np.float64]) -> Weeks:
        """Return of (parameters, series, horizon) what those with the least mean error say, never below nothing."""
        error = np.where(self._count > 0, self._squares / np.maximum(self._count, 1), np.inf)
        chosen = error.argmin(axis=0)
        return np.asarray(np.maximum(ahead[chosen, np.arange(len(chosen))], 0.0))


def naive(weeks: Weeks, horizon: int) -> Weeks:
    """As last season: the same week a year ago where two years are known, else the last known week."""
    ahead = np.repeat(_carried(weeks)[:, -1:], horizon, axis=1)
    if weeks.shape[1] < 2 * YEAR:
        return ahead
    season = weeks[:, -YEAR:][:, np.arange(horizon) % YEAR]
    return np.where(_has_years(weeks) & np.isfinite(season), season, ahead)


def average(weeks: Weeks, horizon: int) -> Weeks:
    """The mean of the last weeks; of several windows the one that would have erred least so far."""
    levels = np.stack([_moving(weeks, window) for window in WINDOWS])
    running = Running(levels.shape[:2])
    for week in range(1, weeks.shape[1]):
        running.judge(weeks[:, week], levels[:, :, week - 1])
    return running.best(np.repeat(levels[:, :, -1:], horizon, axis=2))


def median(weeks: Weeks, horizon: int) -> Weeks:
    """The middle of the last eight weeks: one great order does not move it."""
    recent = quantile(weeks[:, -MEDIAN_WEEKS:], 0.5)
    level = np.where(np.isfinite(recent), recent, _carried(weeks)[:, -1])
    return np.repeat(level[:, None], horizon, axis=1)


def smoothing(weeks: Weeks, horizon: int) -> Weeks:
    """Exponential smoothing with a damped trend (ETS A,Ad,N), the parameters with the least error so far."""
    return damped(weeks, horizon, TREND)


def damped(weeks: Weeks, horizon: int, parameters: Sequence[tuple[float, float, float]]) -> Weeks:
    """Smooth with these (alpha, beta, phi); the trend learns by ``beta`` from the change of the level."""
    alpha, beta, phi = _columns(parameters)
    level = np.full((len(parameters), len(weeks)), np.nan)
    trend = np.zeros_like(level)
    running = Running(level.shape)
    for now in _each(weeks):
        said = level + phi * trend
        running.judge(now, said)
        known, begun = np.isfinite(now), np.isfinite(level)
        learnt = alpha * now + (1 - alpha) * said
        slope = beta * (learnt - level) + (1 - beta) * phi * trend
        trend = np.where(known & begun, slope, phi * trend)
        level = np.where(known, np.where(begun, learnt, now), said)
    steps = np.cumsum(phi ** np.arange(1, horizon + 1), axis=1)
    return running.best(level[:, :, None] + steps[:, None, :] * trend[:, :, None])


def theta(weeks: Weeks, horizon: int) -> Weeks:
    """Simple exponential smoothing with half the slope of the straight line through the series as drift."""
    return drifting(weeks, horizon, ALPHAS)


def drifting(weeks: Weeks, horizon: int, alphas: Sequence[float]) -> Weeks:
    """Smooth with these alphas; half the slope is added in each week."""
    (alpha,) = _columns([(each,) for each in alphas])
    drift = _slope(weeks) / 2
    level = np.full((len(alphas), len(weeks)), np.nan)
    running = Running(level.shape)
    for now in _each(weeks):
        said = level + drift
        running.judge(now, said)
        learnt = np.where(np.isfinite(level), alpha * now + (1 - alpha) * said, now)
        level = np.where(np.isfinite(now), learnt, said)
    return running.best(level[:, :, None] + np.arange(1, horizon + 1) * drift[None, :, None])


def croston(weeks: Weeks, horizon: int, parameters: Sequence[tuple[float, float]] = INTERMITTENT) -> Weeks:
    """Croston's method for rare sales, corrected: how much when something sells, by how often it does."""
    alpha, beta = _columns(parameters)
    size = np.full((len(parameters), len(weeks)), np.nan)
    interval, since = np.full_like(size, np.nan), np.ones(len(weeks))
    running = Running(size.shape)
    for now in _each(weeks):
        running.judge(now, (1 - beta / 2) * size / interval)
        sold, known, begun = now > 0, np.isfinite(now), np.isfinite(size)
        size = np.where(sold, np.where(begun, alpha * now + (1 - alpha) * size, now), size)
        interval = np.where(sold, np.where(begun, beta * since + (1 - beta) * interval, since), interval)
        since = np.where(sold, 1.0, since + known)
    level = np.where(np.isfinite(size), (1 - beta / 2) * size / interval, _nothing(weeks))
    return running.best(np.repeat(level[:, :, None], horizon, axis=2))


def tsb(weeks: Weeks, horizon: int, parameters: Sequence[tuple[float, float]] = INTERMITTENT) -> Weeks:
    """As Croston's, but the chance of a sale falls in every week without one: what dies out goes to nothing."""
    alpha, beta = _columns(parameters)
    size = np.full((len(parameters), len(weeks)), np.nan)
    chance = np.full_like(size, np.nan)
    running = Running(size.shape)
    for now in _each(weeks):
        running.judge(now, size * chance)
        sold, known, begun = now > 0, np.isfinite(now), np.isfinite(size)
        size = np.where(sold, np.where(begun, alpha * now + (1 - alpha) * size, now), size)
        moved = np.where(np.isfinite(chance), beta * sold + (1 - beta) * chance, 1.0)
        chance = np.where(known & (begun | sold), moved, chance)
    level = np.where(np.isfinite(size), size * chance, _nothing(weeks))
    return running.best(np.repeat(level[:, :, None], horizon, axis=2))


METHODS: Mapping[str, Method] = {
    "naive": naive,
    "average": average,
    "median": median,
    "croston": croston,
    "tsb": tsb,
    "smoothing": smoothing,
    "theta": theta,
}
COMBINED = ("naive", "median", "tsb", "smoothing", "theta")  # unlike each other: their errors level out


def run_all(weeks: Weeks, horizon: int) -> dict[str, Weeks]:
    """Return what every method says, and ``combined``, the mean of ``COMBINED``.

    All but the naive one, which stands for doing without a method, see great weeks cut at the quantile ``CAP``.
    """
    usual = capped(weeks)
    said = {name: method(weeks if name == "naive" else usual, horizon) for name, method in METHODS.items()}
    return {**said, "combined": np.mean([said[name] for name in COMBINED], axis=0)}


def capped(weeks: Weeks) -> Weeks:
    """Return the weeks with outliers cut: what is above the quantile ``CAP`` of the weeks with sales.

    Where sales grow, the latest weeks are the greatest: up to one and a half of their median is never an outlier.
    """
    usual = quantile(np.where(weeks > 0, weeks, np.nan), CAP)
    recent = quantile(weeks[:, -MEDIAN_WEEKS:], 0.5)
    most = np.fmax(usual, 1.5 * recent)[:, None]
    return np.where(weeks > most, most, weeks)


def quantile(values: Weeks, share: float) -> NDArray[np.float64]:
    """Return the quantile of the known values of each row, between two of them on the line; NaN where none is known."""
    ordered = np.sort(values, axis=1)  # unknown ones last
    last = np.isfinite(values).sum(axis=1) - 1
    place = np.maximum(share * last, 0.0)
    below = np.floor(place).astype(np.intp)
    low = np.take_along_axis(ordered, below[:, None], axis=1)[:, 0]
    high = np.take_along_axis(ordered, np.minimum(below + 1, np.maximum(last, 0))[:, None], axis=1)[:, 0]
    return np.asarray(low + (high - low) * (place - below))


def scale(weeks: Weeks) -> NDArray[np.float64]:
    """Return by how much “as last season” was wrong on average, a week ahead: what errors are measured by.

    NaN where it was never wrong, or nothing can be compared (Hyndman and Koehler 2006).
    """
    said = np.full_like(weeks, np.nan)
    said[:, 1:] = _carried(weeks)[:, :-1]
    if weeks.shape[1] >= 2 * YEAR:
        before = np.full_like(weeks, np.nan)
        before[:, YEAR:] = weeks[:, :-YEAR]
        said = np.where(_has_years(weeks), before, said)
    gap = np.abs(weeks - said)
    known = np.isfinite(gap)
    mean = np.where(known, gap, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return np.where(mean > 0, mean, np.nan)


def _has_years(weeks: Weeks) -> NDArray[np.bool_]:
    """Tell in which rows so much is known of what is older than a year that two years can be spoken of."""
    known = np.isfinite(weeks[:, :-YEAR]).sum(axis=1, keepdims=True)
    return np.asarray(known >= YEAR // 2)


def _carried(weeks: Weeks) -> Weeks:
    """Return the last known week at each week."""
    known = np.isfinite(weeks)
    places = np.where(known, np.arange(weeks.shape[1]), -1)
    places = np.maximum.accumulate(places, axis=1)
    carried = np.take_along_axis(weeks, np.maximum(places, 0), axis=1)
    return np.where(places < 0, np.nan, carried)


def _columns(parameters: Sequence[tuple[float, ...]]) -> list[NDArray[np.float64]]:
    """Return each parameter as a column, to be met by a row of series."""
    return [np.asarray(column)[:, None] for column in zip(*parameters, strict=True)]


def _each(weeks: Weeks) -> Iterator[NDArray[np.float64]]:
    """Give the weeks one after the other, each as a row in one piece of memory."""
    return iter(np.ascontiguousarray(weeks.T))


def _moving(weeks: Weeks, window: int) -> Weeks:
    """Return at each week the mean of the known ones of the window that ends there; of none, as the week before."""
    known = np.isfinite(weeks)
    sums = np.cumsum(np.where(known, weeks, 0.0), axis=1)
    counts = np.cumsum(known, axis=1)
    sums[:, window:] -= sums[:, :-window].copy()
    counts[:, window:] -= counts[:, :-window].copy()
    return _carried(np.where(counts > 0, sums / np.maximum(counts, 1), np.nan))


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


def _nothing(weeks: Weeks) -> NDArray[np.float64]:
    """Return 0 for series with known weeks (none of which sold anything), NaN for those without."""
    return np.where(np.isfinite(weeks).any(axis=1), 0.0, np.nan)
