"""Tasks that nobody works on come back into the queue; of those whose assignee is away, who directs is told."""

import zoneinfo
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from core.events import record_many
from staff.events import TaskEscalated
from staff.models import Leave, Notification, Task, TaskStatus, Topic, User
from staff.selectors import users_with_permission
from staff.selectors.load import WORKED_STATUSES
from staff.selectors.working_time import working_times
from staff.services.assignment.assigning import back_to_queue
from staff.services.notifications.notifying import Telling, notify_many

CLAIMED_MINUTES = 8 * 60  # working minutes in which a claimed task has to be begun, by the calendar of who claimed it


@transaction.atomic
def release_idle_tasks(*, now: datetime | None = None) -> list[int]:
    """Bring back into the queue what is claimed and not begun for 8 working hours, and what closed accounts have.

    Who had it and who asked for it are told. A task given by somebody stays where it was given. Returns the ids. Two
    workers at once release each task once: each takes only tasks that nobody holds, and looks again under the lock.
    """
    now = now or timezone.now()
    idle = dict(_claimed(now))
    released = []
    for task in _unheld([*idle, *_orphaned()]):
        if task.assignee is not None and not task.assignee.is_active and task.status in WORKED_STATUSES:
            back_to_queue(task, reason="account_closed", actor=None)
        elif task.is_claimed and task.status == TaskStatus.ASSIGNED and idle.get(task.pk) == task.touched_at:
            back_to_queue(task, reason="idle", actor=None)
        else:
            continue
        released.append(task.pk)
    return released


@transaction.atomic
def tell_of_absence(*, now: datetime | None = None) -> int:
    """Tell who directs of tasks that fall due in a leave of their assignee that has begun; each leave and task once.

    Nothing is taken away. Returns how many people were told now.
    """
    now = now or timezone.now()
    found = _due_in_absence(now)
    held = {task.pk: task for task in _unheld([task_id for task_id, _leave in found])}
    # looked up under the lock: what another worker told just now is known here
    keys = {_key(task_id, leave): (held[task_id], leave) for task_id, leave in found if task_id in held}
    for known in Notification.objects.filter(key__in=list(keys)).values_list("key", flat=True).distinct():
        del keys[known]
    directors = list(users_with_permission("staff.direct_task").values_list("pk", flat=True)) if keys else []
    if not directors:
        return 0
    told = notify_many(
        tellings=[_absence(key, task, leave, pk) for key, (task, leave) in keys.items() for pk in directors]
    )
    facts = [(TaskEscalated(task_id=task.pk, reason="leave"), task.pk) for task, _leave in keys.values()]
    record_many(facts, model=Task)
    return told


def _absence(key: str, task: Task, leave: Leave, user_id: int) -> Telling:
    words = {"number": task.number, "title": task.title, "reason": "leave", "until": leave.ends_on.isoformat()}
    return Telling(user_id=user_id, topic=Topic.STUCK, key=key, task_id=task.pk, data=words)


def _key(task_id: int, leave: Leave) -> str:
    return f"leave:{leave.pk}:{task_id}"


def _claimed(now: datetime) -> list[tuple[int, datetime]]:
    """Return (id, last sign of life) of claimed tasks that nobody began in time (five queries)."""
    # no calendar lets time pass faster than the clock
    latest = now - timedelta(minutes=CLAIMED_MINUTES)
    tasks = Task.objects.filter(is_claimed=True, status=TaskStatus.ASSIGNED, touched_at__lte=latest)
    rows = list(tasks.values_list("pk", "assignee", "touched_at"))
    times = working_times(User.objects.filter(pk__in={assignee for _pk, assignee, _touched in rows}))
    limits = {pk: working.before(now, CLAIMED_MINUTES) for pk, working in times.items()}
    return [(pk, touched) for pk, assignee, touched in rows if assignee in limits and touched <= limits[assignee]]


def _orphaned() -> list[int]:
    """Return tasks to work on whose assignee's account is closed: sent back from review, or given meanwhile."""
    tasks = Task.objects.filter(assignee__is_active=False, status__in=WORKED_STATUSES)
    return list(tasks.values_list("pk", flat=True))


def _unheld(task_ids: list[int]) -> list[Task]:
    tasks = Task.objects.select_for_update(of=("self",), skip_locked=True).select_related("assignee")
    return list(tasks.filter(pk__in=task_ids).order_by("pk"))


def _due_in_absence(now: datetime) -> list[tuple[int, Leave]]:
    """Return tasks due within a leave that has begun, by the assignee's own day (two queries)."""
    today, day = now.date(), timedelta(days=1)
    near = Leave.objects.filter(starts_on__lte=today + day, ends_on__gte=today - day, user__is_active=True)
    leaves: dict[int, list[Leave]] = {}
    for leave in near.select_related("user").order_by("pk"):
        if leave.starts_on <= now.astimezone(zoneinfo.ZoneInfo(leave.user.time_zone)).date() <= leave.ends_on:
            leaves.setdefault(leave.user_id, []).append(leave)
    tasks = Task.objects.filter(assignee__in=leaves, status__in=WORKED_STATUSES, due_at__isnull=False)
    return [
        (pk, leave)
        for pk, assignee, due_at in tasks.order_by("pk").values_list("pk", "assignee", "due_at")
        for leave in leaves[assignee or 0]
        if due_at is not None
        and leave.starts_on <= due_at.astimezone(zoneinfo.ZoneInfo(leave.user.time_zone)).date() <= leave.ends_on
    ]
