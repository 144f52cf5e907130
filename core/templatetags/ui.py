"""Template tags of the house."""

from typing import Any

from django import template

from core.money import format_money
from core.ui.columns import badge_html, moment_text
from core.ui.table import Table

register = template.Library()


@register.simple_tag
def result_table(cl: Any, bulk_buttons: Any) -> Table:
    """Return the table of a list; rows can be ticked when there is a button for them."""
    return Table(cl, selectable=bool(bulk_buttons))


@register.simple_tag
def money(minor: int | None, currency: str) -> str:
    """Write minor units as people read them."""
    return format_money(minor, currency)


@register.simple_tag
def badge(label: Any, colour: str = "grey") -> Any:
    """Write one badge."""
    return badge_html(label, colour)


@register.filter
def moment(value: Any) -> str:
    """Write a time in the reader's zone."""
    return "" if value is None else moment_text(value)
