"""A plan laid out along days: where each bar starts and how long it is, in percent of the whole width."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from staff.selectors.group_plans import GroupPlan, GroupTask
from staff.selectors.working_time import WorkingTime

_MOST_TICKS = 16


@dataclass(frozen=True, slots=True)
class Tick:
    """A day at the top of the chart."""

    on: date
    left: str
    is_free: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """One task; ``left`` and ``width`` are percentages with a point, empty for what is done."""

    row: GroupTask
    left: str = ""
    width: str = ""


@dataclass(frozen=True, slots=True)
class Gantt:
    """The whole chart; ``deadline`` is the place of the go-live day's line."""

    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    deadline: str


def gantt_of(plan: GroupPlan, shop: WorkingTime, *, now: datetime) -> Gantt:
    """Return the chart from today's beginning to the day after the end or the go-live date, whichever is later."""
    zone = shop.zone
    start = now.astimezone(zone).date()
    last = max(plan.plan.ends_at, plan.plan.deadline, now).astimezone(zone).date()
    days = (last - start).days + 1
    begin = datetime.combine(start, datetime.min.time(), tzinfo=zone)

    def place(moment: datetime) -> float:
        return min(100.0, max(0.0, 100 * (moment - begin) / timedelta(days=days)))

    bars = []
    for row in plan.rows:
        if row.planned is None:
            bars.append(Bar(row))
            continue
        left = place(row.planned.starts_at)
        bars.append(Bar(row, f"{left:.2f}", f"{max(0.6, place(row.planned.ends_at) - left):.2f}"))
    step = -(-days // _MOST_TICKS)
    ticks = [
        Tick(day, f"{100 * offset / days:.2f}", not shop.is_working_day(day))
        for offset in range(0, days, step)
        for day in [start + timedelta(days=offset)]
    ]
    return Gantt(tuple(bars), tuple(ticks), f"{place(plan.plan.deadline):.2f}")
