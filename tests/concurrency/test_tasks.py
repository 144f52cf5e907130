"""Colleagues at the same tasks at the same moment."""

import pytest
from django.utils import timezone

from staff.models import TaskDependency, TimeEntry
from staff.services.requests.depending import add_dependency
from staff.services.requests.recurring import open_recurring
from staff.services.work.timing import start_timer
from tests.concurrency.race import race
from tests.staff.making import make_colleague, make_started_task, make_task
from tests.staff.test_recurring import make_recurring

pytestmark = pytest.mark.django_db(transaction=True)


def test_dependencies_that_would_close_a_circle_together_are_not_both_kept():
    manager = make_colleague("ec_manager")
    a, b, c, d = (make_task(by=manager).pk for _ in range(4))
    add_dependency(task_id=b, depends_on_id=a)
    add_dependency(task_id=d, depends_on_id=c)

    # a ← b and c ← d stand; c waits for b and a waits for d: no task is in both commands
    one, two = race(
        lambda: add_dependency(task_id=c, depends_on_id=b).pk, lambda: add_dependency(task_id=a, depends_on_id=d).pk
    )

    assert sorted([one.kind, two.kind]) == ["done", "refused"]
    edges = set(TaskDependency.objects.values_list("task", "depends_on"))
    assert edges - {(b, a), (d, c)} in ({(c, b)}, {(a, d)})


def test_two_timers_of_one_person_at_once_leave_one_running():
    designer = make_colleague()
    tasks = [make_started_task(worker=designer) for _number in range(2)]

    results = race(*[lambda pk=task.pk: start_timer(task_id=pk, actor=designer).pk for task in tasks])

    assert [result.kind for result in results] == ["done", "done"]
    entries = TimeEntry.objects.filter(user=designer)
    assert [entries.filter(ended_at=None).count(), entries.exclude(ended_at=None).count()] == [1, 1]


def test_two_clocks_open_an_occurrence_once():
    recurring = make_recurring(next_on=timezone.localdate(), weekday=timezone.localdate().weekday())

    results = race(*[lambda: len(open_recurring().opened)] * 3)

    assert sorted(result.value for result in results) == [0, 0, 1]
    assert recurring.tasks.count() == 1
