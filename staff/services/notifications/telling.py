"""One statement that tells many people: the notifications, each once, and what they owe to mail and webhooks."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection

from staff.models import Task
from staff.selectors.ways import Audience

# {said} yields (user_id, topic, subject_id, data, key, is_urgent); who is not in ``reach`` is not told.
# 1. What was told before stays alone: the unique (user, key) decides, so two senders at once tell it once.
# 2. Only what is told now owes mails and webhooks.
# 3. A team's address gets the key, not the person: the unique (webhook, occasion) lets it hear of it once.
_TELL = """
WITH said (user_id, topic, subject_id, data, key, is_urgent) AS ({said}),
reach AS (
    SELECT * FROM unnest(
        %(users)s::bigint[], %(topics)s::text[], %(shown)s::boolean[], %(digest_at)s::timestamptz[],
        %(soon_at)s::timestamptz[], %(mailed)s::boolean[]
    ) AS reach (user_id, topic, is_shown, digest_at, soon_at, is_mailed)
),
told AS (
    INSERT INTO staff_notification (user_id, topic, subject_type_id, subject_id, data, key, at, is_shown)
    SELECT said.user_id, said.topic, CASE WHEN said.subject_id IS NULL THEN NULL ELSE %(task_type)s END,
           said.subject_id, said.data, said.key, %(now)s, reach.is_shown
    FROM said JOIN reach USING (user_id, topic)
    ORDER BY said.user_id, said.key
    ON CONFLICT (user_id, key) DO NOTHING
    RETURNING id, user_id, topic, key
),
owed AS (
    INSERT INTO staff_outboundnotification (notification_id, channel, webhook_id, occasion, due_at, attempts, error)
    SELECT told.id, 'email', NULL::bigint, '', CASE WHEN said.is_urgent THEN soon_at ELSE digest_at END, 0, ''
    FROM told JOIN said USING (user_id, topic, key) JOIN reach USING (user_id, topic) WHERE is_mailed
    UNION ALL
    SELECT told.id, 'webhook', own.webhook_id, '', soon_at, 0, ''
    FROM told JOIN reach USING (user_id, topic)
    JOIN unnest(%(own_users)s::bigint[], %(own_topics)s::text[], %(own_webhooks)s::bigint[])
        AS own (user_id, topic, webhook_id) USING (user_id, topic)
    UNION ALL
    SELECT min(told.id), 'webhook', team.webhook_id, told.key, %(now)s, 0, ''
    FROM told JOIN unnest(%(team_topics)s::text[], %(team_webhooks)s::bigint[]) AS team (topic, webhook_id)
        USING (topic)
    GROUP BY told.key, team.webhook_id
    ON CONFLICT DO NOTHING
)
SELECT count(*) FROM told
"""


def tell(*, said: str, parameters: Mapping[str, Any], people: Audience, now: datetime) -> int:
    """Tell what the SELECT ``said`` yields to ``people`` by the ways they chose; return how many were told now.

    One statement whatever the number. ``said`` yields (user_id, topic, subject_id of a task, data as jsonb, key,
    is_urgent); it comes from code, values only from ``parameters``.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TELL.format(said=said), {**_reach(people, now), **parameters, "now": now})
        (count,) = cursor.fetchone()
    return int(count)


def _reach(people: Audience, now: datetime) -> dict[str, Any]:
    rows = [
        (reader.user_id, topic, ways.in_app, reader.next_digest(now), reader.after_quiet(now), ways.email)
        for reader in people.readers.values()
        for topic in people.topics
        if (ways := reader.ways(topic))
    ]
    own = [
        (reader.user_id, topic, webhook)
        for reader in people.readers.values()
        for topic in people.topics
        if reader.webhook_ids and reader.ways(topic).webhook
        for webhook in reader.webhook_ids
    ]
    team = [(topic, webhook) for topic, webhooks in people.team.items() for webhook in webhooks]
    names = ("users", "topics", "shown", "digest_at", "soon_at", "mailed")
    return {
        "task_type": ContentType.objects.get_for_model(Task).pk,
        **_columns(names, rows),
        **_columns(("own_users", "own_topics", "own_webhooks"), own),
        **_columns(("team_topics", "team_webhooks"), team),
    }


def _columns(names: tuple[str, ...], rows: list[tuple[Any, ...]]) -> dict[str, list[Any]]:
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}
