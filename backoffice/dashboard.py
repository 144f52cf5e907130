"""Home: the day's work of whoever looks."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from backoffice.navigation import groups_for, sidebar
from core.ui.tiles import tiles_for


def home_context(request: HttpRequest) -> dict[str, Any]:
    """Return the tiles of this person, those of the own work first."""
    groups = groups_for(request)
    shown = tiles_for(request, first=[group.key for group in groups])
    return {
        "kpis": [tile for tile in shown if tile.kind == "kpi"],
        "tiles": _beside(shown),
        "groups": [] if shown else [group for group in sidebar(request) if group["title"]],
        "today": timezone.localdate(),
    }


def _beside(shown: list[Any]) -> list[Any]:
    """Put a list beside each chart, as long as there are lists: they share a row."""
    charts = [tile for tile in shown if tile.kind == "chart"]
    lists = [tile for tile in shown if tile.kind == "list"]
    ordered = []
    for chart in charts:
        ordered.append(chart)
        if lists:
            ordered.append(lists.pop(0))
    return ordered + lists
