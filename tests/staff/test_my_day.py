"""My day: what waits for whom, each task in one place; the rule of decisions agrees with that of the proofs."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from staff.models import Leave, Task, TaskStatus, TimeEntry, WorkProfile
from staff.selectors import roles_of
from staff.selectors.cards import due_words, initials
from staff.selectors.day import away_on, my_day
from staff.selectors.reviewers import reviewers_of
from staff.selectors.waiting import current_steps, tasks_waiting_for
from staff.services import assign_task
from staff.services.proofs.deciding import decide
from staff.services.work.timing import start_timer
from tests.factories import make_user
from tests.staff.making import make_colleague, make_started_task, make_task
from tests.staff.proofing import make_reviewed_task

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # a Monday, ten in Seoul


@pytest.fixture(autouse=True)
def _own_storage(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path


def sections(user):
    day = my_day(user=user, roles=roles_of(user), targets=lambda _task: ())
    names = ("returned", "due", "in_progress", "next", "in_review", "decisions", "queue", "requested")
    return {name: [card.task.pk for card in getattr(day, name).cards] for name in names if getattr(day, name).cards}


def given(worker, boss, *, status="assigned", due=None):
    task = make_task(by=boss)
    assign_task(task_id=task.pk, assignee_id=worker.pk, actor=boss)
    Task.objects.filter(pk=task.pk).update(status=status, due_at=due)
    return task.pk


@time_machine.travel(NOW, tick=False)
def test_each_own_task_stands_in_one_section_the_most_pressing():
    boss, worker = make_colleague("ec_manager"), make_colleague("designer")
    late, tonight, tomorrow = NOW - timedelta(days=1), NOW + timedelta(hours=13), NOW + timedelta(hours=15)
    returned = given(worker, boss, status="changes_requested", due=late)
    overdue = given(worker, boss, status="in_progress", due=late)
    today = given(worker, boss, due=tonight)  # 23:00 in Seoul; an hour later it is tomorrow
    going = given(worker, boss, status="in_progress", due=tomorrow)
    coming = given(worker, boss, due=tomorrow)
    judged = given(worker, boss, status="in_review", due=late)

    assert sections(worker) == {
        "returned": [returned],
        "due": [overdue, today],
        "in_progress": [going],
        "next": [coming],
        "in_review": [judged],
    }
    assert my_day(user=worker, roles=[], targets=lambda _task: ()).late_count == 2


def test_the_queue_is_that_of_the_own_roles_and_requests_are_those_still_open():
    boss, worker = make_colleague("ec_manager"), make_colleague("designer")
    normal, urgent = make_task(by=boss), make_task(by=boss, priority=4)
    stock = make_task(by=worker, kind="stock_check")
    done = make_task(by=worker)
    Task.objects.filter(pk=done.pk).update(status="cancelled")

    assert sections(worker) == {"queue": [urgent.pk, normal.pk], "requested": [stock.pk]}
    assert sections(make_colleague("warehouse")) == {"queue": [stock.pk]}
    assert sorted(sections(boss)["requested"]) == [normal.pk, urgent.pk]


def test_sections_show_ten_and_count_all():
    boss, worker = make_colleague("ec_manager"), make_colleague("designer")
    for _number in range(12):
        make_task(by=boss)

    queue = my_day(user=worker, roles=roles_of(worker), targets=lambda _task: ()).queue

    assert (len(queue.cards), queue.count, queue.more) == (10, 12, 2)


def waits_for(user):
    return set(tasks_waiting_for(user, roles=roles_of(user)).values_list("pk", flat=True))


def agrees(*people):
    """Compare with the rule that says who may decide one step."""
    for step in current_steps().filter(task__status=TaskStatus.IN_REVIEW).select_related("task"):
        allowed = reviewers_of(step, assignee_id=step.task.assignee_id)
        for person in people:
            assert (step.task_id in waits_for(person)) == (person.pk in allowed), (step.role, person.username)


def test_a_decision_waits_for_the_step_that_is_next():
    lead = make_colleague("cs_lead")
    task, revisions, manager = make_reviewed_task(roles=("ec_manager", "cs_lead"))
    designer = make_colleague("designer")

    assert (waits_for(manager), waits_for(lead), waits_for(designer), waits_for(task.assignee)) == (
        {task.pk},
        set(),
        set(),
        set(),
    )
    agrees(manager, lead, designer, task.assignee)
    decide(task_id=task.pk, revision_ids=[row.pk for row in revisions], verdict="approved", actor=manager)
    assert (waits_for(manager), waits_for(lead)) == (set(), {task.pk})
    agrees(manager, lead, designer, task.assignee)
    assert sections(lead)["decisions"] == [task.pk]


def test_a_named_reviewer_decides_and_nobody_else_of_the_role():
    task, _revisions, manager = make_reviewed_task()
    lead = make_colleague("cs_lead")
    task.review_steps.update(role="", reviewer=lead)

    assert (waits_for(lead), waits_for(manager)) == ({task.pk}, set())
    agrees(lead, manager)


def test_a_delegate_decides_during_leave_and_then_who_directs():
    task, _revisions, manager = make_reviewed_task()
    lead, delegate = make_colleague("cs_lead"), make_colleague("merchandiser")
    task.review_steps.update(role="", reviewer=lead)
    WorkProfile.objects.create(user=lead, delegate=delegate)
    agrees(lead, delegate, manager)
    assert waits_for(delegate) == set()
    today = timezone.localdate()
    Leave.objects.create(user=lead, starts_on=today, ends_on=today)

    assert (waits_for(lead), waits_for(delegate), waits_for(manager)) == ({task.pk}, {task.pk}, set())
    agrees(lead, delegate, manager)

    Leave.objects.create(user=delegate, starts_on=today, ends_on=today)
    assert (waits_for(delegate), waits_for(manager)) == (set(), {task.pk})
    agrees(lead, delegate, manager)


def test_a_role_of_which_nobody_is_here():
    task, _revisions, manager = make_reviewed_task(roles=("cs_lead",))
    first, second, delegate = make_colleague("cs_lead"), make_colleague("cs_lead"), make_colleague("merchandiser")
    everybody = (first, second, delegate, manager, task.assignee)
    WorkProfile.objects.create(user=first, delegate=delegate)
    today = timezone.localdate()
    agrees(*everybody)
    Leave.objects.create(user=first, starts_on=today, ends_on=today)
    agrees(*everybody)
    assert waits_for(delegate) == set()
    second.is_active = False
    second.save()
    agrees(first, delegate, manager, task.assignee)
    assert waits_for(delegate) == {task.pk}
    WorkProfile.objects.all().delete()
    agrees(first, delegate, manager, task.assignee)
    assert waits_for(manager) == {task.pk}


def test_whoever_made_it_is_nobody_to_decide_about_it():
    task, _revisions, manager = make_reviewed_task(roles=("designer",))
    lead, maker = make_colleague("cs_lead"), task.assignee
    maker.groups.add(Group.objects.get(name="cs_lead"))
    task.review_steps.update(role="cs_lead")
    agrees(lead, maker, manager)
    assert (waits_for(lead), waits_for(maker), waits_for(manager)) == ({task.pk}, set(), set())
    WorkProfile.objects.create(user=lead, delegate=maker)
    today = timezone.localdate()
    Leave.objects.create(user=lead, starts_on=today, ends_on=today)

    for reviewer, role in ((None, "cs_lead"), (lead, "")):
        task.review_steps.update(role=role, reviewer=reviewer)
        agrees(lead, maker, manager)
        assert (waits_for(lead), waits_for(maker), waits_for(manager)) == ({task.pk}, set(), {task.pk})


def test_who_is_away_today():
    ada, bea = make_user(first_name="Ada", last_name="Lane"), make_user(first_name="Bea", last_name="Lane")
    Leave.objects.create(user=bea, starts_on=date(2026, 3, 1), ends_on=date(2026, 3, 4))
    Leave.objects.create(user=ada, starts_on=date(2026, 3, 2), ends_on=date(2026, 3, 2))

    assert [(away.name, away.until) for away in away_on(date(2026, 3, 2))] == [
        ("Ada Lane", date(2026, 3, 2)),
        ("Bea Lane", date(2026, 3, 4)),
    ]
    assert away_on(date(2026, 3, 5)) == []


@pytest.mark.parametrize("role", ["ec_manager", "designer", "warehouse", "accountant"])
def test_the_page_of_each_role(client, role):
    make_reviewed_task()
    make_task(kind="stock_check")
    client.force_login(make_colleague(role))

    page = client.get(reverse("admin:staff_my_day"))

    assert page.status_code == 200
    text = page.content.decode()
    assert ("Waiting for my decision" in text) == (role == "ec_manager")
    assert "Everybody is here." in text


def test_one_press_claims_and_leads_back_to_the_day(client):
    worker = make_colleague("designer")
    task = make_task()
    client.force_login(worker)
    day = reverse("admin:staff_my_day")
    assert f'action="{reverse("admin:staff_board_move", args=[task.pk])}"' in client.get(day).content.decode()

    answer = client.post(
        reverse("admin:staff_board_move", args=[task.pk]), {"to": "assigned", "seen": "submitted:", "next": day}
    )

    task.refresh_from_db()
    assert (answer["Location"], task.status, task.assignee) == (day, "assigned", worker)


def test_the_running_timer_is_shown_and_stopped(client):
    worker = make_colleague("designer")
    task = make_started_task(worker=worker)
    start_timer(task_id=task.pk, actor=worker)
    client.force_login(worker)
    url = reverse("admin:staff_my_day_stop_timer")
    assert url in client.get(reverse("admin:staff_my_day")).content.decode()
    assert client.get(url).status_code == 405

    client.post(url)

    assert TimeEntry.objects.filter(ended_at=None).count() == 0
    assert url not in client.get(reverse("admin:staff_my_day")).content.decode()


@pytest.mark.parametrize(
    ("due", "said"),
    [
        (timedelta(hours=-1), ("since 9 a.m.", True, True)),
        (timedelta(hours=2), ("today noon", False, True)),
        (timedelta(days=1), ("tomorrow 10 a.m.", False, False)),
        (timedelta(days=-1, hours=-2), ("1 day late", True, False)),
        (timedelta(days=-3), ("3 days late", True, False)),
        (timedelta(days=9), ("March 11", False, False)),
    ],
)
@time_machine.travel(NOW, tick=False)
def test_deadlines_as_people_say_them(due, said):
    task = Task(status=TaskStatus.ASSIGNED, due_at=NOW + due)

    assert due_words(task, NOW)[1:] == said[1:]
    assert due_words(task, NOW)[0].split()[0] == said[0].split()[0]
    assert due_words(Task(status=TaskStatus.ON_HOLD, due_at=NOW - timedelta(days=1)), NOW)[1:] == (False, False)
    assert due_words(Task(status=TaskStatus.ASSIGNED), NOW) == ("", False, False)


@pytest.mark.parametrize(
    ("first", "last", "letters"),
    [("서연", "김", "서연"), ("花子", "佐藤", "佐藤"), ("Ada", "Lane", "AL"), ("", "", "A")],
)
def test_initials(first, last, letters):
    assert initials(make_user(username="ada", first_name=first, last_name=last)) == letters
