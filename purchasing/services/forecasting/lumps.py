"""Demand in lumps: where a mean and its deviation say little, what single days look like says more."""

import numpy as np
from numpy.typing import NDArray

from purchasing.services.forecasting.bending import NEARLY_CLOSED, Days
from purchasing.services.forecasting.methods import YEAR, Weeks

SELDOM = 1.32  # weeks from sale to sale, and
UNEVEN = 0.49  # the squared variation of weeks with sales: Syntetos, Boylan and Croston 2005


def is_lumpy(weeks: Weeks) -> NDArray[np.bool_]:
    """Tell which series sold seldom or very unevenly in the known ones of the last 52 weeks."""
    recent = weeks[:, -YEAR:]
    sold = recent > 0
    count = np.maximum(sold.sum(axis=1), 1)
    pieces = np.where(sold, recent, 0.0)
    mean = pieces.sum(axis=1) / count
    variance = (pieces**2).sum(axis=1) / count - mean**2
    between = np.isfinite(recent).sum(axis=1) / count
    return np.asarray(sold.any(axis=1) & ((between >= SELDOM) | (variance >= UNEVEN * mean**2)))


def day_sizes(pieces: Days, factors: Days, is_known: NDArray[np.bool_]) -> dict[int, int]:
    """Return pieces -> on how many known days of the last year so many would have been an ordinary day's sales.

    ``pieces`` and ``factors`` are (channels, days) of one variant; a promotion's days count as what they would have
    been without it, days that were all but closed do not count.
    """
    last = slice(-7 * YEAR, None)
    counted = is_known[None, last] & (factors[:, last] > NEARLY_CLOSED)
    ordinary = np.where(counted, pieces[:, last] / np.where(counted, factors[:, last], 1.0), 0.0).sum(axis=0)
    sold = np.maximum(np.rint(ordinary[ordinary > 0]), 1).astype(np.int64)
    found, count = np.unique(sold, return_counts=True)
    return dict(zip(found.tolist(), count.tolist(), strict=True))
