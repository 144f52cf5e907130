"""Refusals of the import engine."""

from typing import Any

from core.errors import DomainError
from core.imports.reasons import Reason, sentence


class FileRefused(DomainError):  # noqa: N818 named like its siblings
    """A file cannot be read or lacks needed columns; ``reason`` is kept with the import for readers of any language."""

    def __init__(self, code: str, **parameters: Any) -> None:
        self.reason: Reason = {"code": code, **parameters}
        super().__init__(sentence(self.reason))
