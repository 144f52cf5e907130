"""The task list and the page of a task, as people of different roles use them."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from core.ui.tiles import tiles_for
from staff.models import Task, TaskGroup
from staff.services import Request, assign_task, request_task
from tests.admin.pressing import opened, press, press_many, said
from tests.factories import make_variant
from tests.staff.making import brief_for, make_colleague, make_started_task, make_task
from tests.staff.task_desk import KEY, buttons, last, login, page_of, panel_keys

pytestmark = pytest.mark.django_db
REQUEST = "/admin/staff/task/request/"
ANSWERS = {"brief_goal": "Sell", "brief_headline": "봄 세일"}
ASKED = {"title": "Spring banner", "priority": "2", "role": "designer", "save": "submit", **KEY}


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def rows(client, tab=""):
    answer = client.get(reverse("admin:staff_task_changelist") + (f"?tab={tab}" if tab else ""))
    return [task.pk for task in answer.context["cl"].result_list]


def test_tabs_show_what_concerns_the_person(client):
    manager, designer = make_colleague("ec_manager"), login(client, "designer")
    mine = make_started_task(by=manager, worker=designer)
    queue = make_task(by=manager)
    other_queue = make_task(by=manager, kind="stock_check")
    draft = request_task(request=Request(kind="general", title="Later"), submit=False, actor=designer)
    Task.objects.filter(pk=mine.pk).update(due_at=timezone.now() - timedelta(days=1))

    assert rows(client) == [mine.pk]
    assert rows(client, "unclaimed") == [queue.pk]
    assert rows(client, "overdue") == [mine.pk]
    assert rows(client, "drafts") == [draft.pk]
    assert rows(client, "decide") == []
    assert set(rows(client, "all")) == {mine.pk, queue.pk, other_queue.pk, draft.pk}
    client.force_login(manager)
    assert set(rows(client)) == {queue.pk, other_queue.pk}
    assert set(rows(client, "requested")) == {mine.pk, queue.pk, other_queue.pk}


def test_a_number_finds_its_task_and_what_it_is_about_is_a_link(client):
    login(client, "ec_manager")
    product = make_variant().product
    task, _other = make_task(subject=product), make_task()
    answer = client.get(reverse("admin:staff_task_changelist"), {"q": task.number})
    assert [row.pk for row in answer.context["cl"].result_list] == [task.pk]
    assert f'<a href="/admin/catalog/product/{product.pk}/change/">' in answer.content.decode()


def test_buttons_follow_right_and_state(client):
    manager, designer = make_colleague("ec_manager"), login(client, "designer")
    task = make_task(by=manager)
    assert buttons(page_of(client, task)) == ["claim", "watch"]
    assert said(press(client, task, "claim")) == [f"{task.number} is yours."]
    assert buttons(page_of(client, task)) == ["start", "give_back"]
    press(client, task, "start")
    assert buttons(page_of(client, task)) == ["send_to_review", "give_back"]
    client.force_login(make_colleague("warehouse"))
    assert buttons(page_of(client, task)) == ["watch"]
    client.force_login(manager)
    assert buttons(page_of(client, task)) == [
        "give_back",
        "give",
        "reschedule",
        "hold",
        "cancel",
    ]
    task.refresh_from_db()
    assert (task.status, task.assignee) == ("in_progress", designer)


def test_the_manager_gives_a_task_to_who_is_suggested(client):
    login(client, "ec_manager")
    designer, other = make_colleague("designer"), make_colleague("merchandiser")
    task = make_task()
    dialog = client.get(reverse("admin:staff_task_press", args=[task.pk, "give"])).content.decode()
    assert f'value="{designer.pk}"' in dialog
    assert said(press(client, task, "give", suggested=designer.pk)) == [f"{task.number} is given to {designer}."]
    press(client, task, "give", suggested="", somebody=other.pk)
    task.refresh_from_db()
    assert (task.status, task.assignee) == ("assigned", other)


def test_many_tasks_are_directed_from_the_list(client):
    manager = login(client, "ec_manager")
    designer, first, second = make_colleague(), make_task(by=manager), make_task(by=manager)
    ids = [first.pk, second.pk]
    assert last(press_many(client, Task, "give_many", ids, somebody=designer.pk)) == ["2 done"]
    assert last(press_many(client, Task, "reprioritise_many", ids, priority=4)) == ["2 done"]
    assert last(press_many(client, Task, "reschedule_many", ids, due_at="2020-01-01T10:00")) == [
        f"0 done, 2 refused: The deadline lies in the past. Choose a later one. ({first.number}, {second.number})"
    ]
    assert last(press_many(client, Task, "hold_many", ids, reason="Stocktaking")) == ["2 done"]
    assert list(Task.objects.filter(pk__in=ids).values_list("status", flat=True)) == ["on_hold"] * 2
    assert last(press_many(client, Task, "resume_many", ids)) == ["2 done"]
    assert last(press_many(client, Task, "cancel_many", ids, reason="Campaign is off")) == ["2 done"]
    assert (
        list(Task.objects.filter(pk__in=ids).values_list("status", "priority", "assignee"))
        == [("cancelled", 4, designer.pk)] * 2
    )


def test_who_neither_asked_nor_directs_holds_nobodys_tasks(client):
    task = make_task(by=make_colleague("ec_manager"))
    login(client, "designer")
    [told] = last(press_many(client, Task, "hold_many", [task.pk], reason="Later"))
    assert told.startswith("0 done, 1 refused: Only who requested the task")
    task.refresh_from_db()
    assert task.status == "submitted"


def part(client, task, name, **data):
    return client.post(reverse("admin:staff_task_part", args=[task.pk, name]), data)


def test_a_line_is_ticked_with_one_press_by_who_has_the_task(client):
    manager, designer = make_colleague("ec_manager"), make_colleague()
    task = make_started_task(by=manager, worker=designer, checklist=["Logo"])
    item = task.checklist.get()
    login(client, "merchandiser")
    assert part(client, task, "tick", item=item.pk, done=1).status_code == 302
    item.refresh_from_db()
    assert item.done_at is None
    client.force_login(designer)
    answer = client.post(
        reverse("admin:staff_task_part", args=[task.pk, "tick"]),
        {"item": item.pk, "done": 1},
        headers={"HX-Request": "true"},
    )
    assert 'aria-checked="true"' in answer.content.decode()
    item.refresh_from_db()
    assert item.done_by == designer
    part(client, task, "tick", item=item.pk, done=0)
    item.refresh_from_db()
    assert item.done_at is None


def test_parts_of_other_tasks_and_odd_presses_are_refused(client):
    manager = login(client, "ec_manager")
    task, other = make_task(by=manager, checklist=["A"]), make_task(by=manager, checklist=["B"])
    foreign = other.checklist.get()
    assert part(client, task, "remove-line", item=foreign.pk).status_code == 404
    assert part(client, task, "tick", item="1; drop").status_code == 404
    assert part(client, task, "explode").status_code == 404
    assert client.get(reverse("admin:staff_task_part", args=[task.pk, "tick"])).status_code == 405
    assert other.checklist.count() == 1


def test_comments_files_and_lines_are_added_on_the_page(client):
    manager = login(client, "ec_manager")
    task = make_task(by=manager)
    part(client, task, "comment", text="Use the new logo <script>alert(1)</script>")
    part(client, task, "comment", text="  ")
    part(client, task, "add-line", text="Check the price")
    file = SimpleUploadedFile("../<b>logo.svg", b"<svg onload=alert(1)>")
    part(client, task, "attach", files=[file])
    assert [comment.author for comment in task.comments.all()] == [manager]
    assert [item.text for item in task.checklist.all()] == ["Check the price"]
    attachment = task.attachments.get()
    page = page_of(client, task).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert attachment.filename == "_b_logo.svg"
    assert client.get(f"/files/{attachment.file.name}")["Content-Disposition"].startswith("attachment")
    part(client, task, "detach", item=attachment.pk)
    assert not task.attachments.exists()


def test_the_form_is_for_requester_and_who_directs(client):
    requester = login(client, "merchandiser")
    task = make_task(by=requester)
    data = {
        "title": "New title",
        "brief_goal": "Sell more",
        "brief_headline": "봄",
        "priority": 3,
        "role": "designer",
        "estimate_minutes": 30,
        "shown_price": "12,000",
        "shown_currency": "KRW",
    }
    url = reverse("admin:staff_task_change", args=[task.pk])
    answer = client.post(url, {**opened(client, task), **data})
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    task.refresh_from_db()
    assert (task.title, task.brief) == ("New title", {"goal": "Sell more", "headline": "봄"})
    assert (task.priority, task.shown_price, task.shown_currency, task.estimate_minutes) == (3, 12000, "KRW", 30)
    login(client, "designer")
    assert list(page_of(client, task).context["adminform"]) == []
    assert client.post(url, data).status_code == 403


def test_two_people_edit_one_task_and_the_second_sees_both_values(client):
    requester = login(client, "ec_manager")
    task = make_task(by=requester)
    token = opened(client, task)
    answers = {"brief_goal": "Answer to goal", "brief_headline": "Answer to headline"}
    same = {"title": task.title, **answers, "priority": 2, "role": "designer", "estimate_minutes": 60}
    client.post(reverse("admin:staff_task_change", args=[task.pk]), {**token, **same, "title": "Theirs"})
    answer = client.post(reverse("admin:staff_task_change", args=[task.pk]), {**token, **same, "title": "Mine"})
    assert answer.status_code == 200
    assert "Somebody else changed this meanwhile" in answer.content.decode()
    task.refresh_from_db()
    assert task.title == "Theirs"


def test_a_task_of_a_closed_colleague_still_opens(client):
    manager = login(client, "ec_manager")
    designer = make_colleague()
    task = make_task(by=manager, brief={**brief_for("banner"), "references": "https://example.com/a?b=<i>"})
    assign_task(task_id=task.pk, assignee_id=designer.pk, actor=manager)
    type(designer).objects.filter(pk=designer.pk).update(is_active=False)
    answer = page_of(client, task)
    assert panel_keys(answer)[:4] == ["brief", "checklist", "deliverables", "comments"]
    assert "<i>" not in answer.content.decode().split("panel-brief")[1].split("</section>")[0]


def test_a_task_asked_for_on_a_group_s_page_belongs_to_the_group(client):
    manager = login(client, "ec_manager")
    day = timezone.localdate() + timedelta(days=30)
    group = TaskGroup.objects.create(name="Spring", go_live_on=day, owner=manager)
    url = f"{REQUEST}?kind=banner&about=staff.taskgroup:{group.pk}"
    assert client.get(url).context["go_live_on"] == day.isoformat()
    client.post(url, {**ASKED, **ANSWERS, "go_live_on": day.isoformat()})
    assert list(Task.objects.values_list("group", "subject_id", "go_live_on")) == [(group.pk, None, day)]


def tiles_of(user):
    request = RequestFactory().get("/admin/")
    request.user = user
    return {shown.tile.key: shown.content for shown in tiles_for(request)}


def test_home_shows_own_tasks_and_who_directs_sees_the_queue():
    cache.clear()
    manager, designer = make_colleague("ec_manager"), make_colleague("designer")
    make_started_task(by=manager, worker=designer, title="My banner")
    make_task(by=manager, title="In the queue")
    tiles = tiles_of(designer)
    assert [row.title for row in tiles["staff.my_tasks"].rows] == ["My banner"]
    assert "staff.unclaimed" not in tiles
    tiles = tiles_of(manager)
    assert (tiles["staff.unclaimed"].value, tiles["staff.unclaimed"].level) == ("1", "warning")
    assert "staff.my_tasks" not in tiles


def test_the_search_box_finds_tasks(client):
    login(client, "ec_manager")
    task = make_task(title="Chuseok banner")
    assert f"/admin/staff/task/{task.pk}/change/" in client.get("/admin/search/?s=chuseok").content.decode()
    assert task.number in client.get(f"/admin/search/?s={task.number}").content.decode()
