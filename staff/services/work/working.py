"""Doing the work: start, tick, comment, finish what needs no review."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import Conflict, InvalidInput, InvalidTransition, NotAllowed
from core.events import record
from staff.events import TaskCommented, TaskDelivered, TaskStarted
from staff.models import OPEN_STATUSES, ChecklistItem, Task, TaskComment, TaskDependency, TaskStatus, Topic, User
from staff.policies import can_view_tasks, may_work_on
from staff.services.assignment.limiting import check_wip_limit
from staff.services.notifications.notifying import notify, people_of
from staff.services.work.moving import lock_task, move_task, touched


@transaction.atomic
def start_task(*, task_id: int, actor: User) -> Task:
    """Begin the work, or go on after changes were requested.

    InvalidTransition while it waits for another task, and for what is in review, on hold or done (those have services
    of their own); LimitReached when the assignee has enough in progress, unless
    the actor directs the work.
    """
    task = lock_task(task_id)
    _check_may_work(task, actor)
    if task.status not in {TaskStatus.ASSIGNED, TaskStatus.CHANGES_REQUESTED}:
        raise InvalidTransition(_("This task cannot be started now. Reload the page to see its state."))
    if waits := waiting_for(task):
        raise InvalidTransition(_("This task waits for %(tasks)s.") % {"tasks": ", ".join(waits)})
    check_wip_limit(task, actor)
    move_task(task, TaskStatus.IN_PROGRESS)
    record(TaskStarted(task_id=task.pk), subject=task, actor=actor)
    return task


@transaction.atomic
def complete_task(*, task_id: int, actor: User) -> Task:
    """Finish work that needs no approval. InvalidTransition when it does, InvalidInput for open lines."""
    task = lock_task(task_id)
    _check_may_work(task, actor)
    if task.review_steps.exists():
        raise InvalidTransition(_("This task needs approval. Send it to review."))
    check_list_done(task)
    move_task(task, TaskStatus.DELIVERED)
    record(TaskDelivered(task_id=task.pk), subject=task, actor=actor)
    notify(user_ids=people_of(task), topic=Topic.DELIVERED, task=task, key=f"delivered:{task.pk}", actor=actor)
    return task


@transaction.atomic
def tick_item(*, item_id: int, is_done: bool, actor: User) -> ChecklistItem:
    """Tick or untick a line of the check list; repeating changes nothing.

    NotAllowed unless one works on the task; InvalidTransition when the work is done: the ticks say how; Conflict when
    somebody took the line off the list meanwhile.
    """
    task_id = ChecklistItem.objects.filter(pk=item_id).values_list("task", flat=True).first()
    task = lock_task(task_id or 0)
    _check_may_work(task, actor)
    item = task.checklist.filter(pk=item_id).first()  # looked up again under the lock
    if item is None:
        raise Conflict(_("This line is gone. Reload the page."))
    if not task.is_open:
        raise InvalidTransition(_("This work is done. Reload the page to see its state."))
    if (item.done_at is not None) != is_done:
        item.done_at, item.done_by = (timezone.now(), actor) if is_done else (None, None)
        item.save(update_fields=["done_at", "done_by"])
        touched(task)
    return item


@transaction.atomic
def comment_on_task(*, task_id: int, text: str, actor: User) -> TaskComment:
    """Add a comment; requester, assignee and watchers are told.

    InvalidInput when empty or over 4,000 characters; NotAllowed unless one may see tasks.
    """
    if not can_view_tasks(actor):
        raise NotAllowed(_("You may not see tasks."))
    text = text.replace("\x00", "").strip()  # NUL: no database keeps it
    if not text or len(text) > 4000:
        raise InvalidInput(_("Write a comment of at most 4,000 characters."))
    task = lock_task(task_id)
    comment = TaskComment.objects.create(task=task, author=actor, text=text)
    if task.assignee_id == actor.pk:
        touched(task)
    record(TaskCommented(task_id=task.pk, comment_id=comment.pk), subject=task, actor=actor)
    notify(user_ids=people_of(task), topic=Topic.COMMENTED, task=task, key=f"comment:{comment.pk}", actor=actor)
    return comment


def waiting_for(task: Task) -> list[str]:
    """Return the numbers of unfinished tasks that have to be done before this one."""
    rows = TaskDependency.objects.filter(task=task, depends_on__status__in=[TaskStatus.DRAFT, *OPEN_STATUSES])
    return list(rows.order_by("depends_on__number").values_list("depends_on__number", flat=True))


def check_list_done(task: Task) -> None:
    """Raise InvalidInput naming the required lines that are open."""
    open_items = task.checklist.filter(is_required=True, done_at=None).select_related("template_item")
    if names := [item.text for item in open_items]:
        raise InvalidInput(_("Still open on the check list: %(lines)s") % {"lines": ", ".join(names)})


def _check_may_work(task: Task, actor: User) -> None:
    if not may_work_on(actor, task):
        raise NotAllowed(_("Only who has the task may do this."))
