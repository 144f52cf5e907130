"""What somebody with bad intentions, or a slow hand, must not reach."""

import zoneinfo
from datetime import date, datetime, time

import pytest
from django.urls import reverse

from core.errors import Conflict, InvalidInput, InvalidTransition, NotAllowed
from core.models import EventRecord
from core.ui.timeline import timeline
from staff.models import ChecklistItem, Leave, Task, TaskComment, TaskGroup, TimeEntry
from staff.services import (
    add_checklist_line,
    add_leave,
    add_time,
    assign_task,
    cancel_task,
    comment_on_task,
    complete_task,
    create_group,
    decide,
    edit_task,
    hold_task,
    release_task,
    request_task,
    reschedule_task,
    send_to_review,
    tick_item,
)
from staff.services.requests.requesting import Request
from tests.factories import make_user
from tests.staff.making import brief_for, make_colleague, make_started_task, make_task
from tests.staff.proofing import deliverable_of, make_banner, upload, worker_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def state(task):
    task.refresh_from_db()
    return task.status, task.assignee_id, EventRecord.objects.filter(subject_id=task.pk).count()


def test_the_worker_does_not_end_a_hold_by_going_round_it():
    task = make_banner()
    upload(task)
    hold_task(task_id=task.pk, reason="Price is open", actor=task.requester)
    before, worker = state(task), worker_of(task)

    with pytest.raises(InvalidTransition, match="on hold"):
        send_to_review(task_id=task.pk, actor=worker)
    with pytest.raises(InvalidTransition, match="on hold"):
        release_task(task_id=task.pk, actor=worker)

    assert state(task) == before


def test_a_designer_does_not_approve_give_or_cancel_the_work_of_others():
    task, designer = make_banner(), make_colleague("designer")
    revision = upload(task)
    send_to_review(task_id=task.pk, actor=worker_of(task))
    before = state(task)

    with pytest.raises(NotAllowed):
        decide(task_id=task.pk, verdict="approved", revision_ids=[revision.pk], actor=designer)
    with pytest.raises(NotAllowed):
        assign_task(task_id=task.pk, assignee_id=designer.pk, actor=designer)
    with pytest.raises(NotAllowed):
        cancel_task(task_id=task.pk, reason="Mine", actor=designer)

    assert state(task) == before


def test_who_may_not_see_tasks_says_nothing_about_them():
    task = make_task()
    before = state(task)
    with pytest.raises(NotAllowed):
        comment_on_task(task_id=task.pk, text="Hello", actor=make_user())
    assert (state(task), TaskComment.objects.count()) == (before, 0)


def test_words_with_nul_are_kept_without_it(client):
    task = make_task(kind="general")
    client.force_login(task.requester)
    parts = "admin:staff_task_part"
    client.post(reverse(parts, args=[task.pk, "comment"]), {"text": "Hel\x00lo"})
    client.post(reverse(parts, args=[task.pk, "add-line"]), {"text": "\x00Logo"})
    hold_task(task_id=task.pk, reason="Wa\x00its", actor=task.requester)

    assert [row.text for row in TaskComment.objects.all()] == ["Hello"]
    assert [row.own_text for row in ChecklistItem.objects.all()] == ["Logo"]
    assert EventRecord.objects.get(name="staff.task_put_on_hold").data["reason"] == "Waits"


def test_ticks_of_finished_work_stay():
    task = make_started_task(kind="general")
    line = add_checklist_line(task_id=task.pk, text="Count", is_required=False, actor=task.requester)
    complete_task(task_id=task.pk, actor=worker_of(task))

    with pytest.raises(InvalidTransition):
        tick_item(item_id=line.pk, is_done=True, actor=worker_of(task))
    line.refresh_from_db()
    assert line.done_at is None


def test_a_line_that_is_gone_is_said_to_be_gone(client):
    task = make_banner()
    client.force_login(worker_of(task))
    with pytest.raises(Conflict):
        tick_item(item_id=2**40, is_done=True, actor=worker_of(task))
    answer = client.post(reverse("admin:staff_proof", args=[task.pk]), {"do": "tick", "item": "123456789"})
    assert answer.status_code == 200


def test_endless_numbers_in_addresses_and_forms_are_answered(client):
    task = make_banner()
    client.force_login(worker_of(task))
    long = "9" * 5000
    proof = reverse("admin:staff_proof", args=[task.pk])
    upload(task)
    assert client.post(f"{proof}?d={long}", {"do": "send"}).status_code == 302
    move = reverse("admin:staff_board_move", args=[task.pk])
    assert client.post(move, {"to": "in_progress", "seen": f"assigned:{long}"}).status_code == 400


def test_a_draft_with_an_open_brief_is_not_given_away():
    manager, designer = make_colleague("ec_manager"), make_colleague("designer")
    asked = Request(kind="banner", title="Half", brief={})
    draft = request_task(request=asked, submit=False, actor=manager)
    before = state(draft)

    with pytest.raises(InvalidInput, match="answer first"):
        assign_task(task_id=draft.pk, assignee_id=designer.pk, actor=manager)
    assert state(draft) == before

    Task.objects.filter(pk=draft.pk).update(brief=brief_for("banner"))
    given = assign_task(task_id=draft.pk, assignee_id=designer.pk, actor=manager)
    assert (given.status, given.submitted_at is not None) == ("assigned", True)
    names = EventRecord.objects.filter(subject_id=draft.pk).order_by("pk").values_list("name", flat=True)
    assert list(names) == ["staff.task_requested", "staff.task_assigned"]


def test_closed_and_unknown_accounts_do_not_watch():
    gone, there = make_colleague("designer", is_active=False), make_colleague("designer")
    task = make_task(watcher_ids=[gone.pk, there.pk, 2**40])
    assert list(task.watchers.values_list("user", flat=True)) == [there.pk]


def test_a_history_asks_for_all_names_at_once(django_assert_num_queries):
    manager = make_colleague("ec_manager")
    task = make_task(by=manager)
    people = [make_colleague("designer", first_name=f"D{place}", last_name="") for place in range(4)]
    for person in people:
        assign_task(task_id=task.pk, assignee_id=person.pk, actor=manager)
    timeline(task)  # content types are known from here on

    with django_assert_num_queries(2):
        entries = timeline(task)["entries"]

    assert [entry.sentence for entry in entries][:4] == [f"Given to {person}" for person in reversed(people)]
    assert deliverable_of(task).task_id == task.pk


@pytest.mark.parametrize("day", [date(1, 1, 1), date(9999, 12, 31)])
def test_days_nobody_means_are_refused_everywhere(client, day):
    """Kept, they would break pages (no clock shows the year 10000) or have plans counted for millions of days."""
    manager = make_colleague("ec_manager")
    task = make_started_task(by=manager)
    worker = worker_of(task)
    moment = datetime.combine(day, time(23, 59), tzinfo=zoneinfo.ZoneInfo("America/New_York"))
    before = state(task)
    client.force_login(manager)

    for attempt in (
        lambda: make_task(by=manager, go_live_on=day),
        lambda: make_task(by=manager, due_at=moment),
        lambda: edit_task(task_id=task.pk, changes={"go_live_on": day}, actor=manager),
        lambda: reschedule_task(task_id=task.pk, due_at=moment, actor=manager),
        lambda: create_group(name="Far", go_live_on=day, actor=manager),
        lambda: add_leave(user_id=manager.pk, starts_on=day, ends_on=day, actor=manager),
        lambda: add_time(task_id=task.pk, started_at=moment, minutes=5, actor=worker),
    ):
        with pytest.raises(InvalidInput):
            attempt()
    answer = client.get(reverse("admin:staff_task_deadline"), {"go_live_on": day.isoformat()})

    assert answer.status_code == 200
    assert (state(task), Task.objects.count(), TaskGroup.objects.count()) == (before, 1, 0)
    assert (Leave.objects.count(), TimeEntry.objects.count()) == (0, 0)
