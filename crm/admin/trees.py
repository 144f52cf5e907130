"""Conditions of a segment in a form: what was typed as a tree, a tree as it is drawn. Two levels are offered."""

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from core.errors import InvalidInput
from crm.conditions import MOST_LEAVES, Choice, SegmentKind, segment_kind, segment_kinds
from crm.conditions.trees import JOINS, Tree

MOST_BRANCHES = 8


@dataclass(frozen=True, slots=True)
class DrawnInput:
    """One input of a condition, filled."""

    name: str
    label: Any
    kind: str
    choices: list[Choice]
    value: str


@dataclass(frozen=True, slots=True)
class DrawnLeaf:
    """One condition: its place in the form, its kind and its inputs."""

    place: str
    code: str
    inputs: list[DrawnInput]


@dataclass(frozen=True, slots=True)
class DrawnBranch:
    """Conditions taken together."""

    place: str
    join: str
    leaves: list[DrawnLeaf]


@dataclass(frozen=True, slots=True)
class DrawnTree:
    """All branches, and how they are taken together."""

    join: str
    branches: list[DrawnBranch]
    kinds: list[SegmentKind]


def empty_tree() -> dict[str, Any]:
    """Return where a new segment begins: one condition of the first kind, as it stands."""
    return {"join": "all", "parts": [{"join": "all", "parts": [new_leaf(segment_kinds()[0].code)]}]}


def new_leaf(code: str) -> dict[str, Any]:
    """Return a condition of a kind with what its inputs begin with."""
    value: dict[str, Any] = {}
    for one in segment_kind(code).inputs:
        choices = list(one.choices()) if one.kind == "choice" else []
        value[one.name] = choices[0][0] if choices else one.default
    return {"is": code, "value": value}


def asked_tree(data: QueryDict) -> dict[str, Any]:
    """Return the tree of a posted form after its button (add:0, branch, drop:0:1); a changed kind begins anew."""
    branches = [
        {"join": _join(data.get(f"b{b}-join")), "parts": _leaves(data, b)}
        for b in range(MOST_BRANCHES)
        if f"b{b}-join" in data
    ]
    _press(branches, data.get("do", ""))
    kept = [branch for branch in branches if branch["parts"]]
    return {"join": _join(data.get("join")), "parts": kept}


def drawn(tree: Tree) -> DrawnTree:
    """Return a tree as the form shows it; a leaf beside branches stands in one of its own."""
    parts: list[Any] = [part if "parts" in part else {"join": "all", "parts": [part]} for part in tree["parts"]]
    branches = [
        DrawnBranch(
            f"b{b}",
            part["join"],
            [_drawn_leaf(f"b{b}-l{place}", leaf) for place, leaf in enumerate(part["parts"]) if "is" in leaf],
        )
        for b, part in enumerate(parts)
    ]
    return DrawnTree(tree["join"], branches, segment_kinds())


def _drawn_leaf(place: str, leaf: Any) -> DrawnLeaf:
    value = leaf["value"]
    inputs = [
        DrawnInput(
            f"{place}-{one.name}", one.label, one.kind, list(one.choices()) if one.kind == "choice" else [],
            str(value.get(one.name, "")),
        )
        for one in segment_kind(leaf["is"]).inputs
    ]  # fmt: skip
    return DrawnLeaf(place, leaf["is"], inputs)


def _leaves(data: QueryDict, branch: int) -> list[dict[str, Any]]:
    return [_leaf(data, f"b{branch}-l{place}") for place in range(MOST_LEAVES) if f"b{branch}-l{place}-is" in data]


def _leaf(data: QueryDict, place: str) -> dict[str, Any]:
    code = data.get(f"{place}-is", "")
    try:
        kind = segment_kind(code)
    except InvalidInput:
        return new_leaf(segment_kinds()[0].code)
    if data.get(f"{place}-was") != code:
        return new_leaf(code)
    return {
        "is": code,
        "value": {one.name: _typed(one.kind, data.get(f"{place}-{one.name}", "")) for one in kind.inputs},
    }


def _typed(kind: str, text: str) -> Any:
    text = text.strip()[:100]
    if kind == "number":
        return int(text) if text.isascii() and text.isdigit() and len(text) < 13 else text
    return text


def _join(text: str | None) -> str:
    return text if text in JOINS else "all"


def _press(branches: list[dict[str, Any]], pressed: str) -> None:
    name, *places = pressed.split(":")
    at = [int(place) for place in places if place.isascii() and place.isdigit() and len(place) < 3]
    fresh = new_leaf(segment_kinds()[0].code)
    if name == "branch" and len(branches) < MOST_BRANCHES:
        branches.append({"join": "all", "parts": [fresh]})
    elif name == "add" and len(at) == 1 and at[0] < len(branches):
        branches[at[0]]["parts"].append(fresh)
    elif name == "drop" and len(at) == 2 and at[0] < len(branches) and at[1] < len(branches[at[0]]["parts"]):
        del branches[at[0]]["parts"][at[1]]
