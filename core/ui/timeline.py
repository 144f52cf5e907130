"""The history of one row in business words."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.utils.translation import gettext as _

from core.events import sentences_of
from core.jobs import kind_label
from core.models import EventRecord, ImportBatch
from core.origins import Origin

LIMIT = 50
_icons: dict[str, str] = {}
Detail = tuple[str, str, str]  # what, before, after: words, masked for the reader
Details = Callable[[Sequence[EventRecord], Any], Mapping[int, Sequence[Detail]]]
_details: dict[str, Details] = {}
_permissions: dict[str, str] = {}


@dataclass(frozen=True)
class TimelineEntry:
    """One sentence with who, when and from where; an empty ``who`` means the system itself."""

    sentence: str
    who: str
    at: datetime
    icon: str = "radio_button_checked"
    details: Sequence[Detail] = ()
    origin: str = ""  # in words; empty where nobody noted it


def timeline_icon(name: str, icon: str) -> None:
    """Choose the Material Symbol of one event name."""
    _icons[name] = icon


def timeline_permission(name: str, permission: str) -> None:
    """Show events of this name only to who holds ``permission``."""
    _permissions[name] = permission


def timeline_details(name: str, read: Details) -> None:
    """Show below events of this name what was before and after, as ``read`` (records, reader) gives it by record id.

    Events never keep such words: ``read`` takes them from a row of its own and masks what the reader may not see.
    """
    _details[name] = read


def _details_of(records: Sequence[EventRecord], user: Any) -> dict[int, Sequence[Detail]]:
    """Return the details by record id; each reader is asked once."""
    asked: dict[Details, list[EventRecord]] = defaultdict(list)
    for record in records:
        if record.name in _details:
            asked[_details[record.name]].append(record)
    return {pk: found for read, rows in asked.items() for pk, found in read(rows, user).items()}


def entries(records: Sequence[EventRecord], *, user: Any = None) -> list[TimelineEntry]:
    """Return records as sentences in the reader's language; an event of a removed class shows its name."""
    details = _details_of(records, user) if user is not None else {}
    places = origins_in_words({record.origin for record in records})
    shown = []
    for record, sentence in zip(records, sentences_of(records), strict=True):
        who = str(record.actor) if record.actor_id else ""
        icon = _icons.get(record.name, "radio_button_checked")
        shown.append(
            TimelineEntry(sentence, who, record.at, icon, details.get(record.pk, ()), places.get(record.origin, ""))
        )
    return shown


def origins_in_words(origins: Collection[str]) -> Mapping[str, str]:
    """Return these origins in the reader's words; one that this version does not know is left out.

    One query where files are among them, none otherwise.
    """
    parts = {origin: origin.partition(":") for origin in set(origins) if origin}
    ids = [name for kind, _colon, name in parts.values() if kind == Origin.FILE.value and name.isdigit()]
    files = dict(ImportBatch.objects.filter(pk__in=ids).values_list("pk", "filename")) if ids else {}
    kinds = {kind.value for kind in Origin}
    return {
        origin: _origin_words(Origin(kind), name, files)
        for origin, (kind, _colon, name) in parts.items()
        if kind in kinds
    }


def _origin_words(kind: Origin, name: str, files: Mapping[int, str]) -> str:
    if kind == Origin.FILE and name.isdigit() and int(name) in files:
        return _("from the file %(name)s") % {"name": files[int(name)]}
    if kind == Origin.HOOK and name:
        return _("told by %(name)s") % {"name": name}
    if kind == Origin.JOB and name:
        return _("in the background: %(name)s") % {"name": kind_label(name)}
    return str(kind.label)


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
    return {"entries": entries(records[:limit], user=user), "has_more": len(records) > limit}
