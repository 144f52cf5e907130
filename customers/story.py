"""The registry of what happens to customers; apps above add their rows, ``crm`` lays them over into one story."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class Told:
    """What a row says: a headline, where it leads, and words below."""

    title: str
    url: str = ""
    words: str = ""


@dataclass(frozen=True)
class StorySource:
    """One kind of things that happen to customers.

    ``rows(customer ids)`` is a queryset with all that ``tell(row, request)`` needs; ``at`` names its moment. Who lacks
    ``permission`` does not meet them. ``tell`` masks what the reader may not see.
    """

    code: str
    label: Any
    icon: str
    permission: str
    at: str
    rows: Callable[[Sequence[int]], "QuerySet[Any]"]
    tell: Callable[[Any, HttpRequest], Told]


_sources: dict[str, StorySource] = {}


def register_story(source: StorySource) -> None:
    """Let every customer's story tell these rows from now on; the same code again replaces the source."""
    _sources[source.code] = source


def story_sources(user: Any) -> list[StorySource]:
    """Return the sources this person may read, by code."""
    return [_sources[code] for code in sorted(_sources) if user.has_perm(_sources[code].permission)]
