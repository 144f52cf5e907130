"""The mail digest: one mail for one person, plain text and HTML, in the person's language."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import ngettext

from staff.selectors.notifications import ICONS, Line

_RANK = {topic: rank for rank, topic in enumerate(ICONS)}


@dataclass(frozen=True, kw_only=True)
class Digest:
    """One mail; ``id`` stays the same when it is sent again, and becomes its Message-ID."""

    id: str
    to: str
    language: str
    time_zone: str
    lines: Sequence[Line]
    settings_url: str  # with host
    all_url: str


def digest_mail(digest: Digest) -> EmailMultiAlternatives:
    """Return the mail: lines grouped by topic, and a way to the settings in the head and at its foot."""
    with translation.override(digest.language), timezone.override(digest.time_zone):
        context: dict[str, Any] = {
            "groups": _grouped(digest.lines),
            "settings_url": digest.settings_url,
            "all_url": digest.all_url,
            "language": digest.language,
            "subject": _subject(digest.lines),
        }
        text = render_to_string("emails/staff/digest.txt", context)
        html = render_to_string("emails/staff/digest.html", context)
    host = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    mail = EmailMultiAlternatives(
        subject=context["subject"],
        body=text,
        to=[digest.to],
        headers={
            "Message-ID": f"<{digest.id}@{host}>",
            "List-Unsubscribe": f"<{digest.settings_url}>",
            "Auto-Submitted": "auto-generated",
        },
    )
    mail.attach_alternative(html, "text/html")
    return mail


def _subject(lines: Sequence[Line]) -> str:
    if len(lines) == 1:
        return " ".join(lines[0].text.split())[:180]
    count = len(lines)
    return ngettext("%(count)s notification about your tasks", "%(count)s notifications about your tasks", count) % {
        "count": count
    }


def _grouped(lines: Sequence[Line]) -> list[tuple[str, list[Line]]]:
    ordered = sorted(lines, key=lambda line: (_RANK.get(line.topic, len(_RANK)), line.at, line.id))
    return [
        (rows[0].topic_label, rows) for _topic, found in groupby(ordered, lambda x: x.topic) if (rows := list(found))
    ]
