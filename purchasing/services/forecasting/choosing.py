"""Which method to trust for which series: each is asked what it would have said at several points of the past.

A few points of a noisy past say little, so the mean of unlike methods is believed until one method is clearly better:
its error must be smaller by ``CLEARLY``. Errors count half by week and half by the sum over the horizon, which is what
a purchase has to cover.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from purchasing.services.forecasting.methods import METHODS, Weeks, quantile, run_all, scale

ENOUGH_WEEKS = 13  # a quarter of a year of known weeks, and
ENOUGH_SOLD = 13  # so many weeks with a sale: below that nothing is said
PAST_WEEKS = 4  # known weeks before a point of the past, or it tells nothing
ORIGINS = 6  # points of the past from which forecasts are tried,
ENOUGH_ORIGINS = 3  # of which at least so many must have been judged
CLEARLY = 0.3
BAND = (0.05, 0.95)  # of what a method was off by; the future errs more than the past: eight of ten weeks are inside
NAMES = ("combined", *METHODS)


@dataclass(frozen=True, slots=True)
class Residuals:
    """What came minus what each method had said, at ``ORIGINS`` points of the past; NaN where it is not known."""

    gaps: Mapping[str, NDArray[np.float64]]  # method -> (origins, series, horizon)
    units: NDArray[np.float64]  # (origins, series): the scale as it was known then

    @property
    def origins(self) -> NDArray[np.int_]:
        """Return how many points of the past were judged, by series."""
        return np.asarray(np.isfinite(self._known()).any(axis=2).sum(axis=0))

    def pieces(self, name: str) -> NDArray[np.float64]:
        """Return by how many pieces a week the method was off on average."""
        return _mean(np.abs(self.gaps[name]))

    def weekly(self, name: str) -> NDArray[np.float64]:
        """Return the mean absolute scaled error of weeks."""
        return _mean(np.abs(self.gaps[name]) / self.units[:, :, None])

    def whole(self, name: str) -> NDArray[np.float64]:
        """Return the mean absolute scaled error of the sum over the horizon, for one of its weeks."""
        gaps = self.gaps[name]
        known = np.isfinite(gaps).sum(axis=2)
        sums = np.abs(np.where(np.isfinite(gaps), gaps, 0.0).sum(axis=2)) / np.maximum(known, 1)
        return _mean((np.where(known > 0, sums, np.nan) / self.units)[:, :, None])

    def score(self, name: str) -> NDArray[np.float64]:
        """Return what methods are compared by."""
        return (self.weekly(name) + self.whole(name)) / 2

    def _known(self) -> NDArray[np.float64]:
        return self.gaps["naive"] / self.units[:, :, None]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is expected of each series. Rows with ``is_enough`` False hold NaN: too little is known for a forecast."""

    is_enough: NDArray[np.bool_]
    method: NDArray[np.str_]  # of NAMES
    ahead: Weeks  # (series, horizon)
    low: Weeks
    high: Weeks
    deviation: NDArray[np.float64]  # of one week
    residuals: Residuals

    @property
    def error(self) -> NDArray[np.float64]:
        """Return the mean absolute scaled error of the chosen method, by series."""
        return np.asarray(np.choose(_places(self.method), [self.residuals.weekly(name) for name in NAMES]))


def enough(weeks: Weeks) -> NDArray[np.bool_]:
    """Tell for each series whether enough is known to try methods on it."""
    known = np.isfinite(weeks).sum(axis=1)
    return np.asarray((known >= ENOUGH_WEEKS) & ((weeks > 0).sum(axis=1) >= ENOUGH_SOLD))


def back_test(weeks: Weeks, *, horizon: int) -> Residuals:
    """Return what every method would have been off by, from ``ORIGINS`` points of the past, half a horizon apart.

    At each point a method sees nothing later, and the scale neither.
    """
    series, length = weeks.shape
    gaps = {name: np.full((ORIGINS, series, horizon), np.nan) for name in NAMES}
    units = np.full((ORIGINS, series), np.nan)
    for origin in range(ORIGINS):
        end = length - horizon - origin * max(horizon // 2, 1)
        if end < PAST_WEEKS:
            break
        past, future = weeks[:, :end], weeks[:, end : end + horizon]
        has_past = np.isfinite(past).sum(axis=1) >= PAST_WEEKS
        units[origin] = np.where(has_past, scale(past), np.nan)
        for name, said in run_all(past, horizon).items():
            gaps[name][origin] = np.where(has_past[:, None], future - said, np.nan)
    return Residuals(gaps, units)


def forecast(weeks: Weeks, *, horizon: int, tested: int = 4) -> Outlook:
    """Return what is expected of each series in the next ``horizon`` weeks; methods are tried over ``tested`` weeks."""
    residuals = back_test(weeks, horizon=tested)
    method = _choose(residuals)
    is_enough = np.asarray(
        enough(weeks) & (residuals.origins >= ENOUGH_ORIGINS) & np.isfinite(residuals.score("combined"))
    )
    said = run_all(weeks, horizon)
    places = _places(method)
    ahead = np.choose(places[:, None], [said[name] for name in NAMES])
    gaps = np.choose(places[None, :, None], [residuals.gaps[name] for name in NAMES])
    ahead = np.where(is_enough[:, None], ahead, np.nan)
    low, high = _band(gaps, ahead)
    return Outlook(is_enough, method, ahead, low, high, _deviation(gaps), residuals)


def _choose(residuals: Residuals) -> NDArray[np.str_]:
    """Return the method for each series: ``combined`` unless another one was clearly better; the naive one last."""
    base = residuals.score("combined")
    least = base * (1 - CLEARLY)
    method = np.full(len(base), "combined", dtype="U12")
    for name in [*(name for name in METHODS if name != "naive"), "naive"]:
        score = residuals.score(name)
        better = np.asarray(score < least)
        method[better] = name
        least = np.where(better, score, least)
    return method


def _places(method: NDArray[np.str_]) -> NDArray[np.intp]:
    places = {name: place for place, name in enumerate(NAMES)}
    return np.fromiter((places[str(name)] for name in method), dtype=np.intp, count=len(method))


def _mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean of what is known, over origins and weeks; NaN where nothing is."""
    known = np.isfinite(values)
    count = known.sum(axis=(0, 2))
    return np.where(count > 0, np.where(known, values, 0.0).sum(axis=(0, 2)) / np.maximum(count, 1), np.nan)


def _band(gaps: NDArray[np.float64], ahead: Weeks) -> tuple[Weeks, Weeks]:
    """Return between what a week will be in eight of ten cases, from what the method was off by in the back-test."""
    pooled = np.moveaxis(gaps, 1, 0).reshape(len(ahead), -1)
    low, high = (quantile(pooled, share)[:, None] for share in BAND)
    return np.maximum(ahead + np.minimum(low, 0), 0), np.maximum(ahead + np.maximum(high, 0), 0)


def _deviation(gaps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the deviation of one week: half from weeks, half from sums, in which weeks that err alike add up."""
    known = np.isfinite(gaps)
    sums = np.where(known, gaps, 0.0).sum(axis=2, keepdims=True)
    count = known.sum(axis=2, keepdims=True)
    squares = np.where(count > 0, sums**2 / np.maximum(count, 1), np.nan)
    return np.sqrt((_mean(gaps**2) + _mean(squares)) / 2)
