"""Pages of groups and recurring tasks; time and order of work on a task's page."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from staff.models import RecurringTask, Task, TaskDependency, TaskGroup, TimeEntry, User
from staff.services import add_dependency, add_tasks_to_group, assign_task, create_group
from tests.admin.pressing import opened, press
from tests.staff.making import brief_for, make_colleague, make_started_task, make_task
from tests.staff.test_recurring import make_recurring

pytestmark = pytest.mark.django_db


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def part(client: Client, task: Task, name: str, **data: object) -> str:
    response = client.post(f"/admin/staff/task/{task.pk}/part/{name}/", data, headers={"HX-Request": "true"})
    assert response.status_code == 200
    return response.content.decode()


def make_group(manager: User, **over: object) -> TaskGroup:
    in_two_weeks = timezone.localdate() + timedelta(days=14)
    return create_group(**{"name": "Spring sale", "go_live_on": in_two_weeks, "actor": manager, **over})


def test_the_plan_of_a_group_is_on_its_page():
    manager, designer = make_colleague("ec_manager"), make_colleague()
    group = make_group(manager)
    first = make_started_task(by=manager, worker=designer, group_id=group.pk, title="Photo of the bag")
    second = make_task(by=manager, group_id=group.pk, title="Banner of the bag")
    add_dependency(task_id=second.pk, depends_on_id=first.pk)

    page = browser(manager).get(f"/admin/staff/taskgroup/{group.pk}/change/").content.decode()

    assert page.index("Photo of the bag") < page.index("Banner of the bag")
    assert page.count('class="gantt-row critical"') == 2
    assert f"waits for {first.number}" in page
    assert "On time" in page
    assert "0 / 2" in page


def test_a_group_that_comes_too_late_says_what_decides_it():
    manager = make_colleague("ec_manager")
    group = make_group(manager, go_live_on=timezone.localdate() + timedelta(days=1))
    task = make_task(by=manager, group_id=group.pk, estimate_minutes=60_000)
    client = browser(manager)
    page = client.get(f"/admin/staff/taskgroup/{group.pk}/change/").content.decode()
    assert f"What decides it: {task.number}." in page
    assert "Too late" in client.get("/admin/staff/taskgroup/").content.decode()


def test_the_buttons_of_a_group():
    manager = make_colleague("ec_manager")
    group = make_group(manager)
    task = make_task(by=manager)
    add_tasks_to_group(group_id=group.pk, task_ids=[task.pk])
    client = browser(manager)
    later = timezone.localdate() + timedelta(days=30)

    press(client, group, "move", go_live_on=later.isoformat())
    group.refresh_from_db()
    task.refresh_from_db()
    assert (group.go_live_on, task.go_live_on) == (later, later)

    press(client, group, "take_out", numbers=task.number.lower())
    task.refresh_from_db()
    assert task.group is None
    press(client, group, "bring_in", numbers=f"{task.number}, {task.number}")
    task.refresh_from_db()
    assert task.group == group


def test_a_group_is_made_and_changed_by_its_form():
    manager = make_colleague("ec_manager")
    client = browser(manager)
    day = timezone.localdate() + timedelta(days=5)
    client.post("/admin/staff/taskgroup/add/", {"name": "Launch", "go_live_on": day, "owner": manager.pk, "note": ""})
    group = TaskGroup.objects.get()
    assert (group.name, group.go_live_on, group.owner) == ("Launch", day, manager)
    designer = make_colleague()
    values = {"name": "Launch 2", "owner": designer.pk, "note": "Two banners", **opened(client, group)}
    client.post(f"/admin/staff/taskgroup/{group.pk}/change/", values)
    group.refresh_from_db()
    assert (group.name, group.note, group.owner) == ("Launch 2", "Two banners", designer)


def test_a_group_in_the_past_is_refused_beside_the_form():
    manager = make_colleague("ec_manager")
    values = {"name": "Launch", "go_live_on": date(2020, 1, 1), "owner": manager.pk, "note": ""}
    response = browser(manager).post("/admin/staff/taskgroup/add/", values)
    assert "lies in the past" in response.content.decode()
    assert not TaskGroup.objects.exists()


def test_work_is_asked_for_from_the_page_of_a_group():
    manager = make_colleague("ec_manager")
    group = make_group(manager)
    client = browser(manager)
    page = client.get(f"/admin/staff/taskgroup/{group.pk}/change/").content.decode()
    assert f"/admin/staff/task/request/?about=staff.taskgroup%3A{group.pk}" in page
    assert client.get(f"/admin/staff/task/request/?about=staff.taskgroup:{group.pk}").status_code == 200


def test_a_new_recurring_task_waits_for_its_brief_and_then_runs():
    manager = make_colleague("ec_manager")
    template = make_recurring().template
    client = browser(manager)
    values = {
        "title": "Weekly count",
        "template": template.pk,
        "requester": manager.pk,
        "assignee": "",
        "repeat": "weekly",
        "weekday": "0",
        "day_of_month": "",
        "due_after_days": "1",
    }
    client.post("/admin/staff/recurringtask/add/", values)
    row = RecurringTask.objects.get(title="Weekly count")
    assert (row.is_active, row.next_on.weekday()) == (False, 0)
    page = f"/admin/staff/recurringtask/{row.pk}"
    assert "Answer first, then let it run: What to check." in client.get(f"{page}/change/").content.decode()

    answers = {f"brief_{key}": text for key, text in brief_for("stock_check").items()}
    client.post(f"{page}/change/", {**values, **answers, **opened(client, row)})
    press(client, row, "resume")
    row.refresh_from_db()
    assert (row.is_active, row.brief) == (True, brief_for("stock_check"))
    press(client, row, "open_now")
    assert row.tasks.get().number in client.get(f"{page}/change/").content.decode()
    press(client, row, "pause")
    row.refresh_from_db()
    assert row.is_active is False


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({"repeat": "weekly", "weekday": ""}, "Choose the weekday."),
        ({"repeat": "monthly", "day_of_month": ""}, "Write the day of the month."),
        ({"repeat": "monthly", "day_of_month": "32"}, "Write a day from 1 to 31."),
    ],
)
def test_a_rule_without_its_day_is_refused(over, sentence):
    manager = make_colleague("ec_manager")
    row = make_recurring()
    values = {
        "title": "Nothing",
        "template": row.template_id,
        "requester": manager.pk,
        "due_after_days": "1",
        "weekday": "",
        "day_of_month": "",
        **over,
    }
    response = browser(manager).post("/admin/staff/recurringtask/add/", values)
    assert sentence in response.content.decode()
    assert not RecurringTask.objects.filter(title="Nothing").exists()


def test_the_timer_of_a_task_is_started_and_stopped_on_its_page():
    designer, task = make_colleague(), make_task()
    assign_task(task_id=task.pk, assignee_id=designer.pk)
    client = browser(designer)
    assert "Start the timer" in client.get(f"/admin/staff/task/{task.pk}/change/").content.decode()
    assert "Stop the timer" in part(client, task, "start-timer")
    task.refresh_from_db()
    assert task.status == "in_progress"
    assert "Start the timer" in part(client, task, "stop-timer")
    assert TimeEntry.objects.get().ended_at is not None


def test_time_is_added_changed_and_taken_back_on_the_page():
    designer = make_colleague()
    task = make_started_task(worker=designer)
    client = browser(designer)
    start = timezone.localtime() - timedelta(hours=5)
    moment = start.strftime("%Y-%m-%dT%H:%M")
    assert "45 min" in part(client, task, "add-time", started_at=moment, minutes=45)
    entry = TimeEntry.objects.get()
    assert "1 h 30 min" in part(client, task, "change-time", item=entry.pk, started_at=moment, minutes=90)
    refused = part(client, task, "add-time", started_at=moment, minutes=5)
    assert f"You spent this time on {task.number} already." in refused
    assert "Write when it started" in part(client, task, "add-time", started_at="soon", minutes="x")
    part(client, task, "remove-time", item=entry.pk)
    assert not TimeEntry.objects.exists()


def test_what_has_to_be_done_before_is_said_on_the_page():
    manager = make_colleague("ec_manager")
    task, before = make_task(by=manager), make_task(by=manager, title="Photo first")
    client = browser(manager)
    assert "Photo first" in part(client, task, "add-dependency", number=before.number.lower())
    assert "There is no task T-0." in part(client, task, "add-dependency", number="T-0")
    assert "directly or through others" in part(client, before, "add-dependency", number=task.number)
    assert TaskDependency.objects.count() == 1
    part(client, task, "remove-dependency", number=before.number)
    assert not TaskDependency.objects.exists()
