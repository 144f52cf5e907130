"""What is owed to mail and webhooks: claimed, recorded, tried again, given up. The sending itself is ``staff.tasks``.

At least once, both ways: a row is pushed into the future when it is claimed and ticked off when the other side took it.
A sender that is killed between the two sends that one message again after the pause: with the same ``webhook-id``, or
the same Message-ID, so that receivers can drop the double. Nothing is lost, whenever the kill comes.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, QuerySet, Value, When
from django.utils import timezone, translation

from core.events import record
from staff.events import WebhookSwitchedOff
from staff.models import Notification, OutboundChannel, OutboundNotification, Topic, User, Webhook
from staff.selectors.notifications import Line, lines_of
from staff.selectors.roles import users_with_permission
from staff.selectors.ways import URGENT_TOPICS, reader_of
from staff.selectors.working_time import working_times
from staff.services.notifications.notifying import Telling, notify_many

ATTEMPTS = 8
FAILURES_IN_A_ROW = 20
PAUSE = timedelta(minutes=1)  # after the first attempt; doubled with each: two hours in all
_DIGEST_LINES = 200


@dataclass(frozen=True)
class OwedMessage:
    """One claimed message to one webhook."""

    outbound_id: int
    webhook: Webhook
    line: Line
    language: str


@dataclass(frozen=True)
class OwedDigest:
    """One claimed mail: all that is due for one person."""

    outbound_ids: list[int]
    user: User
    lines: list[Line]


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts: 1, 2, 4, ... minutes."""
    return PAUSE * int(2 ** max(0, attempts - 1))


@transaction.atomic
def claim_message(*, now: datetime) -> OwedMessage | None:
    """Claim the next due message to a webhook and return it, None when nothing is due that nobody else has.

    1. The row is locked with SKIP LOCKED and pushed behind the pause in the same transaction; then it is sent outside.
    2. What was claimed eight times without an outcome has killed its sender each time: it is given up here.
    """
    due = _due(now, OutboundChannel.WEBHOOK).select_related("webhook__user", "notification")
    while (row := due.select_for_update(skip_locked=True, of=("self",)).first()) is not None:
        webhook = row.webhook
        if webhook is None or not _is_open(webhook) or row.attempts >= ATTEMPTS:
            _give_up([row.pk], now, "switched off" if row.attempts < ATTEMPTS else "never answered")
            continue
        _push([row.pk], now)
        language = (webhook.user.language if webhook.user else "") or settings.LANGUAGE_CODE
        with translation.override(language), timezone.override(webhook.user.time_zone if webhook.user else None):
            (line,) = lines_of([row.notification], for_team=webhook.user is None)
        return OwedMessage(row.pk, webhook, line, language)
    return None


@transaction.atomic
def record_sent_message(*, outbound_id: int, now: datetime) -> None:
    """Tick the message off; the webhook works, so its failures start from zero. Repeating changes nothing."""
    row = OutboundNotification.objects.select_for_update().filter(pk=outbound_id, sent_at=None).first()
    if row is None or row.webhook_id is None:
        return
    OutboundNotification.objects.filter(pk=row.pk).update(sent_at=now, given_up_at=None, error="")
    Webhook.objects.filter(pk=row.webhook_id).update(failure_count=0, last_error="", last_sent_at=now)


@transaction.atomic
def record_failed_message(
    *, outbound_id: int, error: str, now: datetime, wait_seconds: int = 0, is_gone: bool = False
) -> None:
    """Keep why it failed; it comes again after the pause, or is given up at the eighth attempt.

    Other messages to the same webhook wait as long, so that a dead one does not hold up the others. After 20 failures
    in a row, or when the receiver is gone, the webhook is switched off; its owner, or who directs, is told.
    """
    row = OutboundNotification.objects.select_for_update().filter(pk=outbound_id, sent_at=None).first()
    if row is None or row.webhook_id is None:
        return
    again_at = now + max(pause_after(row.attempts), timedelta(seconds=wait_seconds))
    OutboundNotification.objects.filter(pk=row.pk).update(
        due_at=again_at, error=error, given_up_at=now if row.attempts >= ATTEMPTS else None
    )
    unsent = OutboundNotification.objects.filter(webhook=row.webhook_id, sent_at=None, given_up_at=None)
    unsent.filter(due_at__lt=again_at).update(due_at=again_at)
    webhook = Webhook.objects.select_for_update().get(pk=row.webhook_id)
    webhook.failure_count, webhook.last_error = webhook.failure_count + 1, error
    if webhook.is_active and (is_gone or webhook.failure_count >= FAILURES_IN_A_ROW):
        webhook.is_active = False
        _tell_switched_off(webhook, now)
        unsent.update(given_up_at=now, error="switched off")
    webhook.save(update_fields=["failure_count", "last_error", "is_active"])


@transaction.atomic
def claim_digest(*, now: datetime) -> OwedDigest | None:
    """Claim all that is due by mail for one person and return it, None when nobody has anything due.

    What the person has read in the meantime is not mailed any more. On a day off the mail waits for the digest of the
    next working day, unless something in it is urgent.
    """
    due = _due(now, OutboundChannel.EMAIL).select_related("notification__user__work_profile")
    while (first := due.select_for_update(skip_locked=True, of=("self",)).first()) is not None:
        user = first.notification.user
        mine = due.filter(notification__user=user).select_for_update(skip_locked=True, of=("self",))
        rows = _mailable(list(mine[:_DIGEST_LINES]), user, now)
        if not rows:
            continue
        _push([row.pk for row in rows], now)
        with translation.override(user.language or settings.LANGUAGE_CODE), timezone.override(user.time_zone):
            lines = lines_of(row.notification for row in rows)
        return OwedDigest([row.pk for row in rows], user, lines)
    return None


@transaction.atomic
def record_digest(*, outbound_ids: list[int], now: datetime, error: str = "") -> None:
    """Tick all lines of a mail off, or keep why it failed: they come again, or are given up at the eighth attempt."""
    rows = OutboundNotification.objects.filter(pk__in=outbound_ids, sent_at=None)
    if error:
        rows.update(error=error[:200])
        rows.filter(attempts__gte=ATTEMPTS).update(given_up_at=now)
    else:
        rows.update(sent_at=now, error="")


@transaction.atomic
def remove_old_notifications(*, now: datetime, days: int = 180) -> int:
    """Remove what was read more than ``days`` days ago with what was sent of it; return how many notifications went."""
    old = Notification.objects.filter(read_at__lt=now - timedelta(days=days))
    _all, counts = old.delete()
    return int(counts.get(Notification._meta.label, 0))


def _is_open(webhook: Webhook) -> bool:
    return webhook.is_active and (webhook.user is None or webhook.user.is_active)


def _due(now: datetime, channel: OutboundChannel) -> "QuerySet[OutboundNotification]":
    rows = OutboundNotification.objects.filter(channel=channel, sent_at=None, given_up_at=None, due_at__lte=now)
    return rows.order_by("due_at", "id")


def _push(ids: list[int], now: datetime) -> None:
    """Write the intent: one more attempt, and when it comes again if nothing is heard of this one."""
    pauses = [When(attempts=count, then=Value(now + pause_after(count + 1))) for count in range(ATTEMPTS)]
    OutboundNotification.objects.filter(pk__in=ids).update(
        due_at=Case(*pauses, default=Value(now + pause_after(ATTEMPTS))), attempts=F("attempts") + 1
    )


def _give_up(ids: list[int], now: datetime, why: str) -> None:
    OutboundNotification.objects.filter(pk__in=ids).update(given_up_at=now, error=why)


def _mailable(rows: list[OutboundNotification], user: User, now: datetime) -> list[OutboundNotification]:
    """Return the rows to mail now; the others are given up, or moved to the next working day."""
    wanted = [row for row in rows if row.notification.read_at is None and row.attempts < ATTEMPTS]
    if not user.is_active or not user.email:
        wanted = []
    if left := {row.pk for row in rows} - {row.pk for row in wanted}:
        _give_up(sorted(left), now, "read, tried too often, or nobody to mail to")
    if wanted and not any(_is_urgent(row.notification) for row in wanted):
        later = _next_working_digest(user, now)
        if later > now:
            OutboundNotification.objects.filter(pk__in=[row.pk for row in wanted]).update(due_at=later)
            return []
    return wanted


def _is_urgent(notification: Notification) -> bool:
    return notification.topic in URGENT_TOPICS or bool(notification.data.get("urgent"))


def _next_working_digest(user: User, now: datetime) -> datetime:
    """Return ``now`` on a day on which the person works, else the digest of the next such day."""
    hours = working_times([user])[user.pk]
    today = now.astimezone(hours.zone).date()
    day = today
    leaves = list(user.leaves.filter(ends_on__gte=today).values_list("starts_on", "ends_on"))
    for _day in range(366):
        day = hours.shift(day, 0)
        if not any(starts_on <= day <= ends_on for starts_on, ends_on in leaves):
            break
        day += timedelta(days=1)
    if day == today:
        return now
    at = datetime.combine(day, reader_of(user, {}).digest_at, tzinfo=hours.zone)
    return max(now, at)


def _tell_switched_off(webhook: Webhook, now: datetime) -> None:
    record(WebhookSwitchedOff(webhook_id=webhook.pk), subject=webhook)
    directors = users_with_permission("staff.direct_task").values_list("pk", flat=True)
    people = [webhook.user_id] if webhook.user_id else sorted(directors)
    data = {"name": webhook.name, "is_team": webhook.user_id is None}
    key = f"webhook_off:{webhook.pk}:{now.isoformat()}"
    notify_many(tellings=[Telling(user_id=pk, topic=Topic.WEBHOOK_OFF, key=key, data=data) for pk in people])
