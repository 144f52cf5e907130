"""One exception family for every refused operation."""

from typing import Any


class DomainError(Exception):
    """A business rule refused the operation; ``str(error)`` is a translated sentence that says what to do."""

    def __init__(self, message: Any) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return str(self.message)


class NotAllowed(DomainError):  # noqa: N818 read where it is raised
    """The actor lacks the right to do this to this object."""


class InvalidTransition(DomainError):  # noqa: N818 read where it is raised
    """The object is not in a state from which it may move to the wanted one."""


class InvalidInput(DomainError):  # noqa: N818 read where it is raised
    """A value cannot be used; the sentence names it and says what would do."""


class Conflict(DomainError):  # noqa: N818 read where it is raised
    """Somebody else changed the same thing meanwhile, or a key was reused with other parameters."""
