"""The registry of classes of records with personal data: the apps above say what they hold, how long a law wants it
kept, and how a person's names leave it. Figures stay: an order is counted after its buyer is forgotten.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Model


@dataclass(frozen=True, kw_only=True)
class Holding:
    """What a class holds of one subject, and what speaks against destroying it now.

    ``keep_until``: the last day a law wants it kept, by ``rule`` with its ``source``; None: nothing does.
    ``blocked``: a sentence, when it is in use (an order under way). ``stays``: it cannot leave its place, by rule.
    """

    count: int
    keep_until: date | None = None
    rule: str = ""
    source: str = ""
    is_verified: bool = False
    blocked: str = ""
    stays: bool = False


@dataclass(frozen=True, kw_only=True)
class RecordClass:
    """One class of records of subjects of ``model``.

    ``collect(id)`` gives its rows as JSON-friendly dicts (what the person gets, and what the restricted store keeps),
    ``holding(id, today)`` the decision's facts; ``erase(id)`` takes every name out and returns how many rows changed:
    it runs in a transaction of the caller, and repeating it changes nothing.
    """

    key: str
    model: type[Model]
    label: Any
    collect: Callable[[int], list[dict[str, Any]]]
    holding: Callable[[int, date], Holding]
    erase: Callable[[int], int]


_classes: dict[str, RecordClass] = {}


def register_records(record_class: RecordClass) -> None:
    """Let requests of persons concerned reach this class."""
    _classes[record_class.key] = record_class


def record_classes(model: type[Model]) -> list[RecordClass]:
    """Return the classes of records of this model's rows, in the order of registration."""
    return [one for one in _classes.values() if one.model is model]


def record_class(key: str) -> RecordClass | None:
    """Return the class of this key."""
    return _classes.get(key)


def class_label(key: str) -> str:
    """Return the class in words; the bare key of one that is gone."""
    found = _classes.get(key)
    return str(found.label) if found else key
