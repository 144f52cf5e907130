"""Work that stops, goes on, is delivered, shown, and taken up again."""

from datetime import UTC, datetime

import pytest
import time_machine

from core.errors import InvalidInput, InvalidTransition, NotAllowed
from core.models import EventRecord
from staff.models import Notification, Task, TaskSpan, TaskStatus, TimeEntry, Topic, User
from staff.services import (
    assign_task,
    cancel_task,
    cancel_tasks,
    deliver_task,
    go_live,
    hold_task,
    hold_tasks,
    release_task,
    reopen_task,
    resume_task,
    resume_tasks,
    retire_task,
    start_task,
)
from staff.services.work.moving import lock_task, move_task
from tests.staff.making import make_colleague, make_started_task, make_task

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # a Monday, ten in Seoul


def facts(task: Task) -> list[str]:
    rows = EventRecord.objects.filter(data__task_id=task.pk).order_by("pk")
    return [name.removeprefix("staff.") for name in rows.values_list("name", flat=True)]


def told(topic: Topic, task: Task) -> list[tuple[int, str]]:
    rows = Notification.objects.filter(topic=topic, subject_id=task.pk).order_by("pk")
    return [(row.user_id, row.data.get("status", "")) for row in rows]


def make_approved_task(*, worker: User | None = None, by: User | None = None, **over) -> Task:
    task = make_started_task(worker=worker, by=by, **over)
    move_task(lock_task(task.pk), TaskStatus.IN_REVIEW)
    return move_task(lock_task(task.pk), TaskStatus.APPROVED)


def test_a_task_on_hold_goes_on_where_it_stood_and_its_timer_ends():
    manager, designer = make_colleague("ec_manager"), make_colleague()
    task = make_started_task(by=manager, worker=designer)
    timer = TimeEntry.objects.create(task=task, user=designer, started_at=task.status_since)

    hold_task(task_id=task.pk, reason=" Waiting for the supplier ", actor=manager)

    task.refresh_from_db()
    timer.refresh_from_db()
    assert (task.status, task.resume_status, task.assignee) == ("on_hold", "in_progress", designer)
    assert timer.ended_at == task.status_since
    assert told(Topic.CHANGED, task) == [(designer.pk, "on_hold")]
    assert Notification.objects.get(topic=Topic.CHANGED).data["reason"] == "Waiting for the supplier"

    resume_task(task_id=task.pk, actor=manager)

    task.refresh_from_db()
    assert (task.status, task.resume_status, task.assignee) == ("in_progress", "", designer)
    assert facts(task)[-2:] == ["task_put_on_hold", "task_resumed"]
    assert told(Topic.CHANGED, task) == [(designer.pk, "on_hold"), (designer.pk, "in_progress")]


def test_what_waited_for_somebody_who_left_goes_on_in_the_queue():
    designer = make_colleague()
    task = make_started_task(worker=designer)
    hold_task(task_id=task.pk, reason="later", actor=None)
    User.objects.filter(pk=designer.pk).update(is_active=False)
    resume_task(task_id=task.pk, actor=None)
    task.refresh_from_db()
    assert (task.status, task.resume_status, task.assignee) == ("submitted", "", None)
    assert facts(task)[-2:] == ["task_resumed", "task_released"]


def test_giving_back_or_giving_on_ends_the_hold():
    manager, first, second = make_colleague("ec_manager"), make_colleague(), make_colleague()
    task = make_started_task(by=manager, worker=first)
    hold_task(task_id=task.pk, reason="later", actor=manager)
    assign_task(task_id=task.pk, assignee_id=second.pk, actor=manager)
    task.refresh_from_db()
    assert (task.status, task.resume_status, task.assignee) == ("assigned", "", second)
    hold_task(task_id=task.pk, reason="later", actor=manager)
    release_task(task_id=task.pk, actor=manager)
    task.refresh_from_db()
    assert (task.status, task.resume_status, task.assignee) == ("submitted", "", None)


@pytest.mark.parametrize(
    ("who", "reason", "refusal"),
    [
        ("designer", "later", NotAllowed),
        ("ec_manager", "  ", InvalidInput),
    ],
)
def test_holding_is_refused_without_right_or_reason(who, reason, refusal):
    task = make_started_task(worker=(designer := make_colleague()))
    before = facts(task)
    actor = designer if who == "designer" else make_colleague(who)
    for service in (hold_task, cancel_task):
        with pytest.raises(refusal):
            service(task_id=task.pk, reason=reason, actor=actor)
    task.refresh_from_db()
    assert (task.status, facts(task)) == ("in_progress", before)


def test_only_what_is_on_hold_is_resumed():
    task = make_started_task()
    with pytest.raises(InvalidTransition, match="not on hold"):
        resume_task(task_id=task.pk, actor=None)
    task.refresh_from_db()
    assert task.status == "in_progress"


def test_a_requester_cancels_his_own_and_what_waited_for_it_may_start():
    manager, lead, designer = make_colleague("ec_manager"), make_colleague("cs_lead"), make_colleague()
    first, second = make_started_task(by=manager), make_task(by=manager)
    second.dependencies.create(depends_on=first)
    assign_task(task_id=second.pk, assignee_id=designer.pk, actor=manager)
    with pytest.raises(InvalidTransition, match=first.number):
        start_task(task_id=second.pk, actor=designer)

    cancel_task(task_id=first.pk, reason="The sale is off", actor=manager)

    first.refresh_from_db()
    assert (first.status, first.closed_at) == ("cancelled", first.status_since)
    assert facts(first)[-1] == "task_cancelled"
    assert told(Topic.CHANGED, first) == [(first.assignee_id, "cancelled")]
    assert start_task(task_id=second.pk, actor=designer).status == "in_progress"
    assert lead.pk not in [pk for pk, _status in told(Topic.CHANGED, first)]


def test_many_at_once_each_for_itself():
    manager = make_colleague("ec_manager")
    one, two = make_task(by=manager), make_started_task(by=manager)
    done = make_approved_task(by=manager)

    report = hold_tasks(task_ids=[two.pk, one.pk, done.pk, 0], reason="Stocktaking", actor=manager)

    assert report.done == [one.pk, two.pk]
    assert [(row.task_id, row.number) for row in report.refused] == [(done.pk, done.number), (0, "0")]
    assert report.refused[0].reason == (
        "This cannot go from “Approved” to “On hold”. Reload the page to see its state."
    )
    assert resume_tasks(task_ids=[one.pk], actor=manager).done == [one.pk]
    assert cancel_tasks(task_ids=[one.pk, two.pk, done.pk], reason="Over", actor=manager).refused == []
    assert set(Task.objects.values_list("status", flat=True)) == {"cancelled"}
    with pytest.raises(InvalidInput):
        cancel_tasks(task_ids=[one.pk], reason="", actor=manager)


def test_delivering_twice_is_delivering_once():
    manager, designer = make_colleague("ec_manager"), make_colleague()
    task = make_approved_task(by=manager, worker=designer)
    for _time in range(2):
        deliver_task(task_id=task.pk, place="Product A-1")
    task.refresh_from_db()
    assert (task.status, task.delivered_at, task.assignee) == ("delivered", task.status_since, designer)
    assert facts(task)[-1:] == ["task_delivered"]
    assert facts(task).count("task_delivered") == 1
    rows = Notification.objects.filter(topic=Topic.DELIVERED).order_by("user_id")
    assert [(row.user_id, row.data["place"]) for row in rows] == [
        (manager.pk, "Product A-1"),
        (designer.pk, "Product A-1"),
    ]


def test_work_in_progress_is_not_delivered_past_its_approval():
    task = make_started_task()
    with pytest.raises(InvalidTransition, match="Only approved work is delivered"):
        deliver_task(task_id=task.pk)
    task.refresh_from_db()
    assert task.status == "in_progress"


def test_strangers_deliver_nothing():
    task, stranger = make_approved_task(), make_colleague("warehouse")
    for service in (deliver_task, go_live, retire_task):
        with pytest.raises(NotAllowed):
            service(task_id=task.pk, actor=stranger)
    with pytest.raises(NotAllowed):
        reopen_task(task_id=task.pk, reason="x", actor=stranger)
    task.refresh_from_db()
    assert task.status == "approved"


def test_from_delivered_to_live_to_retired():
    task = make_approved_task()
    with pytest.raises(InvalidTransition):
        go_live(task_id=task.pk)
    deliver_task(task_id=task.pk)
    for _time in range(2):
        assert go_live(task_id=task.pk).status == "live"
    for _time in range(2):
        assert retire_task(task_id=task.pk, reason="The sale is over").status == "retired"
    assert facts(task)[-3:] == ["task_delivered", "task_went_live", "task_retired"]
    with pytest.raises(InvalidTransition):
        reopen_task(task_id=task.pk, reason="again")


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize("state", ["approved", "delivered", "live"])
def test_taking_up_again_gives_it_back_to_whoever_had_it(state):
    manager, designer = make_colleague("ec_manager"), make_colleague()
    task = make_approved_task(by=manager, worker=designer, due_at=datetime(2026, 3, 3, tzinfo=UTC))
    for service in {"approved": (), "delivered": (deliver_task,), "live": (deliver_task, go_live)}[state]:
        service(task_id=task.pk)

    with time_machine.travel(datetime(2026, 3, 6, 1, 0, tzinfo=UTC), tick=False):  # a Friday
        reopen_task(task_id=task.pk, reason="The price has changed", actor=manager)

    task.refresh_from_db()
    assert (task.status, task.assignee, task.approved_at, task.delivered_at) == ("in_progress", designer, None, None)
    assert task.due_at == datetime(2026, 3, 9, 9, 0, tzinfo=UTC)  # the old one has passed: Monday, six in Seoul
    assert facts(task)[-2:] == ["task_reopened", "task_rescheduled"]
    assert told(Topic.CHANGES_REQUESTED, task) == [(designer.pk, "in_progress")]
    assert TaskSpan.objects.get(task=task, ended_at=None).status == "in_progress"


def test_work_of_somebody_who_left_is_taken_up_by_the_queue():
    manager, designer = make_colleague("ec_manager"), make_colleague()
    task = make_approved_task(by=manager, worker=designer)
    deliver_task(task_id=task.pk)
    User.objects.filter(pk=designer.pk).update(is_active=False)
    reopen_task(task_id=task.pk, reason="Another size", actor=manager)
    task.refresh_from_db()
    assert (task.status, task.assignee) == ("submitted", None)


@time_machine.travel(NOW, tick=False)
def test_taking_up_again_needs_a_reason_and_a_deadline_to_come():
    task = make_approved_task()
    with pytest.raises(InvalidInput, match="Say what is wanted now"):
        reopen_task(task_id=task.pk, reason=" ")
    with pytest.raises(InvalidInput, match="lies in the past"):
        reopen_task(task_id=task.pk, reason="x", due_at=datetime(2026, 3, 1, tzinfo=UTC))
    task.refresh_from_db()
    assert task.status == "approved"


def test_done_work_is_neither_started_nor_given_back_past_reopening():
    manager, designer = make_colleague("ec_manager"), make_colleague()
    task = make_approved_task(by=manager, worker=designer)
    deliver_task(task_id=task.pk)
    with pytest.raises(InvalidTransition, match="cannot be started now"):
        start_task(task_id=task.pk, actor=designer)
    with pytest.raises(InvalidTransition, match="This work is done"):
        release_task(task_id=task.pk, actor=designer)
    task.refresh_from_db()
    assert (task.status, task.assignee) == ("delivered", designer)
