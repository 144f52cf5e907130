"""Whose turn it is to be talked with, how far we came, and what went wrong; the talking itself is ``channels.tasks``.

Two workers never talk with one account: who claims it has its lease. What a killed worker had not noted is asked again:
malls are told of a parcel twice as of once, questions are taken once, an answer is looked for before it goes again.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from channels.models import Connection, Problem
from channels.services.connecting import UNTIL
from service.models import InletKind
from service.services.intake.fetching import note_inlet_checked
from staff.models import Topic
from staff.selectors import users_with_permission
from staff.services.notifications.notifying import Telling, notify_many, settle_key

EVERY = timedelta(seconds=45)  # the clock comes by each minute: due in a minute would be every second time
ASK_EVERY = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(minutes=30)
LEASE = timedelta(minutes=10)
REREAD_EVERY = timedelta(days=1)
TOLD_AFTER = 3  # failures in a row; refused keys at once
KEEP = "channels.change_connection"
KEY_ENDS = (14, 3)  # days before


@dataclass(frozen=True, kw_only=True)
class Talk:
    """A claimed connection."""

    connection: Connection
    lease: str
    at: datetime


@transaction.atomic
def claim_connection(*, now: datetime) -> Talk | None:
    """Claim the connection that is due the longest; None when nobody's turn it is."""
    free = Q(leased_until=None) | Q(leased_until__lte=now)
    due = Connection.objects.filter(free, is_active=True, due_at__lte=now)
    rows = due.select_related("sales_channel", "mall_inlet", "question_inlet").order_by("due_at", "pk")
    row = rows.select_for_update(skip_locked=True, of=("self",)).first()
    if row is None:
        return None
    row.lease, row.leased_until = uuid.uuid4().hex, now + LEASE
    row.save(update_fields=["lease", "leased_until"])
    return Talk(connection=row, lease=row.lease, at=now)


def keep_lease(talk: Talk) -> bool:
    """Hold the connection for ten more minutes; False when somebody else has it, or it was switched off."""
    held = Connection.objects.filter(pk=talk.connection.pk, lease=talk.lease, is_active=True)
    return held.update(leased_until=timezone.now() + LEASE) == 1


def is_to_be_asked(talk: Talk) -> bool:
    """Tell whether it is time to look for questions again."""
    asked = talk.connection.asked_at
    return asked is None or asked <= talk.at - ASK_EVERY


def window(talk: Talk, kind: InletKind, *, overlap: timedelta, reread: timedelta) -> tuple[datetime, datetime]:
    """Return from when to when questions of this kind are read: since the last time, once a day further back."""
    row = talk.connection
    zone = ZoneInfo(row.sales_channel.time_zone)
    earliest = min(datetime.combine(row.asks_since, time.min, zone), talk.at)
    until: datetime | None = getattr(row, UNTIL[kind])
    if until is None:
        return earliest, talk.at
    since = min(until - overlap, talk.at - reread) if _rereads(talk) else until - overlap
    return max(since, earliest), talk.at


def note_read(talk: Talk, kind: InletKind, inlet_id: int) -> None:
    """Note that all questions of this kind were read up to the moment of the talk."""
    held = Connection.objects.filter(pk=talk.connection.pk, lease=talk.lease)
    if held.update(**{UNTIL[kind]: talk.at}):
        note_inlet_checked(inlet_id=inlet_id, now=talk.at)


def note_asked(talk: Talk) -> None:
    """Note that this talk looked for questions."""
    values = {"asked_at": talk.at, **({"reread_at": talk.at} if _rereads(talk) else {})}
    Connection.objects.filter(pk=talk.connection.pk, lease=talk.lease).update(**values)


@transaction.atomic
def record_talk(talk: Talk) -> None:
    """Note that the mall was talked with; it is due when the clock comes by next, and its faults are settled."""
    row = Connection.objects.select_for_update().filter(pk=talk.connection.pk, lease=talk.lease).first()
    if row is None:
        return
    if row.failure_count:
        settle_key(key=_key(row), user_ids=_keepers())
    row.lease, row.leased_until, row.due_at, row.worked_at = "", None, timezone.now() + EVERY, timezone.now()
    row.failure_count, row.problem, row.word = 0, "", ""
    row.save(
        update_fields=["lease", "leased_until", "due_at", "worked_at", "failure_count", "problem", "word", "updated_at"]
    )


@transaction.atomic
def record_talk_failed(talk: Talk, *, problem: Problem, word: str = "") -> None:
    """Note why the talk came to nothing; it is tried again after a doubling pause, and who keeps it is told."""
    now = timezone.now()
    row = Connection.objects.select_for_update().filter(pk=talk.connection.pk, lease=talk.lease).first()
    if row is None:
        return
    row.failure_count = min(row.failure_count + 1, 1000)
    pause = min(EVERY * 2 ** min(row.failure_count, 10), LONGEST_PAUSE)
    row.lease, row.leased_until, row.due_at, row.problem, row.word = "", None, now + pause, problem, word[:120]
    row.save(update_fields=["lease", "leased_until", "due_at", "failure_count", "problem", "word", "updated_at"])
    if problem in {Problem.REFUSED, Problem.NO_SECRET} or row.failure_count >= TOLD_AFTER:
        _tell(row, key=_key(row), reason="connection_fails")


@transaction.atomic
def tell_of_ending_keys(*, now: datetime) -> int:
    """Tell who keeps connections which keys end within two weeks, and again within three days; return how many."""
    today, told = now.date(), 0
    rows = Connection.objects.filter(is_active=True, key_expires_on__lte=today + timedelta(days=KEY_ENDS[0]))
    for row in rows.select_related("sales_channel").order_by("pk"):
        if row.key_expires_on is not None:
            left = (row.key_expires_on - today).days
            step = min(days for days in KEY_ENDS if left <= days)
            key = f"connection-key:{row.pk}:{row.key_expires_on}:{step}"
            told += bool(_tell(row, key=key, reason="connection_key_ends"))
    return told


def _rereads(talk: Talk) -> bool:
    reread = talk.connection.reread_at
    return reread is None or reread <= talk.at - REREAD_EVERY


def _tell(row: Connection, *, key: str, reason: str) -> int:
    channel = row.sales_channel
    data = {"about": f"channels.connection:{row.pk}", "number": channel.code, "title": channel.name, "reason": reason}
    return notify_many(tellings=[Telling(user_id=pk, topic=Topic.STUCK, key=key, data=data) for pk in _keepers()])


def _key(row: Connection) -> str:
    """Name the silence: it began when the mall was talked with last."""
    return f"connection:{row.pk}:{int(row.worked_at.timestamp()) if row.worked_at else 0}"


def _keepers() -> list[int]:
    return list(users_with_permission(KEEP).order_by("pk").values_list("pk", flat=True))
