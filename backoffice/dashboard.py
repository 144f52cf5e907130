"""Home: the day's work of whoever looks."""

from itertools import zip_longest
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from backoffice.navigation import groups_for, sidebar
from core.ui.tiles import tiles_for


def home_context(request: HttpRequest) -> dict[str, Any]:
    """Return the tiles of this person, those of the own work first."""
    groups = groups_for(request)
    shown = tiles_for(request, first=[group.key for group in groups])
    charts = [tile for tile in shown if tile.kind == "chart"]
    lists = [tile for tile in shown if tile.kind == "list"]
    return {
        "kpis": [tile for tile in shown if tile.kind == "kpi"],
        # a list beside each chart, as long as there are lists: they share a row
        "charts": list(zip_longest(charts, lists[: len(charts)])),
        "lists": lists[len(charts) :],
        "groups": [] if shown else [group for group in sidebar(request) if group["title"]],
        "today": timezone.localdate(),
    }
