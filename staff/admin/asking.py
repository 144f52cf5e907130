"""What the addresses of board and calendar may ask for; anything else is a 400, as in lists."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from staff.models import Role, TaskGroup, TaskKind
from staff.selectors.cards import TaskFilter

_HIGHEST = 2**63 - 1


def number_of(request: HttpRequest, name: str) -> int | None:
    """Return a whole number above 0, None when it is not asked for; 400 for anything else."""
    text = request.GET.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 20 and 0 < int(text) <= _HIGHEST):
        raise SuspiciousOperation(f"no number: {name}")
    return int(text)


def choice_of(request: HttpRequest, name: str, values: list[str]) -> str:
    """Return one of ``values``, empty when it is not asked for; 400 for anything else."""
    text = request.GET.get(name, "")
    if text and text not in values:
        raise SuspiciousOperation(f"no choice: {name}")
    return text


def asked_filter(request: HttpRequest) -> TaskFilter:
    """Return what the viewer wants to see."""
    return TaskFilter(
        person=number_of(request, "person"),
        role=choice_of(request, "role", Role.values),
        kind=choice_of(request, "kind", TaskKind.values),
        group=number_of(request, "group"),
        mine=choice_of(request, "mine", ["1"]) == "1",
    )


def filter_query(wanted: TaskFilter, **others: Any) -> str:
    """Return the query of an address that keeps the filter, with ``others``; empty values are left out."""
    values = {
        "person": wanted.person,
        "role": wanted.role,
        "kind": wanted.kind,
        "group": wanted.group,
        "mine": "1" if wanted.mine else "",
        **others,
    }
    query = urlencode({name: value for name, value in values.items() if value})
    return f"?{query}" if query else "?"


@dataclass(frozen=True)
class Choice:
    """One list to choose from: all, or one of its values."""

    name: str
    label: str
    options: list[tuple[str, str]]
    chosen: str


def choices(wanted: TaskFilter, people: list[tuple[int, str]]) -> list[Choice]:
    """Return the lists of the filter; ``people`` are those who have a task (one query for the groups)."""
    groups = TaskGroup.objects.filter(closed_at=None).order_by("go_live_on", "pk").values_list("pk", "name")[:200]
    lists: list[tuple[str, str, Any, Any]] = [
        ("person", _("Everybody"), people, wanted.person),
        ("role", pgettext("role", "All roles"), Role.choices, wanted.role),
        ("kind", pgettext("task", "All kinds"), TaskKind.choices, wanted.kind),
        ("group", _("All groups"), list(groups), wanted.group),
    ]
    return [
        Choice(name, label, [(str(value), str(text)) for value, text in options], str(chosen or ""))
        for name, label, options, chosen in lists
    ]
