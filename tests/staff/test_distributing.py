"""Many tasks are given at once, each to who is suggested for it."""

from datetime import UTC, datetime

import pytest
import time_machine

from core.errors import NotAllowed
from staff.models import Notification, Task, WorkProfile
from staff.services.assignment.distributing import distribute_tasks
from tests.staff.making import make_colleague, make_started_task, make_task

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]
FRIDAY = datetime(2026, 3, 6, 9, 0, tzinfo=UTC)


@pytest.fixture
def monday():
    with time_machine.travel(datetime(2026, 3, 2, 0, 0, tzinfo=UTC), tick=False):
        yield


def assignees(*tasks: Task) -> list:
    found = dict(Task.objects.values_list("pk", "assignee"))
    return [found[task.pk] for task in tasks]


def test_load_just_given_counts_for_the_next_and_pressing_work_is_given_first():
    manager = make_colleague("ec_manager")
    skilled, other = make_colleague(), make_colleague()
    WorkProfile.objects.create(user=skilled, skills=["banner"])
    WorkProfile.objects.create(user=other, skills=["banner"])
    large, small, urgent = (
        make_task(by=manager, due_at=FRIDAY, estimate_minutes=minutes, priority=priority)
        for minutes, priority in [(900, 2), (300, 2), (600, 4)]
    )

    report = distribute_tasks(task_ids=[large.pk, small.pk, urgent.pk], actor=manager)

    # urgent to the first of two equals, the large one to the other, the small one to who has less
    assert assignees(urgent, large, small) == [skilled.pk, other.pk, skilled.pk]
    assert (sorted(report.done), report.refused) == (sorted([large.pk, small.pk, urgent.pk]), [])
    assert Notification.objects.filter(topic="assigned").count() == 3


def test_what_cannot_be_given_says_why_and_hinders_nobody():
    manager, designer = make_colleague("ec_manager"), make_colleague()
    taken = make_started_task(worker=designer, by=manager)
    nobodys = make_task(by=manager, kind="stock_check")
    free = make_task(by=manager)

    report = distribute_tasks(task_ids=[taken.pk, nobodys.pk, free.pk, 0], actor=manager)

    assert report.done == [free.pk]
    assert [(row.number, row.reason) for row in report.refused] == [
        (taken.number, "Somebody has it already."),
        (nobodys.number, "Nobody of this role is there until it is due."),
        ("0", "There is no such task any more."),
    ]
    assert assignees(taken, nobodys, free) == [designer.pk, None, designer.pk]


def test_only_who_directs_gives():
    task, designer = make_task(), make_colleague()
    with pytest.raises(NotAllowed):
        distribute_tasks(task_ids=[task.pk], actor=designer)
    assert assignees(task) == [None]
