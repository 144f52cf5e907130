"""What a task yields, changed after it was asked for: pictures and texts more or fewer."""

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from core.errors import InvalidInput, InvalidTransition, NotAllowed
from core.events import record
from staff.events import TaskEdited
from staff.models import CreativeSlot, Deliverable, ReviewStep, Role, Task, TaskStatus, User
from staff.policies import may_change_deliverables, may_edit_request
from staff.services.work.moving import lock_task

MOST = 60  # of one task


@transaction.atomic
def add_deliverable(*, task_id: int, slot_id: int, actor: User | None = None) -> Deliverable:
    """Ask for one more picture or text, for this slot, and return it; repeating changes nothing.

    A task that needed no approval needs one from now on. NotAllowed unless one requested the task or directs;
    InvalidTransition in review and when the work is done; InvalidInput for a slot that is not offered (any more).
    """
    task = lock_task(task_id)
    _check(task, actor)
    known = task.deliverables.filter(slot=slot_id).first()
    if known is not None:
        return known
    slot = CreativeSlot.objects.filter(pk=slot_id, is_active=True).first()
    if slot is None or task.deliverables.count() >= MOST:
        raise InvalidInput(_("This slot is not offered. Choose another one."))
    last = task.deliverables.aggregate(last=Max("position"))["last"]
    added = Deliverable.objects.create(task=task, slot=slot, position=0 if last is None else last + 1)
    if not task.review_steps.exists():
        ReviewStep.objects.create(task=task, position=0, role=Role.EC_MANAGER)
    record(TaskEdited(task_id=task.pk, fields=["deliverables"]), subject=task, actor=actor)
    return added


@transaction.atomic
def remove_deliverable(*, deliverable_id: int, actor: User | None = None) -> Task:
    """Ask for one picture or text less. InvalidInput when a version of it is there, and for the last one.

    NotAllowed and InvalidTransition as ``add_deliverable``.
    """
    task_id = Deliverable.objects.filter(pk=deliverable_id).values_list("task", flat=True).first()
    if task_id is None:
        raise InvalidInput(_("This deliverable is gone. Reload the page."))
    task = lock_task(task_id)
    _check(task, actor)
    deliverable = task.deliverables.filter(pk=deliverable_id).first()  # looked up again under the lock
    if deliverable is None:
        raise InvalidInput(_("This deliverable is gone. Reload the page."))
    if deliverable.revisions.exists():
        raise InvalidInput(_("A version of it is uploaded already, and versions are kept."))
    if task.deliverables.count() == 1:
        raise InvalidInput(_("This is the only one: without it there is nothing to approve. Cancel the task instead."))
    deliverable.delete()
    record(TaskEdited(task_id=task.pk, fields=["deliverables"]), subject=task, actor=actor)
    return task


def _check(task: Task, actor: User | None) -> None:
    if not may_edit_request(actor, task):
        raise NotAllowed(_("Only who requested the task, or who directs the work, may change it."))
    if not may_change_deliverables(actor, task):
        state = TaskStatus(task.status).label
        raise InvalidTransition(_("This cannot be changed while the task is “%(state)s”.") % {"state": state})
