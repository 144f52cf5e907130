"""The history of one row in business words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model

from core.events import sentences_of
from core.models import EventRecord

LIMIT = 50
_icons: dict[str, str] = {}
_permissions: dict[str, str] = {}


@dataclass(frozen=True)
class TimelineEntry:
    """One sentence with who and when; an empty ``who`` means the system itself."""

    sentence: str
    who: str
    at: datetime
    icon: str = "radio_button_checked"


def timeline_icon(name: str, icon: str) -> None:
    """Choose the Material Symbol of one event name."""
    _icons[name] = icon


def timeline_permission(name: str, permission: str) -> None:
    """Show events of this name only to who holds ``permission``."""
    _permissions[name] = permission


def entries(records: Sequence[EventRecord]) -> list[TimelineEntry]:
    """Return records as sentences in the reader's language; an event of a removed class shows its name."""
    shown = []
    for record, sentence in zip(records, sentences_of(records), strict=True):
        who = str(record.actor) if record.actor_id else ""
        shown.append(TimelineEntry(sentence, who, record.at, _icons.get(record.name, "radio_button_checked")))
    return shown


def timeline(obj: Model, *, user: Any = None, limit: int = LIMIT) -> dict[str, Any]:
    """Return the newest ``limit`` entries of a row that ``user`` may see (None: all), and whether there are more."""
    hidden = [name for name, permission in _permissions.items() if user is not None and not user.has_perm(permission)]
    subject_type = ContentType.objects.get_for_model(obj)
    records = list(
        EventRecord.objects.filter(subject_type=subject_type, subject_id=obj.pk)
        .exclude(name__in=hidden)
        .select_related("actor")
        .order_by("-id")[: limit + 1]
    )
    return {"entries": entries(records[:limit]), "has_more": len(records) > limit}
