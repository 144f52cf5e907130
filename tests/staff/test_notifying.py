"""Telling people: once each, by the ways they chose, out of their quiet hours; sentences in their language."""

from datetime import UTC, datetime, time

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from staff.models import Notification, NotificationPreference, OutboundNotification, Topic, Webhook, WorkProfile
from staff.selectors.notifications import lines_of, unread_of
from staff.selectors.ways import USUAL_WAYS, Ways, reader_of
from staff.services.notifications.notifying import Telling, notify, notify_many
from tests.factories import make_user
from tests.staff.making import make_colleague, make_task

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # a Monday, ten in Seoul


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


def owed():
    rows = OutboundNotification.objects.order_by("channel", "pk")
    return list(rows.values_list("notification__user", "channel", "webhook", "due_at"))


def hook(user=None, **over):
    values = {"name": "Chat", "kind": "slack", "url": "https://hooks.example.com/services/secret", "user": user, **over}
    return Webhook.objects.create(**values)


def test_without_a_choice_the_usual_ways_hold():
    task, reader = make_task(), make_colleague()

    assert notify(user_ids=[reader.pk], topic=Topic.ASSIGNED, task=task, key="a") == 1
    assert notify(user_ids=[reader.pk], topic=Topic.COMMENTED, task=task, key="b") == 1

    # mail at half past eight of the next day in Seoul, and only for what waits for him
    assert owed() == [(reader.pk, "email", None, datetime(2026, 3, 2, 23, 30, tzinfo=UTC))]
    assert list(Notification.objects.order_by("pk").values_list("topic", "is_shown", "at")) == [
        ("assigned", True, NOW),
        ("commented", True, NOW),
    ]


def test_each_topic_has_usual_ways():
    assert set(USUAL_WAYS) == set(Topic)
    assert all(ways.in_app and not ways.webhook for ways in USUAL_WAYS.values())


def test_a_choice_replaces_the_usual_ways():
    task, reader = make_task(), make_colleague()
    own = hook(reader)
    hook(reader, is_active=False)
    NotificationPreference.objects.create(user=reader, topic="assigned", in_app=False, email=False, webhook=True)

    assert notify(user_ids=[reader.pk], topic=Topic.ASSIGNED, task=task, key="a") == 1

    assert owed() == [(reader.pk, "webhook", own.pk, NOW)]
    assert Notification.objects.get().is_shown is False
    assert unread_of(reader.pk).count == 0


def test_the_same_key_tells_and_owes_once():
    task, reader = make_task(), make_colleague()
    for told in (1, 0, 0):
        assert notify(user_ids=[reader.pk, reader.pk], topic=Topic.ASSIGNED, task=task, key="a") == told
    assert (Notification.objects.count(), OutboundNotification.objects.count()) == (1, 1)


def test_neither_the_actor_nor_a_closed_account_is_told():
    task, actor, closed = make_task(), make_colleague(), make_colleague(is_active=False)
    assert notify(user_ids=[actor.pk, closed.pk, None], topic=Topic.ASSIGNED, task=task, key="a", actor=actor) == 0
    assert not Notification.objects.exists()
    assert owed() == []


def test_a_team_hears_of_an_occasion_once():
    task, people = make_task(), [make_colleague() for _ in range(3)]
    team = hook(topics=["stale", "assigned"])
    hook(topics=["overdue"])

    notify(user_ids=[people[0].pk, people[1].pk], topic=Topic.STALE, task=task, key="stale:1")
    notify(user_ids=[people[2].pk], topic=Topic.STALE, task=task, key="stale:1")
    notify(user_ids=[people[2].pk], topic=Topic.STALE, task=task, key="stale:2")

    rows = OutboundNotification.objects.filter(channel="webhook").order_by("pk")
    assert list(rows.values_list("webhook", "occasion")) == [(team.pk, "stale:1"), (team.pk, "stale:2")]


@time_machine.travel(datetime(2026, 3, 2, 13, 30, tzinfo=UTC), tick=False)  # half past ten at night in Seoul
def test_quiet_hours_move_webhooks_and_escalations_to_their_end():
    task, reader = make_task(), make_colleague()
    own = hook(reader)
    NotificationPreference.objects.create(user=reader, topic="stuck", email=True, webhook=True)

    notify(user_ids=[reader.pk], topic=Topic.STUCK, task=task, key="a")

    morning = datetime(2026, 3, 2, 23, 0, tzinfo=UTC)  # eight in Seoul: before the digest at half past
    assert owed() == [(reader.pk, "email", None, morning), (reader.pk, "webhook", own.pk, morning)]


@pytest.mark.parametrize(
    ("zone", "quiet", "at", "ends"),
    [
        ("Asia/Seoul", (time(20), time(8)), "2026-03-02 10:59", "2026-03-02 10:59"),  # 19:59
        ("Asia/Seoul", (time(20), time(8)), "2026-03-02 11:00", "2026-03-02 23:00"),  # 20:00
        ("Asia/Seoul", (time(20), time(8)), "2026-03-02 18:00", "2026-03-02 23:00"),  # 03:00
        ("Asia/Seoul", (time(20), time(8)), "2026-03-02 23:00", "2026-03-02 23:00"),  # 08:00
        ("Asia/Tokyo", (time(12), time(13)), "2026-03-02 03:30", "2026-03-02 04:00"),
        ("Europe/Berlin", (time(20), time(8)), "2026-03-28 20:00", "2026-03-29 06:00"),  # the clock goes forward
        ("Europe/Berlin", (time(20), time(8)), "2026-10-24 20:00", "2026-10-25 07:00"),  # and back
        ("Europe/Berlin", (time(0), time(2, 30)), "2026-03-29 00:30", "2026-03-29 01:30"),  # 02:30 does not exist
        ("Asia/Seoul", (None, None), "2026-03-02 18:00", "2026-03-02 18:00"),
        ("Asia/Seoul", (time(9), time(9)), "2026-03-02 00:00", "2026-03-02 00:00"),
    ],
)
def test_quiet_hours_end_by_the_clock_on_the_wall(zone, quiet, at, ends):
    user = make_user(time_zone=zone)
    user.work_profile = WorkProfile(quiet_from=quiet[0], quiet_until=quiet[1])
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert reader_of(user, {}).after_quiet(moment) == datetime.fromisoformat(ends).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "mailed"),
    [
        ("2026-03-28 07:29", "2026-03-28 07:30"),
        ("2026-03-28 07:30", "2026-03-28 07:30"),
        ("2026-03-28 07:31", "2026-03-29 06:30"),  # summer time begins: the same half past eight
    ],
)
def test_the_digest_comes_at_the_same_time_of_the_clock(at, mailed):
    reader = reader_of(make_user(time_zone="Europe/Berlin"), {})
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert reader.next_digest(moment) == datetime.fromisoformat(mailed).replace(tzinfo=UTC)


def test_many_are_told_in_one_statement():
    task = make_task()
    people = [make_user() for _ in range(50)]
    tellings = [Telling(user_id=user.pk, topic=Topic.ASSIGNED, key="a", task_id=task.pk) for user in people]
    notify_many(tellings=tellings[:1])
    with CaptureQueriesContext(connection) as few:
        assert notify_many(tellings=tellings[:2]) == 1
    with CaptureQueriesContext(connection) as many:
        assert notify_many(tellings=tellings) == 48
    assert len(few) == len(many) == 6  # a savepoint, three questions, one statement
    assert OutboundNotification.objects.count() == 50


# --- sentences

SENTENCES = [
    (Topic.ASSIGNED, {"by": True}, "Assigned by Kim"),
    (Topic.ASSIGNED, {}, "Assigned"),
    (Topic.RELEASED, {"reason": "idle"}, "It waits in the queue again"),
    (Topic.RELEASED, {"by": True}, "Given to somebody else (Kim)"),
    (Topic.REVIEW_ASKED, {"by": True}, "Kim asks for a decision"),
    (Topic.CHANGES_REQUESTED, {"by": True}, "Changes requested by Kim"),
    (Topic.APPROVED, {}, "Approved"),
    (Topic.DELIVERED, {"by": 0}, "Delivered"),
    (Topic.COMMENTED, {"by": True}, "Comment by Kim"),
    (Topic.CHANGED, {"change": "due", "due_at": "2026-03-05T09:00:00Z"}, "The deadline is now 2026-03-05 18:00"),
    (Topic.CHANGED, {"change": "due", "due_at": None}, "There is no deadline any more"),
    (Topic.CHANGED, {"status": "on_hold", "by": True}, "Now: On hold (Kim)"),
    (Topic.CHANGED, {"change": "taken_back"}, "Taken back from review"),
    (Topic.CHANGED, {}, "Changed"),
    (Topic.DUE_SOON, {"due_at": "2026-03-05T09:00:00+00:00"}, "Due on 2026-03-05 18:00"),
    (Topic.DUE_TODAY, {"due_at": "2026-03-02T09:00:00+00:00"}, "Due today at 18:00"),
    (Topic.DUE_SOON, {}, "Due soon"),
    (Topic.OVERDUE, {"due_at": "2026-03-01T09:00:00+00:00"}, "Overdue since 2026-03-01 18:00"),
    (Topic.OVERDUE, {"count": 1}, "1 task is overdue"),
    (Topic.OVERDUE, {"count": 3}, "3 tasks are overdue"),
    (Topic.UNCLAIMED, {}, "Nobody has claimed it yet"),
    (Topic.STUCK, {}, "Nothing has moved for too long"),
    (Topic.STALE, {"reason": "price"}, "The live picture is no longer true: The price has changed"),
    (Topic.STALE, {}, "The live picture is no longer true"),
    (Topic.RIGHTS_EXPIRE, {"until": "2026-03-31"}, "Usage rights end on 2026-03-31"),
    (Topic.RIGHTS_EXPIRE, {}, "Rights end soon"),
    (Topic.WEBHOOK_OFF, {"name": "Chat"}, "The webhook “Chat” failed too often and is switched off"),
    (Topic.STOCK, {"reason": "low", "count": 3}, "Running low: 3 pieces available"),
    (Topic.STOCK, {"reason": "out"}, "Sold out"),
    (Topic.STOCK, {"reason": "expiring"}, "A lot expires soon"),
    (Topic.STOCK, {"reason": "incident"}, "The nightly proof found numbers that do not agree"),
    (Topic.STOCK, {"reason": "oversold", "count": 1}, "Oversold: 1 piece was sold that is not there"),
    (Topic.STOCK, {}, "The stock needs a look"),
]


@pytest.mark.parametrize(("topic", "data", "sentence"), SENTENCES)
def test_each_topic_has_its_sentence(topic, data, sentence):
    kim = make_user(username="Kim")
    data = {**data, "by": kim.pk} if data.get("by") else data
    row = Notification.objects.create(user=make_user(), topic=topic, data=data, key="a")
    with translation.override("en"), timezone.override("Asia/Seoul"):
        assert lines_of([row])[0].sentence == sentence


def test_no_topic_is_without_a_sentence():
    assert {topic for topic, _data, _sentence in SENTENCES} == set(Topic)


def test_a_line_names_task_and_stand_in_and_leads_to_the_task():
    away = make_user(username="Lee")
    data = {"number": "T-0000012", "title": "Summer banner", "instead_of": away.pk}
    row = Notification.objects.create(user=make_user(), topic="stuck", data=data, key="a")
    with translation.override("en"):
        line = lines_of([row])[0]
    assert line.text == "T-0000012 Summer banner: Nothing has moved for too long (instead of Lee, who is away)"
    assert line.absolute_url.startswith("http://localhost:8000/admin/")


def test_a_channel_reads_whom_it_was_told():
    kim = make_user(username="Kim")
    row = Notification.objects.create(user=make_user(username="Lee"), topic="assigned", data={"by": kim.pk}, key="a")
    with translation.override("en"):
        assert lines_of([row], for_team=True)[0].sentence == "Assigned by Kim → Lee"


def test_many_lines_ask_for_names_once(django_assert_num_queries):
    users = [make_user() for _ in range(12)]
    rows = [
        Notification.objects.create(user=users[0], topic="assigned", data={"by": user.pk}, key=f"a{user.pk}")
        for user in users
    ]
    with django_assert_num_queries(1):
        assert len(lines_of(rows)) == 12


def test_unread_is_counted_to_the_cap(django_assert_num_queries):
    user = make_user()
    rows = [Notification(user=user, topic="stuck", key=f"k{n}") for n in range(150)]
    Notification.objects.bulk_create(rows)
    with django_assert_num_queries(1):
        unread = unread_of(user.pk)
    assert (unread.text, unread.count) == ("99+", 100)
    assert unread_of(make_user().pk).text == "0"


def test_choices_compare_by_value():
    assert Ways(email=True) == USUAL_WAYS[Topic.ASSIGNED]
