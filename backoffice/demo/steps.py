"""Steps that are done once: a kill between two of them costs nothing, one inside a step undoes that step."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import connection

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
        # Foreign keys are checked at each statement's end: checks that wait for the commit make every call of a
        # trigger function slower the more of them wait (PostgreSQL 18: 0.4 ms a row with 40,000 waiting).
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
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
