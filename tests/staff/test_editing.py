"""Changing what is asked: who may, what moves along, what is refused; files of a brief; many tasks at once."""

import io
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from core.errors import InvalidInput, NotAllowed
from core.models import EventRecord
from staff.models import Notification, Task, TaskAttachment, TaskTemplate
from staff.services import (
    Request,
    add_checklist_line,
    assign_task,
    assign_tasks,
    attach_file,
    complete_task,
    edit_task,
    remove_attachment,
    remove_checklist_line,
    reprioritise_tasks,
    request_task,
    reschedule_tasks,
    tick_item,
    unwatch_task,
    watch_task,
)
from tests.factories import make_user
from tests.staff.making import brief_for, make_colleague, make_started_task, make_task

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # a Monday, ten in Seoul


def picture():
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "teal").save(out, "PNG")
    return out.getvalue()


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def edits():
    return [row.data for row in EventRecord.objects.filter(name="staff.task_edited").order_by("pk")]


def test_an_edit_writes_what_changed_and_says_so_once():
    manager = make_colleague("ec_manager")
    task = make_task(by=manager)
    brief = {**brief_for("banner"), "headline": "봄 세일", "nonsense": "x"}

    edit_task(task_id=task.pk, changes={"title": " Spring ", "brief": brief, "priority": 2}, actor=manager)
    edit_task(task_id=task.pk, changes={"title": "Spring", "brief": brief}, actor=manager)

    task.refresh_from_db()
    assert (task.title, task.brief["headline"], "nonsense" in task.brief) == ("Spring", "봄 세일", False)
    assert "spring" in task.search_text
    assert "봄 세일" in task.search_text
    assert edits() == [{"task_id": task.pk, "fields": ["title", "brief"]}]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"title": " "}, "Please give the task a title."),
        ({"brief": {}}, "Please answer first: What it is for, Headline"),
        ({"shown_from": date(2026, 5, 2), "shown_until": date(2026, 5, 1)}, "The period shown ends before it starts."),
        ({"shown_price": 100}, "Write the price shown together with its currency."),
        ({"shown_price": -1, "shown_currency": "KRW"}, "Write the price shown together with its currency."),
        ({"priority": 9}, "Choose priority, role and estimate from what is offered."),
        ({"estimate_minutes": 0}, "Choose priority, role and estimate from what is offered."),
        ({"status": "live"}, "This cannot be changed here: status"),
    ],
)
def test_an_edit_that_makes_no_sense_is_refused(changes, sentence):
    manager = make_colleague("ec_manager")
    task = make_task(by=manager)
    before = Task.objects.filter(pk=task.pk).values().get()
    with pytest.raises(InvalidInput) as refusal:
        edit_task(task_id=task.pk, changes=changes, actor=manager)
    assert str(refusal.value) == sentence
    assert Task.objects.filter(pk=task.pk).values().get() == before
    assert edits() == []


def test_only_requester_and_who_directs_edit_and_only_while_it_is_open():
    manager, designer = make_colleague("ec_manager"), make_colleague()
    requester = make_colleague("merchandiser")
    task = make_task(by=requester)
    with pytest.raises(NotAllowed):
        edit_task(task_id=task.pk, changes={"title": "Mine"}, actor=designer)
    edit_task(task_id=task.pk, changes={"title": "By the requester"}, actor=requester)
    edit_task(task_id=task.pk, changes={"title": "By the manager"}, actor=manager)
    Task.objects.filter(pk=task.pk).update(status="cancelled")
    with pytest.raises(NotAllowed):
        edit_task(task_id=task.pk, changes={"title": "Too late"}, actor=manager)
    task.refresh_from_db()
    assert task.title == "By the manager"


def test_the_queue_of_a_task_changes_only_while_nobody_has_it():
    manager = make_colleague("ec_manager")
    task = make_task(by=manager)
    edit_task(task_id=task.pk, changes={"role": "merchandiser"}, actor=manager)
    assign_task(task_id=task.pk, assignee_id=make_colleague().pk, actor=manager)
    with pytest.raises(InvalidInput, match="Somebody has this task already"):
        edit_task(task_id=task.pk, changes={"role": "designer"}, actor=manager)
    task.refresh_from_db()
    assert task.role == "merchandiser"


@time_machine.travel(NOW, tick=False)
def test_a_planned_deadline_moves_with_the_go_live_date_and_people_hear_of_it():
    manager, designer = make_colleague("ec_manager"), make_colleague()
    template = TaskTemplate.objects.create(code="t", kind="banner", title_en="T", role="designer", lead_days=2)
    task = make_task(by=manager, template_id=template.pk, go_live_on=date(2026, 3, 9))
    assign_task(task_id=task.pk, assignee_id=designer.pk, actor=manager)

    edit_task(task_id=task.pk, changes={"go_live_on": date(2026, 3, 10)}, actor=manager)

    task.refresh_from_db()
    assert task.due_at == datetime(2026, 3, 6, 9, 0, tzinfo=UTC)
    told = Notification.objects.filter(topic="changed").values_list("user", "data__due_at")
    assert list(told) == [(designer.pk, "2026-03-06T18:00:00+09:00")]


@time_machine.travel(NOW, tick=False)
def test_a_deadline_set_by_hand_stays():
    manager = make_colleague("ec_manager")
    by_hand = datetime(2026, 3, 4, 3, 0, tzinfo=UTC)
    task = make_task(by=manager, go_live_on=date(2026, 3, 9), due_at=by_hand)
    edit_task(task_id=task.pk, changes={"go_live_on": date(2026, 3, 20)}, actor=manager)
    task.refresh_from_db()
    assert (task.go_live_on, task.due_at) == (date(2026, 3, 20), by_hand)


def test_watchers_are_exactly_those_named_and_everybody_watches_for_himself():
    manager, first, second = make_colleague("ec_manager"), make_colleague(), make_colleague()
    gone = make_colleague(is_active=False)
    task = make_task(by=manager, watcher_ids=[first.pk])
    edit_task(task_id=task.pk, changes={}, watcher_ids=[second.pk, gone.pk], actor=manager)
    assert list(task.watchers.values_list("user", flat=True)) == [second.pk]
    watch_task(task_id=task.pk, actor=first)
    watch_task(task_id=task.pk, actor=first)
    unwatch_task(task_id=task.pk, actor=second)
    assert list(task.watchers.values_list("user", flat=True)) == [first.pk]
    with pytest.raises(NotAllowed):
        watch_task(task_id=task.pk, actor=make_user())


def test_lines_of_the_check_list_come_and_go_but_a_ticked_one_stays():
    manager, designer = make_colleague("ec_manager"), make_colleague()
    task = make_started_task(by=manager, worker=designer, checklist=["First"])
    line = add_checklist_line(task_id=task.pk, text=" Second ", is_required=False, actor=designer)
    assert [(item.text, item.position, item.is_required) for item in task.checklist.all()] == [
        ("First", 0, True),
        ("Second", 1, False),
    ]
    tick_item(item_id=line.pk, is_done=True, actor=designer)
    with pytest.raises(InvalidInput, match="This line is ticked"):
        remove_checklist_line(item_id=line.pk, actor=manager)
    with pytest.raises(NotAllowed):
        remove_checklist_line(item_id=task.checklist.first().pk, actor=designer)
    remove_checklist_line(item_id=task.checklist.first().pk, actor=manager)
    assert [item.text for item in task.checklist.all()] == ["Second"]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\kim\\시안.psd", "시안.psd"),
        ("evil\x00.php\u202egnp.exe", "evil.phpgnp.exe"),
        ("", "file"),
        ("con.txt", "_con.txt"),
        ("a" * 400 + ".pdf", "a" * 196 + ".pdf"),
    ],
)
def test_names_of_files_are_made_harmless(name, kept):
    manager = make_colleague("ec_manager")
    task = make_task(by=manager)
    attachment = attach_file(task_id=task.pk, file=ContentFile(b"sketch", name=name), actor=manager)
    assert attachment.filename == kept
    assert attachment.file.name.startswith("briefs/")
    assert ".." not in attachment.file.name
    assert len(attachment.file.name) <= 255
    with default_storage.open(attachment.file.name) as stored:
        assert stored.read() == b"sketch"


def test_the_same_content_is_kept_once_and_a_picture_is_drawn_small():
    manager = make_colleague("ec_manager")
    task = make_task(by=manager)
    first = attach_file(task_id=task.pk, file=ContentFile(picture(), name="logo.png"), actor=manager)
    again = attach_file(task_id=task.pk, file=ContentFile(picture(), name="copy.png"), actor=manager)
    assert (again.pk, task.attachments.count()) == (first.pk, 1)
    assert (first.size_bytes, first.preview_path.endswith(".webp")) == (len(picture()), True)
    assert edits() == [{"task_id": task.pk, "fields": ["attachments"]}]


def test_files_too_large_empty_or_of_strangers_are_refused():
    manager = make_colleague("ec_manager")
    task = make_task(by=manager)
    huge = ContentFile(b"x", name="huge.psd")
    huge.size = 60 * 1024 * 1024 + 1
    for file in (huge, ContentFile(b"", name="empty.psd")):
        with pytest.raises(InvalidInput, match="is empty or larger than 60 MB"):
            attach_file(task_id=task.pk, file=file, actor=manager)
    with pytest.raises(NotAllowed):
        attach_file(task_id=task.pk, file=ContentFile(b"x", name="x.txt"), actor=make_colleague())
    assert not TaskAttachment.objects.exists()
    assert edits() == []


def test_a_file_is_private_and_goes_with_its_bytes(client, django_capture_on_commit_callbacks):
    manager = make_colleague("ec_manager")
    task = make_task(by=manager)
    attachment = attach_file(task_id=task.pk, file=ContentFile(b"a,b", name="prices.csv"), actor=manager)
    path = attachment.file.name
    client.force_login(make_user(is_staff=True))
    assert client.get(f"/files/{path}").status_code == 403
    client.force_login(make_colleague("warehouse"))
    answer = client.get(f"/files/{path}")
    assert b"".join(answer.streaming_content) == b"a,b"
    assert (answer.status_code, answer["Content-Disposition"]) == (200, 'attachment; filename="prices.csv"')
    with django_capture_on_commit_callbacks(execute=True):
        remove_attachment(attachment_id=attachment.pk, actor=manager)
    assert not default_storage.exists(path)


def test_of_many_tasks_each_is_done_or_says_why():
    manager, designer = make_colleague("ec_manager"), make_colleague()
    open_task, done_task = make_task(by=manager), make_started_task(by=manager, kind="general")
    complete_task(task_id=done_task.pk, actor=manager)
    ids = [open_task.pk, done_task.pk, 999_999]

    report = assign_tasks(task_ids=ids, assignee_id=designer.pk, actor=manager)

    assert report.done == [open_task.pk]
    assert [(refusal.number, bool(refusal.reason)) for refusal in report.refused] == [
        (done_task.number, True),
        ("999999", True),
    ]
    done_task.refresh_from_db()
    assert done_task.status == "delivered"
    assert reprioritise_tasks(task_ids=[open_task.pk], priority=4, actor=manager).done == [open_task.pk]
    stranger = make_colleague("warehouse")
    assert reprioritise_tasks(task_ids=[open_task.pk], priority=1, actor=stranger).done == []
    past = reschedule_tasks(task_ids=[open_task.pk], due_at=datetime(2020, 1, 1, tzinfo=UTC), actor=manager)
    assert [refusal.reason for refusal in past.refused] == ["The deadline lies in the past. Choose a later one."]
    open_task.refresh_from_db()
    assert (open_task.priority, open_task.due_at, open_task.assignee) == (4, None, designer)


def test_who_approves_has_something_to_look_at():
    template = TaskTemplate.objects.create(
        code="count", kind="stock_check", title_en="Count", role="warehouse", review_roles=["merchandiser"]
    )
    task = make_task(kind="stock_check", template_id=template.pk)
    assert (task.deliverables.count(), task.review_steps.count()) == (1, 1)


def test_a_slot_named_twice_is_one_deliverable():
    manager = make_colleague("ec_manager")
    request = Request(kind="banner", title="B", brief=brief_for("banner"), slot_ids=[])
    assert request_task(request=request, actor=manager).deliverables.count() == 1
