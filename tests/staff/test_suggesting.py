"""Whom to give a task: skill, load until it is due, punctuality; and why, in one line."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from staff.models import Leave, Task, TaskSpan, WorkProfile
from staff.selectors.suggesting import Suggester, Suggestion, suggest_assignees
from staff.services import assign_task, sync_calendars
from tests.factories import make_user
from tests.staff.making import make_colleague, make_task

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]
NOW = datetime(2026, 3, 3, 0, 0, tzinfo=UTC)  # a Tuesday, nine in Seoul
FRIDAY = datetime(2026, 3, 6, 9, 0, tzinfo=UTC)  # four working days of 420 minutes
MINUTES = 4 * 420


@pytest.fixture
def monday():
    with time_machine.travel(NOW, tick=False):
        yield


def designer(*skills: str, **over):
    user = make_colleague("designer", **over)
    if skills:
        WorkProfile.objects.create(user=user, skills=list(skills))
    return user


def give(user, minutes: int, due_at=FRIDAY) -> None:
    manager = make_colleague("ec_manager")
    task = make_task(by=manager, estimate_minutes=minutes, due_at=due_at)
    assign_task(task_id=task.pk, assignee_id=user.pk, actor=manager)


def deliver(user, *, due_at, delivered_at, reviewed_at=None) -> None:
    task = make_task(due_at=FRIDAY)
    Task.objects.filter(pk=task.pk).update(status="delivered", assignee=user, due_at=due_at, delivered_at=delivered_at)
    if reviewed_at:
        TaskSpan.objects.create(task=task, status="in_review", started_at=reviewed_at, ended_at=delivered_at)


def names(task, **over) -> list:
    return [one.user for one in suggest_assignees(task, **over)]


def test_skill_comes_first_then_load_then_punctuality_then_the_elder():
    other_skill, unknown = designer("copy"), designer()
    busy, elder, younger, punctual = (designer("banner") for _ in range(4))
    give(busy, 600)
    last_week = NOW - timedelta(days=7)
    deliver(punctual, due_at=last_week, delivered_at=last_week)
    task = make_task(due_at=FRIDAY)
    assert names(task, limit=9) == [punctual, elder, younger, busy, unknown, other_skill]
    assert names(task, limit=2) == [punctual, elder]


def test_a_small_difference_in_load_says_less_than_punctuality():
    tidy, idle = designer("banner"), designer("banner")
    give(tidy, 60)  # 7 % of the time with the task, against 4 %
    deliver(tidy, due_at=NOW, delivered_at=NOW - timedelta(days=1))
    assert names(make_task(due_at=FRIDAY)) == [tidy, idle]


def test_only_people_of_the_queue_who_may_have_tasks_and_do_not_have_it():
    here = designer()
    designer(is_active=False)
    make_colleague("warehouse")
    outsider = make_user()
    task = make_task(due_at=FRIDAY)
    assert names(task) == [here]
    assign_task(task_id=task.pk, assignee_id=here.pk, actor=make_colleague("ec_manager"))
    task.refresh_from_db()
    assert names(task) == []
    assert outsider not in names(task)


def test_who_is_away_all_the_time_is_left_out_others_have_less_time():
    gone, back_on_friday, here = designer(), designer(), designer()
    Leave.objects.create(user=gone, starts_on=date(2026, 3, 1), ends_on=date(2026, 3, 6))
    Leave.objects.create(user=back_on_friday, starts_on=date(2026, 3, 3), ends_on=date(2026, 3, 5))
    task = make_task(due_at=FRIDAY, estimate_minutes=210)

    found = suggest_assignees(task)

    assert [(one.user, one.load_percent, one.away_until) for one in found] == [
        (here, 12, None),
        (back_on_friday, 50, date(2026, 3, 5)),
    ]
    assert found[1].sentence == (
        "No skills entered · 50% booked until March 6 · Nothing delivered lately · Away until March 5"
    )


def test_the_numbers_and_the_sentence():
    me = designer("banner")
    give(me, 840)
    give(me, 84, None)  # without a deadline: on the desk all the same
    give(me, 999, FRIDAY + timedelta(days=9))
    for days in range(9):
        deliver(me, due_at=NOW, delivered_at=NOW - timedelta(days=days))
    deliver(me, due_at=NOW - timedelta(days=2), delivered_at=NOW - timedelta(days=1))
    deliver(me, due_at=NOW, delivered_at=NOW - timedelta(days=91))  # too long ago
    [one] = suggest_assignees(make_task(due_at=FRIDAY, estimate_minutes=84))
    assert (one.fits, one.load_percent, one.until) == (True, 60, date(2026, 3, 6))
    assert (one.on_time, one.delivered) == (9, 10)
    assert one.sentence == "Skill fits · 60% booked until March 6 · 9 of 10 on time"


def test_work_due_soon_after_needs_the_same_hours():
    me = designer("banner")
    give(me, 1890, FRIDAY + timedelta(days=3))  # Monday: five working days of 420 minutes
    [one] = suggest_assignees(make_task(due_at=FRIDAY, estimate_minutes=420))
    assert (one.load_percent, one.until) == (110, date(2026, 3, 9))


def test_time_that_others_take_to_decide_is_not_late():
    me = designer()
    due = NOW - timedelta(days=5)
    deliver(me, due_at=due, delivered_at=NOW, reviewed_at=due)
    deliver(me, due_at=due, delivered_at=NOW, reviewed_at=due + timedelta(minutes=1))
    [one] = suggest_assignees(make_task(due_at=FRIDAY))
    assert (one.on_time, one.delivered) == (1, 2)


def test_overdue_tasks_are_wanted_until_the_working_day_closes():
    me = designer("copy")
    task = make_task(due_at=FRIDAY, estimate_minutes=210)
    Task.objects.filter(pk=task.pk).update(due_at=NOW - timedelta(days=3))
    task.refresh_from_db()
    [one] = suggest_assignees(task)
    assert (one.user, one.until, one.load_percent) == (me, date(2026, 3, 3), 50)
    evening = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
    [later] = suggest_assignees(task, now=evening)
    assert (later.until, later.load_percent) == (date(2026, 3, 4), 50)


def test_without_a_deadline_ten_working_days_count():
    me = designer()
    [one] = suggest_assignees(make_task(estimate_minutes=462))
    assert (one.user, one.until, one.load_percent) == (me, date(2026, 3, 17), 10)


def test_without_any_time_it_says_so():
    me = designer()
    WorkProfile.objects.create(user=me, daily_minutes=0)
    [one] = suggest_assignees(make_task(due_at=FRIDAY))
    assert one.load_percent is None
    assert one.sentence == "No skills entered · No time until March 6 · Nothing delivered lately"


def test_what_was_just_given_counts_for_the_next():
    first, second = designer(), designer()
    tasks = [make_task(due_at=FRIDAY, estimate_minutes=400) for _ in range(2)]
    suggester = Suggester(tasks)
    assert suggester.suggest(tasks[0])[0].user == first
    suggester.book(tasks[0], first.pk)
    assert [one.user for one in suggester.suggest(tasks[1])] == [second, first]


def test_scores_never_let_load_outweigh_skill():
    base = {"user": None, "until": date(2026, 3, 6), "on_time": 1, "delivered": 1, "away_until": None}
    worst_fitting = Suggestion(fits=True, load_percent=None, **{**base, "on_time": 0})
    best_other = Suggestion(fits=None, load_percent=0, **base)
    assert worst_fitting.score > best_other.score


def test_the_queries_do_not_grow_with_people(django_assert_num_queries):
    sync_calendars(today=NOW.date())
    task = make_task(due_at=FRIDAY)
    for _ in range(2):
        designer("banner")
    with django_assert_num_queries(12):
        suggest_assignees(task)
    for _ in range(10):
        give(designer("banner"), 30)
    with django_assert_num_queries(12):
        assert len(suggest_assignees(task, limit=50)) == 12
