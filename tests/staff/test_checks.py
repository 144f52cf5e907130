"""``manage.py verify``: every invariant of tasks finds the breach planted for it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from core.verify import invariants, verify
from staff.models import RecurringTask, Task, TaskSpan, TimeEntry
from staff.services import (
    add_dependency,
    add_time,
    comment_on_task,
    decide,
    deliver_task,
    go_live,
    hold_task,
    open_recurring,
    release_task,
    reopen_task,
    start_timer,
)
from tests.staff.making import make_colleague, make_started_task, make_task
from tests.staff.proofing import make_reviewed_task
from tests.staff.test_recurring import make_recurring

pytestmark = pytest.mark.django_db


def sql(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)


@pytest.fixture
def house(tmp_path: Any, settings: Any) -> dict[str, int]:
    """Tasks in most states, past the triggers that protect versions and decisions."""
    settings.MEDIA_ROOT = tmp_path
    designer = make_colleague()
    waiting, held = make_task(), make_started_task()
    hold_task(task_id=held.pk, reason="later")
    given_back = make_started_task(worker=designer)
    release_task(task_id=given_back.pk, actor=designer)
    working = make_started_task(worker=designer)
    comment_on_task(task_id=working.pk, text="Nearly there", actor=designer)
    start_timer(task_id=working.pk, actor=designer)
    start = timezone.now() - timedelta(hours=3)
    timed = add_time(task_id=working.pk, started_at=start, minutes=20, actor=designer)
    add_time(task_id=working.pk, started_at=start + timedelta(minutes=20), minutes=20, actor=designer)
    add_dependency(task_id=waiting.pk, depends_on_id=working.pk)
    live, versions, reviewer = make_reviewed_task()
    decide(task_id=live.pk, verdict="approved", revision_ids=[row.pk for row in versions], actor=reviewer)
    deliver_task(task_id=live.pk)
    go_live(task_id=live.pk)
    again, versions, reviewer = make_reviewed_task()
    decide(task_id=again.pk, verdict="approved", revision_ids=[row.pk for row in versions], actor=reviewer)
    reopen_task(task_id=again.pk, reason="Another size")
    recurring = make_recurring(next_on=timezone.localdate(), weekday=timezone.localdate().weekday())
    open_recurring()
    sql("SET LOCAL session_replication_role = replica")
    return {
        "waiting": waiting.pk,
        "working": working.pk,
        "live": live.pk,
        "again": again.pk,
        "timed": timed.pk,
        "recurring": recurring.pk,
    }


PLANTS = {
    "staff.open_span_matches_task": lambda h: Task.objects.filter(pk=h["working"]).update(status="assigned"),
    "staff.spans_chain": lambda h: TaskSpan.objects.filter(task=h["live"], ended_at=None).update(
        started_at=timezone.now() + timedelta(seconds=5)
    ),
    "staff.approved_by_every_step": lambda h: sql(
        "UPDATE staff_decision SET verdict = 'changes_requested' WHERE step_id IN"
        " (SELECT id FROM staff_reviewstep WHERE task_id = %s)",
        h["live"],
    ),
    "staff.decisions_within_task": lambda h: sql(
        "UPDATE staff_decision SET step_id = (SELECT id FROM staff_reviewstep WHERE task_id = %s) WHERE step_id ="
        " (SELECT id FROM staff_reviewstep WHERE task_id = %s)",
        h["working"],
        h["live"],
    ),
    "staff.no_dependency_circle": lambda h: sql(
        "INSERT INTO staff_taskdependency (task_id, depends_on_id) VALUES (%s, %s)", h["working"], h["waiting"]
    ),
    "staff.moments_match_status": lambda h: Task.objects.filter(pk=h["live"]).update(delivered_at=None),
    "staff.stale_is_shown": lambda h: Task.objects.filter(pk=h["again"]).update(
        stale_at=timezone.now(), stale_reason="price"
    ),
    "staff.timers_on_work": lambda h: TimeEntry.objects.filter(ended_at=None).update(task=h["live"]),
    "staff.time_is_spent_once": lambda h: TimeEntry.objects.filter(pk=h["timed"]).update(
        ended_at=timezone.now() - timedelta(hours=2, minutes=39)
    ),
    "staff.recurring_day_lies_ahead": lambda h: RecurringTask.objects.filter(pk=h["recurring"]).update(
        next_on=timezone.localdate()
    ),
    "staff.numbers_below_sequence": lambda h: sql("UPDATE core_sequence SET next_value = 1 WHERE name = 'staff.task'"),
}


def test_every_invariant_has_a_planted_breach():
    assert {one.name for one in invariants() if one.name.startswith("staff.")} == set(PLANTS)


def test_sound_work_holds(house):
    assert [finding.invariant.name for finding in verify(names=list(PLANTS)) if not finding.holds] == []


@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_breach_is_found_and_named(name, house):
    PLANTS[name](house)
    [finding] = verify(names=[name])
    assert finding.count == len(finding.breaches) >= 1
    assert all(value is not None for row in finding.breaches for value in row.values())


def test_a_new_version_after_the_approval_is_a_breach(house):
    sql(
        "INSERT INTO staff_revision (deliverable_id, number, file, filename, text, sha256, size_bytes, uploaded_by_id,"
        " state, format, findings, problem, preview_path, thumbnail_path)"
        " SELECT d.id, 9, '', '', 'x', '', 0, t.assignee_id, 'checking', '', '[]', '', '', ''"
        " FROM staff_deliverable d JOIN staff_task t ON t.id = d.task_id WHERE t.id = %s",
        house["live"],
    )
    [finding] = verify(names=["staff.approved_by_every_step"])
    assert [(row["task"], row["version"]) for row in finding.breaches] == [(house["live"], 9)]
