"""The plan of a group: earliest ends in everybody's hours, the longest chain, what is left before going live."""

import zoneinfo
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from staff.models import TaskStatus, TimeEntry
from staff.selectors.critical_path import Step, plan_of
from staff.selectors.group_plans import GroupPlan, group_plan
from staff.selectors.working_time import WorkingTime
from staff.services import assign_task, cancel_task, start_task
from staff.services.requests.depending import add_dependency
from staff.services.requests.grouping import create_group
from staff.services.work.moving import lock_task, move_task
from tests.staff.making import make_colleague, make_started_task, make_task

SEOUL = zoneinfo.ZoneInfo("Asia/Seoul")
SHOP = WorkingTime(SEOUL)
ALWAYS = WorkingTime(SEOUL, {day: ((time(0), time(23, 59)),) for day in range(7)})
MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=SEOUL)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=SEOUL)


def test_minutes_pass_in_working_hours_only():
    assert SHOP.after(at(2, 10), 0) == at(2, 10)
    assert SHOP.after(at(2, 10), 120) == at(2, 12)
    assert SHOP.after(at(2, 10), 121) == at(2, 13, 1)  # lunch from 12 to 13
    assert SHOP.after(at(2, 17, 30), 60) == at(3, 9, 30)
    assert SHOP.after(at(6, 17), 90) == at(9, 9, 30)  # over the weekend
    assert SHOP.after(at(7, 3), 5) == at(9, 9, 5)


def test_the_longest_chain_decides():
    tokyo = WorkingTime(zoneinfo.ZoneInfo("Asia/Tokyo"), {day: ((time(14), time(18)),) for day in range(5)})
    steps = [
        Step(1, 240, SHOP),  # Monday 10-12, 13-15
        Step(2, 60, SHOP),
        Step(3, 300, tokyo, (1, 2)),  # Monday 15-18, Tuesday 14-16
        Step(4, 60, SHOP, (2,)),
        Step(5, 30, SHOP, (3, 4)),  # Tuesday 16-16:30
    ]
    plan = plan_of(steps, now=MONDAY, deadline=at(4, 0))
    assert [one.key for one in plan.planned] == [1, 2, 3, 4, 5]
    assert [(one.starts_at, one.ends_at) for one in plan.planned] == [
        (at(2, 10), at(2, 15)),
        (at(2, 10), at(2, 11)),
        (at(2, 15), at(3, 16)),
        (at(2, 11), at(2, 12)),
        (at(3, 16), at(3, 16, 30)),
    ]
    assert (plan.path, plan.ends_at, plan.is_kept) == ((1, 3, 5), at(3, 16, 30), True)
    # the last may end at six on Tuesday, 90 minutes later; what is before it in Tokyo's afternoon as well
    assert [one.slack for one in plan.planned] == [90, 270, 90, 750, 90]
    assert [one.is_critical for one in plan.planned] == [True, False, True, False, True]


def test_too_late_is_negative_slack():
    plan = plan_of([Step(1, 480, SHOP), Step(2, 60, SHOP, (1,))], now=MONDAY, deadline=at(3, 0))
    assert (plan.ends_at, plan.is_kept) == (at(3, 11), False)
    assert [one.slack for one in plan.planned] == [-120, -120]


def test_nothing_to_do_ends_now():
    plan = plan_of([], now=MONDAY, deadline=at(2, 0))
    assert (plan.planned, plan.path, plan.ends_at, plan.is_kept) == ((), (), MONDAY, False)


def test_a_circle_is_no_plan():
    with pytest.raises(ValueError, match=r"tasks wait for each other: \[1, 2\]"):
        plan_of([Step(1, 5, SHOP, (2,)), Step(2, 5, SHOP, (1,)), Step(3, 5, SHOP)], now=MONDAY, deadline=MONDAY)


@st.composite
def _graphs(draw: st.DrawFn) -> list[Step]:
    """Return steps in any order of keys that wait only for what was drawn before them."""
    keys = draw(st.permutations(range(draw(st.integers(1, 12)))))
    steps = []
    for place, key in enumerate(keys):
        before = draw(st.sets(st.sampled_from(keys[:place]), max_size=4)) if place else set()
        steps.append(Step(key, draw(st.integers(0, 2000)), SHOP, tuple(sorted(before))))
    return steps


@settings(max_examples=150, deadline=None)
@given(_graphs())
def test_any_plan_is_in_order_and_as_long_as_its_path(steps: list[Step]):
    plan = plan_of(steps, now=MONDAY, deadline=at(20, 0))
    by_key = {step.key: step for step in steps}
    planned = {one.key: one for one in plan.planned}
    place = {one.key: number for number, one in enumerate(plan.planned)}
    assert len(plan.planned) == len(steps)
    for step in steps:
        assert all(place[other] < place[step.key] for other in step.after)
        assert all(planned[other].ends_at <= planned[step.key].starts_at for other in step.after)
    assert SHOP.minutes_between(MONDAY, plan.ends_at) == sum(by_key[key].minutes for key in plan.path)
    assert all(one in by_key[two].after for one, two in pairwise(plan.path))
    assert plan.ends_at == max(one.ends_at for one in plan.planned)
    tightest = min(one.slack for one in plan.planned)
    assert {planned[key].slack for key in plan.path} == {tightest}


def _story() -> GroupPlan:
    manager, designer = make_colleague("ec_manager"), make_colleague(time_zone="Asia/Tokyo")
    group = create_group(name="Sale", go_live_on=date(2026, 3, 4), owner_id=manager.pk)
    common = {"by": manager, "group_id": group.pk}
    copy = make_started_task(kind="copy", worker=designer, estimate_minutes=120, **common)
    timed = TimeEntry.objects.create(task=copy, user=designer, started_at=MONDAY - timedelta(minutes=90))
    TimeEntry.objects.filter(pk=timed.pk).update(ended_at=MONDAY)
    banner = make_task(estimate_minutes=600, **common)
    add_dependency(task_id=banner.pk, depends_on_id=copy.pk)
    elsewhere = make_task(by=manager, estimate_minutes=60)
    add_dependency(task_id=banner.pk, depends_on_id=elsewhere.pk)
    done = make_started_task(**common)
    move_task(lock_task(done.pk), TaskStatus.IN_REVIEW)
    gone = make_task(**common)
    cancel_task(task_id=gone.pk, reason="x")
    return group_plan(group)


@pytest.mark.django_db
@time_machine.travel(MONDAY, tick=False)
def test_a_group_is_planned_from_estimates_and_timers():
    plan = _story()
    gone, copy, done, banner = plan.rows
    assert [row.task.status for row in plan.rows] == ["cancelled", "in_progress", "in_review", "submitted"]
    assert (copy.minutes_left, copy.minutes_spent) == (30, 90)
    assert copy.planned is not None
    assert copy.planned.ends_at == at(2, 10, 30)
    assert (gone.planned, done.minutes_left) == (None, 0)
    assert len(banner.waits_for) == 2
    # what is waited for outside the group takes an hour: 11:00 on, ten hours
    assert banner.planned is not None
    assert (banner.planned.starts_at, banner.planned.ends_at) == (at(2, 11), at(3, 14))
    assert [row.task for row in plan.critical] == [banner.task]
    assert (plan.plan.is_kept, plan.slack, plan.is_tight) == (True, 240, True)
    assert (plan.total_count, plan.done_count, plan.is_done) == (3, 0, False)


@pytest.mark.django_db
@time_machine.travel(MONDAY, tick=False)
def test_a_plan_asks_the_same_queries_for_few_and_many():
    manager = make_colleague("ec_manager")
    counts = []
    for size in (2, 9):
        group = create_group(name="Sale", go_live_on=date(2026, 3, 4), owner_id=manager.pk)
        tasks = [make_task(by=manager, group_id=group.pk) for _number in range(size)]
        for before, task in pairwise(tasks):
            add_dependency(task_id=task.pk, depends_on_id=before.pk)
        worker = make_colleague()
        assign_task(task_id=tasks[0].pk, assignee_id=worker.pk)
        start_task(task_id=tasks[0].pk, actor=worker)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert len(group_plan(group, now=datetime.now(UTC)).rows) == size
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8
