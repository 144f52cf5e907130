"""Steps that are done once: a kill between two of them costs nothing, one inside a step undoes that step."""

from collections.abc import Callable, Mapping
from typing import Any

from core.commands import once
from core.errors import DomainError
from core.models import CommandKey

PREFIX = "demo:"
LAST = "filled"


def do_once(name: str, run: Callable[[], Any], parameters: Mapping[str, Any] | None = None) -> Any:
    """Run a step in one transaction unless it was done before; return its JSON-friendly answer, the first one always.

    RuntimeError, with nothing kept, when a service refuses: the plan was wrong, and the next start must try again.
    """

    def step() -> Any:
        try:
            return run()
        except DomainError as error:
            raise RuntimeError(f"step {name} of the demo was refused: {error}") from error

    return once(key=f"{PREFIX}{name}", parameters=parameters or {}, run=step)


def answer_of(name: str) -> Any:
    """Return what a step answered, None when it was not done yet."""
    row = CommandKey.objects.filter(key=f"{PREFIX}{name}").exclude(result=None).first()
    return row.result["value"] if row and row.result else None


def is_done(name: str) -> bool:
    """Tell whether a step was done."""
    return CommandKey.objects.filter(key=f"{PREFIX}{name}").exclude(result=None).exists()


def answers_of(start: str) -> list[Any]:
    """Return what the steps answered whose names begin so, in the order of their names."""
    rows = CommandKey.objects.filter(key__startswith=f"{PREFIX}{start}").exclude(result=None).order_by("key")
    return [row.result["value"] for row in rows if row.result]
