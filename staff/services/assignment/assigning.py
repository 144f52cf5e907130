"""Who has a task: given by who directs, claimed from the queue, given back."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import Conflict, InvalidInput, InvalidTransition, NotAllowed
from core.events import record
from staff.events import TaskAssigned, TaskReleased, TaskRequested
from staff.models import OPEN_STATUSES, Task, TaskStatus, Topic, User
from staff.policies import can_direct_tasks, can_work_on_tasks, may_claim, may_hold_task, may_work_on
from staff.selectors.briefs import missing_fields
from staff.services.notifications.notifying import notify
from staff.services.work.moving import lock_task, move_task, refuse_on_hold


@transaction.atomic
def assign_task(*, task_id: int, assignee_id: int, actor: User | None = None) -> Task:
    """Give the task to a colleague and return it; he is told, and so is who had it before.

    A draft counts as submitted with it. NotAllowed without the right to direct; InvalidInput when the colleague's
    account is closed or may not have tasks, and while required questions of a draft's brief are open; InvalidTransition
    when the work is done.
    """
    if not can_direct_tasks(actor):
        raise NotAllowed(_("Only who directs the work may give tasks to others."))
    task = lock_task(task_id)
    assignee = _workable(assignee_id)
    if task.assignee_id == assignee.pk:
        return task
    before = task.assignee_id
    if task.status == TaskStatus.DRAFT:
        _check_brief(task)
        task.submitted_at = timezone.now()
        record(TaskRequested(task_id=task.pk, kind=task.kind), subject=task, actor=actor)
    task.is_claimed = False
    # who is in the middle of it hands it over as it stands: the next one starts anew
    move_task(task, TaskStatus.ASSIGNED, assignee=assignee, fields=("is_claimed", "submitted_at"))
    fact = TaskAssigned(task_id=task.pk, assignee_id=assignee.pk, before_id=before)
    record(fact, subject=task, actor=actor)
    occasion = f"{task.pk}:{task.status_since.isoformat()}"
    notify(user_ids=[assignee.pk], topic=Topic.ASSIGNED, task=task, key=f"assigned:{occasion}", actor=actor)
    notify(user_ids=[before], topic=Topic.RELEASED, task=task, key=f"released:{occasion}", actor=actor)
    return task


@transaction.atomic
def claim_task(*, task_id: int, actor: User) -> Task:
    """Take the task from the queue and return it; of two who claim at once one gets it.

    Conflict names who was faster; NotAllowed when the task waits for another role.
    """
    task = lock_task(task_id)
    if task.assignee_id is not None and task.status != TaskStatus.SUBMITTED:
        if task.assignee_id == actor.pk:
            return task
        raise Conflict(_("%(who)s was faster: the task is already taken.") % {"who": task.assignee})
    if not may_claim(actor, task) or not serves_queue(actor, task):
        raise NotAllowed(_("This task waits for another role, or cannot be claimed now."))
    task.is_claimed = True
    move_task(task, TaskStatus.ASSIGNED, assignee=actor, fields=("is_claimed",))
    record(TaskAssigned(task_id=task.pk, assignee_id=actor.pk, is_claimed=True), subject=task, actor=actor)
    return task


@transaction.atomic
def release_task(*, task_id: int, reason: str = "given_back", actor: User | None = None) -> Task:
    """Bring the task back into the queue; what was uploaded stays.

    NotAllowed unless it is one's own or one directs; InvalidTransition when the work is done, waits for a decision, or
    is on hold and one may not let it go on.
    """
    task = lock_task(task_id)
    if not may_work_on(actor, task):
        raise NotAllowed(_("Only who has the task, or who directs the work, may give it back."))
    if not may_hold_task(actor, task):
        refuse_on_hold(task)
    return back_to_queue(task, reason=reason, actor=actor)


def back_to_queue(task: Task, *, reason: str, actor: User | None) -> Task:
    """Bring a locked task into the queue again and tell who had it and who asked for it; no right is asked.

    Conflict when nobody has it; InvalidTransition when the work is done or waits for a decision.
    """
    before = task.assignee_id
    if before is None:
        raise Conflict(_("Nobody has this task. Reload the page."))
    if task.status not in OPEN_STATUSES:
        raise InvalidTransition(_("This work is done. Reload the page to see its state."))
    task.is_claimed = False
    move_task(task, TaskStatus.SUBMITTED, release=True, fields=("is_claimed",))
    record(TaskReleased(task_id=task.pk, assignee_id=before, reason=reason), subject=task, actor=actor)
    occasion = f"{task.pk}:{task.status_since.isoformat()}"
    notify(
        user_ids=[before, task.requester_id],
        topic=Topic.RELEASED,
        task=task,
        key=f"released:{occasion}",
        data={"reason": reason},
        actor=actor,
    )
    return task


def serves_queue(user: User, task: Task) -> bool:
    """Tell whether the task waits for a role of this person (one query); who directs serves every queue."""
    return can_direct_tasks(user) or user.groups.filter(name=task.role).exists()


def _check_brief(task: Task) -> None:
    if missing := missing_fields(task.kind, task.brief):
        raise InvalidInput(_("Please answer first: %(fields)s") % {"fields": ", ".join(missing)})


def _workable(user_id: int) -> User:
    user = User.objects.filter(pk=user_id).first()
    if user is None or not user.is_active:
        raise InvalidInput(_("This account is closed. Choose somebody else."))
    if not can_work_on_tasks(user):
        raise InvalidInput(_("%(who)s may not have tasks. Choose somebody else.") % {"who": user})
    return user
