"""Figures about tasks, counted from rows whose answers are known."""

from datetime import UTC, datetime, timedelta

import pytest

from staff.models import Task, TaskSpan, TimeEntry
from staff.selectors.figures import Share, task_figures
from tests.staff.making import make_colleague, make_task

pytestmark = pytest.mark.django_db
START = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday
HOUR = timedelta(hours=1)


def delivered(worker, by, *, at: int, due: int | None, rounds: int = 0, judged: bool = True, **over) -> Task:
    """Make a task that was delivered ``at`` hours after the start and was due after ``due`` hours."""
    task = make_task(by=by, **over)
    Task.objects.filter(pk=task.pk).update(
        status="delivered",
        assignee=worker,
        delivered_at=START + at * HOUR,
        approved_at=START + at * HOUR if judged else None,
        due_at=None if due is None else START + due * HOUR,
        round_count=rounds,
        estimate_minutes=90,
    )
    return task


def span(task: Task, status: str, start: int, end: int) -> None:
    TaskSpan.objects.create(task=task, status=status, started_at=START + start * HOUR, ended_at=START + end * HOUR)


def figures(**over):
    return task_figures(since=START, until=START + timedelta(days=30), **over)


def test_who_is_on_time_and_right_at_once():
    manager, fast, slow = make_colleague("ec_manager"), make_colleague(), make_colleague()
    delivered(fast, manager, at=5, due=5)
    delivered(fast, manager, at=6, due=None)
    delivered(slow, manager, at=9, due=8, rounds=4)
    delivered(slow, manager, at=24 * 8, due=24 * 9, rounds=1, kind="photo")
    delivered(slow, manager, at=10, due=11, kind="stock_check", judged=False)
    delivered(slow, manager, at=24 * 40, due=1)  # after the period
    found = figures()
    by_person = {row.key: row for row in found.people}
    assert (by_person[fast.pk].delivered, by_person[fast.pk].on_time, by_person[fast.pk].first_pass) == (
        2,
        Share(1, 1),
        Share(2, 2),
    )
    assert (by_person[slow.pk].on_time, by_person[slow.pk].first_pass, by_person[slow.pk].mean_rounds) == (
        Share(2, 3),
        Share(0, 2),
        2.5,
    )
    assert (found.total.delivered, found.total.on_time, found.total.first_pass) == (5, Share(3, 4), Share(2, 4))
    assert (found.total.mean_rounds, found.total.estimate_hours) == (1.25, 7.5)
    assert [(week.date().isoformat(), share) for week, share in found.weeks] == [
        ("2026-03-02", Share(2, 3)),
        ("2026-03-09", Share(1, 1)),
    ]
    [briefs] = found.requesters
    assert (briefs.requester_id, briefs.judged, briefs.first_pass, briefs.over_limit) == (manager.pk, 4, Share(2, 4), 1)


def test_waiting_for_decisions_is_told_from_working():
    manager, designer = make_colleague("ec_manager"), make_colleague()
    task = delivered(designer, manager, at=20, due=20)
    for status, start, end in [("in_progress", 1, 4), ("in_review", 4, 14), ("in_progress", 14, 15)]:
        span(task, status, start, end)
    TimeEntry.objects.create(task=task, user=designer, started_at=START, ended_at=START + 2.5 * HOUR)
    [row] = figures().people
    assert (row.working_hours, row.waiting_hours, row.tracked_hours, row.estimate_hours) == (4.0, 10.0, 2.5, 1.5)


def test_how_long_tasks_lie_unclaimed():
    manager = make_colleague("ec_manager")
    for hours in (1, 2, 3, 4, 11):
        task = make_task(by=manager)
        TaskSpan.objects.filter(task=task).delete()
        span(task, "submitted", 0, hours)
    [queue] = figures().queues
    assert (queue.role, queue.count, queue.median_hours, queue.p90_hours) == ("designer", 5, 3.0, 8.2)


def test_a_kind_or_a_role_alone():
    manager, designer = make_colleague("ec_manager"), make_colleague()
    delivered(designer, manager, at=1, due=2)
    delivered(designer, manager, at=1, due=2, kind="stock_check", judged=False)
    assert [row.key for row in figures(kind="banner").kinds] == ["banner"]
    assert figures(role="warehouse").total.delivered == 1


def test_nothing_is_no_division_by_zero():
    found = figures()
    assert (found.total.delivered, found.total.on_time.percent, found.total.mean_rounds) == (0, None, None)


@pytest.mark.parametrize("query", ["", "?days=30&kind=banner", "?days=7000&kind=nothing&role=cook"])
def test_the_page_shows_them_to_who_directs(client, query):
    manager, designer = make_colleague("ec_manager"), make_colleague()
    task = make_task(by=manager)
    now = datetime.now(tz=UTC)
    Task.objects.filter(pk=task.pk).update(status="delivered", assignee=designer, delivered_at=now, approved_at=now)
    client.force_login(manager)
    page = client.get(f"/admin/figures/tasks/{query}")
    assert page.status_code == 200
    assert str(designer) in page.content.decode()
    client.force_login(designer)
    assert client.get("/admin/figures/tasks/").status_code == 403
