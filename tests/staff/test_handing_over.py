"""An account is closed: nothing of its work waits for somebody who will not come."""

import pytest
from django.utils import timezone

from core.errors import NotAllowed
from core.models import EventRecord
from staff.models import Notification, ReviewStep, Revision, Task, TimeEntry, WorkProfile
from staff.selectors.reviewers import reviewers_of
from staff.services import deactivate_user, hold_task, resume_task
from tests.staff.making import make_colleague, make_started_task, make_task

pytestmark = pytest.mark.django_db


def put(task: Task, status: str) -> Task:
    Task.objects.filter(pk=task.pk).update(status=status)
    if status == "in_review":
        Revision.objects.create(deliverable=task.deliverables.get(), number=1, text="Words", uploaded_by=task.assignee)
    return task


def test_tasks_to_work_on_are_free_again_and_their_requesters_told():
    me, manager, admin = make_colleague(), make_colleague("ec_manager"), make_colleague("administrator")
    started, sent_back = (make_started_task(worker=me, by=manager) for _ in range(2))
    put(sent_back, "changes_requested")
    others = make_started_task(by=manager)
    timer = TimeEntry.objects.create(task=started, user=me, started_at=timezone.now())

    deactivate_user(user_id=me.pk, actor=admin)

    assert list(Task.objects.order_by("pk").values_list("pk", "status", "assignee")) == [
        (started.pk, "submitted", None),
        (sent_back.pk, "submitted", None),
        (others.pk, "in_progress", others.assignee_id),
    ]
    timer.refresh_from_db()
    assert timer.ended_at is not None
    told = Notification.objects.filter(topic="released").order_by("pk").values_list("user", "data__reason")
    assert list(told) == [(manager.pk, "account_closed")] * 2
    facts = EventRecord.objects.filter(name="staff.task_released").values_list("data__reason", "actor")
    assert list(facts) == [("account_closed", admin.pk)] * 2


def test_work_in_review_can_still_be_decided_and_what_waits_goes_to_the_queue_when_resumed():
    me, manager = make_colleague(), make_colleague("ec_manager")
    reviewed, held = (make_started_task(worker=me, by=manager) for _ in range(2))
    put(reviewed, "in_review")
    hold_task(task_id=held.pk, reason="later", actor=manager)
    done = put(make_started_task(worker=me, by=manager), "delivered")

    deactivate_user(user_id=me.pk)

    assert list(Task.objects.order_by("pk").values_list("pk", "status", "assignee")) == [
        (reviewed.pk, "in_review", me.pk),
        (held.pk, "on_hold", me.pk),
        (done.pk, "delivered", me.pk),
    ]
    resume_task(task_id=held.pk, actor=manager)
    held.refresh_from_db()
    assert (held.status, held.assignee) == ("submitted", None)


@pytest.mark.parametrize("role", ["", "cs_lead"])
def test_approval_by_name_goes_back_to_the_role(role):
    boss, manager = make_colleague("ec_manager"), make_colleague("ec_manager")
    task = make_task(by=manager)
    task.review_steps.update(reviewer=boss, role=role)

    deactivate_user(user_id=boss.pk)

    assert list(task.review_steps.values_list("reviewer", "role")) == [(None, role or "ec_manager")]


def test_the_delegate_takes_over_and_is_asked_when_it_is_his_turn():
    boss, delegate, manager = (make_colleague("ec_manager") for _ in range(3))
    WorkProfile.objects.create(user=boss, delegate=delegate)
    waiting, later = put(make_started_task(by=manager), "in_review"), make_task(by=manager)
    over = put(make_started_task(by=manager), "cancelled")
    own = put(make_started_task(worker=delegate, by=manager), "in_review")
    ReviewStep.objects.update(reviewer=boss)

    deactivate_user(user_id=boss.pk)

    reviewers = dict(ReviewStep.objects.values_list("task", "reviewer"))
    assert reviewers == {waiting.pk: delegate.pk, later.pk: delegate.pk, over.pk: boss.pk, own.pk: None}
    asked = Notification.objects.filter(topic="review_asked", user=delegate)
    assert list(asked.values_list("subject_id", flat=True)) == [waiting.pk]
    assert delegate.pk not in reviewers_of(own.review_steps.get(), assignee_id=delegate.pk)
    assert manager.pk in reviewers_of(own.review_steps.get(), assignee_id=delegate.pk)


@pytest.mark.parametrize("over", [{"is_active": False}, {}])
def test_a_delegate_who_cannot_judge_gets_nothing(over):
    boss = make_colleague("ec_manager")
    delegate = make_colleague("ec_manager" if over else "warehouse", **over)
    WorkProfile.objects.create(user=boss, delegate=delegate)
    task = make_task()
    task.review_steps.update(reviewer=boss, role="")
    deactivate_user(user_id=boss.pk)
    assert list(task.review_steps.values_list("reviewer", "role")) == [(None, "ec_manager")]


def test_a_refusal_frees_nothing():
    me = make_colleague()
    task = make_started_task(worker=me)
    with pytest.raises(NotAllowed):
        deactivate_user(user_id=me.pk, actor=make_colleague("designer"))
    task.refresh_from_db()
    assert (task.status, task.assignee) == ("in_progress", me)
