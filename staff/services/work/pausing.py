"""Work that stops: put on hold for a while, taken up again, called off for good."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import InvalidInput, InvalidTransition, NotAllowed
from core.events import record
from staff.events import TaskCancelled, TaskPutOnHold, TaskReleased, TaskResumed
from staff.models import ACTIVE_STATUSES, Task, TaskStatus, Topic, User
from staff.policies import may_cancel_task, may_hold_task
from staff.services.notifications.notifying import notify, people_of
from staff.services.work.many import TaskBatch, for_each_task
from staff.services.work.moving import lock_task, move_task

LONGEST_REASON = 500  # characters


@transaction.atomic
def hold_task(*, task_id: int, reason: str, actor: User | None = None) -> Task:
    """Let an open task wait on purpose: it remembers where it stood, its timers end, its people are told.

    Nobody is reminded of it meanwhile. NotAllowed unless one requested it or directs the work; InvalidInput without a
    reason; InvalidTransition for drafts and work that is done.
    """
    task = lock_task(task_id)
    if not may_hold_task(actor, task):
        raise NotAllowed(_("Only who requested the task, or who directs the work, may put it on hold."))
    reason = said(reason, _("Say why it has to wait."))
    move_task(task, TaskStatus.ON_HOLD)
    record(TaskPutOnHold(task_id=task.pk, reason=reason), subject=task, actor=actor)
    tell_changed(task, reason=reason, actor=actor)
    return task


@transaction.atomic
def resume_task(*, task_id: int, actor: User | None = None) -> Task:
    """Take a task off hold: it goes on where it stood, or in the queue when its assignee's account is closed meanwhile.

    InvalidTransition when it is not on hold; NotAllowed unless one requested it or directs the work.
    """
    task = lock_task(task_id)
    if not may_hold_task(actor, task):
        raise NotAllowed(_("Only who requested the task, or who directs the work, may let it go on."))
    if task.status != TaskStatus.ON_HOLD:
        raise InvalidTransition(_("This task is not on hold. Reload the page to see its state."))
    back, assignee = TaskStatus(task.resume_status), task.assignee
    orphaned = back in ACTIVE_STATUSES and assignee is not None and not assignee.is_active
    move_task(task, TaskStatus.SUBMITTED if orphaned else back, release=orphaned)
    record(TaskResumed(task_id=task.pk), subject=task, actor=actor)
    if orphaned and assignee is not None:
        gone = TaskReleased(task_id=task.pk, assignee_id=assignee.pk, reason="account_closed")
        record(gone, subject=task, actor=actor)
    tell_changed(task, actor=actor)
    return task


@transaction.atomic
def cancel_task(*, task_id: int, reason: str, actor: User | None = None) -> Task:
    """Call a task off for good: its people are told, and what waited for it waits no longer.

    What was cancelled counts as done for the tasks that depend on it: nothing will come any more. NotAllowed unless one
    requested it or directs the work; InvalidInput without a reason; InvalidTransition for delivered work, which is
    retired instead.
    """
    task = lock_task(task_id)
    if not may_cancel_task(actor, task):
        raise NotAllowed(_("Only who requested the task, or who directs the work, may cancel it."))
    reason = said(reason, _("Say why it is cancelled."))
    move_task(task, TaskStatus.CANCELLED)
    record(TaskCancelled(task_id=task.pk, reason=reason), subject=task, actor=actor)
    tell_changed(task, reason=reason, actor=actor)
    return task


def hold_tasks(*, task_ids: Sequence[int], reason: str, actor: User | None = None) -> TaskBatch:
    """Put many tasks on hold, each as ``hold_task`` does; InvalidInput for all without a reason."""
    reason = said(reason, _("Say why it has to wait."))
    return for_each_task(task_ids, lambda pk: hold_task(task_id=pk, reason=reason, actor=actor))


def resume_tasks(*, task_ids: Sequence[int], actor: User | None = None) -> TaskBatch:
    """Take many tasks off hold, each as ``resume_task`` does."""
    return for_each_task(task_ids, lambda pk: resume_task(task_id=pk, actor=actor))


def cancel_tasks(*, task_ids: Sequence[int], reason: str, actor: User | None = None) -> TaskBatch:
    """Call many tasks off, each as ``cancel_task`` does; InvalidInput for all without a reason."""
    reason = said(reason, _("Say why it is cancelled."))
    return for_each_task(task_ids, lambda pk: cancel_task(task_id=pk, reason=reason, actor=actor))


def said(reason: str, question: str) -> str:
    """Return the reason, stripped and at most 500 characters; InvalidInput with the ``question`` when it is empty."""
    reason = reason.replace("\x00", "").strip()[:LONGEST_REASON]
    if not reason:
        raise InvalidInput(question)
    return reason


def tell_changed(task: Task, *, reason: str = "", actor: User | None) -> None:
    """Tell requester, assignee and watchers of the task's present state, with the reason somebody gave."""
    notify(
        user_ids=people_of(task),
        topic=Topic.CHANGED,
        task=task,
        key=f"{task.status}:{task.pk}:{task.status_since.isoformat()}",
        data={"change": "status", "status": task.status, **({"reason": reason} if reason else {})},
        actor=actor,
    )
