"""After the approval: the result goes to its place, customers see it, it is taken down or taken up again."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import InvalidTransition, NotAllowed
from core.events import record
from staff.events import TaskDelivered, TaskReopened, TaskRescheduled, TaskRetired, TaskWentLive
from staff.models import Task, TaskStatus, Topic, User
from staff.policies import can_work_on_tasks, may_deliver_task, may_reopen_task
from staff.selectors.working_time import working_time
from staff.services.notifications.notifying import notify, people_of
from staff.services.requests.requesting import check_deadline
from staff.services.work.moving import lock_task, move_task
from staff.services.work.pausing import said, tell_changed

_DELIVERED_OR_LATER = {TaskStatus.DELIVERED, TaskStatus.LIVE, TaskStatus.RETIRED}


@transaction.atomic
def deliver_task(*, task_id: int, place: str = "", actor: User | None = None) -> Task:
    """Keep that the approved result is where it belongs (``place`` says where, in words); its people are told.

    Handlers of upper apps call it after they took the files over, a button where no app takes them. Repeating changes
    nothing, whatever happened to the delivered result since. InvalidTransition unless it is approved (it may have been
    taken up again meanwhile); NotAllowed unless one requested it, has it, or directs the work.
    """
    task = lock_task(task_id)
    _check_may_deliver(task, actor)
    if task.status in _DELIVERED_OR_LATER:
        return task
    if task.status != TaskStatus.APPROVED:
        raise InvalidTransition(_("Only approved work is delivered. Reload the page to see its state."))
    move_task(task, TaskStatus.DELIVERED)
    record(TaskDelivered(task_id=task.pk, place=place.strip()[:200]), subject=task, actor=actor)
    notify(
        user_ids=people_of(task),
        topic=Topic.DELIVERED,
        task=task,
        key=f"delivered:{task.pk}:{task.status_since.isoformat()}",
        data={"place": place.strip()[:200]} if place.strip() else {},
        actor=actor,
    )
    return task


@transaction.atomic
def go_live(*, task_id: int, actor: User | None = None) -> Task:
    """Keep that customers see the delivered result; repeating changes nothing.

    InvalidTransition unless it is delivered; NotAllowed unless one requested it, has it, or directs the work.
    """
    task = lock_task(task_id)
    _check_may_deliver(task, actor)
    if task.status == TaskStatus.LIVE:
        return task
    move_task(task, TaskStatus.LIVE)
    record(TaskWentLive(task_id=task.pk), subject=task, actor=actor)
    tell_changed(task, actor=actor)
    return task


@transaction.atomic
def retire_task(*, task_id: int, reason: str = "", actor: User | None = None) -> Task:
    """Keep that customers no longer see the result: it cannot be stale any more. Repeating changes nothing.

    InvalidTransition unless it is delivered or live; NotAllowed unless one requested it, has it, or directs the work.
    """
    task = lock_task(task_id)
    _check_may_deliver(task, actor)
    if task.status == TaskStatus.RETIRED:
        return task
    task.stale_at, task.stale_reason = None, ""
    move_task(task, TaskStatus.RETIRED, fields=("stale_at", "stale_reason"))
    reason = reason.strip()[:200]
    record(TaskRetired(task_id=task.pk, reason=reason), subject=task, actor=actor)
    tell_changed(task, reason=reason, actor=actor)
    return task


@transaction.atomic
def reopen_task(*, task_id: int, reason: str, due_at: datetime | None = None, actor: User | None = None) -> Task:
    """Take approved, delivered or live work up again, because another version is wanted; whoever had it has it again.

    It waits in the queue when that account is closed or may no longer have tasks. Afterwards it is neither approved,
    delivered nor stale; the deadline is ``due_at``, else the old one, else (when that has passed) the close of the next
    working day. What was approved stays in place until a new version is delivered. InvalidInput without a reason or
    for a deadline in the past; InvalidTransition from other states; NotAllowed unless one requested it or directs.
    """
    task = lock_task(task_id)
    if not may_reopen_task(actor, task):
        raise NotAllowed(_("Only who requested the task, or who directs the work, may take it up again."))
    reason = said(reason, _("Say what is wanted now."))
    check_deadline(due_at)
    if task.status not in {TaskStatus.APPROVED, TaskStatus.DELIVERED, TaskStatus.LIVE}:
        raise InvalidTransition(_("Only work that is done can be taken up again. Reload the page to see its state."))
    before, task.due_at = task.due_at, _next_deadline(task, due_at)
    task.approved_at = task.delivered_at = task.stale_at = None
    task.stale_reason = ""
    fields = ("approved_at", "delivered_at", "stale_at", "stale_reason", "due_at")
    worker = task.assignee
    if worker is not None and worker.is_active and can_work_on_tasks(worker):
        move_task(task, TaskStatus.IN_PROGRESS, fields=fields)
    else:
        move_task(task, TaskStatus.SUBMITTED, release=True, fields=fields)
    record(TaskReopened(task_id=task.pk, reason=reason), subject=task, actor=actor)
    if task.due_at != before and task.due_at is not None:
        told = TaskRescheduled(
            task_id=task.pk, due_at=task.due_at.isoformat(), before=before.isoformat() if before else ""
        )
        record(told, subject=task, actor=actor)
    notify(
        user_ids=people_of(task),
        topic=Topic.CHANGES_REQUESTED,
        task=task,
        key=f"reopened:{task.pk}:{task.status_since.isoformat()}",
        data={"change": "reopened", "status": task.status, "reason": reason},
        actor=actor,
    )
    return task


def _next_deadline(task: Task, wanted: datetime | None) -> datetime | None:
    if wanted is not None or task.due_at is None or task.due_at >= timezone.now():
        return wanted or task.due_at
    hours = working_time()
    return hours.closes(hours.shift(timezone.localdate(), 1))


def _check_may_deliver(task: Task, actor: User | None) -> None:
    if not may_deliver_task(actor, task):
        raise NotAllowed(_("Only who requested or has the task, or who directs the work, may do this."))
