"""What the navigation is made of."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Entry:
    """One page: ``url`` is a name in the admin, seen by who holds ``permission``. Settings are folded."""

    title: Any
    icon: str
    url: str
    permission: str
    badge: str = ""
    is_setting: bool = False


@dataclass(frozen=True)
class Group:
    """Pages of one part of the day's work."""

    key: str
    title: Any
    entries: tuple[Entry, ...]
