"""Transition tables: which state may follow which."""

from collections.abc import Iterable, Mapping
from typing import Generic, TypeVar

from django.db.models import TextChoices
from django.utils.translation import gettext as _

from core.errors import InvalidTransition

S = TypeVar("S", bound=TextChoices)


class Transitions(Generic[S]):
    """The allowed moves of one state field; feeds services, buttons and README diagrams."""

    def __init__(self, table: Mapping[S, Iterable[S]]) -> None:
        self.table = {state: frozenset(targets) for state, targets in table.items()}

    def allowed(self, current: S) -> frozenset[S]:
        """Return the states that may follow ``current``."""
        return self.table.get(current, frozenset())

    def sources(self, target: S) -> frozenset[S]:
        """Return the states from which ``target`` may be reached."""
        return frozenset(state for state, targets in self.table.items() if target in targets)

    def permits(self, current: S, target: S) -> bool:
        """Tell whether ``target`` may follow ``current``."""
        return target in self.allowed(current)

    def check(self, current: S, target: S) -> None:
        """Raise InvalidTransition unless ``target`` may follow ``current``."""
        if not self.permits(current, target):
            raise InvalidTransition(
                _("This cannot go from “%(current)s” to “%(target)s”. Reload the page to see its state.")
                % {"current": current.label, "target": target.label}
            )
