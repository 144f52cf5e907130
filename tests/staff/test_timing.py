"""Timers and time entries."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction

from core.errors import Conflict, InvalidInput, InvalidTransition, NotAllowed
from staff.models import Notification, TaskStatus, TimeEntry, User
from staff.selectors.time_spent import minutes_spent, timers_for
from staff.services import assign_task, hold_task, release_task
from staff.services.work.moving import lock_task, move_task
from staff.services.work.timing import (
    add_time,
    change_time,
    end_forgotten_timers,
    remove_time,
    start_timer,
    stop_timer,
)
from tests.staff.making import make_colleague, make_started_task, make_task

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_monday")]
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # a Monday, ten in Seoul


@pytest.fixture
def _monday():
    with time_machine.travel(NOW, tick=False):
        yield


def spans(user: User) -> list[tuple[int, int, int | None]]:
    """Return (task, start, end) of the person's entries in minutes after NOW."""
    rows = TimeEntry.objects.filter(user=user).order_by("started_at", "pk")
    return [
        (
            row.task_id,
            int((row.started_at - NOW).total_seconds() // 60),
            None if row.ended_at is None else int((row.ended_at - NOW).total_seconds() // 60),
        )
        for row in rows
    ]


def later(minutes: int) -> time_machine.travel:
    return time_machine.travel(NOW + timedelta(minutes=minutes), tick=False)


def test_one_timer_runs_and_the_next_ends_it():
    designer = make_colleague()
    one, two = make_started_task(worker=designer), make_started_task(worker=designer)
    first = start_timer(task_id=one.pk, actor=designer)
    with later(5):
        assert start_timer(task_id=one.pk, actor=designer) == first  # pressed twice: it runs on
    with later(20):
        start_timer(task_id=two.pk, actor=designer)
    with later(50):
        stopped = stop_timer(actor=designer)
        assert stopped is not None
        assert stop_timer(actor=designer) is None
    assert spans(designer) == [(one.pk, 0, 20), (two.pk, 20, 50)]
    assert minutes_spent([one.pk, two.pk]) == {one.pk: 20, two.pk: 30}


def test_the_timer_begins_a_task_of_ones_own():
    designer, task = make_colleague(), make_task()
    assign_task(task_id=task.pk, assignee_id=designer.pk)
    start_timer(task_id=task.pk, actor=designer)
    task.refresh_from_db()
    assert (task.status, task.started_at) == ("in_progress", NOW)


def test_what_waits_for_another_is_not_begun_by_its_timer():
    designer, task, before = make_colleague(), make_task(), make_task()
    task.dependencies.create(depends_on=before)
    assign_task(task_id=task.pk, assignee_id=designer.pk)
    with pytest.raises(InvalidTransition, match=before.number):
        start_timer(task_id=task.pk, actor=designer)
    task.refresh_from_db()
    assert (task.status, spans(designer)) == ("assigned", [])


def test_no_timer_on_what_is_not_ones_own_or_not_worked_on():
    designer, stranger = make_colleague(), make_colleague()
    task = make_started_task(worker=designer)
    with pytest.raises(NotAllowed):
        start_timer(task_id=task.pk, actor=stranger)
    hold_task(task_id=task.pk, reason="x")
    with pytest.raises(InvalidTransition, match="Nobody works on this task now"):
        start_timer(task_id=task.pk, actor=designer)
    assert not TimeEntry.objects.exists()


def test_timers_end_when_the_task_is_given_back_or_goes_to_review():
    designer = make_colleague()
    one, two = make_started_task(worker=designer), make_started_task(worker=designer)
    start_timer(task_id=one.pk, actor=designer)
    with later(10):
        release_task(task_id=one.pk, actor=designer)
        start_timer(task_id=two.pk, actor=designer)
    with later(30):
        move_task(lock_task(two.pk), TaskStatus.IN_REVIEW)
    assert spans(designer) == [(one.pk, 0, 10), (two.pk, 10, 30)]


def test_time_is_added_changed_and_taken_back():
    designer = make_colleague()
    task = make_started_task(worker=designer)
    entry = add_time(task_id=task.pk, started_at=NOW - timedelta(minutes=60), minutes=30, actor=designer)
    change_time(entry_id=entry.pk, started_at=NOW - timedelta(minutes=50), minutes=50, actor=designer)
    assert spans(designer) == [(task.pk, -50, 0)]
    remove_time(entry_id=entry.pk, actor=designer)
    assert spans(designer) == []
    with pytest.raises(Conflict):
        remove_time(entry_id=entry.pk, actor=designer)


@pytest.mark.parametrize(
    ("start", "minutes", "sentence"),
    [
        (-60, 0, "Write from 1 to 1440 minutes."),
        (-2000, 1441, "Write from 1 to 1440 minutes."),
        (-10, 11, "This time has not passed yet."),
        (-50, 20, "You spent this time on {number} already."),
        (-100, 100, "You spent this time on {number} already."),
    ],
)
def test_time_that_cannot_be_is_refused(start, minutes, sentence):
    designer = make_colleague()
    task = make_started_task(worker=designer)
    known = add_time(task_id=task.pk, started_at=NOW - timedelta(minutes=40), minutes=20, actor=designer)
    other = add_time(task_id=task.pk, started_at=NOW - timedelta(minutes=3000), minutes=5, actor=designer)
    for call in (
        lambda: add_time(task_id=task.pk, started_at=NOW + timedelta(minutes=start), minutes=minutes, actor=designer),
        lambda: change_time(
            entry_id=other.pk, started_at=NOW + timedelta(minutes=start), minutes=minutes, actor=designer
        ),
    ):
        with pytest.raises(InvalidInput) as refusal:
            call()
        assert str(refusal.value) == sentence.format(number=task.number)
    assert spans(designer) == [(task.pk, -3000, -2995), (task.pk, -40, -20)]
    # what touches it, and itself, is no other time
    add_time(task_id=task.pk, started_at=NOW - timedelta(minutes=20), minutes=20, actor=designer)
    change_time(entry_id=known.pk, started_at=NOW - timedelta(minutes=45), minutes=25, actor=designer)


def test_entries_of_others_and_running_timers_are_not_changed():
    designer, other = make_colleague(), make_colleague()
    task = make_started_task(worker=designer)
    entry = start_timer(task_id=task.pk, actor=designer)
    with pytest.raises(InvalidTransition, match="Stop it first"):
        change_time(entry_id=entry.pk, started_at=NOW - timedelta(minutes=5), minutes=5, actor=designer)
    for call in (
        lambda: change_time(entry_id=entry.pk, started_at=NOW - timedelta(minutes=5), minutes=5, actor=other),
        lambda: remove_time(entry_id=entry.pk, actor=other),
    ):
        with pytest.raises(NotAllowed):
            call()
    assert spans(designer) == [(task.pk, 0, None)]


def test_a_forgotten_timer_ends_with_the_working_day_and_its_owner_is_told():
    early, late = make_colleague(), make_colleague()
    one, two = make_started_task(worker=early), make_started_task(worker=late)
    start_timer(task_id=one.pk, actor=early)
    with later(12 * 60):  # ten in the evening
        start_timer(task_id=two.pk, actor=late)
    assert end_forgotten_timers(now=NOW + timedelta(hours=10)) == []
    with later(23 * 60):
        assert len(end_forgotten_timers()) == 2
        assert end_forgotten_timers() == []
    assert spans(early) == [(one.pk, 0, 8 * 60)]  # six in the evening
    assert spans(late) == [(two.pk, 12 * 60, 13 * 60)]
    told = Notification.objects.filter(data__change="timer_ended").order_by("pk")
    assert [(row.user_id, row.subject_id) for row in told] == [(early.pk, one.pk), (late.pk, two.pk)]


def test_the_database_keeps_one_running_timer_per_person():
    designer = make_colleague()
    task = make_started_task(worker=designer)
    start_timer(task_id=task.pk, actor=designer)
    with pytest.raises(IntegrityError, match="staff_timer_one_per_person"), transaction.atomic():
        TimeEntry.objects.create(task=task, user=designer, started_at=NOW)


def test_timers_of_many_tasks_are_read_at_once(django_assert_num_queries):
    designer = make_colleague()
    tasks = [make_started_task(worker=designer, estimate_minutes=60) for _number in range(3)]
    start_timer(task_id=tasks[1].pk, actor=designer)
    with later(30), django_assert_num_queries(2):
        timers = timers_for(designer, tasks)
    assert [(timers[task.pk].started_at, timers[task.pk].minutes_spent, timers[task.pk].share) for task in tasks] == [
        (None, 0, 0),
        (NOW, 30, 50),
        (None, 0, 0),
    ]
