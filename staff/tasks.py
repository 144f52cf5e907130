"""Work by the clock. Each task may run twice or late: rows remember what is owed."""

import logging
from smtplib import SMTPException

from celery import shared_task
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language

from core.schedule import Daily, Every, periodic
from staff.adapters.mail import Digest, digest_mail
from staff.adapters.webhooks import Address, HttpWebhooks, Message, Outcome, Sent, Webhooks
from staff.models import Webhook
from staff.selectors.notifications import absolute
from staff.services.assignment.escalating import escalate_tasks
from staff.services.assignment.releasing import release_idle_tasks, tell_of_absence
from staff.services.notifications.reminding import remind
from staff.services.notifications.sending import (
    OwedDigest,
    OwedMessage,
    claim_digest,
    claim_message,
    record_digest,
    record_failed_message,
    record_sent_message,
    remove_old_notifications,
)
from staff.services.people.calendars import sync_calendars
from staff.services.proofs.checking import recheck_stuck
from staff.services.proofs.staling import mark_outdated, warn_of_rights
from staff.services.proofs.tidying import remove_orphans
from staff.services.requests.recurring import open_recurring
from staff.services.work.timing import end_forgotten_timers

logger = logging.getLogger(__name__)
MOST_AT_ONCE = 500  # of one run; the next minute goes on


@shared_task(name="staff.recheck_stuck")
def recheck_stuck_revisions() -> int:
    """Have versions checked whose check was lost; repeating finds those that wait for a job already."""
    return recheck_stuck()


periodic("staff.recheck_stuck", Every(300))


@shared_task(name="staff.remove_orphans")
def remove_orphaned_files() -> int:
    """Remove files of proofs that no version points to; repeating finds nothing to do."""
    return remove_orphans(now=timezone.now())


periodic("staff.remove_orphans", Daily(hour=18, minute=40))


@shared_task(name="staff.remind")
def remind_of_deadlines() -> int:
    """Tell people what is due soon, today or late; repeating tells nothing twice."""
    return remind(now=timezone.now())


@shared_task(name="staff.send_notifications")
def send_notifications() -> int:
    """Send what is due by webhook and mail, and return how many were tried; repeating finds what is still owed.

    Killed in the middle, it has sent at most one message that it will send once more, with the same id.
    """
    return _send_messages() + _send_digests()


@shared_task(name="staff.remove_old_notifications")
def remove_read_notifications() -> int:
    """Remove notifications that were read half a year ago; repeating finds nothing to do."""
    return remove_old_notifications(now=timezone.now())


def try_webhook(*, webhook_id: int, text: str, subject: str) -> Sent:
    """Send a test message at once and say what became of it; failures are not counted."""
    webhook = Webhook.objects.get(pk=webhook_id)
    now = timezone.now()
    message = Message(
        id=f"test_{webhook.pk}_{now:%Y%m%d%H%M%S}",
        event="test",
        subject=subject,
        text=text,
        url=absolute(reverse("admin:index")),
        at=now,
        language=get_language() or settings.LANGUAGE_CODE,
    )
    with HttpWebhooks(allow_private=settings.WEBHOOK_PRIVATE_ADDRESSES) as client:
        return client.send(message, _address(webhook))


def _send_messages() -> int:
    tried = 0
    with HttpWebhooks(allow_private=settings.WEBHOOK_PRIVATE_ADDRESSES) as client:
        while tried < MOST_AT_ONCE and (owed := claim_message(now=timezone.now())):
            _send_message(client, owed)
            tried += 1
    return tried


def _send_message(client: Webhooks, owed: OwedMessage) -> None:
    line = owed.line
    message = Message(
        id=f"msg_{owed.outbound_id}",
        event=f"task.{line.topic}",
        subject=line.about or line.topic_label,
        text=line.text,
        url=line.absolute_url,
        at=line.at,
        language=owed.language,
    )
    sent = client.send(message, _address(owed.webhook))
    if sent.is_ok:
        record_sent_message(outbound_id=owed.outbound_id, now=timezone.now())
        return
    logger.warning("webhook failed outbound=%s webhook=%s error=%s", owed.outbound_id, owed.webhook.pk, sent.error)
    record_failed_message(
        outbound_id=owed.outbound_id,
        error=sent.error,
        now=timezone.now(),
        wait_seconds=sent.wait_seconds,
        is_gone=sent.outcome is Outcome.GONE,
    )


def _address(webhook: Webhook) -> Address:
    return Address(kind=webhook.kind, url=webhook.url, secret=webhook.secret)


def _send_digests() -> int:
    tried = 0
    while tried < MOST_AT_ONCE and (owed := claim_digest(now=timezone.now())):
        _send_digest(owed)
        tried += 1
    return tried


def _send_digest(owed: OwedDigest) -> None:
    digest = Digest(
        id=f"digest-{owed.outbound_ids[0]}-{owed.outbound_ids[-1]}",
        to=owed.user.email,
        language=owed.user.language or settings.LANGUAGE_CODE,
        time_zone=owed.user.time_zone,
        lines=owed.lines,
        settings_url=absolute(reverse("admin:staff_notification_settings")),
        all_url=absolute(reverse("admin:staff_notifications")),
    )
    error = ""
    try:
        digest_mail(digest).send()
    except (SMTPException, OSError) as failure:
        error = type(failure).__name__  # the text may hold the address
        logger.warning("digest failed user=%s error=%s", owed.user.pk, error)
    record_digest(outbound_ids=owed.outbound_ids, now=timezone.now(), error=error)


@shared_task(name="staff.direct_idle_work")
def direct_idle_work() -> None:
    """Bring idle tasks back and tell who directs of what waits too long; repeating finds nothing left to do."""
    release_idle_tasks()
    tell_of_absence()
    escalate_tasks()


@shared_task(name="staff.sync_calendars")
def fill_calendars() -> int:
    """Keep this and the next year of every calendar filled with public holidays; repeating adds none."""
    return sync_calendars()


periodic("staff.remind", Every(300))
periodic("staff.send_notifications", Every(60))
periodic("staff.remove_old_notifications", Daily(hour=18, minute=10))


MORNING = 6  # o'clock in the shop's zone: what a day brings is there before people come


@shared_task(name="staff.open_recurring")
def open_recurring_tasks() -> int:
    """Open what recurring tasks bring today and return how many; repeating opens nothing twice."""
    return len(open_recurring().opened) if _is_day() else 0


@shared_task(name="staff.check_shown_creatives")
def check_shown_creatives() -> int:
    """Find pictures whose period or rights have ended, warn of rights that end; repeating tells nothing twice."""
    return len(mark_outdated()) + warn_of_rights() if _is_day() else 0


@shared_task(name="staff.end_forgotten_timers")
def end_timers_nobody_stopped() -> int:
    """End timers that run for over ten hours; repeating finds none."""
    return len(end_forgotten_timers())


def _is_day() -> bool:
    return timezone.localtime().hour >= MORNING


for _hourly in ("staff.open_recurring", "staff.check_shown_creatives", "staff.end_forgotten_timers"):
    periodic(_hourly, Every(3600))
periodic("staff.direct_idle_work", Every(300))
# each night, not each month: beat forgets a month's turn that it slept through, and a holiday may be declared any day
periodic("staff.sync_calendars", Daily(hour=18, minute=20))
