"""Several senders, several clocks, several people telling at once: each thing is told, claimed and mailed once."""

from datetime import UTC, datetime, timedelta

import pytest

from staff.models import Notification, OutboundNotification, Task, Topic, Webhook
from staff.services.notifications.notifying import Telling, notify_many
from staff.services.notifications.reminding import remind
from staff.services.notifications.sending import claim_digest, claim_message
from tests.concurrency.race import race
from tests.factories import make_user
from tests.staff.making import make_colleague, make_started_task

pytestmark = pytest.mark.django_db(transaction=True)
MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # ten in Seoul


def tell_all(count: int) -> None:
    """Owe a message to a webhook and a mail for each of so many people, all due long ago."""
    Webhook.objects.create(name="Team", kind="slack", url="https://hooks.example.com/x", topics=Topic.values)
    people = [make_user(email=f"{n}@example.com") for n in range(count)]
    notify_many(tellings=[Telling(user_id=user.pk, topic=Topic.STUCK, key=f"a{user.pk}") for user in people])
    OutboundNotification.objects.update(due_at=MONDAY - timedelta(days=1))


def drained(claim) -> list[object]:
    found = []
    while (owed := claim(now=MONDAY)) is not None:
        found.append(owed)
    return found


def test_senders_share_the_messages():
    tell_all(12)
    results = race(*[lambda: [owed.outbound_id for owed in drained(claim_message)]] * 3)
    assert all(result.kind == "done" for result in results), results
    claimed = [pk for result in results for pk in result.value]
    assert sorted(claimed) == sorted(
        OutboundNotification.objects.filter(channel="webhook").values_list("pk", flat=True)
    )
    assert set(OutboundNotification.objects.filter(channel="webhook").values_list("attempts", flat=True)) == {1}


def test_senders_share_the_digests():
    tell_all(8)
    results = race(*[lambda: [owed.user.pk for owed in drained(claim_digest)]] * 3)
    assert all(result.kind == "done" for result in results), results
    mailed = [pk for result in results for pk in result.value]
    assert len(mailed) == len(set(mailed)) == 8


def test_two_clocks_remind_once():
    boss = make_colleague("ec_manager")
    worker = make_colleague("designer")
    for _ in range(3):
        task = make_started_task(by=boss, worker=worker)
        Task.objects.filter(pk=task.pk).update(due_at=MONDAY + timedelta(hours=5))
    Notification.objects.all().delete()

    results = race(*[lambda: remind(now=MONDAY)] * 3)

    assert sum(result.value for result in results) == 3, results
    assert Notification.objects.filter(topic="due_today").count() == 3


def test_the_same_occasion_told_by_two_reaches_the_team_once():
    Webhook.objects.create(name="Team", kind="slack", url="https://hooks.example.com/x", topics=Topic.values)
    people = [make_user() for _ in range(4)]
    tell = [
        lambda user=user: notify_many(tellings=[Telling(user_id=user.pk, topic=Topic.STALE, key="stale:1")])
        for user in people
    ]

    results = race(*tell)

    assert [result.value for result in results] == [1, 1, 1, 1], results
    assert OutboundNotification.objects.filter(channel="webhook").count() == 1
