"""Writing down what people said about being written to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import InvalidInput, NotAllowed
from privacy.models import Channel, ConsentAct, ConsentEvent, ConsentSource, Purpose
from privacy.policies import can_record_consents
from privacy.selectors.consents import consents_of
from staff.models import User


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One thing somebody said; ``key`` (of a request or a file's row) makes saying it again harmless."""

    subject_id: int
    purpose: Purpose
    channel: Channel
    act: ConsentAct
    source: ConsentSource
    happened_at: datetime
    is_night: bool = False
    text_version: str = ""
    evidence: str = ""
    expires_at: datetime | None = None
    key: str = ""


@transaction.atomic
def record_consents(*, model: type[Model], said: Sequence[Said], actor: User | None = None) -> int:
    """Write what people said into the ledger and return how many events are new; a known key is not written again.

    NotAllowed without the right; InvalidInput for a consent without the version of its text or from the future.
    """
    if actor is not None and not can_record_consents(actor):
        raise NotAllowed(_("You may not record consents."))
    now = timezone.now()
    for one in said:
        if one.act == ConsentAct.GIVEN and not one.text_version.strip():
            raise InvalidInput(_("Say which version of the text was agreed to: without it nothing is proved."))
        if one.happened_at > now:
            raise InvalidInput(_("Nobody has agreed in the future. Check the date."))
    subject_type = ContentType.objects.get_for_model(model)
    keys = {one.key for one in said if one.key}
    known = set(ConsentEvent.objects.filter(key__in=keys).values_list("key", flat=True)) if keys else set()
    rows = [_event(one, subject_type, actor) for one in said if not one.key or one.key not in known]
    ConsentEvent.objects.bulk_create(rows, ignore_conflicts=bool(keys), batch_size=2000)
    return len(rows)


def _event(one: Said, subject_type: ContentType, actor: User | None) -> ConsentEvent:
    return ConsentEvent(
        subject_type=subject_type,
        subject_id=one.subject_id,
        purpose=one.purpose,
        channel=one.channel,
        is_night=one.is_night,
        act=one.act,
        text_version=one.text_version.strip()[:40],
        source=one.source,
        evidence=one.evidence.strip()[:200],
        happened_at=one.happened_at,
        expires_at=one.expires_at,
        key=one.key[:120],
        actor=actor,
    )


@transaction.atomic
def withdraw_consents(
    *, model: type[Model], subject_id: int, source: ConsentSource, evidence: str = "", purpose: Purpose | None = None,
    channel: Channel | None = None, actor: User | None = None,
) -> int:  # fmt: skip
    """Take back all that holds (of one purpose and channel, where they are named); return how many consents ended."""
    now = timezone.now()
    wanted = [
        Said(
            subject_id=subject_id, purpose=Purpose(one.purpose), channel=Channel(one.channel), is_night=one.is_night,
            act=ConsentAct.WITHDRAWN, source=source, happened_at=now, evidence=evidence,
        )
        for one in consents_of(model=model, subject_id=subject_id)
        if one.holds(now) and purpose in (None, one.purpose) and channel in (None, one.channel)
    ]  # fmt: skip
    return record_consents(model=model, said=wanted, actor=actor)


@transaction.atomic
def merge_consents(*, model: type[Model], from_id: int, into_id: int, actor: User | None = None) -> int:
    """Let the stricter of both hold for ``into_id`` when two subjects become one; return how many events it took.

    What either withdrew, or let end, is withdrawn. What only one agreed to comes along as they said it, unless the
    other was known to refuse.
    """
    now = timezone.now()
    theirs = {(one.purpose, one.channel, one.is_night): one for one in consents_of(model=model, subject_id=from_id)}
    ours = {(one.purpose, one.channel, one.is_night): one for one in consents_of(model=model, subject_id=into_id)}
    said = []
    for (purpose, channel, is_night), one in theirs.items():
        mine = ours.get((purpose, channel, is_night))
        if mine is not None and (one.holds(now) or not mine.holds(now)):
            continue  # ours is as strict, or stricter
        event = one.event
        refused = not one.holds(now)
        said.append(
            Said(
                subject_id=into_id, purpose=Purpose(purpose), channel=Channel(channel), is_night=is_night,
                act=ConsentAct.WITHDRAWN if refused else ConsentAct(event.act), source=ConsentSource.MERGE,
                happened_at=now if refused else event.happened_at, text_version=event.text_version,
                evidence=f"{from_id}: {event.pk}", expires_at=None if refused else event.expires_at,
            )
        )  # fmt: skip
    return record_consents(model=model, said=said, actor=actor)
