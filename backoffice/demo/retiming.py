"""Moves the demo's tasks into the past: tasks and spans carry business time; events keep the time of filling."""

import random
from datetime import datetime, timedelta

from django.db.models import F

from staff.models import Task, TaskSpan, TaskStatus, TimeEntry

_MOMENTS = ("status_since", "touched_at", "submitted_at", "assigned_at", "started_at", "approved_at", "delivered_at")
# hours by the clock that a task usually spends somewhere: at least, at most
_HOURS = {
    TaskStatus.SUBMITTED: (0.5, 20.0),
    TaskStatus.ASSIGNED: (1.0, 16.0),
    TaskStatus.IN_PROGRESS: (2.0, 22.0),
    TaskStatus.IN_REVIEW: (1.0, 40.0),
    TaskStatus.CHANGES_REQUESTED: (0.5, 10.0),
    TaskStatus.APPROVED: (0.1, 2.0),
    TaskStatus.DELIVERED: (0.5, 10.0),
}
_FIRST = {
    TaskStatus.SUBMITTED: "submitted_at",
    TaskStatus.IN_PROGRESS: "started_at",
}
_LAST = {
    TaskStatus.ASSIGNED: "assigned_at",
    TaskStatus.APPROVED: "approved_at",
    TaskStatus.DELIVERED: "delivered_at",
}


def move_back(task: Task, by: timedelta, *, due_at: datetime) -> None:
    """Let everything about the task have happened earlier, and let it be due at ``due_at``."""
    moments = {name: F(name) - by for name in (*_MOMENTS, "created_at")}
    Task.objects.filter(pk=task.pk).update(**moments, due_at=due_at)
    TaskSpan.objects.filter(task=task).update(started_at=F("started_at") - by)
    TaskSpan.objects.filter(task=task, ended_at__isnull=False).update(ended_at=F("ended_at") - by)


def retime(task: Task, *, start: datetime, rng: random.Random) -> None:
    """Spread the spans of a finished task from ``start`` on, and give it a deadline that it mostly kept."""
    at = start
    moments: dict[str, datetime] = {"created_at": start}
    for span in TaskSpan.objects.filter(task=task).order_by("pk"):
        least, most = _HOURS.get(TaskStatus(span.status), (1.0, 10.0))
        end = at + timedelta(hours=rng.uniform(least, most))
        TaskSpan.objects.filter(pk=span.pk).update(started_at=at, ended_at=None if span.ended_at is None else end)
        if name := _FIRST.get(TaskStatus(span.status)):
            moments.setdefault(name, at)
        if name := _LAST.get(TaskStatus(span.status)):
            moments[name] = at
        moments["status_since"] = moments["touched_at"] = at
        if span.status == TaskStatus.IN_PROGRESS and span.assignee_id:
            worked = min(end - at, timedelta(hours=rng.uniform(0.8, 5)))
            _track(task, user_id=span.assignee_id, at=at, until=at + worked)
        at = end
    due = moments.get("delivered_at", at) + timedelta(hours=rng.uniform(-6, 44))
    Task.objects.filter(pk=task.pk).update(**moments, due_at=due)


def _track(task: Task, *, user_id: int, at: datetime, until: datetime) -> None:
    """Let the person have worked on it in the first stretch between ``at`` and ``until`` without other work, if any."""
    taken = TimeEntry.objects.filter(user_id=user_id, started_at__lt=until, ended_at__gt=at).order_by("started_at")
    for other in taken:
        if other.started_at > at:
            until = other.started_at
            break
        at = max(at, other.ended_at or until)
    if at < until:
        TimeEntry.objects.create(task=task, user_id=user_id, started_at=at, ended_at=until)
