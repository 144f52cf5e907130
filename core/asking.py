"""The one way to ask another system over HTTP: it did it, it says it did not, or nobody knows."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

import httpx

logging.getLogger("httpx").setLevel(logging.WARNING)  # it would log whole addresses with the numbers in them
SECONDS = 15.0
UNCLEAR = {408, 409, 425, 429}  # a twin is under way, or ask later: nothing is decided


class UnansweredError(Exception):
    """Nobody knows whether the other side did it: the answer was lost, late, or no answer at all."""


class RefusedError(Exception):
    """The other side says that it did not do it; ``code`` is its word for why, never personal.

    ``http_status`` is 0 where the refusal stood in a good answer, or nobody was asked.
    """

    def __init__(self, code: str, http_status: int = 0) -> None:
        super().__init__(code)
        self.code = code[:120]
        self.http_status = http_status


def request(
    client: httpx.Client, method: str, path: str, *, code_of: Callable[[Mapping[str, Any]], str], **options: Any
) -> dict[str, Any]:
    """Ask once and return the answer's JSON object, empty for an empty answer; UnansweredError or RefusedError.

    ``code_of`` reads the other side's word for a refusal out of its JSON; the status stands for a missing one.
    """
    try:
        answer = client.request(method, path, **options)
    except httpx.HTTPError as error:
        raise UnansweredError(type(error).__name__) from None
    if answer.status_code >= 500 or answer.status_code in UNCLEAR:
        raise UnansweredError(f"status {answer.status_code}")
    try:
        found = answer.json() if answer.content else {}
    except ValueError:
        found = None
    if answer.status_code >= 400:
        word = code_of(found) if isinstance(found, dict) else ""
        raise RefusedError(word or str(answer.status_code), answer.status_code)
    if not isinstance(found, dict):
        raise UnansweredError("no JSON")
    if answer.status_code >= 300:
        raise UnansweredError(f"status {answer.status_code}")
    return found
