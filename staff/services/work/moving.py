"""What all services of tasks share: lock one task, move it to another status, keep its spans and search text true."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import Conflict, InvalidTransition
from core.search import fold
from staff.models import TASK_TRANSITIONS, Task, TaskSpan, TaskStatus, TimeEntry, User

_MOMENTS = {
    TaskStatus.SUBMITTED: "submitted_at",
    TaskStatus.ASSIGNED: "assigned_at",
    TaskStatus.IN_PROGRESS: "started_at",
    TaskStatus.APPROVED: "approved_at",
    TaskStatus.DELIVERED: "delivered_at",
    TaskStatus.RETIRED: "closed_at",
    TaskStatus.CANCELLED: "closed_at",
}
# when it was first so; the others are set each time
_FIRST_TIME = {TaskStatus.SUBMITTED, TaskStatus.IN_PROGRESS}
# states in which somebody may be working this minute; timers end with them
TIMED_STATUSES = [TaskStatus.ASSIGNED, TaskStatus.IN_PROGRESS, TaskStatus.CHANGES_REQUESTED]


def lock_task(task_id: int) -> Task:
    """Return the task, locked until the transaction ends; Conflict when there is none."""
    task = Task.objects.select_for_update(of=("self",)).filter(pk=task_id).first()
    if task is None:
        raise Conflict(_("This task is gone. Reload the list."))
    return task


def lock_tasks(task_ids: list[int]) -> list[Task]:
    """Return the tasks that exist, locked in the order of their ids (so that two bulk commands never deadlock)."""
    return list(Task.objects.select_for_update(of=("self",)).filter(pk__in=task_ids).order_by("pk"))


def move_task(
    task: Task, to: TaskStatus, *, assignee: User | None = None, release: bool = False, fields: tuple[str, ...] = ()
) -> Task:
    """Bring a locked task to ``to`` and save it together with ``fields`` that the caller changed.

    Afterwards the old span has ended and a new one runs; ``assignee`` takes it over, ``release`` leaves it without.
    On hold it remembers where it stood, and forgets that when it leaves. Timers on it have ended when nobody works on
    it any more or somebody else does.
    InvalidTransition when the table does not allow the move; staying in ``assigned`` with another person is allowed.
    """
    now = timezone.now()
    if task.status != to:
        TASK_TRANSITIONS.check(TaskStatus(task.status), to)
    elif assignee is None or assignee.pk == task.assignee_id:
        raise InvalidTransition(_("The task is already there. Reload the page to see its state."))
    changed = {"status", "status_since", "touched_at", "escalated_at", "updated_at", *fields}
    if assignee is not None or release:
        task.assignee = None if release else assignee
        changed.add("assignee")
    if TaskStatus.ON_HOLD in (task.status, to):
        task.resume_status = task.status if to == TaskStatus.ON_HOLD else ""
        changed.add("resume_status")
    task.status, task.status_since, task.touched_at, task.escalated_at = to, now, now, None
    moment = _MOMENTS.get(to)
    if moment and not (to in _FIRST_TIME and getattr(task, moment)):
        setattr(task, moment, now)
        changed.add(moment)
    task.save(update_fields=sorted(changed))
    open_span(task, now)
    if "assignee" in changed or to not in TIMED_STATUSES:
        TimeEntry.objects.filter(task=task, ended_at=None).update(ended_at=now)
    return task


def refuse_on_hold(task: Task) -> None:
    """Raise InvalidTransition for a task on hold: it goes on by ``resume_task`` alone, where it stood."""
    if task.status == TaskStatus.ON_HOLD:
        back = TaskStatus(task.resume_status).label
        raise InvalidTransition(_("A task on hold goes on where it stood: “%(column)s”.") % {"column": back})


def open_span(task: Task, at: datetime) -> None:
    """End the running span of the task and start one for its status and assignee."""
    TaskSpan.objects.filter(task=task, ended_at=None).update(ended_at=at)
    TaskSpan.objects.create(task=task, status=task.status, assignee_id=task.assignee_id, started_at=at)


def search_text_of(task: Task) -> str:
    """Return what a task is found by: number, title, what it is about, the words of its brief."""
    words = [task.number, task.title, task.subject_label, *(str(value) for value in task.brief.values())]
    return fold(" ".join(words))[:4000]


def touched(task: Task) -> None:
    """Keep that somebody worked on the task just now: idle tasks are released and escalated.

    In review nothing but a decision counts: words about it do not let the wait begin anew.
    """
    fresh = {} if task.status == TaskStatus.IN_REVIEW else {"escalated_at": None}
    Task.objects.filter(pk=task.pk).update(touched_at=timezone.now(), **fresh)
