"""The critical path: when all steps can be done at the earliest, and what decides that. Pure arithmetic."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from staff.selectors.working_time import WorkingTime


@dataclass(frozen=True, slots=True)
class Step:
    """One task as the plan needs it: working minutes still to do, in whose hours, after which others."""

    key: int
    minutes: int
    hours: WorkingTime
    after: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Planned:
    """When a task starts and ends at the earliest, and by how many working minutes it may be late (negative: is)."""

    key: int
    starts_at: datetime
    ends_at: datetime
    slack: int
    is_critical: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """All tasks in an order in which they can be done; ``path`` are the keys of the longest chain, first to last."""

    planned: tuple[Planned, ...]
    path: tuple[int, ...]
    ends_at: datetime
    deadline: datetime

    @property
    def is_kept(self) -> bool:
        """Tell whether all can be done before the go-live date."""
        return self.ends_at <= self.deadline


def plan_of(steps: Iterable[Step], *, now: datetime, deadline: datetime) -> Plan:
    """Return the earliest plan from ``now`` on, everybody working in his own hours and tasks side by side.

    What is not among the steps is waited for by nobody. The path ends with the last end, and leads back each time over
    the predecessor that ended last. ValueError for steps that wait for each other in a circle.
    """
    known = {step.key: step for step in steps}
    order = in_order(known)
    starts: dict[int, datetime] = {}
    ends: dict[int, datetime] = {}
    held_by: dict[int, int | None] = {}
    for step in order:
        before = [key for key in step.after if key in known]
        last = max(before, key=lambda key: (ends[key], -key), default=None)
        held_by[step.key] = last
        starts[step.key] = now if last is None else max(now, ends[last])
        ends[step.key] = step.hours.after(starts[step.key], step.minutes)
    path = _walk_back(ends, held_by)
    latest = _latest_ends(order, deadline)
    planned = tuple(
        Planned(
            key=step.key,
            starts_at=_begin(step, starts[step.key]),
            ends_at=ends[step.key],
            slack=signed_minutes(step.hours, ends[step.key], latest[step.key]),
            is_critical=step.key in path,
        )
        for step in order
    )
    return Plan(planned, path, max(ends.values(), default=now), deadline)


def _begin(step: Step, at: datetime) -> datetime:
    """Return when somebody begins it: at once, or when the next working time opens."""
    return step.hours.before(step.hours.after(at, 1), 1) if step.minutes else at


def in_order(steps: Mapping[int, Step]) -> list[Step]:
    """Return the steps so that each stands after those it waits for, else by key; ValueError for a circle."""
    waits = {key: {other for other in step.after if other in steps} for key, step in steps.items()}
    followers: dict[int, list[int]] = defaultdict(list)
    for key, others in waits.items():
        for other in others:
            followers[other].append(key)
    ready = sorted(key for key, others in waits.items() if not others)
    order: list[Step] = []
    while ready:
        key = ready.pop(0)
        order.append(steps[key])
        freed = []
        for follower in followers[key]:
            waits[follower].discard(key)
            if not waits[follower]:
                freed.append(follower)
        ready = sorted([*ready, *freed])
    if len(order) < len(steps):
        raise ValueError(f"tasks wait for each other: {sorted(set(steps) - {step.key for step in order})}")
    return order


def _walk_back(ends: Mapping[int, datetime], held_by: Mapping[int, int | None]) -> tuple[int, ...]:
    if not ends:
        return ()
    at: int | None = max(ends, key=lambda key: (ends[key], -key))
    path = []
    while at is not None:
        path.append(at)
        at = held_by[at]
    return tuple(reversed(path))


def _latest_ends(order: Sequence[Step], deadline: datetime) -> dict[int, datetime]:
    """Return until when each step may end so that all after it are done at the deadline."""
    latest = {step.key: deadline for step in order}
    for step in reversed(order):
        start = step.hours.before(latest[step.key], step.minutes) if step.minutes else latest[step.key]
        for key in step.after:
            if key in latest:
                latest[key] = min(latest[key], start)
    return latest


def signed_minutes(hours: WorkingTime, start: datetime, end: datetime) -> int:
    """Return the working minutes from ``start`` to ``end``, negative when ``end`` is earlier."""
    return hours.minutes_between(start, end) if start <= end else -hours.minutes_between(end, start)
