"""The board: what each column shows, its limits, and who may see it."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from core.errors import InvalidInput, NotAllowed
from staff.models import BoardLimit, Task, TaskGroup, TaskStatus, WorkProfile
from staff.selectors.board import board
from staff.selectors.cards import TaskFilter
from staff.services import assign_task, start_task
from staff.services.assignment.limiting import ColumnLimit, LimitReached, set_board_limits
from tests.staff.boards import drop, set_to, stand
from tests.staff.making import make_colleague, make_started_task, make_task

pytestmark = pytest.mark.django_db
S = TaskStatus


@pytest.fixture(autouse=True)
def _own_storage(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path


def shown(user, **wanted):
    return {
        column.status: [card.task.pk for card in column.cards]
        for column in board(user=user, wanted=TaskFilter(**wanted), targets=lambda _task: ()).columns
        if column.cards
    }


# --- what it shows


def test_columns_hold_the_most_urgent_first_and_only_what_was_delivered_lately():
    boss = make_colleague("ec_manager")
    now = timezone.now()
    normal = make_task(by=boss)
    soon = make_task(by=boss, priority=4, due_at=now + timedelta(hours=1))
    later = make_task(by=boss, priority=4, due_at=now + timedelta(days=1))
    fresh = set_to(make_task(by=boss), S.LIVE, delivered_at=now - timedelta(days=6))
    set_to(make_task(by=boss), S.DELIVERED, delivered_at=now - timedelta(days=8))
    set_to(make_task(by=boss), S.CANCELLED)

    assert shown(boss) == {S.SUBMITTED: [soon.pk, later.pk, normal.pk], S.DELIVERED: [fresh.pk]}


def test_a_column_shows_fifty_and_counts_all(client):
    boss = make_colleague("ec_manager")
    first = make_task(by=boss)
    fields = {
        f.attname: getattr(first, f.attname) for f in Task._meta.concrete_fields if f.name not in ("id", "number")
    }
    Task.objects.bulk_create(Task(**fields, number=f"X-{n}") for n in range(59))

    whole = board(user=boss, wanted=TaskFilter(), targets=lambda _task: ())
    alone = board(user=boss, wanted=TaskFilter(), targets=lambda _task: (), only=S.SUBMITTED)

    assert (len(whole.columns[0].cards), whole.columns[0].count, whole.columns[0].more) == (50, 60, 10)
    assert [(column.status, len(column.cards)) for column in alone.columns] == [(S.SUBMITTED, 60)]
    client.force_login(boss)
    assert "10 more" in client.get(reverse("admin:staff_board")).content.decode()


def test_filters_narrow_cards_and_counts_but_not_what_limits_are_about():
    boss, worker = make_colleague("ec_manager"), make_colleague("designer")
    group = TaskGroup.objects.create(name="Launch", go_live_on=timezone.localdate(), owner=boss)
    started = make_started_task(worker=worker, by=boss, group_id=group.pk)
    queued = make_task(by=make_colleague("cs_lead"), kind="stock_check")

    assert shown(worker, mine=True) == {S.IN_PROGRESS: [started.pk]}
    assert shown(boss, person=worker.pk) == {S.IN_PROGRESS: [started.pk]}
    assert shown(boss, kind="stock_check") == {S.SUBMITTED: [queued.pk]}
    assert shown(boss, role="warehouse") == {S.SUBMITTED: [queued.pk]}
    assert shown(boss, group=group.pk) == {S.IN_PROGRESS: [started.pk]}
    assert shown(boss, mine=True) == {S.IN_PROGRESS: [started.pk]}
    column = board(user=boss, wanted=TaskFilter(kind="photo"), targets=lambda _task: ()).columns[2]
    assert (column.status, column.count, column.total) == (S.IN_PROGRESS, 0, 1)


def test_limits_turn_red_for_the_column_and_for_the_person():
    boss, worker = make_colleague("ec_manager"), make_colleague("designer", first_name="Ada", last_name="Lane")
    for _number in range(4):
        task = make_task(by=boss)
        assign_task(task_id=task.pk, assignee_id=worker.pk, actor=boss)
        start_task(task_id=task.pk, actor=boss)
    set_board_limits(limits={"in_progress": ColumnLimit(column=3, person=3)}, actor=boss)

    column = board(user=boss, wanted=TaskFilter(), targets=lambda _task: ()).columns[2]

    assert (column.total, column.limit, column.is_over) == (4, 3, True)
    assert [(p.name, p.initials, p.count, p.limit, p.is_over) for p in column.people] == [
        ("Ada Lane", "AL", 4, 3, True)
    ]
    WorkProfile.objects.create(user=worker, wip_limit=5)
    [load] = board(user=boss, wanted=TaskFilter(), targets=lambda _task: ()).columns[2].people
    assert (load.count, load.limit, load.is_over) == (4, 5, False)


def test_what_people_wrote_is_escaped(client):
    boss = make_colleague("ec_manager")
    make_task(by=boss, title='<script>alert("x")</script>')
    client.force_login(boss)

    page = client.get(reverse("admin:staff_board")).content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;" in page


# --- limits


def at_limit(boss, worker):
    for _number in range(3):
        task = make_task(by=boss)
        assign_task(task_id=task.pk, assignee_id=worker.pk, actor=boss)
        start_task(task_id=task.pk, actor=worker)
    task = make_task(by=boss)
    assign_task(task_id=task.pk, assignee_id=worker.pk, actor=boss)
    task.refresh_from_db()
    return task


def test_nobody_starts_more_than_agreed(client):
    boss, worker = make_colleague("ec_manager"), make_colleague("designer", first_name="Ada", last_name="Lane")
    task = at_limit(boss, worker)
    client.force_login(worker)

    answer = drop(client, task, "in_progress", confirmed="1")

    assert answer.status_code == 409
    assert answer.json()["sentence"] == (
        "Ada Lane has 3 tasks in progress (limit 3). Finish one first, or give one back."
    )
    assert stand(task) == (S.ASSIGNED, worker.pk)
    with pytest.raises(LimitReached):
        start_task(task_id=task.pk, actor=worker)
    assert stand(task) == (S.ASSIGNED, worker.pk)


def test_who_directs_confirms_more_than_agreed(client):
    boss, worker = make_colleague("ec_manager"), make_colleague("designer")
    task = at_limit(boss, worker)
    client.force_login(boss)

    asked = drop(client, task, "in_progress")
    assert (asked.status_code, stand(task)[0]) == (422, S.ASSIGNED)
    dialog = client.get(asked.json()["ask"], headers={"HX-Request": "true"}).content.decode()
    assert 'name="confirmed" value="1"' in dialog
    assert drop(client, task, "in_progress", confirmed="1").status_code == 200
    assert stand(task) == (S.IN_PROGRESS, worker.pk)


def test_limits_are_set_by_who_directs(client):
    boss = make_colleague("ec_manager")
    client.force_login(boss)
    url = reverse("admin:staff_board_limits")

    assert client.post(url, {"in_review": "4", "in_progress": "", "person_limit": "2"}).status_code == 302

    assert list(BoardLimit.objects.exclude(column_limit=None).values_list("status", "column_limit")) == [
        ("in_review", 4)
    ]
    assert BoardLimit.objects.get(status="in_progress").person_limit == 2
    assert client.post(url, {"in_review": "0"}).status_code == 200  # shown again, with the error
    assert BoardLimit.objects.get(status="in_review").column_limit == 4
    client.force_login(make_colleague("designer"))
    assert client.post(url, {"in_review": "9"}).status_code == 403
    with pytest.raises(NotAllowed):
        set_board_limits(limits={"in_review": ColumnLimit(9)}, actor=make_colleague("designer"))
    with pytest.raises(InvalidInput):
        set_board_limits(limits={"live": ColumnLimit(9)}, actor=boss)
    with pytest.raises(InvalidInput):
        set_board_limits(limits={"in_review": ColumnLimit(3, person=1)}, actor=boss)
    assert BoardLimit.objects.get(status="in_review").column_limit == 4


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"status": "live", "column_limit": 1}, "staff_boardlimit_status_valid"),
        ({"status": "in_review", "column_limit": 0}, "staff_boardlimit_column_positive"),
        ({"status": "in_review", "person_limit": 1}, "staff_boardlimit_person_in_progress"),
    ],
)
def test_the_database_refuses_limits_without_sense(fields, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        BoardLimit.objects.create(**fields)
    profile = WorkProfile.objects.create(user=make_colleague("designer"))
    with pytest.raises(IntegrityError, match="staff_profile_wip_positive"), transaction.atomic():
        WorkProfile.objects.filter(pk=profile.pk).update(wip_limit=0)


# --- the page


@pytest.mark.parametrize("page", ["staff_board", "staff_task_calendar"])
@pytest.mark.parametrize(
    "query",
    [
        "person=x",
        "person=-1",
        "person=99999999999999999999",
        "role=boss",
        "kind=%F0",
        "mine=2",
        "group=1.5",
        "role=%00",
    ],
)
def test_nonsense_is_a_bad_request(client, page, query):
    client.force_login(make_colleague("designer"))

    assert client.get(reverse(f"admin:{page}") + f"?{query}").status_code == 400


def test_odd_posts_are_bad_requests_or_gone(client):
    task = make_task()
    client.force_login(make_colleague("designer"))

    assert drop(client, task, "moon").status_code == 400
    assert drop(client, task, "").status_code == 400
    assert drop(client, task, "assigned", seen="submitted:x").status_code == 400
    assert drop(client, task, "assi\x00gned").status_code == 400
    assert client.get(reverse("admin:staff_board") + "?column=draft").status_code == 400
    assert client.post(reverse("admin:staff_board_move", args=[10**9]), {"to": "assigned"}).status_code == 404
    assert stand(task) == (S.SUBMITTED, None)


def test_pages_are_for_who_may_see_tasks(client):
    client.force_login(make_colleague("designer"))
    assert client.get(reverse("admin:staff_board")).status_code == 200
    user = make_colleague("designer")
    user.groups.clear()
    client.force_login(user)
    for name in ("staff_board", "staff_my_day", "staff_task_calendar"):
        assert client.get(reverse(f"admin:{name}")).status_code == 403


def test_a_refresh_brings_the_columns_only(client):
    client.force_login(make_colleague("designer"))

    part = client.get(reverse("admin:staff_board"), headers={"HX-Request": "true", "HX-Target": "board-columns"})

    assert "<html" not in part.content.decode()
    assert part.content.decode().count("data-column=") == 8


def test_pages_ask_as_often_for_twelve_rows_as_for_two(client):
    boss, worker = make_colleague("ec_manager"), make_colleague("designer")
    client.force_login(worker)
    pages = [reverse(f"admin:{name}") for name in ("staff_board", "staff_my_day", "staff_task_calendar")]

    def counts():
        found = []
        for url in pages:
            client.get(url)
            cache.clear()
            with CaptureQueriesContext(connection) as queries:
                assert client.get(url).status_code == 200
            found.append(len(queries))
        return found

    def grow(count):
        due = timezone.now() + timedelta(hours=1)
        for _number in range(count):
            make_task(by=boss, due_at=due)
            task = make_task(by=boss, due_at=due)
            assign_task(task_id=task.pk, assignee_id=worker.pk, actor=boss)

    grow(2)
    few = counts()
    grow(10)
    assert counts() == few
    assert max(few) <= 12
