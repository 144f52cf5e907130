"""What people choose about notifications: ways, quiet hours, webhooks, what they have read."""

from collections.abc import Collection, Mapping
from datetime import time

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import Conflict, InvalidInput, NotAllowed
from core.events import record
from staff.adapters.webhooks import new_secret, problem_of
from staff.events import WebhookSaved
from staff.models import (
    Notification,
    NotificationPreference,
    OutboundChannel,
    OutboundNotification,
    Topic,
    User,
    Webhook,
    WebhookKind,
    WorkProfile,
)
from staff.policies import can_direct_tasks
from staff.selectors.notifications import notifications_of
from staff.selectors.ways import USUAL_WAYS, Ways

MOST_WEBHOOKS = 5  # of one person


@transaction.atomic
def choose_notification_ways(*, ways: Mapping[str, Ways], actor: User) -> int:
    """Keep these choices of ``actor``, by topic; return how many differ from the usual ways and so have a row.

    Topics that are not named keep what they had. InvalidInput for a topic that does not exist.
    """
    if unknown := set(ways) - set(Topic.values):
        raise InvalidInput(_("There is no topic “%(topic)s”.") % {"topic": min(unknown)})
    other = {topic: chosen for topic, chosen in ways.items() if chosen != USUAL_WAYS[Topic(topic)]}
    mine = NotificationPreference.objects.filter(user=actor)
    mine.filter(topic__in=set(ways) - set(other)).delete()
    NotificationPreference.objects.bulk_create(
        [
            NotificationPreference(
                user=actor, topic=topic, in_app=chosen.in_app, email=chosen.email, webhook=chosen.webhook
            )
            for topic, chosen in other.items()
        ],
        update_conflicts=True,
        unique_fields=["user", "topic"],
        update_fields=["in_app", "email", "webhook"],
    )
    return len(other)


@transaction.atomic
def choose_quiet_hours(
    *, quiet_from: time | None, quiet_until: time | None, digest_at: time, actor: User
) -> WorkProfile:
    """Keep when ``actor`` wants to be left alone and when the mail comes, in the person's own time zone.

    InvalidInput when only one end of the quiet hours is given.
    """
    if (quiet_from is None) != (quiet_until is None):
        raise InvalidInput(_("Give both ends of the quiet hours, or none."))
    profile, _made = WorkProfile.objects.select_for_update().get_or_create(user=actor)
    profile.quiet_from, profile.quiet_until, profile.digest_at = quiet_from, quiet_until, digest_at
    profile.save(update_fields=["quiet_from", "quiet_until", "digest_at"])
    return profile


@transaction.atomic
def add_webhook(
    *, name: str, kind: str, url: str, is_team: bool = False, topics: Collection[str] = (), actor: User
) -> Webhook:
    """Add an address that takes messages, of ``actor`` or (who directs) of the team; JSON gets a fresh signing secret.

    NotAllowed for a team's address without the right to direct; InvalidInput for an address that is not https, names no
    public host or has a password in it, and for the sixth address of one person.
    """
    _check_may_change(actor, is_team=is_team)
    _check_address(url)
    if not is_team and Webhook.objects.filter(user=actor).count() >= MOST_WEBHOOKS:
        raise InvalidInput(_("You have %(count)s webhooks already. Remove one first.") % {"count": MOST_WEBHOOKS})
    webhook = Webhook.objects.create(
        user=None if is_team else actor,
        name=name,
        kind=kind,
        url=url,
        secret=new_secret() if kind == WebhookKind.JSON else "",
        topics=sorted(topics) if is_team else [],
    )
    record(WebhookSaved(webhook_id=webhook.pk, is_new=True, has_new_address=True), subject=webhook, actor=actor)
    return webhook


@transaction.atomic
def change_webhook(
    *,
    webhook_id: int,
    name: str,
    kind: str,
    is_active: bool,
    url: str = "",
    topics: Collection[str] = (),
    actor: User,
) -> Webhook:
    """Change a webhook; an empty ``url`` keeps the address. Switched on again, its failures start from zero.

    Conflict when it is gone; NotAllowed and InvalidInput as ``add_webhook``.
    """
    webhook = _locked(webhook_id, actor)
    if url:
        _check_address(url)
        webhook.url = url
    if is_active and not webhook.is_active:
        webhook.failure_count, webhook.last_error = 0, ""
    if kind == WebhookKind.JSON and not webhook.secret:
        webhook.secret = new_secret()
    webhook.name, webhook.kind, webhook.is_active = name, kind, is_active
    webhook.topics = sorted(topics) if webhook.user_id is None else []
    webhook.save(update_fields=["name", "kind", "url", "secret", "topics", "is_active", "failure_count", "last_error"])
    record(WebhookSaved(webhook_id=webhook.pk, has_new_address=bool(url)), subject=webhook, actor=actor)
    return webhook


@transaction.atomic
def renew_webhook_secret(*, webhook_id: int, actor: User) -> str:
    """Make a new signing secret and return it; the old one signs nothing any more. InvalidInput unless it is JSON."""
    webhook = _locked(webhook_id, actor)
    if webhook.kind != WebhookKind.JSON:
        raise InvalidInput(_("Only messages in JSON are signed."))
    webhook.secret = new_secret()
    webhook.save(update_fields=["secret"])
    record(WebhookSaved(webhook_id=webhook.pk), subject=webhook, actor=actor)
    return webhook.secret


@transaction.atomic
def remove_own_webhook(*, webhook_id: int, actor: User) -> None:
    """Forget one's own address with what is owed to it; repeating changes nothing. NotAllowed for another's."""
    webhook = Webhook.objects.select_for_update().filter(pk=webhook_id).first()
    if webhook is None:
        return
    if webhook.user_id != actor.pk:
        raise NotAllowed(_("This webhook belongs to somebody else."))
    OutboundNotification.objects.filter(channel=OutboundChannel.WEBHOOK, webhook=webhook).delete()
    webhook.delete()


@transaction.atomic
def mark_notifications_read(*, notification_ids: Collection[int], actor: User) -> int:
    """Mark these of one's own as read and return how many were not; others' ids are as if they did not exist."""
    mine = Notification.objects.filter(user=actor, pk__in=notification_ids, read_at=None)
    return mine.update(read_at=timezone.now())


@transaction.atomic
def mark_all_notifications_read(*, newest_id: int, actor: User) -> int:
    """Mark all of one's own up to the newest that was on the screen as read; what came later stays unread."""
    mine = notifications_of(actor.pk).order_by().filter(Q(pk__lte=newest_id), read_at=None)
    return mine.update(read_at=timezone.now())


def _locked(webhook_id: int, actor: User) -> Webhook:
    webhook = Webhook.objects.select_for_update().filter(pk=webhook_id).first()
    if webhook is None:
        raise Conflict(_("This webhook is gone. Reload the page."))
    if webhook.user_id is not None and webhook.user_id != actor.pk:
        raise NotAllowed(_("This webhook belongs to somebody else."))
    _check_may_change(actor, is_team=webhook.user_id is None)
    return webhook


def _check_may_change(actor: User, *, is_team: bool) -> None:
    if is_team and not can_direct_tasks(actor):
        raise NotAllowed(_("Only who directs the work may change webhooks of the team."))


def _check_address(url: str) -> None:
    if len(url) > 500 or problem_of(url, allow_private=settings.WEBHOOK_PRIVATE_ADDRESSES):
        raise InvalidInput(_("Give an address that starts with https:// and names a host in the public internet."))
