"""What has to be done before what: dependencies between tasks, never in a circle."""

from django.db import connection, transaction
from django.utils.translation import gettext as _

from core.errors import InvalidInput, InvalidTransition, NotAllowed
from core.events import record
from staff.events import DependencyAdded, DependencyRemoved
from staff.models import Task, TaskDependency, TaskStatus, User
from staff.policies import may_edit_request
from staff.services.work.moving import lock_tasks

_REACHES = """
    WITH RECURSIVE before (id) AS (
        SELECT depends_on_id FROM staff_taskdependency WHERE task_id = %s
        UNION
        SELECT d.depends_on_id FROM staff_taskdependency d JOIN before b ON d.task_id = b.id
    )
    SELECT 1 FROM before WHERE id = %s
"""


@transaction.atomic
def add_dependency(*, task_id: int, depends_on_id: int, actor: User | None = None) -> TaskDependency:
    """Let the task wait for another one: it cannot start before that one is done or called off.

    Repeating changes nothing. InvalidInput for the task itself, and for what already waits for it, directly or through
    others; InvalidTransition when the task is done; NotAllowed unless one requested the task or directs the work.
    """
    # 1. One dependency at a time in the whole shop: two that would close a circle together may touch four different
    #    tasks, so no lock of rows makes them wait for each other.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('staff.dependencies'))")
    # 2. Both tasks, in the order of their ids: neither is finished or cancelled meanwhile.
    task, other = _both(task_id, depends_on_id)
    _check(task, other, actor)
    # 3. What is read from here on includes what those before us committed.
    known = TaskDependency.objects.filter(task=task, depends_on=other).first()
    if known is not None:
        return known
    if _reaches(other, task):
        sentence = _("%(other)s itself waits for %(task)s, directly or through others: they would wait for ever.")
        raise InvalidInput(sentence % {"other": other.number, "task": task.number})
    made = TaskDependency.objects.create(task=task, depends_on=other)
    fact = DependencyAdded(task_id=task.pk, depends_on_id=other.pk, number=other.number)
    record(fact, subject=task, actor=actor)
    return made


@transaction.atomic
def remove_dependency(*, task_id: int, depends_on_id: int, actor: User | None = None) -> None:
    """Let the task no longer wait for the other one; repeating changes nothing.

    NotAllowed unless one requested the task or directs the work.
    """
    task, other = _both(task_id, depends_on_id)
    if not may_edit_request(actor, task):
        raise NotAllowed(_("Only who requested the task, or who directs the work, may change what it waits for."))
    removed, _rows = TaskDependency.objects.filter(task=task, depends_on=other).delete()
    if removed:
        fact = DependencyRemoved(task_id=task.pk, depends_on_id=other.pk, number=other.number)
        record(fact, subject=task, actor=actor)


def _both(task_id: int, depends_on_id: int) -> tuple[Task, Task]:
    if task_id == depends_on_id:
        raise InvalidInput(_("A task cannot wait for itself. Choose another one."))
    found = {task.pk: task for task in lock_tasks([task_id, depends_on_id])}
    if len(found) < 2:
        raise InvalidInput(_("This task is gone. Choose another one."))
    return found[task_id], found[depends_on_id]


def _check(task: Task, other: Task, actor: User | None) -> None:
    if not task.is_open and task.status != TaskStatus.DRAFT:
        raise InvalidTransition(_("%(number)s is done: it waits for nothing any more.") % {"number": task.number})
    if not may_edit_request(actor, task):
        raise NotAllowed(_("Only who requested the task, or who directs the work, may change what it waits for."))
    if other.status == TaskStatus.CANCELLED:
        raise InvalidInput(_("%(number)s is cancelled. Choose another one.") % {"number": other.number})


def _reaches(start: Task, goal: Task) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_REACHES, [start.pk, goal.pk])
        return cursor.fetchone() is not None
