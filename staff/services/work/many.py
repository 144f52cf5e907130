"""What services of many tasks share: each task for itself, and a report of what became of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import DomainError
from staff.services.work.moving import lock_tasks


@dataclass(frozen=True, slots=True)
class TaskRefusal:
    """Why one task of a batch stayed as it was; ``reason`` is a translated sentence."""

    task_id: int
    number: str
    reason: str


@dataclass(slots=True)
class TaskBatch:
    """What became of many tasks; a refused one does not hinder the others."""

    done: list[int] = field(default_factory=list)
    refused: list[TaskRefusal] = field(default_factory=list)


@transaction.atomic
def for_each_task(task_ids: Sequence[int], step: Callable[[int], Any]) -> TaskBatch:
    """Do ``step`` (a service of one task) for each of the tasks, all locked before in the order of their ids.

    What a step refuses is undone for its task alone and reported; ids without a task are refused too.
    """
    report = TaskBatch()
    numbers = {task.pk: task.number for task in lock_tasks(list(task_ids))}
    for pk, number in numbers.items():
        try:
            with transaction.atomic():
                step(pk)
        except DomainError as refusal:
            report.refused.append(TaskRefusal(pk, number, str(refusal)))
        else:
            report.done.append(pk)
    missing = [pk for pk in dict.fromkeys(task_ids) if pk not in numbers]
    report.refused += [TaskRefusal(pk, str(pk), _("There is no such task any more.")) for pk in missing]
    return report
