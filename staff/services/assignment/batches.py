"""Directing many tasks at once: each that can is done, each that cannot says why."""

from collections.abc import Sequence
from datetime import datetime

from staff.models import User
from staff.services.assignment.assigning import assign_task
from staff.services.requests.editing import change_priority
from staff.services.requests.requesting import reschedule_task
from staff.services.work.many import TaskBatch, for_each_task


def assign_tasks(*, task_ids: Sequence[int], assignee_id: int, actor: User | None = None) -> TaskBatch:
    """Give all these tasks to one colleague, as ``assign_task`` does."""
    return for_each_task(task_ids, lambda pk: assign_task(task_id=pk, assignee_id=assignee_id, actor=actor))


def reprioritise_tasks(*, task_ids: Sequence[int], priority: int, actor: User | None = None) -> TaskBatch:
    """Give all these tasks one priority, as ``change_priority`` does."""
    return for_each_task(task_ids, lambda pk: change_priority(task_id=pk, priority=priority, actor=actor))


def reschedule_tasks(*, task_ids: Sequence[int], due_at: datetime | None, actor: User | None = None) -> TaskBatch:
    """Give all these tasks one deadline, as ``reschedule_task`` does."""
    return for_each_task(task_ids, lambda pk: reschedule_task(task_id=pk, due_at=due_at, actor=actor))
