"""By which ways people hear of what: usual ways, their own choices, quiet hours and the time of the digest."""

import zoneinfo
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

from django.db.models import Q

from staff.models import NotificationPreference, Topic, User, Webhook, WorkProfile


@dataclass(frozen=True)
class Ways:
    """Which ways one topic takes to one person."""

    in_app: bool = True
    email: bool = False
    webhook: bool = False


_APP, _APP_AND_MAIL = Ways(), Ways(email=True)
# what holds for who chose nothing: mail for what waits for this person, the bell alone for news
USUAL_WAYS: Mapping[Topic, Ways] = {
    Topic.ASSIGNED: _APP_AND_MAIL,
    Topic.RELEASED: _APP,
    Topic.REVIEW_ASKED: _APP_AND_MAIL,
    Topic.CHANGES_REQUESTED: _APP_AND_MAIL,
    Topic.APPROVED: _APP,
    Topic.DELIVERED: _APP,
    Topic.COMMENTED: _APP,
    Topic.CHANGED: _APP,
    Topic.DUE_SOON: _APP,
    Topic.DUE_TODAY: _APP_AND_MAIL,
    Topic.OVERDUE: _APP_AND_MAIL,
    Topic.UNCLAIMED: _APP_AND_MAIL,
    Topic.STUCK: _APP_AND_MAIL,
    Topic.STALE: _APP_AND_MAIL,
    Topic.RIGHTS_EXPIRE: _APP_AND_MAIL,
    Topic.WEBHOOK_OFF: _APP_AND_MAIL,
    Topic.STOCK: _APP,
}
# escalations do not wait for the digest, only for the end of the quiet hours
URGENT_TOPICS = frozenset({Topic.UNCLAIMED, Topic.STUCK})


@dataclass(frozen=True)
class Reader:
    """A person as notifications need one; moments are UTC in and out."""

    user_id: int
    zone: zoneinfo.ZoneInfo
    quiet_from: time | None
    quiet_until: time | None
    digest_at: time
    chosen: Mapping[str, Ways] = field(default_factory=dict)
    webhook_ids: tuple[int, ...] = ()

    def ways(self, topic: str) -> Ways:
        """Return this person's choice for the topic, else the usual ways."""
        return self.chosen.get(topic) or USUAL_WAYS[Topic(topic)]

    def after_quiet(self, moment: datetime) -> datetime:
        """Return ``moment``, or the end of the quiet hours it lies in."""
        if self.quiet_from is None or self.quiet_until is None or self.quiet_from == self.quiet_until:
            return moment
        local = moment.astimezone(self.zone)
        at, over_night = local.time(), self.quiet_from > self.quiet_until
        late = at >= self.quiet_from
        early = at < self.quiet_until
        if not ((late or early) if over_night else (late and early)):
            return moment
        ends_on = local.date() + timedelta(days=1) if over_night and late else local.date()
        return max(moment, datetime.combine(ends_on, self.quiet_until, tzinfo=self.zone).astimezone(UTC))

    def next_digest(self, moment: datetime) -> datetime:
        """Return the first digest time at or after ``moment``."""
        day = moment.astimezone(self.zone).date()
        today = datetime.combine(day, self.digest_at, tzinfo=self.zone)
        if today < moment:
            today = datetime.combine(day + timedelta(days=1), self.digest_at, tzinfo=self.zone)
        return today.astimezone(UTC)


@dataclass(frozen=True)
class Audience:
    """Who is told of which topics, by which ways: active people by id, and the team's webhooks by topic."""

    topics: tuple[str, ...]
    readers: Mapping[int, Reader]
    team: Mapping[str, tuple[int, ...]]


def audience(user_ids: Collection[int], topics: Collection[str]) -> Audience:
    """Return the active ones of these people with their choices for ``topics`` (three queries for any number)."""
    people = User.objects.filter(pk__in=user_ids, is_active=True).select_related("work_profile")
    chosen: dict[int, dict[str, Ways]] = {}
    for choice in NotificationPreference.objects.filter(user__in=user_ids, topic__in=topics):
        chosen.setdefault(choice.user_id, {})[choice.topic] = Ways(choice.in_app, choice.email, choice.webhook)
    own: dict[int, list[int]] = {}
    team: dict[str, list[int]] = {}
    rows = Webhook.objects.filter(Q(user__in=user_ids) | Q(user=None, topics__overlap=list(topics)), is_active=True)
    for row in rows.order_by("pk").only("user_id", "topics"):
        if row.user_id is not None:
            own.setdefault(row.user_id, []).append(row.pk)
        for topic in set(row.topics) & set(topics) if row.user_id is None else ():
            team.setdefault(topic, []).append(row.pk)
    readers = {user.pk: reader_of(user, chosen.get(user.pk, {}), own.get(user.pk, ())) for user in people}
    return Audience(tuple(dict.fromkeys(topics)), readers, {topic: tuple(pks) for topic, pks in team.items()})


def reader_of(user: User, chosen: Mapping[str, Ways], webhook_ids: Collection[int] = ()) -> Reader:
    """Return the person with what the work profile says, or what holds without one (no query when selected)."""
    profile = getattr(user, "work_profile", None) or WorkProfile()
    return Reader(
        user_id=user.pk,
        zone=zoneinfo.ZoneInfo(user.time_zone),
        quiet_from=profile.quiet_from,
        quiet_until=profile.quiet_until,
        digest_at=profile.digest_at,
        chosen=chosen,
        webhook_ids=tuple(webhook_ids),
    )
