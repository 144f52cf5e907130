"""The search box on top of everything: each app registers how its things are found."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

LIMIT = 6
MAX_LENGTH = 100


@dataclass(frozen=True)
class Found:
    """One hit."""

    title: Any
    url: str
    note: Any = ""


@dataclass(frozen=True)
class Finder:
    """How one kind of thing is found: ``find(request, query, limit)`` returns scoped hits, best first."""

    key: str
    title: Any
    find: Callable[[HttpRequest, str, int], Sequence[Found]]
    permission: str
    icon: str = "search"
    position: int = 100


_finders: dict[str, Finder] = {}


def register_finder(finder: Finder) -> None:
    """Add a kind of thing to the search box; the same key again replaces it."""
    _finders[finder.key] = finder


def find_all(request: HttpRequest, query: str, *, limit: int = LIMIT) -> list[tuple[Finder, Sequence[Found]]]:
    """Return (finder, hits) of each kind this person may see and that has hits; nothing for an empty or odd query."""
    query = query.strip()[:MAX_LENGTH]
    if not query or "\x00" in query:
        return []
    return [
        (finder, hits)
        for finder in sorted(_finders.values(), key=lambda f: f.position)
        if request.user.has_perm(finder.permission) and (hits := finder.find(request, query, limit))
    ]


def admin_finder(model_admin: Any, request: HttpRequest, query: str, limit: int) -> Sequence[Any]:
    """Return the rows that a ModelAdmin's own search finds, newest first: what most finders need.

    Where it finds none and the ModelAdmin forgives typing mistakes, rows with similar words; ``is_similar`` tells.
    """
    rows = model_admin.for_search(request, model_admin.get_queryset(request))
    found, _duplicates = model_admin.get_search_results(request, rows, query)
    hits = list(found.order_by("-pk")[:limit])
    similar = None if hits else model_admin.similar_search(request, query)
    if similar is None:
        return hits
    hits = list(rows.filter(similar.condition()).order_by("-pk")[:limit])
    for hit in hits:
        hit.is_similar = True
    return hits


def is_similar(row: Any) -> bool:
    """Tell whether ``admin_finder`` found the row by similar words only."""
    return getattr(row, "is_similar", False)
