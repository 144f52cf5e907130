"""From demand, lead time and stock to a level and a quantity: arithmetic of one variant in one warehouse, no tables.

Safety stock for a service level: z x sqrt(lead x demand deviation^2 + demand^2 x lead deviation^2), both deviations
independent (Silver, Pyke and Peterson, "Inventory Management and Production Planning and Scheduling", periodic
demand with variable lead time). Demand in lumps follows no normal curve: its reorder point comes from its days.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from math import ceil, floor, sqrt
from statistics import NormalDist

from purchasing.services.replenishing.lumps import enough_for

FAR = 730  # days; what lasts longer has no day on which it runs out


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """Pieces a day, their deviation, and the days until an order arrives with theirs.

    ``sizes`` (pieces of a day with sales -> on how many days) are given for demand in lumps only.
    """

    mean: float
    deviation: float
    lead_days: float
    lead_deviation: float = 0.0
    sizes: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """What can be counted on: pieces for sale now, who waits for some, and (day, pieces) on their way."""

    available: int
    waiting: int = 0
    incoming: Sequence[tuple[date | None, int]] = ()

    @property
    def on_its_way(self) -> int:
        """Return all incoming pieces, dated or not."""
        return sum(pieces for _day, pieces in self.incoming)

    @property
    def position(self) -> int:
        """Return what is there and coming, less what is owed: what reordering looks at."""
        return self.available + self.on_its_way - self.waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the class or the manager wants: a level of service, how long an order lasts, or levels fixed by hand."""

    percent: float
    cover_days: int
    reorder_point: int | None = None
    order_up_to: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """What follows: order when the position is at ``reorder_point`` or below, up to ``order_up_to``."""

    safety: int
    reorder_point: int
    order_up_to: int
    wanted: int  # pieces to order now, before packs; 0 when the position is above the reorder point
    runs_out_on: date | None
    order_by: date | None  # the last day on which an order still arrives before the stock runs out


@lru_cache(maxsize=256)
def factor(percent: float) -> float:
    """Return how many deviations above the mean cover ``percent`` of all cases: 1.645 for 95."""
    return NormalDist().inv_cdf(percent / 100)


def level_of(*, demand: Demand, stock: Stock, wish: Wish, today: date) -> Level:
    """Return the reorder point and what to order now; without demand only fixed levels, or orders that wait, ask."""
    safety, point = _safety(demand, wish.percent)
    if wish.reorder_point is not None:
        point = wish.reorder_point
    up_to = max(point, ceil(demand.mean * (demand.lead_days + wish.cover_days)) + safety)
    if wish.order_up_to is not None:
        up_to = max(point, wish.order_up_to)
    position = stock.position
    is_due = position < 0 or (position <= point and up_to > position and (point > 0 or demand.mean > 0))
    runs_out_on = _runs_out(demand.mean, stock, today)
    return Level(
        safety=safety,
        reorder_point=point,
        order_up_to=up_to,
        wanted=max(up_to, 0) - position if is_due else 0,
        runs_out_on=runs_out_on,
        order_by=None if runs_out_on is None else runs_out_on - timedelta(days=ceil(demand.lead_days)),
    )


def _safety(demand: Demand, percent: float) -> tuple[int, int]:
    """Return safety stock and reorder point for a level of service."""
    if demand.mean <= 0:
        return 0, 0
    expected = demand.mean * demand.lead_days
    if demand.sizes:
        point = enough_for(
            mean=demand.mean, sizes=demand.sizes, lead_days=demand.lead_days, lead_deviation=demand.lead_deviation,
            percent=percent,
        )  # fmt: skip
        return max(0, ceil(point - expected)), point
    spread = sqrt(demand.lead_days * demand.deviation**2 + (demand.mean * demand.lead_deviation) ** 2)
    safety = ceil(factor(percent) * spread)
    return safety, ceil(expected) + safety


def _runs_out(daily: float, stock: Stock, today: date) -> date | None:
    """Return the first day on which demand finds nothing, arrivals counted on their day; None beyond two years."""
    left, day = float(stock.available - stock.waiting), today
    if left <= 0 and (daily > 0 or left < 0):
        return today
    if daily <= 0:
        return None
    arrivals = sorted((max(due, today), pieces) for due, pieces in stock.incoming if due is not None)
    for due, pieces in arrivals:
        lasts = floor(left / daily)
        if day + timedelta(days=lasts) < due:
            return _near(day + timedelta(days=lasts), today)
        left = max(0.0, left - daily * (due - day).days) + pieces
        day = due
    return _near(day + timedelta(days=min(floor(left / daily), FAR + 1)), today)


def _near(day: date, today: date) -> date | None:
    return day if (day - today).days <= FAR else None
