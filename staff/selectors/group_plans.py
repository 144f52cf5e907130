"""Groups of tasks as a plan: what is done, what is left, when it can be done, whether the go-live date can be kept."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time

from django.utils import timezone

from staff.models import Task, TaskDependency, TaskGroup, TaskStatus
from staff.selectors.critical_path import Plan, Planned, Step, plan_of, signed_minutes
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
TIGHT_MINUTES = 480  # less slack than a working day: one more delay is one too many


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

    @property
    def total_count(self) -> int:
        """Return how many tasks there are, without those called off."""
        return sum(row.task.status != TaskStatus.CANCELLED for row in self.rows)

    @property
    def done_count(self) -> int:
        """Return how many are approved, delivered or beyond."""
        return sum(row.planned is None and row.task.status != TaskStatus.CANCELLED for row in self.rows)

    @property
    def is_done(self) -> bool:
        """Tell whether nothing is left to do."""
        return all(row.planned is None for row in self.rows)

    @property
    def is_tight(self) -> bool:
        """Tell whether the date can be kept with less than a working day to spare."""
        return self.plan.is_kept and self.slack < TIGHT_MINUTES


def go_live_moment(group: TaskGroup, shop: WorkingTime) -> datetime:
    """Return until when everything must be done: the beginning of the go-live day in the shop's zone."""
    return datetime.combine(group.go_live_on, time.min, tzinfo=shop.zone)


def group_plan(group: TaskGroup, *, now: datetime | None = None) -> GroupPlan:
    """Return the plan of one group, see ``group_plans``."""
    return group_plans([group], now=now)[group.pk]


def group_plans(groups: Sequence[TaskGroup], *, now: datetime | None = None) -> dict[int, GroupPlan]:
    """Return the plans of groups from now on by their ids, in a fixed number of queries.

    What is left of a task is its estimate less the minutes timed on it; in review nothing is left. Who has a task works
    in his own hours, and what nobody has in the shop's. Unfinished tasks outside the group are waited for, too, but
    their own chains are not followed: they count with what is left of themselves.
    """
    now = now or timezone.now()
    tasks = list(Task.objects.filter(group__in=groups).select_related("assignee").defer("search_text").order_by("pk"))
    before = _before([task.pk for task in tasks if task.status in _NOT_DONE])
    known = {**{edge.depends_on_id: edge.depends_on for edge in before}, **{task.pk: task for task in tasks}}
    open_tasks = {pk: task for pk, task in known.items() if task.status in _NOT_DONE}
    spent = minutes_spent(list(known), now=now)
    shop = working_time()
    hours = working_times([task.assignee for task in open_tasks.values() if task.assignee is not None])
    after: dict[int, list[int]] = defaultdict(list)
    for edge in before:
        if edge.depends_on_id in open_tasks:
            after[edge.task_id].append(edge.depends_on_id)
    steps = {
        pk: Step(pk, _minutes_left(task, spent.get(pk, 0)), hours.get(task.assignee_id or 0, shop), tuple(after[pk]))
        for pk, task in open_tasks.items()
    }
    of_group: dict[int, list[Task]] = defaultdict(list)
    for task in tasks:
        of_group[task.group_id or 0].append(task)
    numbers = {pk: task.number for pk, task in open_tasks.items()}
    return {group.pk: _plan(group, of_group[group.pk], steps, spent, numbers, shop, now) for group in groups}


def _plan(
    group: TaskGroup,
    tasks: Sequence[Task],
    steps: Mapping[int, Step],
    spent: Mapping[int, int],
    numbers: Mapping[int, str],
    shop: WorkingTime,
    now: datetime,
) -> GroupPlan:
    inside = {task.pk: steps[task.pk] for task in tasks if task.pk in steps}
    outside = {key for step in inside.values() for key in step.after} - set(inside)
    chosen = [*inside.values(), *(Step(key, steps[key].minutes, steps[key].hours) for key in sorted(outside))]
    plan = plan_of(chosen, now=now, deadline=go_live_moment(group, shop))
    planned = {one.key: one for one in plan.planned}
    by_start = sorted(plan.planned, key=lambda one: one.starts_at)  # stable: who is waited for stays before
    place = {one.key: number for number, one in enumerate(by_start, start=1)}
    rows = [
        GroupTask(
            task=task,
            minutes_left=inside[task.pk].minutes if task.pk in inside else 0,
            minutes_spent=spent.get(task.pk, 0),
            planned=planned.get(task.pk),
            waits_for=tuple(numbers[key] for key in inside[task.pk].after) if task.pk in inside else (),
        )
        for task in sorted(tasks, key=lambda task: (place.get(task.pk, 0), task.pk))
    ]
    return GroupPlan(group, tuple(rows), plan, signed_minutes(shop, plan.ends_at, plan.deadline))


def _before(task_ids: Sequence[int]) -> list[TaskDependency]:
    rows = TaskDependency.objects.filter(task__in=task_ids).select_related("depends_on__assignee")
    return list(rows.order_by("depends_on__number"))


def _minutes_left(task: Task, spent: int) -> int:
    return max(0, task.estimate_minutes - spent) if task.status in _WORK_IS_LEFT else 0
