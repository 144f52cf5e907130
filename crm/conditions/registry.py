"""What a kind of condition on customers is. Upper apps (marketing, deals) add theirs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.db.models import Q
from django.utils.translation import gettext as _

from core.errors import InvalidInput

Choice = tuple[str, Any]
Value = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Input:
    """One thing that a condition asks for; ``choices`` are read when the form is drawn."""

    name: str
    label: Any
    kind: Literal["number", "choice", "text"] = "number"
    choices: Callable[[], Sequence[Choice]] = tuple
    default: Any = ""


@dataclass(frozen=True, kw_only=True)
class SegmentKind:
    """One thing by which customers are chosen.

    ``condition`` is a Q on customers that joins nothing (tables beside it are asked with Exists), so that any tree is
    one statement; it raises InvalidInput for a value that means nothing (any more). ``sentence`` says it in words.
    """

    code: str
    label: Any
    inputs: Sequence[Input]
    condition: Callable[[Value], Q]
    sentence: Callable[[Value], str]


_kinds: dict[str, SegmentKind] = {}


def register_segment_kind(kind: SegmentKind) -> None:
    """Offer ``kind`` in segments from now on; the same code again replaces it."""
    _kinds[kind.code] = kind


def segment_kinds() -> list[SegmentKind]:
    """Return all kinds in the order of registration."""
    return list(_kinds.values())


def segment_kind(code: Any) -> SegmentKind:
    """Return a kind; InvalidInput when nothing is called so."""
    if not isinstance(code, str) or code not in _kinds:
        raise InvalidInput(_("Customers cannot be chosen by “%(kind)s”.") % {"kind": str(code)[:40]})
    return _kinds[code]


def whole(value: Value, name: str, *, least: int = 1, most: int = 10**12) -> int:
    """Return a whole number of a value; InvalidInput when it is none or out of reach."""
    found = value.get(name)
    if isinstance(found, bool) or not isinstance(found, int) or not least <= found <= most:
        raise InvalidInput(_("Write a whole number, at least %(least)s.") % {"least": least})
    return found


def chosen(value: Value, name: str, allowed: Sequence[str]) -> str:
    """Return a choice of a value; InvalidInput for anything else."""
    found = value.get(name)
    if not isinstance(found, str) or found not in allowed:
        raise InvalidInput(_("Choose one of the list."))
    return found


def written(value: Value, name: str) -> str:
    """Return a text of a value; InvalidInput for none."""
    found = value.get(name)
    if not isinstance(found, str) or not found.strip():
        raise InvalidInput(_("A condition names nothing."))
    return found.strip()
