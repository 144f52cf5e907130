"""Numbers beside the navigation: apps supply them, every page shows them, so they are cached and cheap."""

from collections.abc import Callable
from dataclasses import dataclass

from django.core.cache import cache

from core.ui.tabs import CAP, capped_text

SECONDS = 30


@dataclass(frozen=True)
class NavigationBadge:
    """How many rows wait; ``count`` must be one indexed, capped query that does not depend on the person."""

    key: str
    count: Callable[[], int]
    level: str = "info"  # info, warning, danger


_badges: dict[str, NavigationBadge] = {}


def register_badge(badge: NavigationBadge) -> None:
    """Offer a number to the navigation; the same key again replaces it."""
    _badges[badge.key] = badge


def shown_badge(key: str) -> tuple[str, str]:
    """Return (number, level) of a badge, ("", "") when nothing waits or nobody registered it."""
    badge = _badges.get(key)
    if badge is None:
        return "", ""
    count = cache.get_or_set(f"badge:{key}", badge.count, SECONDS) or 0
    return (capped_text(count, cap=min(CAP, 999)), badge.level) if count else ("", "")
