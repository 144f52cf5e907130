"""What waits too long climbs to who directs the work: unclaimed, without a sign of life, undecided."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from core.events import record_many
from staff.events import TaskEscalated
from staff.models import Priority, Task, TaskStatus, Topic, User
from staff.selectors import users_with_permission
from staff.selectors.working_time import working_time, working_times
from staff.services.notifications.notifying import Telling, notify_many

UNCLAIMED_MINUTES = 8 * 60  # working minutes of the shop's calendar
URGENT_UNCLAIMED_MINUTES = 2 * 60
SILENT_DAYS = 3  # working days of the assignee's calendar
UNDECIDED_DAYS = 1  # working days of the shop's calendar
MOST_AT_ONCE = 500  # in one transaction

_WORKED = [TaskStatus.IN_PROGRESS, TaskStatus.CHANGES_REQUESTED]
_TOPICS = {"unclaimed": Topic.UNCLAIMED, "stuck_working": Topic.STUCK, "stuck_in_review": Topic.STUCK}


def escalate_tasks(*, now: datetime | None = None) -> int:
    """Tell who directs of tasks that wait too long, each once, and return how many tasks that were.

    Unclaimed for 8 working hours (urgent ones 2); in work without a sign of life for 3 working days; in review for one.
    Once for each time a task comes into its state; work that moved after it was told may climb again. Nothing happens
    while nobody directs. Two workers at once tell each task once: each takes only tasks that nobody holds, and looks
    again under the lock.
    """
    now = now or timezone.now()
    directors = list(users_with_permission("staff.direct_task").order_by("pk").values_list("pk", flat=True))
    waiting = _waiting_too_long(now) if directors else []
    return sum(
        _escalate(dict(waiting[start : start + MOST_AT_ONCE]), directors, now)
        for start in range(0, len(waiting), MOST_AT_ONCE)
    )


@transaction.atomic
def _escalate(seen: Mapping[int, tuple[str, datetime, str]], directors: Sequence[int], now: datetime) -> int:
    """Tell of the tasks that still are as they were seen: (status, since, reason) by id. Six statements."""
    held = Task.objects.select_for_update(of=("self",), skip_locked=True).filter(pk__in=seen, escalated_at=None)
    tasks = [task for task in held.order_by("pk") if (task.status, _since(task)) == seen[task.pk][:2]]
    notify_many(tellings=[_telling(task, seen[task.pk][2], pk) for task in tasks for pk in directors])
    record_many([(TaskEscalated(task_id=task.pk, reason=seen[task.pk][2]), task.pk) for task in tasks], model=Task)
    Task.objects.filter(pk__in=[task.pk for task in tasks]).update(escalated_at=now)
    return len(tasks)


def _telling(task: Task, reason: str, user_id: int) -> Telling:
    since = _since(task).isoformat()
    return Telling(
        user_id=user_id,
        topic=_TOPICS[reason],
        key=f"{reason}:{task.pk}:{since}",
        task_id=task.pk,
        data={"number": task.number, "title": task.title, "reason": reason, "since": since},
    )


def _since(task: Task) -> datetime:
    return task.touched_at if task.status in _WORKED else task.status_since


def _waiting_too_long(now: datetime) -> list[tuple[int, tuple[str, datetime, str]]]:
    """Return (id, (status, since, reason)) of tasks that nobody was told of yet (eight queries for any number).

    The statement takes what is old by the clock, which no working calendar outruns; the calendars decide the rest.
    """
    old = (
        Q(status=TaskStatus.SUBMITTED, status_since__lte=now - timedelta(minutes=URGENT_UNCLAIMED_MINUTES))
        | Q(status__in=_WORKED, touched_at__lte=now - timedelta(days=SILENT_DAYS - 1))
        | Q(status=TaskStatus.IN_REVIEW, status_since__lte=now - timedelta(days=UNDECIDED_DAYS) / 2)
    )
    columns = ("pk", "status", "priority", "assignee_id", "status_since", "touched_at")
    tasks = list(Task.objects.filter(old, escalated_at=None).order_by("pk").only(*columns))
    shop = working_time()
    unclaimed = shop.before(now, UNCLAIMED_MINUTES)
    urgent = shop.before(now, URGENT_UNCLAIMED_MINUTES)
    undecided = shop.days_before(now, UNDECIDED_DAYS)
    workers = User.objects.filter(pk__in={task.assignee_id for task in tasks if task.status in _WORKED})
    silent = {pk: working.days_before(now, SILENT_DAYS) for pk, working in working_times(workers).items()}
    found = []
    for task in tasks:
        if task.status == TaskStatus.SUBMITTED:
            reason, limit = "unclaimed", urgent if task.priority >= Priority.URGENT else unclaimed
        elif task.status == TaskStatus.IN_REVIEW:
            reason, limit = "stuck_in_review", undecided
        else:
            reason, limit = "stuck_working", silent.get(task.assignee_id or 0, undecided)
        if _since(task) <= limit:
            found.append((task.pk, (task.status, _since(task), reason)))
    return found
