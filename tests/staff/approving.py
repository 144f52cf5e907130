"""Approval in a test: decisions of a person, and what the task's history says."""

from core.models import EventRecord
from staff.services import decide


def facts(task):
    names = EventRecord.objects.filter(subject_id=task.pk, name__startswith="staff.").order_by("pk")
    return [row.name.removeprefix("staff.") for row in names]


def approve(task, revisions, actor, **over):
    return decide(task_id=task.pk, verdict="approved", revision_ids=[row.pk for row in revisions], actor=actor, **over)


def want_changes(task, revisions, actor, **over):
    asked = {"note": "Larger logo", **over}
    ids = [row.pk for row in revisions]
    return decide(task_id=task.pk, verdict="changes_requested", revision_ids=ids, actor=actor, **asked)
