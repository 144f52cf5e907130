"""The tree of reasons as people choose from it: the whole path, what the order's return suggests on top."""

from dataclasses import dataclass

from core.search import fold
from returns.models import RequestLine
from service.models import ReasonNode, Ticket

PATH = " › "
LEVELS = 4


@dataclass(frozen=True)
class ReasonChoice:
    """One reason with the names above it; ``is_suggested`` when the ticket's order or history says so."""

    id: int
    code: str
    label: str
    is_suggested: bool = False


def reason_paths() -> dict[int, str]:
    """Return the path of every reason in the reader's language (one statement)."""
    nodes = {node.pk: node for node in ReasonNode.objects.order_by("position", "pk")}
    return {pk: _path(nodes, pk) for pk in nodes}


def reason_choices(*, ticket_id: int | None = None) -> list[ReasonChoice]:
    """Return what a ticket may get now, in the order of the tree, suggestions first (one to three statements)."""
    nodes = {node.pk: node for node in ReasonNode.objects.order_by("position", "pk")}
    parents = {node.parent_id for node in nodes.values() if node.is_active and node.merged_into_id is None}
    suggested = _suggested(nodes, ticket_id) if ticket_id else []
    open_ones = [
        node for node in nodes.values() if node.is_active and node.merged_into_id is None and node.pk not in parents
    ]
    place = {pk: seat for seat, pk in enumerate(suggested)}
    rows = [ReasonChoice(node.pk, node.code, _path(nodes, node.pk), node.pk in place) for node in open_ones]
    return sorted(rows, key=lambda row: place.get(row.id, len(place)))


def find_reason(text: str) -> int | None:
    """Return the choosable reason that these words mean: its path, its code, or a name that only one has."""
    wanted, rows = fold(text), reason_choices()
    exact = [row.id for row in rows if wanted in {fold(row.label), row.code}]
    if exact:
        return exact[0]
    named = [row.id for row in rows if fold(row.label.split(PATH)[-1]) == wanted]
    return named[0] if len(named) == 1 else None


def _suggested(nodes: dict[int, ReasonNode], ticket_id: int) -> list[int]:
    ticket = Ticket.objects.filter(pk=ticket_id).only("pk", "reason_id").first()
    lines = RequestLine.objects.filter(request__order__tickets__ticket=ticket_id).order_by("-pk")
    asked = list(dict.fromkeys(lines.values_list("reason", flat=True)[:20]))
    by_return = {node.return_reason_id: node for node in nodes.values() if node.merged_into_id is None}
    merged = {node.return_reason_id: node for node in nodes.values() if node.merged_into_id is not None}
    found = [by_return.get(one) or merged.get(one) for one in asked if one]
    own = [nodes[ticket.reason_id]] if ticket is not None and ticket.reason_id else []
    return list(dict.fromkeys(node.merged_into_id or node.pk for node in [*own, *found] if node is not None))


def _path(nodes: dict[int, ReasonNode], pk: int) -> str:
    names: list[str] = []
    at: int | None = pk
    while at is not None and len(names) < LEVELS:
        names.append(nodes[at].name)
        at = nodes[at].parent_id
    return PATH.join(reversed(names))
