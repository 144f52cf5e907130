"""Load: what is booked, against the time people have, week by week."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from staff.models import Leave, Task, TimeEntry, WorkCalendar, WorkProfile
from staff.selectors.load import load_of, percent_of
from staff.services import assign_task, hold_task, sync_calendars
from tests.staff.making import make_colleague, make_started_task, make_task

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]
NOW = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)  # a Monday, nine in Seoul: the day begins
FRIDAY = datetime(2026, 3, 6, 9, 0, tzinfo=UTC)
DAY = 420


@pytest.fixture
def monday():
    with time_machine.travel(NOW, tick=False):
        yield


def give(user, minutes, due_at=FRIDAY, **over) -> Task:
    manager = make_colleague("ec_manager")
    task = make_task(by=manager, estimate_minutes=minutes, due_at=due_at, **over)
    return assign_task(task_id=task.pk, assignee_id=user.pk, actor=manager)


def numbers(user, weeks=2, now=None) -> list[tuple[int, int]]:
    [row] = load_of([user.pk], weeks, now=now)
    return [(week.booked_minutes, week.capacity_minutes) for week in row.weeks]


def test_tasks_count_in_the_week_they_are_due():
    me = make_colleague()
    give(me, 600)
    give(me, 60, FRIDAY + timedelta(days=7))
    give(me, 90, FRIDAY + timedelta(days=70))  # beyond what is shown

    [row] = load_of([me.pk], 2)

    assert [(week.starts_on, week.ends_on) for week in row.weeks] == [
        (date(2026, 3, 2), date(2026, 3, 8)),
        (date(2026, 3, 9), date(2026, 3, 15)),
    ]
    assert [(week.booked_minutes, week.capacity_minutes, week.percent) for week in row.weeks] == [
        (600, 5 * DAY, 29),
        (60, 5 * DAY, 3),
    ]
    assert row.booked_minutes == 660


def test_overdue_work_counts_into_the_first_week_and_undated_beside():
    me = make_colleague()
    late = give(me, 120)
    undated = give(me, 45, None)
    Task.objects.filter(pk=late.pk).update(due_at=NOW - timedelta(days=30))
    [row] = load_of([me.pk], 2)
    assert [week.booked_minutes for week in row.weeks] == [120, 0]
    assert [(booking.task_id, booking.minutes) for booking in row.undated] == [(undated.pk, 45)]


def test_tracked_time_is_done_and_a_running_timer_counts_until_now():
    me = make_colleague()
    task = give(me, 120)
    other = give(me, 60)
    entry = {"user": me, "task": task}
    TimeEntry.objects.create(
        **entry, started_at=NOW - timedelta(hours=3), ended_at=NOW - timedelta(hours=2, minutes=30)
    )
    TimeEntry.objects.create(**entry, started_at=NOW - timedelta(minutes=20))
    TimeEntry.objects.create(
        user=me, task=other, started_at=NOW - timedelta(hours=9), ended_at=NOW - timedelta(hours=1)
    )  # more than estimated: nothing remains, and nothing is owed back
    assert numbers(me)[0] == (70, 5 * DAY)


def test_only_work_that_somebody_has_to_do_counts():
    me, manager = make_colleague(), make_colleague("ec_manager")
    make_task(estimate_minutes=500, due_at=FRIDAY)
    hold_task(task_id=give(me, 30).pk, reason="later", actor=manager)
    Task.objects.filter(pk=make_started_task(worker=me, due_at=FRIDAY).pk).update(status="in_review")
    assert numbers(me)[0][0] == 0


def test_leave_holidays_and_short_days_take_time_away():
    calendar = WorkCalendar.objects.create(code="own", name="Own", is_default=True)
    calendar.holidays.create(on=date(2026, 3, 3), name="Free day")
    calendar.holidays.create(on=date(2026, 3, 7), name="Saturday, free anyway")
    me = make_colleague()
    WorkProfile.objects.create(user=me, daily_minutes=120)
    Leave.objects.create(user=me, starts_on=date(2026, 3, 5), ends_on=date(2026, 3, 9))

    [row] = load_of([me.pk], 2)

    first, second = row.weeks
    assert (first.capacity_minutes, first.leave_days, first.holidays) == (2 * 120, 2, ["Free day"])
    assert (second.capacity_minutes, second.leave_days, second.holidays) == (4 * 120, 1, [])


def test_of_a_day_that_has_begun_the_rest_counts():
    me = make_colleague()
    two_oclock = datetime(2026, 3, 6, 5, 0, tzinfo=UTC)  # Friday: four of eight hours are left
    assert numbers(me, 1, two_oclock) == [(0, DAY // 2)]


def test_when_the_week_is_over_the_next_one_is_the_first():
    me = make_colleague()
    late = give(me, 30)
    evening = datetime(2026, 3, 6, 9, 0, tzinfo=UTC)  # Friday, six o'clock
    with time_machine.travel(evening, tick=False):
        [row] = load_of([me.pk], 1)
    assert (row.weeks[0].starts_on, row.weeks[0].booked_minutes) == (date(2026, 3, 9), 30)
    assert late.due_at == evening


def test_without_any_time_there_is_no_percentage_but_overload():
    me = make_colleague()
    Leave.objects.create(user=me, starts_on=date(2026, 3, 1), ends_on=date(2026, 3, 31))
    give(me, 30)
    [row] = load_of([me.pk], 1)
    assert (row.weeks[0].percent, row.weeks[0].is_overload) == (None, True)


@pytest.mark.parametrize(("booked", "capacity", "percent"), [(0, 0, 0), (30, 0, None), (630, 420, 150), (1, 420, 0)])
def test_percent(booked, capacity, percent):
    assert percent_of(booked, capacity) == percent


def test_weeks_turn_at_midnight_where_the_person_lives():
    me = make_colleague(time_zone="America/New_York")
    give(me, 30, datetime(2026, 3, 9, 3, 0, tzinfo=UTC))  # Monday noon in Seoul, Sunday evening in New York
    assert [booked for booked, _capacity in numbers(me)] == [30, 0]


def test_closed_accounts_have_no_row_and_people_stand_by_name():
    people = [make_colleague(first_name=name, last_name="A") for name in ("Zoe", "Ann")]
    gone = make_colleague(is_active=False)
    rows = load_of([*(user.pk for user in people), gone.pk])
    assert [row.user.first_name for row in rows] == ["Ann", "Zoe"]


def test_any_number_of_people_takes_the_same_queries(django_assert_num_queries):
    people = [make_colleague() for _ in range(12)]
    for user in people:
        WorkProfile.objects.create(user=user)
        give(user, 30)
    sync_calendars(today=NOW.date())
    for some in (people[:2], people):
        with django_assert_num_queries(9):
            load_of([user.pk for user in some])
