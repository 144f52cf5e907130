"""What a kind of condition is, and the conditions of a rule taken together."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _

from core.errors import InvalidInput

Conditions = Mapping[str, Any]  # code of a kind -> value, as JSON keeps it
Fields = Mapping[str, forms.Field]


@dataclass(frozen=True, kw_only=True)
class ConditionKind:
    """One thing orders are held for.

    ``fields`` are the inputs of a form; ``read`` takes their cleaned data and returns the value to keep, None where
    nothing was asked for; ``fill`` is its way back. ``condition`` is a Q on orders that joins no table (tables beside
    it are asked with Exists), so that one statement judges any number of orders; it raises InvalidInput for a value
    that means nothing (any more). ``sentence`` says the value in the active language.
    """

    code: str
    label: Any
    fields: Callable[[], Fields]
    read: Callable[[Mapping[str, Any]], Any]
    fill: Callable[[Any], Mapping[str, Any]]
    condition: Callable[[Any], Q]
    sentence: Callable[[Any], str]


_kinds: dict[str, ConditionKind] = {}


def register_kind(kind: ConditionKind) -> None:
    """Offer ``kind`` in hold rules from now on; the same code again replaces it."""
    _kinds[kind.code] = kind


def kinds() -> list[ConditionKind]:
    """Return all kinds in the order of registration."""
    return list(_kinds.values())


def registered_kind(code: str) -> ConditionKind:
    """Return a kind; InvalidInput when nothing is called so."""
    if code not in _kinds:
        raise InvalidInput(_("Orders cannot be held for “%(kind)s”.") % {"kind": code})
    return _kinds[code]


def condition_of(conditions: Conditions) -> Q:
    """Return the condition of orders that fulfil all ``conditions``; InvalidInput for none or a meaningless one."""
    if not conditions:
        raise InvalidInput(_("Choose at least one condition: a rule without one would hold every order."))
    found = Q()
    for code, value in conditions.items():
        found &= registered_kind(code).condition(value)
    return found


def condition_sentences(conditions: Conditions) -> list[str]:
    """Return each condition in words, in the order of the form."""
    return [kind.sentence(conditions[kind.code]) for kind in kinds() if kind.code in conditions]
