"""The registry of whom personal data is about: the apps above say what they hold, this app knows none of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model

Known = Sequence[tuple[Any, str]]  # (what it is, the value in full)


@dataclass(frozen=True, kw_only=True)
class SubjectKind:
    """Rows that personal data stands on: ``reveal(row)`` gives it in full, ``label(row)`` a number, never a name.

    Who holds ``sees`` is shown everything by role; opening ``page`` (the name of its address) is logged for them.
    """

    key: str
    model: type[Model]
    label: Callable[[Any], str]
    reveal: Callable[[Any], Known]
    sees: str
    what: Any

    @property
    def page(self) -> str:
        """The name of the address of a row's page."""
        return f"{self.model._meta.app_label}_{self.model._meta.model_name}_change"


_kinds: dict[str, SubjectKind] = {}


def register_subject(kind: SubjectKind) -> None:
    """Let personal data of these rows be revealed with a reason, and log who opens their pages."""
    _kinds[kind.key] = kind


def subject_kind(key: str) -> SubjectKind | None:
    """Return the kind of this key."""
    return _kinds.get(key)


def kind_of_page(name: str) -> SubjectKind | None:
    """Return the kind whose rows have this page."""
    return next((kind for kind in _kinds.values() if kind.page == name), None)


def kind_of_model(model: type[Model]) -> SubjectKind | None:
    """Return the kind whose rows are of this model."""
    return next((kind for kind in _kinds.values() if kind.model is model), None)
