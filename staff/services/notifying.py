"""Telling people: each thing once to each, by the ways they chose."""

from collections.abc import Collection, Mapping
from typing import Any

from django.contrib.contenttypes.models import ContentType

from staff.models import Notification, Task, Topic, User


def notify(
    *,
    user_ids: Collection[int | None],
    topic: Topic,
    task: Task,
    key: str,
    data: Mapping[str, Any] | None = None,
    actor: User | None = None,
) -> int:
    """Tell these people about ``task`` and return how many were told now; the actor himself and doubles are left out.

    ``key`` names the occasion ("assigned:17"): the same key reaches a person once, however often it is sent.
    ``data`` are words for the sentence, never personal data. Runs inside the caller's transaction.
    """
    told = {pk for pk in user_ids if pk is not None and (actor is None or pk != actor.pk)}
    active = User.objects.filter(pk__in=told, is_active=True).values_list("pk", flat=True)
    subject_type = ContentType.objects.get_for_model(Task)
    rows = [
        Notification(
            user_id=pk,
            topic=topic,
            subject_type=subject_type,
            subject_id=task.pk,
            data={"number": task.number, "title": task.title, **(data or {})},
            key=key,
        )
        for pk in sorted(active)
    ]
    before = Notification.objects.filter(key=key, user_id__in=[row.user_id for row in rows]).count()
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows) - before


def people_of(task: Task) -> set[int | None]:
    """Return requester, assignee and watchers of the task."""
    return {task.requester_id, task.assignee_id, *task.watchers.values_list("user_id", flat=True)}
