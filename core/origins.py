"""From where something is done (a screen, a file, a provider, the clock); kept with each fact recorded meanwhile.

An origin is text, "kind" or "kind:name", where the name is an id or a code, never personal data: facts stay for good.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from celery import Task
from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy

LENGTH = 100


class Origin(TextChoices):
    """Where work comes from; its name says which one."""

    SCREEN = "screen", pgettext_lazy("origin", "on a screen")
    OUTSIDE = "outside", pgettext_lazy("origin", "from the web")  # nobody is signed in
    FILE = "file", pgettext_lazy("origin", "from a file")  # the import's id
    JOB = "job", pgettext_lazy("origin", "in the background")  # the kind of job
    HOOK = "hook", pgettext_lazy("origin", "told by a provider")  # which one
    CLOCK = "clock", pgettext_lazy("origin", "by the clock")  # the name of the task
    COMMAND = "command", pgettext_lazy("origin", "by a command")  # which one


_here: ContextVar[str] = ContextVar("origin", default="")


def here() -> str:
    """Return from where what runs now was asked for; empty when nobody said so."""
    return _here.get()


@contextmanager
def coming_from(kind: Origin, name: object = "") -> Iterator[None]:
    """Note with each fact recorded inside that it comes from there; the innermost counts."""
    with following(f"{kind.value}:{name}"[:LENGTH] if name else kind.value):
        yield


@contextmanager
def following(origin: str) -> Iterator[None]:
    """Note with each fact recorded inside the origin of its cause; an empty one changes nothing."""
    token = _here.set(origin or _here.get())
    try:
        yield
    finally:
        _here.reset(token)


class NotedTask(Task):  # type: ignore[type-arg]  # generic only for the type checker
    """A task whose facts come from the clock, unless what it runs knows better (a file, the cause of a delivery)."""

    abstract = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run it."""
        with coming_from(Origin.CLOCK, self.name):
            return super().__call__(*args, **kwargs)
