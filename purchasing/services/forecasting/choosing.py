"""Which method to trust for which series: each is asked what it would have said at several points of the past."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from purchasing.services.forecasting.methods import METHODS, Weeks, naive

ENOUGH_WEEKS = 12  # known weeks of history, and
ENOUGH_SOLD = 4  # of them with a sale: below that nothing is said
ORIGINS = 4  # points of the past from which forecasts are tried
BAND = (0.1, 0.9)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is expected of each series. Rows with ``is_enough`` False hold NaN: too little is known for a forecast."""

    is_enough: NDArray[np.bool_]
    method: NDArray[np.str_]  # of METHODS
    ahead: Weeks  # (series, horizon)
    low: Weeks
    high: Weeks
    deviation: NDArray[np.float64]  # of one week, from what the method would have said
    errors: Mapping[str, NDArray[np.float64]]  # method -> mean absolute scaled error by series

    @property
    def error(self) -> NDArray[np.float64]:
        """Return the error of the chosen method by series."""
        found = np.full(len(self.method), np.nan)
        for name, errors in self.errors.items():
            chosen = np.asarray(self.method == name)
            found[chosen] = errors[chosen]
        return found


def enough(weeks: Weeks) -> NDArray[np.bool_]:
    """Tell for each series whether enough is known to try methods on it."""
    known = np.isfinite(weeks)
    return np.asarray((known.sum(axis=1) >= ENOUGH_WEEKS) & ((weeks > 0).sum(axis=1) >= ENOUGH_SOLD))


def scale(weeks: Weeks) -> NDArray[np.float64]:
    """Return by how much “as last season” was wrong on average so far: what an error is measured by; NaN for 0."""
    gap = np.abs(weeks - naive(weeks, 1).fitted)
    known = np.isfinite(gap)
    mean = np.where(known, gap, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return np.where(mean > 0, mean, np.nan)


def back_test(
    weeks: Weeks, *, horizon: int, origins: int = ORIGINS, methods: Sequence[str] = tuple(METHODS)
) -> dict[str, NDArray[np.float64]]:
    """Return method -> mean absolute scaled error by series, over ``origins`` points of the past, one horizon apart.

    At each point a method sees nothing later, and the scale neither. NaN where no point could be judged.
    """
    total = {name: np.zeros(len(weeks)) for name in methods}
    count = np.zeros(len(weeks))
    for origin in range(1, origins + 1):
        end = weeks.shape[1] - origin * horizon
        if end < max(ENOUGH_WEEKS, horizon):
            break
        past, future = weeks[:, :end], weeks[:, end : end + horizon]
        unit = scale(past)[:, None]
        judged = np.isfinite(future) & np.isfinite(unit) & np.isfinite(past).any(axis=1, keepdims=True)
        count += judged.sum(axis=1)
        for name in methods:
            wrong = np.abs(METHODS[name](past, horizon).ahead - future) / unit
            total[name] += np.where(judged, wrong, 0.0).sum(axis=1)
    return {name: np.where(count > 0, sums / np.maximum(count, 1), np.nan) for name, sums in total.items()}


def forecast(weeks: Weeks, *, horizon: int, methods: Sequence[str] = tuple(METHODS)) -> Outlook:
    """Return what is expected of each series by the method with the smallest error in its back-test."""
    errors = back_test(weeks, horizon=min(horizon, 4), methods=methods)
    stacked = np.stack([np.where(np.isfinite(errors[name]), errors[name], np.inf) for name in methods])
    chosen = np.asarray(methods)[stacked.argmin(axis=0)]
    is_enough = np.asarray(enough(weeks) & np.isfinite(stacked.min(axis=0)))
    ahead = np.full((len(weeks), horizon), np.nan)
    fitted = np.full_like(weeks, np.nan)
    for name in methods:
        mine = np.asarray(is_enough & (chosen == name))
        if mine.any():
            fit = METHODS[name](weeks[mine], horizon)
            ahead[mine], fitted[mine] = fit.ahead, fit.fitted
    low, high, deviation = _band(weeks, fitted, ahead)
    return Outlook(is_enough, chosen, ahead, low, high, deviation, errors)


def _band(weeks: Weeks, fitted: Weeks, ahead: Weeks) -> tuple[Weeks, Weeks, NDArray[np.float64]]:
    """Return the band from what the method was wrong by in the past, and the deviation of one week."""
    gap = weeks - fitted
    known = np.isfinite(gap)
    order = np.sort(np.where(known, gap, np.inf), axis=1)  # unknown ones last
    count = known.sum(axis=1)
    ends = []
    for share in BAND:
        place = np.clip(np.round(share * (count - 1)), 0, None).astype(int)
        value = np.take_along_axis(order, place[:, None], axis=1)[:, 0]
        ends.append(np.where(count > 0, value, 0.0)[:, None])
    square = np.where(known, gap, 0.0) ** 2
    deviation = np.sqrt(square.sum(axis=1) / np.maximum(count, 1))
    return np.maximum(ahead + np.minimum(ends[0], 0), 0), np.maximum(ahead + np.maximum(ends[1], 0), 0), deviation
