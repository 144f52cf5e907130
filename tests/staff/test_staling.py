"""Pictures that tell customers something untrue: who hears of it, and that each thing is told once."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.db import IntegrityError, transaction

from core.models import EventRecord
from staff.models import Notification, StaleReason, Task, Topic
from staff.services import (
    clear_stale,
    deliver_task,
    go_live,
    mark_outdated,
    mark_stale,
    reopen_task,
    retire_task,
    warn_of_rights,
)
from tests.staff.making import make_colleague
from tests.staff.test_flow import make_approved_task

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 2)


def make_live_task(**over) -> Task:
    task = make_approved_task(**over)
    deliver_task(task_id=task.pk)
    return go_live(task_id=task.pk)


def stale_facts(task: Task) -> list[tuple[str, str]]:
    rows = EventRecord.objects.filter(name__startswith="staff.creative", data__task_id=task.pk).order_by("pk")
    return [(row.name.removeprefix("staff.creative_"), row.data["reason"]) for row in rows]


def told(topic: Topic) -> list[int]:
    return list(Notification.objects.filter(topic=topic).order_by("pk").values_list("user_id", flat=True))


def test_a_changed_price_is_told_once_to_requester_and_directors():
    requester, manager = make_colleague("merchandiser"), make_colleague("ec_manager")
    task = make_live_task(by=manager)
    Task.objects.filter(pk=task.pk).update(requester=requester)

    for expected in ([task.pk], []):
        assert [t.pk for t in mark_stale(task_ids=[task.pk], reason=StaleReason.PRICE)] == expected

    task.refresh_from_db()
    assert (task.stale_reason, task.stale_at is None) == ("price", False)
    assert stale_facts(task) == [("went_stale", "price")]
    assert told(Topic.STALE) == sorted([requester.pk, manager.pk])


def test_a_graver_reason_replaces_a_lighter_one_and_never_back():
    task = make_live_task()
    for reason in (StaleReason.PRICE, StaleReason.RIGHTS_OVER, StaleReason.SOLD_OUT, StaleReason.PRICE):
        mark_stale(task_ids=[task.pk], reason=reason)
    task.refresh_from_db()
    assert task.stale_reason == "rights_over"
    assert stale_facts(task) == [("went_stale", "price"), ("went_stale", "rights_over")]


def test_what_customers_do_not_see_is_left_alone():
    approved, retired = make_approved_task(), make_live_task()
    retire_task(task_id=retired.pk)
    assert mark_stale(task_ids=[approved.pk, retired.pk, 0], reason=StaleReason.PRICE) == []
    assert not Task.objects.exclude(stale_at=None).exists()
    assert (stale_facts(approved), told(Topic.STALE)) == ([], [])


def test_a_price_that_came_back_makes_the_picture_true_again():
    priced, over = make_live_task(), make_live_task()
    mark_stale(task_ids=[priced.pk], reason=StaleReason.PRICE)
    mark_stale(task_ids=[over.pk], reason=StaleReason.PERIOD_OVER)
    cleared = clear_stale(task_ids=[priced.pk, over.pk], reason=StaleReason.PRICE)
    assert [task.pk for task in cleared] == [priced.pk]
    assert stale_facts(priced) == [("went_stale", "price"), ("came_true", "price")]
    assert list(Task.objects.exclude(stale_at=None)) == [over]
    assert mark_stale(task_ids=[priced.pk], reason=StaleReason.PRICE) != []  # another occasion: told again


def test_taking_it_up_again_or_down_ends_being_stale():
    again, down = make_live_task(), make_live_task()
    mark_stale(task_ids=[again.pk, down.pk], reason=StaleReason.PRICE)
    reopen_task(task_id=again.pk, reason="New price")
    retire_task(task_id=down.pk)
    assert not Task.objects.exclude(stale_at=None).exists()


def test_a_period_or_rights_that_ended_yesterday_are_found_once():
    with time_machine.travel(datetime(2026, 1, 5, 1, 0, tzinfo=UTC), tick=False):
        ended = make_live_task(shown_until=date(2026, 3, 1))
        make_live_task(shown_until=TODAY)  # the last day still counts
        both = make_live_task(shown_until=date(2026, 3, 1), usage_rights="Model", rights_until=date(2026, 3, 1))
    assert [t.pk for t in mark_outdated(today=TODAY)] == [ended.pk, both.pk, both.pk]
    assert mark_outdated(today=TODAY) == []
    reasons = Task.objects.exclude(stale_at=None).order_by("pk").values_list("pk", "stale_reason")
    assert list(reasons) == [(ended.pk, "period_over"), (both.pk, "rights_over")]


def test_rights_that_end_are_told_two_weeks_before_and_on_the_last_day():
    manager = make_colleague("ec_manager")
    task = make_live_task(by=manager, usage_rights="Model for one year", rights_until=date(2026, 3, 16))
    assert warn_of_rights(today=date(2026, 3, 1)) == 0
    assert [warn_of_rights(today=date(2026, 3, day)) for day in (2, 3, 15, 16, 16, 17)] == [1, 0, 0, 1, 0, 0]
    rows = Notification.objects.filter(topic=Topic.RIGHTS_EXPIRE)
    assert {(row.user_id, row.subject_id, row.data["until"]) for row in rows} == {(manager.pk, task.pk, "2026-03-16")}


def test_the_database_refuses_stale_without_a_reason():
    task = make_live_task()
    with pytest.raises(IntegrityError, match="staff_task_stale_for_a_reason"), transaction.atomic():
        Task.objects.filter(pk=task.pk).update(stale_reason="price")
