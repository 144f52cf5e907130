"""Typed access to environment variables; everything wrong is reported at once."""

import os

from django.core.exceptions import ImproperlyConfigured

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"", "0", "false", "no", "off"}


class Env:
    """Reads variables and collects complaints until ``check()`` raises them together."""

    def __init__(self) -> None:
        self.complaints: list[str] = []

    def text(self, name: str, default: str = "") -> str:
        """Return the variable, or ``default`` when it is unset or empty."""
        return os.environ.get(name, "") or default

    def required(self, name: str, why: str) -> str:
        """Return the variable; its absence is reported by ``check()`` with ``why``."""
        value = os.environ.get(name, "")
        if not value:
            self.complaints.append(f"{name} is not set: {why}")
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a boolean from 1/true/yes/on or 0/false/no/off."""
        raw = os.environ.get(name)
        if raw is None:
            return default
        if raw.strip().lower() in _TRUE:
            return True
        if raw.strip().lower() not in _FALSE:
            self.complaints.append(f"{name}={raw!r} is neither true (1, true, yes, on) nor false (0, false, no, off)")
        return False

    def number(self, name: str, default: int) -> int:
        """Return a whole number."""
        raw = os.environ.get(name, "")
        if not raw:
            return default
        try:
            return int(raw)
        except ValueError:
            self.complaints.append(f"{name}={raw!r} is not a whole number")
            return default

    def items(self, name: str, default: list[str]) -> list[str]:
        """Return a comma-separated list without empty parts."""
        raw = os.environ.get(name)
        return default if raw is None else [part.strip() for part in raw.split(",") if part.strip()]

    def named(self, prefix: str) -> dict[str, str]:
        """Return the variables that begin so, by the rest of their names: {"HELP_KR": "..."}."""
        return {name[len(prefix) :]: value for name, value in os.environ.items() if name.startswith(prefix) and value}

    def check(self) -> None:
        """Raise one ImproperlyConfigured that names every complaint."""
        if self.complaints:
            raise ImproperlyConfigured("Settings cannot be used:\n  - " + "\n  - ".join(self.complaints))
