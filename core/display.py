"""Small pieces of screens that tables and templates share."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeText

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
