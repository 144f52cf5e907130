"""Telling people: each thing once to each, by the ways they chose."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils import timezone

from staff.models import Notification, Task, Topic, User
from staff.selectors.ways import URGENT_TOPICS, audience
from staff.services.notifications.telling import tell

_SAID = """
SELECT * FROM unnest(
    %(said_users)s::bigint[], %(said_topics)s::text[], %(said_subjects)s::bigint[], %(said_data)s::jsonb[],
    %(said_keys)s::text[], %(said_urgent)s::boolean[]
)
"""


@dataclass(frozen=True, kw_only=True)
class Telling:
    """One thing for one person; ``task_id`` is what it is about, ``key`` the occasion, ``data`` as ``notify`` says.

    About a row of an upper app ``data["about"]`` is "app.model:id" instead, with its "number" and "title".
    """

    user_id: int
    topic: Topic
    key: str
    task_id: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


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
    words = {"number": task.number, "title": task.title, **({"by": actor.pk} if actor else {}), **(data or {})}
    return notify_many(
        tellings=[Telling(user_id=pk, topic=topic, key=key, task_id=task.pk, data=words) for pk in sorted(told)]
    )


@transaction.atomic
def notify_many(*, tellings: Sequence[Telling]) -> int:
    """Tell all this in one statement, and return how much of it is news; closed accounts are told nothing."""
    if not tellings:
        return 0
    people = audience({row.user_id for row in tellings}, sorted({Topic(row.topic).value for row in tellings}))
    parameters = {
        "said_users": [row.user_id for row in tellings],
        "said_topics": [Topic(row.topic).value for row in tellings],
        "said_subjects": [row.task_id for row in tellings],
        "said_data": [json.dumps(dict(row.data), cls=DjangoJSONEncoder) for row in tellings],
        "said_keys": [row.key for row in tellings],
        "said_urgent": [row.topic in URGENT_TOPICS for row in tellings],
    }
    return tell(said=_SAID, parameters=parameters, people=people, now=timezone.now())


def settle(*, task: Task, topic: Topic) -> int:
    """Count what was told about ``task`` under ``topic`` as read, because nobody is asked any more; return how much."""
    subject_type = ContentType.objects.get_for_model(Task)
    told = Notification.objects.filter(subject_type=subject_type, subject_id=task.pk, topic=topic, read_at=None)
    return told.update(read_at=timezone.now())


def settle_key(*, key: str, user_ids: Collection[int]) -> int:
    """Count what these people were told under this key as read, because nobody is asked any more; return how much."""
    return Notification.objects.filter(user__in=user_ids, key=key, read_at=None).update(read_at=timezone.now())


def people_of(task: Task) -> set[int | None]:
    """Return requester, assignee and watchers of the task."""
    return {task.requester_id, task.assignee_id, *task.watchers.values_list("user_id", flat=True)}
