"""Days unlike others: promotions, closed seasons, holidays. History is cleaned of them, forecasts get them back."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from purchasing.services.forecasting.methods import Weeks

Days = NDArray[np.float64]  # (series, days) or (1, days)
WEEK = 7
KNOWN_DAYS = 4  # of a week, or the week is not known
NEARLY_CLOSED = 0.05  # a day of so little of an ordinary one tells nothing of ordinary ones
ENOUGH_PIECES = 50  # expected on all days of one holiday: below that nothing is learnt
ENOUGH_YEARS = 2
AROUND = (-28, -21, -14, -7, 7, 14, 21, 28)  # the same weekday, four weeks before and after
LIMITS = (0.1, 5.0)


def weeks_of(pieces: Days, *, factors: Days, is_known: NDArray[np.bool_]) -> Weeks:
    """Return ordinary pieces by week from days (a multiple of seven, the last one is the last day of a week).

    ``factors`` say what a day was of an ordinary one. Days that are not known are filled up from the rest of their
    week; a week with fewer than ``KNOWN_DAYS`` is NaN.
    """
    counted = is_known & (factors > NEARLY_CLOSED)
    sums = _by_week(np.where(counted, pieces, 0.0)).sum(axis=2)
    weights = _by_week(np.where(counted, factors, 0.0)).sum(axis=2)
    days = _by_week(counted).sum(axis=2)
    return np.where(days >= KNOWN_DAYS, sums * WEEK / np.where(weights > 0, weights, 1.0), np.nan)


def weeks_ahead(ordinary: Weeks, *, factors: Days) -> Weeks:
    """Return ordinary weeks bent by what their days will be of ordinary ones."""
    return np.asarray(ordinary * _by_week(factors).mean(axis=2))


def holiday_factors(by_day: NDArray[np.float64], names: Mapping[int, str]) -> dict[str, float]:
    """Return holiday -> what such a day sells of an ordinary one, learnt from all pieces by day.

    ``names`` are the holidays by their day's place in ``by_day``. Only what happened in two years and in which
    ``ENOUGH_PIECES`` were to be expected is learnt, and drawn towards 1 by as many pieces; others are ordinary days.
    """
    places: dict[str, list[int]] = defaultdict(list)
    for place, name in names.items():
        places[name].append(place)
    found = {}
    for name, days in places.items():
        expected = [_expected(by_day, day, names) for day in days]
        known = [(by_day[day], usual) for day, usual in zip(days, expected, strict=True) if usual is not None]
        usual = sum(usual for _sold, usual in known)
        if len(known) >= ENOUGH_YEARS and usual >= ENOUGH_PIECES:
            sold = float(sum(sold for sold, _usual in known))
            found[name] = float(np.clip((sold + ENOUGH_PIECES) / (usual + ENOUGH_PIECES), *LIMITS))
    return found


def _expected(by_day: NDArray[np.float64], day: int, names: Mapping[int, str]) -> float | None:
    """Return the mean of the same weekday around, holidays left out; None with fewer than four of them."""
    near: Sequence[int] = [day + step for step in AROUND if 0 <= day + step < len(by_day) and day + step not in names]
    return float(np.mean(by_day[list(near)])) if len(near) >= len(AROUND) // 2 else None


def _by_week(days: NDArray[np.generic]) -> NDArray[np.float64]:
    return np.asarray(days, dtype=np.float64).reshape(days.shape[0], -1, WEEK)
