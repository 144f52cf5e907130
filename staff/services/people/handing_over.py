"""What becomes of the work of somebody who leaves: nothing of it waits for them."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from staff.models import ReviewStep, Role, Task, TaskStatus, TimeEntry, User
from staff.policies import can_review_tasks
from staff.services.assignment.assigning import back_to_queue
from staff.services.proofs.reviewing import ask, current_step
from staff.services.work.moving import TIMED_STATUSES, lock_tasks

_OVER = [TaskStatus.RETIRED, TaskStatus.CANCELLED]


def lock_work_of(user_id: int) -> list[Task]:
    """Return what this person works on or judges by name, locked.

    Before the person's own row: who begins a task locks the task first, then counts what the person has.
    """
    mine = Task.objects.filter(assignee=user_id, status__in=TIMED_STATUSES)
    steps = ReviewStep.objects.filter(reviewer=user_id).exclude(task__status__in=_OVER)
    return lock_tasks(sorted({*mine.values_list("pk", flat=True), *steps.values_list("task", flat=True)}))


@transaction.atomic
def hand_over_work(*, user: User, tasks: Sequence[Task], actor: User | None = None) -> None:
    """Free what this person, whose account is being closed, has in hand: ``tasks`` come from ``lock_work_of``.

    Afterwards the running timer has ended; tasks to work on are in the queue, their requesters told. Tasks in review
    keep their assignee, because the work is done and can be decided; sent back, the clock brings them into the queue,
    as it does with tasks that were given meanwhile. Tasks on hold keep theirs until they are resumed. Approval steps by
    name are the delegate's if that one may judge and did not do the work, else of the step's role (EC managers where it
    has none); whose turn it is is told.
    """
    TimeEntry.objects.filter(user=user, ended_at=None).update(ended_at=timezone.now())
    for task in tasks:
        if task.assignee_id == user.pk and task.status in TIMED_STATUSES:
            back_to_queue(task, reason="account_closed", actor=actor)
        _hand_over_steps(task, user, actor)


def _hand_over_steps(task: Task, user: User, actor: User | None) -> None:
    delegate = _delegate_of(user)
    steps = list(ReviewStep.objects.filter(task=task, reviewer=user).order_by("position"))
    for step in steps:
        step.reviewer = delegate if delegate is not None and delegate.pk != task.assignee_id else None
        if step.reviewer is None and not step.role:
            step.role = Role.EC_MANAGER
        step.save(update_fields=["reviewer", "role"])
    if steps and task.status == TaskStatus.IN_REVIEW:
        ask(task, current_step(task), actor=actor)


def _delegate_of(user: User) -> User | None:
    profile = getattr(user, "work_profile", None)
    delegate = profile.delegate if profile else None
    return delegate if delegate is not None and delegate.is_active and can_review_tasks(delegate) else None
