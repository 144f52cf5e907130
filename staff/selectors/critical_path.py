"""The critical path of a group of tasks: when all can be done at the earliest, and what decides that."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time

from django.db.models import QuerySet
from django.utils import timezone

from staff.models import Task, TaskDependency, TaskGroup, TaskStatus
from staff.selectors.time_spent import minutes_spent
from staff.selectors.working_time import WorkingTime, working_time, working_times

_WORK_IS_LEFT = {
    TaskStatus.DRAFT,
    TaskStatus.SUBMITTED,
    TaskStatus.ASSIGNED,
    TaskStatus.IN_PROGRESS,
    TaskStatus.CHANGES_REQUESTED,
    TaskStatus.ON_HOLD,
}
_NOT_DONE = {*_WORK_IS_LEFT, TaskStatus.IN_REVIEW}


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
            starts_at=starts[step.key],
            ends_at=ends[step.key],
            slack=_signed_minutes(step.hours, ends[step.key], latest[step.key]),
            is_critical=step.key in path,
        )
        for step in order
    )
    return Plan(planned, path, max(ends.values(), default=now), deadline)


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


def _signed_minutes(hours: WorkingTime, start: datetime, end: datetime) -> int:
    return hours.minutes_between(start, end) if start <= end else -hours.minutes_between(end, start)


@dataclass(frozen=True, slots=True)
class GroupTask:
    """A task of a group with its place in the plan; ``planned`` is None for what is done or cancelled."""

    task: Task
    minutes_left: int
    minutes_spent: int
    planned: Planned | None
    waits_for: tuple[str, ...]  # numbers of unfinished tasks, of this group or others


@dataclass(frozen=True, slots=True)
class GroupPlan:
    """A group with its tasks in order; ``slack`` are working minutes of the shop left before the go-live day."""

    group: TaskGroup
    rows: tuple[GroupTask, ...]
    plan: Plan
    slack: int

    @property
    def critical(self) -> list[GroupTask]:
        """Return the tasks of the longest chain, first to last."""
        place = {key: number for number, key in enumerate(self.plan.path)}
        return sorted((row for row in self.rows if row.task.pk in place), key=lambda row: place[row.task.pk])


def go_live_moment(group: TaskGroup, shop: WorkingTime) -> datetime:
    """Return until when everything must be done: the beginning of the go-live day in the shop's zone."""
    return datetime.combine(group.go_live_on, time.min, tzinfo=shop.zone)


def group_plan(group: TaskGroup, *, now: datetime | None = None) -> GroupPlan:
    """Return the plan of a group from now on, in a fixed number of queries.

    What is left of a task is its estimate less the minutes timed on it; in review nothing is left. Who has a task works
    in his own hours, and what nobody has in the shop's. Unfinished tasks outside the group are waited for, too, but
    their own chains are not followed: they count with what is left of themselves.
    """
    now = now or timezone.now()
    tasks = list(_tasks(group))
    before = _before([task.pk for task in tasks if task.status in _NOT_DONE])
    inside = {task.pk for task in tasks}
    outside = {edge.depends_on_id: edge.depends_on for edge in before if edge.depends_on_id not in inside}
    open_tasks = [task for task in [*tasks, *outside.values()] if task.status in _NOT_DONE]
    spent = minutes_spent([task.pk for task in [*tasks, *outside.values()]], now=now)
    shop = working_time()
    hours = working_times([task.assignee for task in open_tasks if task.assignee is not None])
    after: dict[int, list[int]] = defaultdict(list)
    for edge in before:
        after[edge.task_id].append(edge.depends_on_id)
    left = {task.pk: _minutes_left(task, spent.get(task.pk, 0)) for task in open_tasks}
    steps = [
        Step(task.pk, left[task.pk], hours.get(task.assignee_id or 0, shop), tuple(after[task.pk]))
        for task in open_tasks
    ]
    plan = plan_of(steps, now=now, deadline=go_live_moment(group, shop))
    planned = {one.key: one for one in plan.planned}
    by_start = sorted(plan.planned, key=lambda one: one.starts_at)  # stable: who is waited for stays before
    place = {one.key: number for number, one in enumerate(by_start, start=1)}
    numbers = {task.pk: task.number for task in open_tasks}
    rows = [
        GroupTask(
            task=task,
            minutes_left=left.get(task.pk, 0),
            minutes_spent=spent.get(task.pk, 0),
            planned=planned.get(task.pk),
            waits_for=tuple(numbers[key] for key in after[task.pk] if key in numbers),
        )
        for task in tasks
    ]
    rows.sort(key=lambda row: (place.get(row.task.pk, 0), row.task.pk))
    return GroupPlan(group, tuple(rows), plan, _signed_minutes(shop, plan.ends_at, plan.deadline))


def _tasks(group: TaskGroup) -> "QuerySet[Task]":
    return group.tasks.select_related("assignee", "requester").order_by("pk")


def _before(task_ids: Sequence[int]) -> list[TaskDependency]:
    rows = TaskDependency.objects.filter(task__in=task_ids).select_related("depends_on__assignee")
    return list(rows.order_by("depends_on__number"))


def _minutes_left(task: Task, spent: int) -> int:
    return max(0, task.estimate_minutes - spent) if task.status in _WORK_IS_LEFT else 0
