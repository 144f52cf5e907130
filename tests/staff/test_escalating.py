"""What waits too long climbs to who directs, once."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from core.models import EventRecord
from staff.models import Notification, Task
from staff.selectors.notifications import lines_of
from staff.services import comment_on_task, sync_calendars
from staff.services.assignment.escalating import escalate_tasks
from tests.staff.making import make_colleague, make_started_task, make_task

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # ten in Seoul
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def manager():
    return make_colleague("ec_manager")


def queued(manager, **over) -> Task:
    with time_machine.travel(MONDAY, tick=False):
        return make_task(by=manager, **over)


def started(manager, status: str = "in_progress", **over) -> Task:
    with time_machine.travel(MONDAY, tick=False):
        task = make_started_task(by=manager, **over)
    Task.objects.filter(pk=task.pk).update(status=status)
    return task


def told() -> list:
    rows = Notification.objects.filter(topic__in=["unclaimed", "stuck"]).order_by("pk")
    return list(rows.values_list("user", "topic", "subject_id", "data__reason"))


def facts() -> list:
    rows = EventRecord.objects.filter(name="staff.task_escalated").order_by("pk")
    return list(rows.values_list("subject_id", "data__reason"))


@pytest.mark.parametrize(
    ("priority", "after", "climbs"),
    [(2, 23 * HOUR, False), (2, 24 * HOUR, True), (4, 1.9 * HOUR, False), (4, 3 * HOUR, True)],  # noon is free
)
def test_nobody_claims_it(manager, priority, after, climbs):
    task = queued(manager, priority=priority)
    assert escalate_tasks(now=MONDAY + after) == int(climbs)
    assert told() == ([(manager.pk, "unclaimed", task.pk, "unclaimed")] if climbs else [])
    assert facts() == ([(task.pk, "unclaimed")] if climbs else [])
    task.refresh_from_db()
    assert task.escalated_at == (MONDAY + after if climbs else None)


@pytest.mark.parametrize(
    ("status", "after", "reason"),
    [
        ("in_progress", 3 * DAY - HOUR, ""),
        ("in_progress", 3 * DAY, "stuck_working"),
        ("changes_requested", 3 * DAY, "stuck_working"),
        ("in_review", DAY - HOUR, ""),
        ("in_review", DAY, "stuck_in_review"),
        ("on_hold", 30 * DAY, ""),
        ("assigned", 30 * DAY, ""),
        ("approved", 30 * DAY, ""),
    ],
)
def test_nothing_moves(manager, status, after, reason):
    task = started(manager)
    changed = {"status": status, "resume_status": "assigned" if status == "on_hold" else ""}
    Task.objects.filter(pk=task.pk).update(**changed)
    assert escalate_tasks(now=MONDAY + after) == int(bool(reason))
    assert told() == ([(manager.pk, "stuck", task.pk, reason)] if reason else [])


def test_weekends_do_not_count(manager):
    with time_machine.travel(datetime(2026, 3, 6, 8, 0, tzinfo=UTC), tick=False):  # Friday, five in Seoul
        task = make_task(by=manager)
    assert escalate_tasks(now=datetime(2026, 3, 9, 6, 59, tzinfo=UTC)) == 0
    assert escalate_tasks(now=datetime(2026, 3, 9, 8, 0, tzinfo=UTC)) == 1
    assert facts() == [(task.pk, "unclaimed")]


def test_each_is_told_once_to_everybody_who_directs(manager):
    second = make_colleague("ec_manager")
    task = queued(manager)
    assert [escalate_tasks(now=MONDAY + days * DAY) for days in (2, 3, 30)] == [1, 0, 0]
    assert told() == [(pk, "unclaimed", task.pk, "unclaimed") for pk in sorted([manager.pk, second.pk])]
    assert len(facts()) == 1


def test_a_sign_of_life_lets_the_wait_begin_anew(manager):
    task = started(manager)
    assert escalate_tasks(now=MONDAY + 4 * DAY) == 1
    with time_machine.travel(MONDAY + 4 * DAY, tick=False):
        comment_on_task(task_id=task.pk, text="Waiting for the photo", actor=task.assignee)
    assert escalate_tasks(now=MONDAY + 5 * DAY) == 0
    assert escalate_tasks(now=MONDAY + 14 * DAY) == 1
    assert len(told()) == 2


def test_words_about_it_are_no_decision(manager):
    task = started(manager, "in_review")
    assert escalate_tasks(now=MONDAY + 2 * DAY) == 1
    with time_machine.travel(MONDAY + 2 * DAY, tick=False):
        comment_on_task(task_id=task.pk, text="Please look", actor=task.assignee)
    assert escalate_tasks(now=MONDAY + 9 * DAY) == 0
    assert facts() == [(task.pk, "stuck_in_review")]


def test_sentences_say_what_waits(manager):
    queued(manager)
    started(manager)
    started(manager, "in_review")
    escalate_tasks(now=MONDAY + 9 * DAY)
    rows = Notification.objects.filter(topic__in=["unclaimed", "stuck"]).order_by("pk")
    assert {line.sentence for line in lines_of(rows)} == {
        "Nobody has claimed it yet",
        "Nothing has moved for too long",
        "It waits for a decision for too long",
    }


def test_while_nobody_directs_nothing_is_marked_as_told(manager):
    task = queued(manager)
    type(manager).objects.filter(pk=manager.pk).update(is_active=False)
    assert escalate_tasks(now=MONDAY + 2 * DAY) == 0
    task.refresh_from_db()
    assert (task.escalated_at, told(), facts()) == (None, [], [])


def test_the_number_of_queries_is_the_same_for_any_number_of_tasks(manager, django_assert_max_num_queries):
    sync_calendars(today=MONDAY.date())
    queued(manager)
    started(manager)
    with django_assert_max_num_queries(25) as first:
        assert escalate_tasks(now=MONDAY + 9 * DAY) == 2
    for _ in range(5):
        queued(manager)
        started(manager)
    with django_assert_max_num_queries(25) as second:
        assert escalate_tasks(now=MONDAY + 9 * DAY) == 10
    assert len(first) == len(second)
