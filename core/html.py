"""HTML that people write or files bring, reduced to what a description needs."""

import re
from html import unescape
from typing import Any

import nh3

TAGS = frozenset(
    "a b blockquote br caption dd div dl dt em figcaption figure h2 h3 h4 hr i img li ol p s small span strong sub sup"
    " table tbody td tfoot th thead tr u ul".split()
)
ATTRIBUTES: dict[str, set[str]] = {
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}
SCHEMES = frozenset({"https", "http", "mailto", "tel"})
_TAG = re.compile(r"<[^>]+>")
_BLOCK = re.compile(r"</(p|div|li|h\d|tr|dd|dt|blockquote)>|<br\s*/?>", re.IGNORECASE)


def clean_html(html: str) -> str:
    """Return the HTML without whatever could act: scripts, styles, forms, frames, events, odd addresses.

    The result is HTML: a bare "<" of a plain text becomes an entity. Cleaning twice changes nothing. Addresses without
    a scheme ("//host") are dropped, those within the site stay.
    """
    if not html.strip():
        return ""
    return nh3.clean(
        html.replace("\x00", ""),
        tags=set(TAGS),
        attributes=ATTRIBUTES,
        attribute_filter=_filter,
        url_schemes=set(SCHEMES),
        link_rel="noopener noreferrer",
    ).strip()


def text_of(html: str) -> str:
    """Return what a reader sees of cleaned HTML as plain text, blocks on lines of their own."""
    lines = _TAG.sub("", _BLOCK.sub("\n", html)).splitlines()
    return unescape("\n".join(line for line in (" ".join(line.split()) for line in lines) if line))


def _filter(_tag: str, name: str, value: str) -> Any:
    if name in {"href", "src"} and value.strip().replace("\\", "/").startswith("//"):
        return None
    return value
