"""Template tags of the house.

They must not import core.ui: Unfold renders a widget, and so loads all tag libraries, while it is imported itself.
"""

import re
from typing import Any

from django import template
from django.template.defaultfilters import stringfilter

from core.display import badge_html, counted_label, document_html, moment_text
from core.display import signed as signed_text
from core.money import format_money

register = template.Library()


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


@register.filter(is_safe=True)
@stringfilter
def single_spaced(html: str) -> str:
    """Write each run of blanks as one: of markup whose blanks mean nothing."""
    return re.sub(r"\s{2,}", " ", html)


register.filter("signed", signed_text)
register.filter("document", document_html)
register.filter("counted", counted_label)
