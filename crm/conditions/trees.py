"""Conditions taken together: all of them, one of them, none of them, as deep as people can read.

A tree is {"join": "all" | "any" | "none", "parts": [...]}; a part is a tree or a leaf {"is": kind, "value": {...}}.
"""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from core.errors import InvalidInput
from crm.conditions.registry import segment_kind
from crm.models import Merge
from customers.models import Customer

Tree = Mapping[str, Any]
JOINS = ("all", "any", "none")
MOST_LEAVES = 30
DEEPEST = 4


def tree_condition(tree: Tree) -> Q:
    """Return the condition on customers; InvalidInput for a tree that says nothing, is too deep or too wide."""
    if _leaves(tree) > MOST_LEAVES:
        raise InvalidInput(_("At most %(count)s conditions.") % {"count": MOST_LEAVES})
    return _condition(tree, 1)


def tree_sentence(tree: Tree) -> str:
    """Return the tree in words, branches in brackets."""
    if "is" in tree:
        return segment_kind(tree["is"]).sentence(tree.get("value", {}))
    between = {"all": _(" and "), "any": _(" or "), "none": _(" or ")}[tree["join"]]
    words = between.join(tree_sentence(part) if "is" in part else f"({tree_sentence(part)})" for part in tree["parts"])
    return _("none of: %(conditions)s") % {"conditions": words} if tree["join"] == "none" else words


def customers_in(tree: Tree) -> "QuerySet[Customer]":
    """Return the customers of a tree, without those that were taken into another one."""
    absorbed = Merge.objects.filter(undone_at=None).values("absorbed")
    return Customer.objects.filter(tree_condition(tree)).exclude(pk__in=absorbed).order_by("pk")


def _condition(part: Any, depth: int) -> Q:
    if not isinstance(part, Mapping) or depth > DEEPEST:
        raise InvalidInput(_("These conditions cannot be read."))
    if "is" in part:
        value = part.get("value", {})
        return segment_kind(part["is"]).condition(value if isinstance(value, Mapping) else {})
    parts = part.get("parts")
    if part.get("join") not in JOINS or not isinstance(parts, list) or not parts:
        raise InvalidInput(_("Choose at least one condition: a segment without one would be everybody."))
    found = [_condition(one, depth + 1) for one in parts]
    whole = found[0]
    for one in found[1:]:
        whole = whole & one if part["join"] == "all" else whole | one
    return ~whole if part["join"] == "none" else whole


def _leaves(part: Any) -> int:
    if not isinstance(part, Mapping) or "is" in part:
        return 1
    parts = part.get("parts")
    return sum(_leaves(one) for one in parts) if isinstance(parts, list) else 0
