"""A task from the request to the work: who may do what, and what is true afterwards."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from core.errors import Conflict, InvalidInput, InvalidTransition, NotAllowed
from core.models import EventRecord
from staff.models import Notification, Task, TaskSpan, TaskStatus, TaskTemplate
from staff.services import (
    Request,
    assign_task,
    claim_task,
    complete_task,
    release_task,
    request_task,
    start_task,
    submit_task,
    tick_item,
)
from tests.factories import make_user
from tests.staff.making import brief_for, make_colleague, make_started_task, make_task

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # a Monday, ten in Seoul


def facts() -> list[str]:
    return list(EventRecord.objects.filter(name__startswith="staff.task").order_by("pk").values_list("name", flat=True))


def test_a_request_enters_the_queue_with_its_parts():
    manager = make_colleague("ec_manager")
    template = TaskTemplate.objects.create(
        code="set", kind="banner", title_en="Set", role="designer", estimate_minutes=90, review_roles=["ec_manager"]
    )
    template.items.create(text_en="Logo in place", text_ko="로고 확인")

    task = make_task(by=manager, template_id=template.pk, priority=4)

    assert (task.number, task.status, task.role, task.priority) == (task.number, "submitted", "designer", 4)
    assert (task.estimate_minutes, task.assignee) == (90, None)
    assert [item.text for item in task.checklist.all()] == ["Logo in place"]
    assert [(d.slot, d.position) for d in task.deliverables.all()] == [(None, 0)]
    assert [step.role for step in task.review_steps.all()] == ["ec_manager"]
    assert list(TaskSpan.objects.filter(task=task).values_list("status", "ended_at")) == [("submitted", None)]
    assert facts() == ["staff.task_requested"]


@time_machine.travel(NOW, tick=False)
def test_the_deadline_is_planned_back_from_the_go_live_date():
    template = TaskTemplate.objects.create(code="t", kind="banner", title_en="T", role="designer", lead_days=2)
    task = make_task(
        template_id=template.pk, go_live_on=date(2026, 3, 9)
    )  # a Monday: two working days before is Thursday
    assert task.due_at == datetime(2026, 3, 5, 9, 0, tzinfo=UTC)  # six in the evening in Seoul


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({"brief": {}}, "Please answer first: What it is for, Headline"),
        ({"title": "  "}, "Please give the task a title."),
        ({"due_at": datetime(2026, 3, 1, tzinfo=UTC)}, "The deadline lies in the past. Choose a later one."),
        (
            {"go_live_on": date(2026, 3, 2)},
            "There are too few working days left before going live. Choose a later date.",
        ),
        (
            {"shown_from": date(2026, 4, 2), "shown_until": date(2026, 4, 1)},
            "The period shown ends before it starts.",
        ),
    ],
)
def test_a_request_that_cannot_be_worked_on_is_refused(over, sentence):
    with pytest.raises(InvalidInput) as refusal:
        make_task(**over)
    assert str(refusal.value) == sentence
    assert not Task.objects.exists()
    assert facts() == []


def test_a_draft_may_be_open_and_is_submitted_later():
    manager = make_colleague("ec_manager")
    draft = request_task(request=Request(kind="banner", title="Later"), submit=False, actor=manager)
    with pytest.raises(InvalidInput):
        submit_task(task_id=draft.pk, actor=manager)
    Task.objects.filter(pk=draft.pk).update(brief=brief_for("banner"))
    assert submit_task(task_id=draft.pk, actor=manager).status == TaskStatus.SUBMITTED
    assert facts() == ["staff.task_requested"]


def test_without_the_right_nobody_asks():
    with pytest.raises(NotAllowed):
        make_task(by=make_user())
    assert not Task.objects.exists()


def test_giving_tells_the_assignee_and_who_had_it():
    manager, first, second = make_colleague("ec_manager"), make_colleague(), make_colleague()
    task = make_task(by=manager)
    assign_task(task_id=task.pk, assignee_id=first.pk, actor=manager)
    assign_task(task_id=task.pk, assignee_id=second.pk, actor=manager)
    task.refresh_from_db()
    assert (task.status, task.assignee) == ("assigned", second)
    told = Notification.objects.order_by("pk").values_list("user", "topic")
    assert list(told) == [(first.pk, "assigned"), (second.pk, "assigned"), (first.pk, "released")]


def test_only_who_directs_gives_tasks():
    designer, task = make_colleague(), make_task()
    with pytest.raises(NotAllowed):
        assign_task(task_id=task.pk, assignee_id=designer.pk, actor=designer)
    task.refresh_from_db()
    assert (task.status, task.assignee) == ("submitted", None)


def test_a_closed_account_gets_nothing():
    manager = make_colleague("ec_manager")
    task, gone = make_task(by=manager), make_colleague(is_active=False)
    with pytest.raises(InvalidInput, match="This account is closed"):
        assign_task(task_id=task.pk, assignee_id=gone.pk, actor=manager)


def test_the_second_claim_is_told_who_was_faster():
    task, fast, slow = make_task(), make_colleague(), make_colleague()
    assert claim_task(task_id=task.pk, actor=fast).assignee == fast
    with pytest.raises(Conflict, match=f"{fast} was faster"):
        claim_task(task_id=task.pk, actor=slow)
    assert claim_task(task_id=task.pk, actor=fast).assignee == fast  # pressed twice: still his
    assert facts() == ["staff.task_requested", "staff.task_assigned"]


def test_another_role_cannot_claim():
    task, clerk = make_task(), make_colleague("warehouse")
    with pytest.raises(NotAllowed):
        claim_task(task_id=task.pk, actor=clerk)


def test_giving_back_brings_it_into_the_queue():
    designer = make_colleague()
    task = make_started_task(worker=designer)
    release_task(task_id=task.pk, actor=designer)
    task.refresh_from_db()
    assert (task.status, task.assignee) == ("submitted", None)
    spans = TaskSpan.objects.filter(task=task).order_by("pk")
    assert [(span.status, span.assignee_id, span.ended_at is None) for span in spans] == [
        ("submitted", None, False),
        ("assigned", designer.pk, False),
        ("in_progress", designer.pk, False),
        ("submitted", None, True),
    ]


def test_work_without_approval_is_finished_when_the_required_lines_are_ticked():
    manager, clerk = make_colleague("ec_manager"), make_colleague("warehouse")
    task = make_started_task(by=manager, worker=clerk, kind="stock_check", checklist=["Count shelf A"])
    with pytest.raises(InvalidInput, match="Count shelf A"):
        complete_task(task_id=task.pk, actor=clerk)
    tick_item(item_id=task.checklist.get().pk, is_done=True, actor=clerk)
    assert complete_task(task_id=task.pk, actor=clerk).status == "delivered"


def test_a_task_waits_for_the_one_before():
    manager, designer = make_colleague("ec_manager"), make_colleague()
    before, task = make_task(by=manager), make_task(by=manager)
    task.dependencies.create(depends_on=before)
    assign_task(task_id=task.pk, assignee_id=designer.pk, actor=manager)
    with pytest.raises(InvalidTransition, match=before.number):
        start_task(task_id=task.pk, actor=designer)
