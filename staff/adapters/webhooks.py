"""Messages to addresses outside: bodies of each kind, signed where the kind has it, sent to public addresses only.

Sources: Slack, "Sending messages using incoming webhooks" ({"text"} with <url|label>; & < > escaped). Kakao Work,
"Block Kit" ({"text", "blocks"}: a text block and a button with the action open_system_browser). Standard Webhooks 1.0
(headers webhook-id, webhook-timestamp, webhook-signature; HMAC-SHA256 over "id.timestamp.body", key behind "whsec_").
"""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
import time
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

import httpx

from staff.adapters.outside import Deadline, PinnedClient, Resolver, is_reachable_form, resolve

SECONDS = 5.0  # to connect, and for each part of the answer
WHOLE_SECONDS = 10.0  # for the whole answer: a peer that drips does not hold a worker
MOST_BYTES = 64 * 1024  # nobody reads the answer; more is a mistake
LONGEST_PAUSE = 3600
_BUTTON = {"en": "Open", "ko": "열기", "ja": "開く"}


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message; ``id`` stays the same when it is sent again, so that receivers can drop the double."""

    id: str
    event: str
    subject: str
    text: str
    url: str
    at: datetime
    language: str = "en"


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where it goes and how it is written; ``repr`` keeps the secret parts out of logs and errors."""

    kind: str
    url: str
    secret: str = ""

    def __repr__(self) -> str:
        return f"Address(kind={self.kind!r}, url={masked(self.url)!r})"


class Outcome(StrEnum):
    """What became of a message."""

    SENT = "sent"
    REFUSED_ADDRESS = "refused_address"  # not https, not public, no such host: nothing was sent
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    REDIRECTED = "redirected"
    ANSWERED_BADLY = "answered_badly"  # a status that is no success
    TOO_LONG = "too_long"  # the answer; the message was taken
    GONE = "gone"  # 410: the receiver wants no more


@dataclass(frozen=True)
class Sent:
    """The outcome, the status if there was an answer, and how long the receiver asks to wait (seconds)."""

    outcome: Outcome
    status: int | None = None
    wait_seconds: int = 0

    @property
    def is_ok(self) -> bool:
        """Tell whether the message was taken."""
        return self.outcome in {Outcome.SENT, Outcome.TOO_LONG}

    @property
    def error(self) -> str:
        """Return what went wrong in a few words without anything of the address; empty when nothing did."""
        if self.is_ok:
            return ""
        return f"{self.outcome.value} {self.status}" if self.status else self.outcome.value


class Webhooks(Protocol):
    """Whoever brings messages out."""

    def send(self, message: Message, address: Address) -> Sent:
        """Send once and say what became of it; never raises for what the other side does."""


def new_secret() -> str:
    """Return a fresh signing secret of 32 random bytes, as Standard Webhooks writes it."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def masked(url: str) -> str:
    """Return what may be shown of an address: scheme, host and the last four characters."""
    if problem_of(url, allow_private=True):
        return "…"
    parts = httpx.URL(url)
    rest = parts.raw_path.decode("ascii", "replace")
    return f"{parts.scheme}://{parts.host}/…{rest[-4:] if len(rest) > 8 else ''}"


def problem_of(url: str, *, allow_private: bool = False) -> Outcome | None:
    """Return REFUSED_ADDRESS for what can never be sent to (no question to the name service), else None."""
    schemes = {"https", "http"} if allow_private else {"https"}
    if is_reachable_form(url, schemes=schemes, allow_private=allow_private) and not httpx.URL(url).fragment:
        return None
    return Outcome.REFUSED_ADDRESS


class HttpWebhooks:
    """Sends over HTTPS to public addresses, as ``PinnedClient`` does it.

    ``allow_private`` is for tests and for receivers within one's own network (setting WEBHOOK_PRIVATE_ADDRESSES).
    """

    def __init__(
        self,
        *,
        allow_private: bool = False,
        resolver: Resolver = resolve,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._allow_private = allow_private
        self._client = PinnedClient(
            seconds=SECONDS, allow_private=allow_private, resolver=resolver, transport=transport
        )

    def __enter__(self) -> "HttpWebhooks":
        return self

    def __exit__(self, *_details: object) -> None:
        self._client.close()

    def send(self, message: Message, address: Address) -> Sent:
        """Send once and say what became of it."""
        if problem_of(address.url, allow_private=self._allow_private):
            return Sent(Outcome.REFUSED_ADDRESS)
        url = httpx.URL(address.url)
        try:
            pinned = self._client.pinned(url)
        except OSError:
            return Sent(Outcome.UNREACHABLE)
        if pinned is None:
            return Sent(Outcome.REFUSED_ADDRESS)
        body = body_of(message, address.kind)
        headers = {"Content-Type": "application/json; charset=utf-8"}
        if address.secret:
            headers |= signature_headers(message.id, body, address.secret, at=int(time.time()))
        deadline = Deadline(WHOLE_SECONDS)
        try:
            return self._post(url, pinned, body, headers, deadline)
        except httpx.TimeoutException:
            return Sent(Outcome.TIMEOUT)
        except (httpx.HTTPError, OSError, ValueError):
            return Sent(Outcome.TIMEOUT if deadline.is_over else Outcome.UNREACHABLE)
        finally:
            deadline.cancel()

    def _post(
        self, url: httpx.URL, pinned: httpx.URL, body: bytes, headers: dict[str, str], deadline: Deadline
    ) -> Sent:
        with self._client.stream("POST", url, pinned, deadline=deadline, headers=headers, content=body) as answer:
            verdict = _verdict(answer)
            size = 0
            for part in answer.iter_raw():  # unpacked it could be a thousand times as much
                size += len(part)
                if size > MOST_BYTES:
                    return Sent(Outcome.TOO_LONG, verdict.status) if verdict.is_ok else verdict
            return verdict


def _verdict(answer: httpx.Response) -> Sent:
    if answer.is_success:
        return Sent(Outcome.SENT, answer.status_code)
    if answer.is_redirect:
        return Sent(Outcome.REDIRECTED, answer.status_code)
    if answer.status_code == httpx.codes.GONE:
        return Sent(Outcome.GONE, answer.status_code)
    wait = answer.headers.get("Retry-After", "")
    seconds = min(int(wait), LONGEST_PAUSE) if wait.isascii() and wait.isdigit() else 0
    return Sent(Outcome.ANSWERED_BADLY, answer.status_code, seconds)


# --- bodies


def body_of(message: Message, kind: str) -> bytes:
    """Return the body as this kind of receiver reads it."""
    build = {"slack": _slack, "kakao_work": _kakao_work, "json": _json}[kind]
    return json.dumps(build(message), ensure_ascii=False).encode()


def _slack(message: Message) -> dict[str, Any]:
    return {"text": f"{_slack_text(message.text)}\n<{_slack_text(message.url)}|{_slack_text(message.subject)}>"}


def _slack_text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("|", "¦")


def _kakao_work(message: Message) -> dict[str, Any]:
    button = {
        "type": "button",
        "text": _BUTTON.get(message.language, _BUTTON["en"]),
        "style": "default",
        "action": {"type": "open_system_browser", "name": "open", "value": message.url},
    }
    return {"text": message.text, "blocks": [{"type": "text", "text": message.text}, button]}


def _json(message: Message) -> dict[str, Any]:
    return {
        "event": message.event,
        "subject": message.subject,
        "text": message.text,
        "url": message.url,
        "at": message.at.isoformat(),
    }


def signature_headers(message_id: str, body: bytes, secret: str, *, at: int) -> dict[str, str]:
    """Return the headers of Standard Webhooks for a secret such as ``whsec_…`` (base64) and a time in seconds."""
    signed = f"{message_id}.{at}.".encode() + body
    digest = hmac.new(_key(secret), signed, hashlib.sha256).digest()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def _key(secret: str) -> bytes:
    text = secret.removeprefix("whsec_")
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return text.encode()  # a secret that somebody else made up
