"""Groups with one go-live date, and what waits for what."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from core.errors import InvalidInput, InvalidTransition, NotAllowed
from core.models import EventRecord
from staff.models import Notification, Task, TaskDependency, TaskGroup, TaskTemplate, Topic
from staff.services import cancel_task
from staff.services.requests.depending import add_dependency, remove_dependency
from staff.services.requests.grouping import (
    add_tasks_to_group,
    close_group,
    create_group,
    edit_group,
    move_go_live,
    remove_tasks_from_group,
    reopen_group,
)
from tests.staff.making import make_colleague, make_started_task, make_task
from tests.staff.test_flow import make_approved_task

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_monday")]


@pytest.fixture
def _monday():
    with time_machine.travel(datetime(2026, 3, 2, 1, 0, tzinfo=UTC), tick=False):  # ten in Seoul
        yield


def make_group(**over) -> TaskGroup:
    return create_group(
        **{"name": "Spring sale", "go_live_on": date(2026, 3, 16), "owner_id": make_colleague().pk, **over}
    )


def facts(prefix: str = "staff.task_group") -> list[str]:
    rows = EventRecord.objects.filter(name__startswith=prefix).order_by("pk")
    return [name.removeprefix("staff.") for name in rows.values_list("name", flat=True)]


def test_a_group_is_opened_renamed_closed_and_opened_again():
    manager = make_colleague("ec_manager")
    group = create_group(name=" Launch ", go_live_on=date(2026, 3, 2), actor=manager)
    assert (group.name, group.owner, group.closed_at) == ("Launch", manager, None)
    lead = make_colleague("ec_manager")
    edit_group(group_id=group.pk, name="Launch 2", owner_id=lead.pk, actor=manager)
    edit_group(group_id=group.pk, note="Two banners", actor=manager)
    group.refresh_from_db()
    assert (group.name, group.note, group.owner) == ("Launch 2", "Two banners", lead)
    assert close_group(group_id=group.pk, actor=manager).closed_at == datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
    with pytest.raises(InvalidTransition, match="This group is closed"):
        close_group(group_id=group.pk, actor=manager)
    for _time in range(2):
        assert reopen_group(group_id=group.pk, actor=manager).closed_at is None
    assert facts() == ["task_group_opened", "task_group_closed", "task_group_reopened"]


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({"name": "  "}, "Please give the group a name."),
        ({"go_live_on": date(2026, 3, 1)}, "2026-03-01 lies in the past. Choose a later date."),
        ({"owner_id": 0}, "Say who is responsible for the group."),
    ],
)
def test_a_group_that_makes_no_sense_is_refused(over, sentence):
    with pytest.raises(InvalidInput) as refusal:
        make_group(**over)
    assert str(refusal.value) == sentence
    assert not TaskGroup.objects.exists()


def test_who_does_not_direct_changes_no_group():
    designer, group, task = make_colleague(), make_group(), make_task()
    for call in (
        lambda: create_group(name="x", go_live_on=date(2026, 4, 1), actor=designer),
        lambda: edit_group(group_id=group.pk, name="x", actor=designer),
        lambda: move_go_live(group_id=group.pk, go_live_on=date(2026, 4, 1), actor=designer),
        lambda: add_tasks_to_group(group_id=group.pk, task_ids=[task.pk], actor=designer),
        lambda: remove_tasks_from_group(group_id=group.pk, task_ids=[task.pk], actor=designer),
        lambda: close_group(group_id=group.pk, actor=designer),
    ):
        with pytest.raises(NotAllowed):
            call()
    group.refresh_from_db()
    task.refresh_from_db()
    assert (group.name, group.go_live_on, group.closed_at, task.group) == ("Spring sale", date(2026, 3, 16), None, None)


def test_tasks_join_with_the_date_and_a_deadline_planned_back():
    group, other = make_group(), make_group(name="Other")
    bare, dated = make_task(), make_task(go_live_on=date(2026, 3, 10), group_id=other.pk)
    cancelled = make_task()
    cancel_task(task_id=cancelled.pk, reason="x")

    report = add_tasks_to_group(group_id=group.pk, task_ids=[bare.pk, dated.pk, cancelled.pk])

    assert report.done == [bare.pk, dated.pk]
    assert [(row.number, row.reason) for row in report.refused] == [(cancelled.number, "This task is cancelled.")]
    bare.refresh_from_db()
    dated.refresh_from_db()
    assert (bare.group, bare.go_live_on) == (group, date(2026, 3, 16))
    assert bare.due_at == datetime(2026, 3, 13, 9, 0, tzinfo=UTC)  # Friday before, six in Seoul
    assert (dated.group, dated.go_live_on, dated.due_at) == (
        group,
        date(2026, 3, 10),
        datetime(2026, 3, 9, 9, tzinfo=UTC),
    )
    assert remove_tasks_from_group(group_id=group.pk, task_ids=[bare.pk]).done == [bare.pk]
    assert len(remove_tasks_from_group(group_id=group.pk, task_ids=[bare.pk]).refused) == 1


def test_moving_the_date_moves_what_was_planned_back_and_leaves_what_was_set():
    manager, designer = make_colleague("ec_manager"), make_colleague()
    group = make_group()
    template = TaskTemplate.objects.create(code="t", kind="banner", title_en="T", role="designer", lead_days=3)
    common = {"by": manager, "group_id": group.pk, "go_live_on": group.go_live_on}
    planned = make_started_task(worker=designer, template_id=template.pk, **common)
    by_hand = make_task(due_at=datetime(2026, 3, 12, 3, 0, tzinfo=UTC), **common)
    done = make_approved_task(**common)
    Notification.objects.all().delete()

    move = move_go_live(group_id=group.pk, go_live_on=date(2026, 3, 20), actor=manager)

    assert (move.replanned, move.kept) == ([planned], [by_hand])
    rows = Task.objects.order_by("pk").values_list("go_live_on", "due_at")
    assert list(rows) == [
        (date(2026, 3, 20), datetime(2026, 3, 17, 9, 0, tzinfo=UTC)),  # a Friday: three working days before is Tuesday
        (date(2026, 3, 20), datetime(2026, 3, 12, 3, 0, tzinfo=UTC)),
        (date(2026, 3, 16), done.due_at),
    ]
    assert list(Notification.objects.values_list("user", "topic")) == [(designer.pk, Topic.CHANGED)]
    assert EventRecord.objects.get(name="staff.task_group_moved").data["replanned"] == [planned.pk]
    assert EventRecord.objects.filter(name="staff.task_rescheduled").count() == 1


def test_a_date_that_leaves_no_time_is_refused_with_the_tasks():
    group = make_group()
    template = TaskTemplate.objects.create(code="t", kind="banner", title_en="T", role="designer", lead_days=3)
    make_task(group_id=group.pk, go_live_on=group.go_live_on)
    task = make_task(group_id=group.pk, go_live_on=group.go_live_on, template_id=template.pk)
    with pytest.raises(InvalidInput) as refusal:
        move_go_live(group_id=group.pk, go_live_on=date(2026, 3, 4))
    assert str(refusal.value) == (
        f"Too few working days are left for {task.number}. Choose a later date, or change their deadlines first."
    )
    group.refresh_from_db()
    task.refresh_from_db()
    assert (group.go_live_on, task.go_live_on) == (date(2026, 3, 16), date(2026, 3, 16))
    assert facts() == ["task_group_opened"]


def test_a_group_with_open_tasks_is_not_closed_and_a_closed_one_takes_no_more():
    group = make_group()
    task = make_task(group_id=group.pk)
    with pytest.raises(InvalidTransition, match=f"Still open: {task.number}"):
        close_group(group_id=group.pk)
    cancel_task(task_id=task.pk, reason="x")
    close_group(group_id=group.pk)
    with pytest.raises(InvalidTransition, match="This group is closed"):
        add_tasks_to_group(group_id=group.pk, task_ids=[make_task().pk])
    with pytest.raises(InvalidTransition, match="This group is closed"):
        move_go_live(group_id=group.pk, go_live_on=date(2026, 4, 1))


def edges() -> set[tuple[int, int]]:
    return set(TaskDependency.objects.values_list("task", "depends_on"))


def test_dependencies_never_close_a_circle():
    one, two, three = make_task(), make_task(), make_task()
    for _time in range(2):
        add_dependency(task_id=two.pk, depends_on_id=one.pk)
    add_dependency(task_id=three.pk, depends_on_id=two.pk)
    known = {(two.pk, one.pk), (three.pk, two.pk)}
    for task, other in ((one, two), (one, three)):
        with pytest.raises(InvalidInput) as refusal:
            add_dependency(task_id=task.pk, depends_on_id=other.pk)
        assert str(refusal.value) == (
            f"{other.number} itself waits for {task.number}, directly or through others: they would wait for ever."
        )
    with pytest.raises(InvalidInput, match="cannot wait for itself"):
        add_dependency(task_id=one.pk, depends_on_id=one.pk)
    with pytest.raises(InvalidInput, match="is gone"):
        add_dependency(task_id=one.pk, depends_on_id=0)
    assert edges() == known
    assert facts("staff.dependency") == ["dependency_added"] * 2

    for _time in range(2):
        remove_dependency(task_id=two.pk, depends_on_id=one.pk)
    add_dependency(task_id=one.pk, depends_on_id=three.pk)
    assert edges() == {(three.pk, two.pk), (one.pk, three.pk)}
    assert facts("staff.dependency") == ["dependency_added"] * 2 + ["dependency_removed", "dependency_added"]


def test_who_may_say_what_waits_for_what():
    requester, stranger = make_colleague("merchandiser"), make_colleague()
    task, other = make_task(by=requester), make_task()
    with pytest.raises(NotAllowed):
        add_dependency(task_id=task.pk, depends_on_id=other.pk, actor=stranger)
    assert edges() == set()
    add_dependency(task_id=task.pk, depends_on_id=other.pk, actor=requester)
    with pytest.raises(NotAllowed):
        remove_dependency(task_id=task.pk, depends_on_id=other.pk, actor=stranger)
    assert edges() == {(task.pk, other.pk)}


def test_what_is_done_waits_for_nothing_and_nothing_waits_for_what_is_cancelled():
    done, task, cancelled = make_approved_task(), make_task(), make_task()
    cancel_task(task_id=cancelled.pk, reason="x")
    with pytest.raises(InvalidTransition, match="is done"):
        add_dependency(task_id=done.pk, depends_on_id=task.pk)
    with pytest.raises(InvalidInput, match="is cancelled"):
        add_dependency(task_id=task.pk, depends_on_id=cancelled.pk)
    assert edges() == set()


def test_work_asked_for_from_the_page_of_a_group_becomes_part_of_it():
    group = make_group()
    task = make_task(subject=group)
    assert (task.group, task.go_live_on, task.subject_type, task.subject_label) == (group, group.go_live_on, None, "")
    assert task.due_at == datetime(2026, 3, 13, 9, 0, tzinfo=UTC)
    cancel_task(task_id=task.pk, reason="x")
    close_group(group_id=group.pk)
    for over in ({"subject": group}, {"group_id": group.pk}, {"group_id": 0}):
        with pytest.raises(InvalidInput, match="This group is closed"):
            make_task(**over)
    assert Task.objects.count() == 1
