"""How an upper app shows something on a lower app's page without being imported."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.http import HttpRequest


@dataclass(frozen=True)
class Panel:
    """A titled box on a row's page; ``context(request, obj)`` gives the template's values, None hides the box.

    Values with ``is_folded`` show the title and ``gist``, one short sentence, until a person opens the box.
    """

    key: str
    title: Any
    template: str
    context: Callable[[HttpRequest, Any], dict[str, Any] | None]
    permission: str = ""
    position: int = 100
    wide: bool = False  # across the page instead of one column
    above: bool = False  # before the form: what people came for
    is_later: bool = False  # fetched when the page stands, where its admin names ``later_panels``


@dataclass(frozen=True)
class NextAction:
    """What the reader should do next with this row: a sentence, and where it is done."""

    sentence: Any
    url: str = ""
    level: str = "info"  # info, warning, danger


_panels: dict[type[Model], list[Panel]] = defaultdict(list)
_next: dict[type[Model], list[Callable[[HttpRequest, Any], list[NextAction]]]] = defaultdict(list)


def register_panel(model: type[Model], panel: Panel) -> None:
    """Show ``panel`` on the page of each ``model`` row; the same key again replaces it."""
    _panels[model] = sorted([p for p in _panels[model] if p.key != panel.key] + [panel], key=lambda p: p.position)


def register_next_actions(model: type[Model], rule: Callable[[HttpRequest, Any], list[NextAction]]) -> None:
    """Let ``rule(request, obj)`` name what should be done next, on top of the page."""
    if rule not in _next[model]:
        _next[model].append(rule)


def panels_for(request: HttpRequest, obj: Any, *, is_later: bool | None = None) -> list[dict[str, Any]]:
    """Return the panels that this person may see, with their values: all, those of the page, or those that follow."""
    shown = []
    for panel in _panels[type(obj)]:
        if panel.permission and not request.user.has_perm(panel.permission):
            continue
        if is_later not in {None, panel.is_later}:
            continue
        values = panel.context(request, obj)
        if values is not None:
            shown.append({"panel": panel, "values": values})
    return shown


def next_actions_for(request: HttpRequest, obj: Any) -> list[NextAction]:
    """Return what all apps say should be done next."""
    return [action for rule in _next[type(obj)] for action in rule(request, obj)]
