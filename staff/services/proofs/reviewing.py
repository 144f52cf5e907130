"""Approval: work is sent to its steps in order, decided version by version, taken back."""

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import InvalidInput, InvalidTransition, NotAllowed
from core.events import record
from staff.events import TaskSentToReview, TaskTakenBack
from staff.models import ReviewStep, Task, TaskStatus, Topic, User
from staff.policies import may_work_on
from staff.selectors.reviewers import reviewers_of
from staff.selectors.revisions import obstacles, review_state
from staff.services.notifications.notifying import notify
from staff.services.work.moving import lock_task, move_task, refuse_on_hold
from staff.services.work.working import check_list_done, waiting_for


def current_step(task: Task) -> ReviewStep | None:
    """Return the first step that has not approved the latest version of every deliverable; None when all have."""
    return review_state(task.pk).current


@transaction.atomic
def send_to_review(*, task_id: int, actor: User) -> Task:
    """Ask for decisions about the latest versions and return the task; whose turn it is is told.

    What earlier rounds approved stays approved. InvalidInput names what is missing: versions, numbers that do not fit,
    open lines of the check list; InvalidTransition when the task needs no approval, waits for another one, or is on
    hold.
    """
    task = lock_task(task_id)
    _check_may_work(task, actor)
    refuse_on_hold(task)
    if waits := waiting_for(task):
        raise InvalidTransition(_("This task waits for %(tasks)s.") % {"tasks": ", ".join(waits)})
    state = review_state(task.pk)
    if not state.steps:
        raise InvalidTransition(_("This task needs no approval. Complete it."))
    if problems := obstacles(state):
        raise InvalidInput(" ".join(problems))
    check_list_done(task)
    move_task(task, TaskStatus.IN_REVIEW)
    record(TaskSentToReview(task_id=task.pk), subject=task, actor=actor)
    ask(task, state.current, actor=actor)
    return task


@transaction.atomic
def take_back(*, task_id: int, actor: User) -> Task:
    """Take the task out of review to go on working; decisions made so far stay with the versions they are about."""
    task = lock_task(task_id)
    _check_may_work(task, actor)
    if task.status != TaskStatus.IN_REVIEW:
        raise InvalidTransition(_("This task is not in review. Reload the page to see its state."))
    step = current_step(task)
    move_task(task, TaskStatus.IN_PROGRESS)
    record(TaskTakenBack(task_id=task.pk), subject=task, actor=actor)
    if step is not None:
        notify(
            user_ids=list(reviewers_of(step, assignee_id=task.assignee_id)),
            topic=Topic.CHANGED,
            task=task,
            key=f"taken_back:{task.pk}:{task.status_since.isoformat()}",
            data={"status": task.status},
            actor=actor,
        )
    return task


def ask(task: Task, step: ReviewStep | None, *, actor: User | None) -> None:
    """Tell the people of a step that their decision is asked; once for each turn of it."""
    if step is not None:
        notify(
            user_ids=list(reviewers_of(step, assignee_id=task.assignee_id)),
            topic=Topic.REVIEW_ASKED,
            task=task,
            key=f"review:{step.pk}:{task.status_since.isoformat()}",
            actor=actor,
        )


def _check_may_work(task: Task, actor: User) -> None:
    if not may_work_on(actor, task):
        raise NotAllowed(_("Only who has the task may do this."))
