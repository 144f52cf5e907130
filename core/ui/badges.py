"""Numbers beside the navigation: apps supply them, every page shows them, so they are cached and cheap."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.db.models import QuerySet

from core.ui.tabs import capped_counts, capped_text

SECONDS = 30
CAP = 999  # above it a badge says "999+"


@dataclass(frozen=True)
class NavigationBadge:
    """How many rows wait; ``count`` gives the indexed rows (or their number), whoever the person is."""

    key: str
    count: Callable[[], QuerySet[Any] | int]
    level: str = "info"  # info, warning, danger


_badges: dict[str, NavigationBadge] = {}


def register_badge(badge: NavigationBadge) -> None:
    """Offer a number to the navigation; the same key again replaces it."""
    _badges[badge.key] = badge


def shown_badges(keys: Collection[str]) -> dict[str, tuple[str, str]]:
    """Return (number, level) of each badge for which something waits; an unknown key is no badge.

    What is not cached is counted in one statement for all.
    """
    return badges_and_own(keys, None)[0]


def badges_and_own(keys: Collection[str], own: "QuerySet[Any] | None") -> tuple[dict[str, tuple[str, str]], int]:
    """Return the badges as ``shown_badges`` does, and how many rows ``own`` has (slice it to cap it).

    A number of the reader's own is never kept; it is counted in the statement that counts the badges, so that a page
    that shows both asks no more than a page with badges alone.
    """
    found = {key: _badges[key] for key in keys if key in _badges}
    counts: dict[str, int] = cache.get_many([f"badge:{key}" for key in found])
    missing = [badge for badge in found.values() if f"badge:{badge.key}" not in counts]
    fresh, number = _counted(missing, own)
    if fresh:
        cache.set_many(fresh, SECONDS)
        counts |= fresh
    waiting = {key: (counts[f"badge:{key}"], badge.level) for key, badge in found.items() if counts[f"badge:{key}"]}
    return {key: (capped_text(count, cap=CAP), level) for key, (count, level) in waiting.items()}, number


def _counted(badges: list[NavigationBadge], own: "QuerySet[Any] | None") -> tuple[dict[str, int], int]:
    values = {f"badge:{badge.key}": badge.count() for badge in badges}
    rows = {name: value for name, value in values.items() if isinstance(value, QuerySet)}
    numbers = {name: value for name, value in values.items() if isinstance(value, int)}
    *counts, number = [*capped_counts([*rows.values(), *([] if own is None else [own])], cap=CAP), 0][: len(rows) + 1]
    return numbers | dict(zip(rows, counts, strict=True)), number
