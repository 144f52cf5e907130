"""Tasks that follow what they are about: its review is held where it is made, and the task tells how far it is."""

from collections.abc import Collection, Mapping
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import InvalidTransition
from core.events import record
from staff.events import (
    ChangesRequested,
    TaskApproved,
    TaskAssigned,
    TaskDelivered,
    TaskEdited,
    TaskSentToReview,
    TaskTakenBack,
    TaskWentLive,
)
from staff.models import ChecklistItem, Revision, Task, TaskStatus, Topic, User
from staff.policies import can_work_on_tasks
from staff.services.notifications.notifying import notify, people_of
from staff.services.work.moving import lock_task, lock_tasks, move_task, search_text_of, touched
from staff.services.work.pausing import tell_changed

S = TaskStatus
# the ways of a task from where it stands, one state after the other; from anywhere else it is left alone
_WAYS: Mapping[TaskStatus, Mapping[TaskStatus, tuple[TaskStatus, ...]]] = {
    S.IN_REVIEW: {
        S.ASSIGNED: (S.IN_PROGRESS, S.IN_REVIEW),
        S.IN_PROGRESS: (S.IN_REVIEW,),
        S.CHANGES_REQUESTED: (S.IN_REVIEW,),
    },
    S.IN_PROGRESS: {S.IN_REVIEW: (S.IN_PROGRESS,)},
    S.CHANGES_REQUESTED: {S.IN_REVIEW: (S.CHANGES_REQUESTED,)},
    S.DELIVERED: {S.IN_REVIEW: (S.APPROVED, S.DELIVERED), S.APPROVED: (S.DELIVERED,)},
    S.LIVE: {S.DELIVERED: (S.LIVE,)},
}


@transaction.atomic
def follow_subject(
    *, task_ids: Collection[int], to: TaskStatus, note: str = "", place: str = "", actor: User | None = None
) -> list[int]:
    """Bring these tasks to where their subject is and return the ids of those that moved; others are left alone.

    ``to``: in review, in progress (taken back), changes requested (``note``), delivered (approved first; ``place``
    says where), live. Who hands the subject in takes a task from the queue by it. A task with versions of pictures is
    judged by its own steps and left alone, but for going live. Its people are told. Rights are those of the service
    that moved the subject; repeating changes nothing.
    """
    with_proofs = set(
        Revision.objects.filter(deliverable__task__in=task_ids).values_list("deliverable__task", flat=True)
    )
    moved = []
    for task in lock_tasks(list(task_ids)):
        if task.pk in with_proofs and to != S.LIVE:
            continue
        _take_from_queue(task, to, actor)
        way = _WAYS[to].get(S(task.status), ())
        for state in way:
            _step(task, state, note, place, actor)
        if way:
            moved.append(task.pk)
    return moved


@transaction.atomic
def link_subject(*, task_id: int, subject: models.Model, actor: User | None = None) -> Task:
    """Keep what a task is about that was asked for before there was anything; repeating changes nothing.

    InvalidTransition when it is about something else already.
    """
    task = lock_task(task_id)
    subject_type = ContentType.objects.get_for_model(subject)
    if task.subject_id is not None:
        if (task.subject_type_id, task.subject_id) != (subject_type.pk, subject.pk):
            raise InvalidTransition(
                _("%(number)s is about “%(subject)s” already.") % {"number": task.number, "subject": task.subject_label}
            )
        return task
    task.subject_type, task.subject_id, task.subject_label = subject_type, subject.pk, str(subject)[:200]
    task.search_text = search_text_of(task)
    task.save(update_fields=["subject_type", "subject_id", "subject_label", "search_text", "updated_at"])
    record(TaskEdited(task_id=task.pk, fields=["subject_label"]), subject=task, actor=actor)
    touched(task)
    return task


@transaction.atomic
def tick_lines(*, item_ids: Collection[int], actor: User | None = None) -> int:
    """Tick open lines of check lists whose matter is in order, and return how many; ticked ones stay as they are."""
    lines = ChecklistItem.objects.filter(pk__in=item_ids, done_at=None)
    return lines.update(done_at=timezone.now(), done_by=actor)


def _take_from_queue(task: Task, to: TaskStatus, actor: User | None) -> None:
    if to != S.IN_REVIEW or task.status != S.SUBMITTED or actor is None or not can_work_on_tasks(actor):
        return
    task.is_claimed = True
    move_task(task, S.ASSIGNED, assignee=actor, fields=("is_claimed",))
    record(TaskAssigned(task_id=task.pk, assignee_id=actor.pk, is_claimed=True), subject=task, actor=actor)


def _step(task: Task, state: TaskStatus, note: str, place: str, actor: User | None) -> None:
    before = task.status
    if state == S.CHANGES_REQUESTED:
        task.round_count += 1
    move_task(task, state, fields=("round_count",))
    facts: dict[TaskStatus, Any] = {
        S.IN_REVIEW: lambda: TaskSentToReview(task_id=task.pk),
        S.CHANGES_REQUESTED: lambda: ChangesRequested(
            task_id=task.pk,
            round=task.round_count,
            note=note[:4000],
            is_over_limit=task.round_count > task.revision_limit,
        ),
        S.APPROVED: lambda: _approved(task),
        S.DELIVERED: lambda: TaskDelivered(task_id=task.pk, place=place[:200]),
        S.LIVE: lambda: TaskWentLive(task_id=task.pk),
    }
    if state == S.IN_PROGRESS and before == S.IN_REVIEW:
        record(TaskTakenBack(task_id=task.pk), subject=task, actor=actor)
    if state in facts:
        record(facts[state](), subject=task, actor=actor)
    _tell(task, state, place, actor)


def _approved(task: Task) -> TaskApproved:
    subject = task.subject_type
    return TaskApproved(
        task_id=task.pk,
        kind=task.kind,
        subject=f"{subject.app_label}.{subject.model}" if subject else "",
        subject_id=task.subject_id,
        revision_ids=[],
    )


def _tell(task: Task, state: TaskStatus, place: str, actor: User | None) -> None:
    occasion = f"{task.pk}:{task.status_since.isoformat()}"
    if state == S.CHANGES_REQUESTED:
        data = {"round": task.round_count}
        key = f"changes:{occasion}"
        notify(user_ids=[task.assignee_id], topic=Topic.CHANGES_REQUESTED, task=task, key=key, data=data, actor=actor)
    elif state == S.DELIVERED:
        words = {"place": place[:200]} if place else {}
        key = f"delivered:{occasion}"
        notify(user_ids=people_of(task), topic=Topic.DELIVERED, task=task, key=key, data=words, actor=actor)
    elif state == S.LIVE:
        tell_changed(task, actor=actor)
