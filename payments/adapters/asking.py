"""What a provider is asked and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Protocol

import core.asking


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One thing to do: capture, void or refund, in minor units; the same ``key`` is the same thing.

    ``target`` is the provider's number of the step it is about (authorisation or capture) where it has one.
    """

    kind: str
    key: str
    payment: str
    target: str
    amount: int
    currency: str
    reference: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One step that a provider knows of a payment; ``reference`` is what we sent along, where it keeps that."""

    kind: str
    amount: int
    external_id: str
    at: datetime
    reference: str = ""


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """All that a provider knows of a payment now; ``state`` in the words of ``ProviderState``."""

    state: str
    currency: str
    steps: tuple[Seen, ...] = ()
    expires_at: datetime | None = None
    secret: str = ""

    def __repr__(self) -> str:
        return f"Snapshot(state={self.state!r}, steps={len(self.steps)})"


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a webhook tells: its id, kind, and the provider's number of the payment; its body is not trusted further."""

    event_id: str
    kind: str
    payment: str
    secret: str = field(default="", repr=False)
    is_signed: bool = True


class Provider(Protocol):
    """Whoever holds the money."""

    def perform(self, ask: Ask) -> Seen:
        """Do it and return the step; UnansweredError when nobody knows, RefusedError when it was not done."""

    def fetch(self, payment: str) -> Snapshot:
        """Return what is known of a payment; the same two errors."""

    def read_event(self, body: bytes, headers: Mapping[str, str]) -> Told:
        """Read a webhook; RefusedError for a wrong signature or an odd body."""

    def verify_event(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """Ask the provider whether the webhook is its own, where the signature could not be proved here."""


def _code(found: Mapping[str, Any]) -> str:
    """Return the provider's word for a refusal: Stripe error.code, PayPal details[].issue or name, Toss code."""
    inner = found.get("error")
    if isinstance(inner, dict):
        return str(inner.get("code") or inner.get("type") or "")
    details = found.get("details")
    if isinstance(details, list) and details and isinstance(details[0], dict):
        return str(details[0].get("issue") or "")
    return str(found.get("code") or found.get("name") or "")


request = partial(core.asking.request, code_of=_code)
