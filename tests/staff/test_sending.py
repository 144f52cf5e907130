"""What is owed is sent, tried again, given up; kills lose nothing; one mail holds all that is due."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from core.models import EventRecord
from staff.adapters.webhooks import Outcome, Sent
from staff.models import Holiday, Leave, Notification, OutboundNotification, Topic, Webhook, WorkCalendar, WorkProfile
from staff.services.notifications.notifying import Telling, notify_many
from staff.services.notifications.sending import (
    claim_digest,
    claim_message,
    pause_after,
    record_digest,
    record_failed_message,
    record_sent_message,
    remove_old_notifications,
)
from staff.tasks import remove_read_notifications, send_notifications
from tests.factories import make_user
from tests.staff.making import make_colleague
from tests.staff.receiver import receiver

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # a Monday, ten in Seoul


@pytest.fixture(autouse=True)
def clock(settings):
    settings.WEBHOOK_PRIVATE_ADDRESSES = True
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def hook(url="https://hooks.example.com/services/secret", **over):
    return Webhook.objects.create(**{"name": "Chat", "kind": "slack", "url": url, "topics": Topic.values, **over})


def tell(user=None, *, topic=Topic.STUCK, key="a", **data):
    user = user or make_user(email="kim@example.com")
    data = {"number": "T-0000012", "title": "Summer banner", **data}
    notify_many(tellings=[Telling(user_id=user.pk, topic=topic, key=key, data=data)])
    return user


def mailed(**over):
    """Return a person with mail that is due now."""
    user = make_user(**{"email": "kim@example.com", "language": "en", "username": "kim", **over})
    tell(user)
    return user


def rows(channel="webhook"):
    return OutboundNotification.objects.filter(channel=channel).order_by("pk")


# --- webhooks


def test_a_message_goes_out_once():
    with receiver() as there:
        webhook = hook(there.url, kind="json", secret="whsec_b2xk")
        tell(user=make_user())
        assert send_notifications() == 1
        assert send_notifications() == 0
    row = rows().get()
    assert (row.sent_at, row.attempts, row.error) == (NOW, 1, "")
    webhook.refresh_from_db()
    assert (webhook.last_sent_at, webhook.failure_count) == (NOW, 0)
    headers = {name.lower(): value for name, value in there.got[0][1].items()}
    assert headers["webhook-id"] == f"msg_{row.pk}"
    assert b"T-0000012 Summer banner: Nothing has moved for too long" in there.got[0][2]


def test_a_failure_comes_again_with_doubling_pauses_and_the_same_id(clock):
    with receiver(status=500) as there:
        hook(there.url, kind="json", secret="whsec_b2xk")
        tell(user=make_user())
        waited = []
        for _attempt in range(8):
            assert send_notifications() == 1
            row = rows().get()
            waited.append((row.due_at - datetime.now(UTC)).total_seconds() / 60)
            clock.move_to(row.due_at - timedelta(seconds=1))
            assert send_notifications() == 0
            clock.move_to(row.due_at)
        assert send_notifications() == 0
    assert waited == [1, 2, 4, 8, 16, 32, 64, 128]
    assert (row.attempts, row.sent_at, row.given_up_at is not None, row.error) == (8, None, True, "answered_badly 500")
    assert len({headers["webhook-id"] for _path, headers, _body in there.got}) == 1


def test_a_killed_sender_sends_that_one_message_again(clock):
    """Claimed, and then nothing is heard of the sender."""
    hook()
    tell(user=make_user())
    first = claim_message(now=NOW)
    assert rows().get().attempts == 1
    assert claim_message(now=NOW) is None
    again = claim_message(now=NOW + pause_after(1))
    assert again.outbound_id == first.outbound_id


def test_a_message_that_kills_its_sender_each_time_is_given_up():
    hook()
    tell(user=make_user())
    rows().update(attempts=8)
    assert claim_message(now=NOW) is None
    assert (rows().get().given_up_at, rows().get().error) == (NOW, "never answered")


def test_a_dead_webhook_does_not_hold_up_the_others():
    with receiver() as there:
        dead = hook("http://127.0.0.1:9/x")
        hook(there.url, topics=["stale"])
        for number in range(5):
            tell(make_user(), key=f"a{number}")
        tell(make_user(), topic=Topic.STALE, key="b")
        assert send_notifications() == 2  # one try at the dead one, and the other
    assert len(there.got) == 1
    assert set(rows().filter(webhook=dead).values_list("due_at", flat=True)) == {NOW + timedelta(minutes=1)}


def test_twenty_failures_in_a_row_switch_it_off_and_the_owner_is_told():
    owner = make_user()
    webhook = hook(user=owner, topics=[])
    row = Notification.objects.create(user=owner, topic="stuck", key="a")
    owed = OutboundNotification.objects.create(notification=row, channel="webhook", webhook=webhook, due_at=NOW)
    other = Notification.objects.create(user=owner, topic="stuck", key="b")
    waiting = OutboundNotification.objects.create(notification=other, channel="webhook", webhook=webhook, due_at=NOW)
    for number in range(1, 21):
        webhook.refresh_from_db()
        assert (webhook.is_active, webhook.failure_count) == (True, number - 1)
        record_failed_message(outbound_id=owed.pk, error="timeout", now=NOW)

    webhook.refresh_from_db()
    waiting.refresh_from_db()
    assert (webhook.is_active, webhook.last_error) == (False, "timeout")
    assert (waiting.given_up_at, waiting.error) == (NOW, "switched off")
    told = Notification.objects.get(topic="webhook_off")
    assert (told.user, told.data) == (owner, {"name": "Chat", "is_team": False})
    assert EventRecord.objects.get(name="staff.webhook_switched_off").subject_id == webhook.pk
    assert claim_message(now=NOW + timedelta(days=1)) is None


def test_success_starts_the_count_of_failures_anew():
    webhook = hook(failure_count=19, last_error="timeout")
    tell(user=make_user())
    record_sent_message(outbound_id=rows().get().pk, now=NOW)
    webhook.refresh_from_db()
    assert (webhook.failure_count, webhook.last_error) == (0, "")


def test_gone_switches_a_teams_webhook_off_at_once_and_who_directs_is_told():
    boss = make_colleague("ec_manager")
    with receiver(status=410) as there:
        webhook = hook(there.url, topics=["stuck"])
        tell(user=make_user())
        send_notifications()
    webhook.refresh_from_db()
    assert webhook.is_active is False
    assert Notification.objects.get(topic="webhook_off").user == boss


def test_nothing_goes_to_the_webhook_of_a_closed_account():
    owner = make_user()
    webhook = hook(user=owner, topics=[])
    row = Notification.objects.create(user=owner, topic="stuck", key="a")
    OutboundNotification.objects.create(notification=row, channel="webhook", webhook=webhook, due_at=NOW)
    type(owner).objects.filter(pk=owner.pk).update(is_active=False)
    assert claim_message(now=NOW) is None
    assert rows().get().given_up_at == NOW


def test_who_is_asked_to_wait_waits():
    with receiver(status=429, headers={"Retry-After": "600"}) as there:
        hook(there.url)
        tell(user=make_user())
        send_notifications()
    assert rows().get().due_at == NOW + timedelta(minutes=10)


def test_errors_hold_nothing_of_the_address(caplog):
    with receiver(status=500) as there:
        webhook = hook(there.url)
        tell(user=make_user())
        send_notifications()
    webhook.refresh_from_db()
    assert "secret-token" not in caplog.text + webhook.last_error + rows().get().error


def test_a_message_reads_in_the_language_of_its_owner():
    owner = make_user(language="ko", time_zone="Asia/Seoul")
    webhook = hook(user=owner, topics=[])
    row = Notification.objects.create(
        user=owner, topic="overdue", key="a", data={"due_at": "2026-03-01T09:00:00Z", "number": "T-1"}
    )
    OutboundNotification.objects.create(notification=row, channel="webhook", webhook=webhook, due_at=NOW)
    owed = claim_message(now=NOW)
    assert (owed.language, owed.line.sentence.endswith("18:00") or "18:00" in owed.line.sentence) == ("ko", True)


def test_results_say_in_a_few_words_what_went_wrong():
    assert Sent(Outcome.ANSWERED_BADLY, 503).error == "answered_badly 503"
    assert Sent(Outcome.SENT, 200).error == ""


# --- mail


def test_one_mail_holds_all_that_is_due_grouped_by_topic(clock):
    user = make_user(email="kim@example.com", language="en")
    for number in range(3):
        tell(user, topic=Topic.ASSIGNED, key=f"a{number}", number=f"T-{number}", title="<b>Banner</b> & more")
    tell(user, topic=Topic.OVERDUE, key="b", count=4, number="", title="")
    assert send_notifications() == 0  # until the digest
    clock.move_to(datetime(2026, 3, 2, 23, 30, tzinfo=UTC))
    assert send_notifications() == 1
    assert send_notifications() == 0

    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == (["kim@example.com"], "4 notifications about your tasks")
    assert sent.body.index("A task is given to me") < sent.body.index("T-0 <b>Banner</b> & more: Assigned")
    assert sent.body.index("T-2 ") < sent.body.index("4 tasks are overdue")
    html = sent.alternatives[0].content
    assert "&lt;b&gt;Banner&lt;/b&gt; &amp; more" in html
    assert "<b>Banner" not in html
    assert sent.extra_headers["List-Unsubscribe"] == "<http://localhost:8000/admin/notifications/settings/>"
    ids = list(rows("email").values_list("pk", flat=True))
    assert sent.extra_headers["Message-ID"] == f"<digest-{ids[0]}-{ids[-1]}@localhost>"
    assert "http://localhost:8000/admin/notifications/settings/" in sent.body
    assert rows("email").filter(sent_at=None).count() == 0


def test_a_single_line_is_the_subject():
    mailed()
    send_notifications()
    assert mail.outbox[0].subject == "T-0000012 Summer banner: Nothing has moved for too long"


def test_line_breaks_in_a_title_forge_no_header():
    user = make_user(email="kim@example.com", language="en")
    tell(user, title="Banner\r\nBcc: all@example.com")
    send_notifications()
    assert mail.outbox[0].subject.startswith("T-0000012 Banner Bcc: all@example.com: ")
    assert mail.outbox[0].recipients() == ["kim@example.com"]


@pytest.mark.parametrize("language", ["ko", "ja"])
def test_a_mail_is_written_in_the_language_of_its_reader(language):
    mailed(language=language)
    send_notifications()
    assert f'<html lang="{language}">' in mail.outbox[0].alternatives[0].content


def test_what_was_read_meanwhile_is_not_mailed():
    mailed()
    Notification.objects.update(read_at=NOW)
    assert send_notifications() == 0
    assert mail.outbox == []
    assert rows("email").get().given_up_at == NOW


@pytest.mark.parametrize("over", [{"email": ""}, {"is_active": False}])
def test_nobody_to_mail_to_is_given_up(over):
    user = mailed()
    type(user).objects.filter(pk=user.pk).update(**over)
    assert send_notifications() == 0
    assert rows("email").get().given_up_at == NOW


def test_a_failing_server_is_tried_again_and_given_up(clock, monkeypatch):
    def refuse(*_args):
        raise OSError("kim@example.com refused")

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    mailed()
    for _attempt in range(8):
        assert send_notifications() == 1
        clock.move_to(rows("email").get().due_at)
    row = rows("email").get()
    assert (row.attempts, row.error, row.given_up_at is not None) == (8, "OSError", True)
    assert send_notifications() == 0


def test_a_mail_whose_sender_was_killed_comes_again_with_the_same_id():
    mailed()
    first = claim_digest(now=NOW)
    assert claim_digest(now=NOW) is None
    again = claim_digest(now=NOW + pause_after(1))
    assert first.outbound_ids == again.outbound_ids
    record_digest(outbound_ids=again.outbound_ids, now=NOW)
    assert rows("email").get().sent_at == NOW


def plain_mail(user):
    """Owe a mail that is not urgent, due now."""
    tell(user, topic=Topic.ASSIGNED)
    rows("email").update(due_at=NOW)


def test_on_leave_the_digest_waits_for_the_first_day_back():
    user = make_user(email="kim@example.com")
    Leave.objects.create(user=user, starts_on="2026-02-27", ends_on="2026-03-05")
    plain_mail(user)
    assert send_notifications() == 0
    assert rows("email").get().due_at == datetime(2026, 3, 5, 23, 30, tzinfo=UTC)  # Friday half past eight


def test_on_a_holiday_the_digest_waits_for_the_next_working_day():
    calendar = WorkCalendar.objects.create(code="kr-test", name="Korea")
    Holiday.objects.create(calendar=calendar, on="2026-03-02", name="Independence day")
    user = make_user(email="kim@example.com")
    WorkProfile.objects.create(user=user, calendar=calendar)
    plain_mail(user)
    assert send_notifications() == 0
    assert rows("email").get().due_at == datetime(2026, 3, 2, 23, 30, tzinfo=UTC)


def test_what_is_urgent_does_not_wait_for_a_working_day():
    user = mailed()
    Leave.objects.create(user=user, starts_on="2026-02-27", ends_on="2026-03-05")
    assert send_notifications() == 1


# --- retention


def test_what_was_read_half_a_year_ago_is_removed_with_what_was_sent():
    user = make_user(email="kim@example.com")
    for key in ("old", "new", "unread"):
        tell(user, key=key)
    Notification.objects.filter(key="old").update(read_at=NOW - timedelta(days=181))
    Notification.objects.filter(key="new").update(read_at=NOW - timedelta(days=179))
    Notification.objects.filter(key="unread").update(at=NOW - timedelta(days=400))
    assert remove_read_notifications() == 1
    assert remove_old_notifications(now=NOW) == 0
    assert set(Notification.objects.values_list("key", flat=True)) == {"new", "unread"}
    assert rows("email").count() == 2


def test_pauses_double():
    assert [pause_after(n).total_seconds() / 60 for n in range(1, 5)] == [1, 2, 4, 8]
