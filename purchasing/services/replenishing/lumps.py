"""How much is wanted over a lead time when demand comes in lumps: from the days of the last year, no normal curve.

Each day of the lead time is drawn from those days (a bootstrap), worked out exactly instead of by lot: the days' sums
are a convolution. How often it sells follows the forecast, how much at once the past.
"""

from collections.abc import Mapping
from math import ceil, sqrt

import numpy as np
from numpy.typing import NDArray

MOST_PLACES = 65_536  # what would need more is counted in larger steps, rounded up
# a lead time that varies is met at three points with the mean and deviation of its normal curve (Gauss and Hermite)
POINTS = ((-sqrt(3), 1 / 6), (0.0, 2 / 3), (sqrt(3), 1 / 6))
HAIR = 1e-9  # what adding up in another order may differ by


def enough_for(
    *, mean: float, sizes: Mapping[int, int], lead_days: float, lead_deviation: float, percent: float
) -> int:
    """Return the fewest pieces that are enough in ``percent`` of all lead times.

    ``mean`` is pieces a day as the forecast says; ``sizes`` are pieces of a day with sales -> on how many days.
    """
    usual = sum(size * count for size, count in sizes.items()) / sum(sizes.values())
    larger = max(1.0, mean / usual)  # more than a sale every day: then each is larger
    spans = _spans(lead_days, lead_deviation)
    longest = max(days for days, _weight in spans)
    greatest = ceil(max(sizes) * larger)
    step = max(1, ceil(longest * greatest / MOST_PLACES))
    day = np.zeros(ceil(greatest / step) + 1)
    for size, count in sizes.items():
        day[ceil(size * larger / step)] += count
    day *= min(1.0, mean / usual) / day.sum()
    day[0] = 1 - day.sum()
    return int(np.searchsorted(np.cumsum(_sums(day, spans, longest)), percent / 100 - HAIR)) * step


def _spans(days: float, deviation: float) -> list[tuple[int, float]]:
    """Return (whole days, weight) of the lead times to reckon with."""
    if not deviation:
        return [(ceil(round(days, 6)), 1.0)]
    return [(max(0, ceil(round(days + point * deviation, 6))), weight) for point, weight in POINTS]


def _sums(day: NDArray[np.float64], spans: list[tuple[int, float]], longest: int) -> NDArray[np.float64]:
    """Return how probable each sum over the lead time is."""
    places = longest * (len(day) - 1) + 1
    wave = np.fft.rfft(day, places)
    return np.asarray(np.fft.irfft(sum(weight * wave**days for days, weight in spans), places))
