"""Giving many tasks to those who are suggested for them."""

from collections.abc import Sequence
from datetime import UTC, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import Conflict, DomainError, InvalidInput, NotAllowed
from staff.models import Task, User
from staff.policies import can_direct_tasks
from staff.selectors.suggesting import Suggester
from staff.services.assignment.assigning import assign_task
from staff.services.work.many import TaskBatch, TaskRefusal
from staff.services.work.moving import lock_task, lock_tasks

_LATEST = datetime.max.replace(tzinfo=UTC)


@transaction.atomic
def distribute_tasks(*, task_ids: Sequence[int], actor: User | None = None) -> TaskBatch:
    """Give each of these tasks to whoever is suggested first, the pressing ones before the others.

    What was just given counts as booked for the next. Refused, each for itself: tasks that somebody has, or for which
    nobody comes into question. NotAllowed without the right to direct.
    """
    if not can_direct_tasks(actor):
        raise NotAllowed(_("Only who directs the work may give tasks to others."))
    report = TaskBatch()
    tasks = lock_tasks(list(task_ids))
    suggester = Suggester(tasks)
    for task in sorted(tasks, key=lambda row: (-row.priority, row.due_at or _LATEST, row.pk)):
        try:
            with transaction.atomic():
                _give(task, suggester, actor)
        except DomainError as refusal:
            report.refused.append(TaskRefusal(task.pk, task.number, str(refusal)))
        else:
            report.done.append(task.pk)
    gone = set(task_ids) - {task.pk for task in tasks}
    report.refused += [TaskRefusal(pk, str(pk), _("There is no such task any more.")) for pk in sorted(gone)]
    return report


def _give(task: Task, suggester: Suggester, actor: User | None) -> None:
    if task.assignee_id is not None:
        raise InvalidInput(_("Somebody has it already."))
    suggestions = suggester.suggest(task)
    if not suggestions:
        raise InvalidInput(_("Nobody of this role is there until it is due."))
    assign_task(task_id=task.pk, assignee_id=suggestions[0].user.pk, actor=actor)
    suggester.book(task, suggestions[0].user.pk)


@transaction.atomic
def give_unclaimed_task(*, task_id: int, assignee_id: int, actor: User | None = None) -> Task:
    """Give a task that nobody has, as ``assign_task`` does; Conflict when somebody was faster to take it."""
    task = lock_task(task_id)
    if task.assignee_id is not None and task.assignee_id != assignee_id:
        raise Conflict(_("%(who)s was faster: the task is already taken.") % {"who": task.assignee})
    return assign_task(task_id=task.pk, assignee_id=assignee_id, actor=actor)
