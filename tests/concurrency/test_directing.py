"""Two people at one task, two workers at one clock: each thing happens once."""

from datetime import UTC, datetime

import pytest
import time_machine

from core.models import EventRecord
from staff.models import Notification, Task, TaskSpan, User
from staff.services import assign_task, claim_task, deactivate_user, release_task, start_task
from staff.services.assignment.escalating import escalate_tasks
from staff.services.assignment.releasing import release_idle_tasks
from tests.concurrency.race import race
from tests.staff.making import make_colleague, make_started_task, make_task

pytestmark = pytest.mark.django_db(transaction=True)
MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
LATER = datetime(2026, 3, 12, 1, 0, tzinfo=UTC)


def recorded(name: str) -> int:
    return EventRecord.objects.filter(name=f"staff.{name}").count()


def test_two_designers_claim_one_task_and_exactly_one_gets_it():
    task, one, two = make_task(), make_colleague(), make_colleague()

    results = race(*(lambda who=who: claim_task(task_id=task.pk, actor=who).assignee_id for who in (one, two)))

    assert sorted(result.kind for result in results) == ["done", "refused"], results
    winner = next(result.value for result in results if result.kind == "done")
    refusal = next(result.value for result in results if result.kind == "refused")
    task.refresh_from_db()
    assert (task.status, task.assignee_id) == ("assigned", winner)
    assert refusal == f"{User.objects.get(pk=winner)} was faster: the task is already taken."
    assert recorded("task_assigned") == 1
    assert list(TaskSpan.objects.filter(task=task, ended_at=None).values_list("assignee", flat=True)) == [winner]


def test_two_workers_release_each_idle_task_once():
    with time_machine.travel(MONDAY, tick=False):
        designer = make_colleague()
        tasks = [claim_task(task_id=make_task().pk, actor=designer) for _ in range(10)]

    results = race(*[lambda: release_idle_tasks(now=LATER)] * 2)

    assert sorted(pk for result in results for pk in result.value) == [task.pk for task in tasks], results
    assert set(Task.objects.values_list("status", "assignee")) == {("submitted", None)}
    assert recorded("task_released") == 10


def test_two_workers_escalate_each_task_once():
    with time_machine.travel(MONDAY, tick=False):
        manager = make_colleague("ec_manager")
        for _ in range(10):
            make_task(by=manager)

    results = race(*[lambda: escalate_tasks(now=LATER)] * 3)

    assert sum(result.value for result in results) == 10, results
    assert recorded("task_escalated") == Notification.objects.filter(user=manager, topic="unclaimed").count() == 10


def test_an_account_is_closed_while_its_tasks_are_given_to_others():
    manager, gone, other = make_colleague("ec_manager"), make_colleague(), make_colleague()
    tasks = [assign_task(task_id=make_task(by=manager).pk, assignee_id=gone.pk, actor=manager) for _ in range(8)]

    def give_away() -> None:
        for task in reversed(tasks):
            assign_task(task_id=task.pk, assignee_id=other.pk, actor=manager)

    results = race(lambda: deactivate_user(user_id=gone.pk).pk, give_away)

    assert [result.kind for result in results] == ["done", "done"], results
    assert not Task.objects.filter(assignee=gone).exists()
    assert Task.objects.filter(assignee=other, status="assigned").count() == 8


def test_an_account_is_closed_while_its_owner_begins_and_gives_back():
    gone = make_colleague()
    started = [make_started_task(worker=gone) for _ in range(2)]
    waiting = claim_task(task_id=make_task().pk, actor=gone)

    def work() -> None:
        release_task(task_id=started[1].pk, actor=gone)
        start_task(task_id=waiting.pk, actor=gone)

    results = race(lambda: deactivate_user(user_id=gone.pk).pk, work)

    assert results[0].kind == "done", results
    assert results[1].kind in {"done", "refused"}, results
    release_idle_tasks()
    assert set(Task.objects.values_list("status", "assignee")) == {("submitted", None)}
