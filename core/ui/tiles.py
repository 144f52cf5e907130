"""The home page is made of tiles that apps register; each asks for a permission."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import get_language


@dataclass(frozen=True)
class Kpi:
    """One number with where it leads; ``level`` colours it: good, warning, danger."""

    value: Any
    note: Any = ""
    url: str = ""
    level: str = ""
    icon: str = ""


@dataclass(frozen=True)
class Series:
    """One line or colour of a chart."""

    name: str
    values: Sequence[float | int | None]  # None: a gap
    # of lines: band fills up to the edge before it; events and holidays are marks at the foot
    look: Literal["", "edge", "band", "marks", "dashed", "events", "holidays"] = ""


@dataclass(frozen=True)
class Chart:
    """A chart of numbers in one unit; money in major units, ``unit`` says which (KRW)."""

    labels: Sequence[str]
    series: Sequence[Series]
    type: Literal["bar", "line"] = "bar"
    stacked: bool = False
    unit: str = ""
    url: str = ""
    empty: Any = ""
    stepped: bool = False  # a line that holds its value until it changes, such as a price

    @property
    def data(self) -> dict[str, Any]:
        """Return what the script draws."""
        return {
            "type": self.type,
            "stacked": self.stacked,
            "stepped": self.stepped,
            "unit": self.unit,
            "labels": [str(label) for label in self.labels],
            "series": [
                {"name": str(s.name), "values": list(s.values), **({"look": s.look} if s.look else {})}
                for s in self.series
            ],
        }


@dataclass(frozen=True)
class Row:
    """One line of a list tile."""

    title: Any
    url: str = ""
    note: Any = ""
    right: Any = ""


@dataclass(frozen=True)
class Rows:
    """A short list of what waits; ``empty`` is said when nothing does."""

    rows: Sequence[Row]
    empty: Any = ""
    url: str = ""


Content = Kpi | Chart | Rows


@dataclass(frozen=True)
class Tile:
    """One tile; ``load(request)`` gives its content or None to hide it. ``group`` names a group of the navigation.

    With ``cache_seconds`` the content is shared by all people who may see it: it must not depend on the person.
    """

    key: str
    title: Any
    load: Callable[[HttpRequest], Content | None]
    permission: str = ""
    group: str = ""
    position: int = 100
    cache_seconds: int = 0


@dataclass(frozen=True)
class ShownTile:
    """A tile with its content, ready for the template."""

    tile: Tile
    content: Content
    kind: str = field(default="")


_tiles: dict[str, Tile] = {}
_KINDS: dict[type, str] = {Kpi: "kpi", Chart: "chart", Rows: "list"}


def register_tile(tile: Tile) -> None:
    """Offer ``tile`` on the home page; the same key again replaces it."""
    _tiles[tile.key] = tile


def tiles_for(request: HttpRequest, *, first: Sequence[str] = ()) -> list[ShownTile]:
    """Return the tiles this person may see; those of the groups in ``first`` come first, in that order."""
    rank = {group: place for place, group in enumerate(first)}
    shown = []
    for tile in sorted(_tiles.values(), key=lambda t: (rank.get(t.group, len(rank)), t.position, t.key)):
        if tile.permission and not request.user.has_perm(tile.permission):
            continue
        content = _content(tile, request)
        if content is not None:
            shown.append(ShownTile(tile, content, _KINDS[type(content)]))
    return shown


def _content(tile: Tile, request: HttpRequest) -> Content | None:
    if not tile.cache_seconds:
        return tile.load(request)
    key = f"tile:{tile.key}:{get_language()}"
    content: Content | None = cache.get(key)
    if content is None:
        content = tile.load(request)
        cache.set(key, content, tile.cache_seconds)
    return content
