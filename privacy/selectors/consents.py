"""What somebody agreed to, derived from the ledger, and whether they may be written to at this second."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from privacy.models import Channel, ConsentAct, ConsentEvent, Purpose

# Korea, 정보통신망법 §50③ and 영 §61: from 21 to 8 o'clock another consent is needed, e-mail excepted
KOREA = ZoneInfo("Asia/Seoul")
NIGHT_FROM, NIGHT_UNTIL = 21, 8
# 영 §62의3: every two years the person is told that they agreed; we ask a month before
CONFIRM_EVERY = timedelta(days=730)
CONFIRM_AHEAD = timedelta(days=30)


@dataclass(frozen=True)
class Consent:
    """What holds for one purpose, channel and time of day: the last word about it."""

    purpose: str
    channel: str
    is_night: bool
    event: ConsentEvent

    @property
    def confirm_by(self) -> datetime:
        """Until when Korea wants it to be confirmed."""
        return self.event.happened_at + CONFIRM_EVERY

    def holds(self, now: datetime) -> bool:
        """Tell whether it is a consent that has not ended."""
        ends = self.event.expires_at
        return self.event.act != ConsentAct.WITHDRAWN and (ends is None or now < ends)

    @property
    def purpose_label(self) -> str:
        """The purpose in words."""
        return str(Purpose(self.purpose).label)

    @property
    def channel_label(self) -> str:
        """The channel in words."""
        return str(Channel(self.channel).label)


@dataclass(frozen=True)
class Verdict:
    """Whether to send, and why not."""

    is_allowed: bool
    reason: str = ""


def last_words(*, model: type[Model], subject_ids: Collection[int]) -> dict[int, list[Consent]]:
    """Return what holds for each of these subjects, one statement; who never said anything is not in it.

    The latest event decides; of two at the same moment the withdrawal.
    """
    rows = (
        ConsentEvent.objects.filter(
            subject_type=ContentType.objects.get_for_model(model), subject_id__in=list(subject_ids)
        )
        .order_by("subject_id", "purpose", "channel", "is_night", "-happened_at", "-act", "-id")
        .distinct("subject_id", "purpose", "channel", "is_night")
    )  # "withdrawn" is the last of the three words
    found: dict[int, list[Consent]] = {}
    for row in rows:
        found.setdefault(row.subject_id, []).append(Consent(row.purpose, row.channel, row.is_night, row))
    return found


def consents_of(*, model: type[Model], subject_id: int) -> list[Consent]:
    """Return what holds for one subject."""
    return last_words(model=model, subject_ids=[subject_id]).get(subject_id, [])


def may_send_many(
    *, model: type[Model], subject_ids: Collection[int], purpose: Purpose, channel: Channel, now: datetime,
    country: str = "",
) -> dict[int, Verdict]:  # fmt: skip
    """Return for each subject whether they may be written to now; asked at the second of sending, one statement.

    No consent is no. In Korea (``country`` "KR", also when it is not known) the night needs its own, e-mail excepted.
    """
    known = last_words(model=model, subject_ids=subject_ids)
    at_night = channel != Channel.EMAIL and country in ("", "KR") and _is_night(now)
    return {pk: _verdict(known.get(pk, []), purpose, channel, now, at_night=at_night) for pk in subject_ids}


def may_send(
    *, model: type[Model], subject_id: int, purpose: Purpose, channel: Channel, now: datetime, country: str = ""
) -> Verdict:
    """Return whether this one may be written to now, see ``may_send_many``."""
    asked = may_send_many(
        model=model, subject_ids=[subject_id], purpose=purpose, channel=channel, now=now, country=country
    )
    return asked[subject_id]


def _is_night(now: datetime) -> bool:
    hour = now.astimezone(KOREA).hour
    return hour >= NIGHT_FROM or hour < NIGHT_UNTIL


def _verdict(consents: list[Consent], purpose: Purpose, channel: Channel, now: datetime, *, at_night: bool) -> Verdict:
    held = {one.is_night: one for one in consents if (one.purpose, one.channel) == (purpose, channel)}
    by_day = held.get(False)
    if by_day is None:
        return Verdict(is_allowed=False, reason=_("Never agreed to this."))
    if not by_day.holds(now):
        withdrawn = by_day.event.act == ConsentAct.WITHDRAWN
        return Verdict(is_allowed=False, reason=_("Has withdrawn.") if withdrawn else _("The consent has ended."))
    if at_night and not (held.get(True) and held[True].holds(now)):
        return Verdict(is_allowed=False, reason=_("It is night in Korea, and there is no consent for the night."))
    return Verdict(is_allowed=True)


def consents_to_confirm(*, now: datetime) -> "QuerySet[ConsentEvent]":
    """Return given consents that nobody confirmed or withdrew since and that have to be confirmed soon, oldest first.

    Each is the last word of its subject about its purpose, channel and time of day.
    """
    later = (
        "SELECT 1 FROM privacy_consentevent n WHERE n.subject_type_id = privacy_consentevent.subject_type_id"
        " AND n.subject_id = privacy_consentevent.subject_id AND n.purpose = privacy_consentevent.purpose"
        " AND n.channel = privacy_consentevent.channel AND n.is_night = privacy_consentevent.is_night"
        " AND (n.happened_at, n.id) > (privacy_consentevent.happened_at, privacy_consentevent.id)"
    )
    old = ConsentEvent.objects.filter(happened_at__lt=now - CONFIRM_EVERY + CONFIRM_AHEAD)
    alive = old.filter(Q(expires_at=None) | Q(expires_at__gt=now)).exclude(act=ConsentAct.WITHDRAWN)
    return alive.extra(where=[f"NOT EXISTS ({later})"]).order_by("happened_at", "id")  # noqa: S610 no input in it
