"""Small pieces of screens that tables and templates share."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeText
from django.utils.translation import gettext_lazy, pgettext_lazy

# The only colours a badge may have: those of the style sheet.
COLOURS = frozenset({"grey", "blue", "green", "amber", "red", "violet"})


def badge_html(label: Any, colour: str = "grey") -> SafeText:
    """Return one badge; an unknown colour is grey."""
    return format_html('<b class="badge {}">{}</b>', colour if colour in COLOURS else "grey", label)


def moment_text(value: Any) -> str:
    """Return a date, or a time in the reader's zone, as the language writes it."""
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT")
    return date_format(value, "SHORT_DATE_FORMAT")


def number_text(value: Any) -> str:
    """Return a number with the language's separators, nothing for None."""
    return "" if value is None else number_format(value, force_grouping=True)


def signed(value: int) -> str:
    """Write a change with its sign, an empty text for no change."""
    return f"{value:+d}".replace("-", "−") if value else ""


_documents: dict[str, Callable[[str], str]] = {}


def register_document(prefix: str, url_of: Callable[[str], str]) -> None:
    """Make numbers such as "O-0000017" links wherever they are shown; ``url_of(number)`` gives the address."""
    _documents[prefix] = url_of


def document_html(number: Any) -> SafeText:
    """Return a document's number as a link, as plain text when no app registered its prefix."""
    text = str(number)
    prefix, dash, _rest = text.partition("-")
    url_of = _documents.get(prefix + dash)
    return format_html('<a href="{}">{}</a>', url_of(text), text) if dash and url_of else format_html("{}", text)


# what jobs count; a job of an app may also tell in words of its own
_COUNTED = {
    "created": pgettext_lazy("row", "Created"),
    "updated": pgettext_lazy("row", "Updated"),
    "unchanged": pgettext_lazy("row", "Unchanged"),
    "repeated": pgettext_lazy("row", "Repeated in the file"),
    "refused": pgettext_lazy("row", "Refused"),
    "rows": gettext_lazy("Rows"),
}


def counted_label(key: str) -> str:
    """Return what a job counted, as people call it."""
    return str(_COUNTED.get(key, key))
