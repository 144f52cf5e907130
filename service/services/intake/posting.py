"""What other systems post to an inlet: a message as JSON, or a mail as MIME; each id once."""

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware

from core.errors import Conflict, InvalidInput
from service.models import Message
from service.services.intake.mails import TakenMail, take_mail
from service.services.storing import GivenFile
from service.services.taking import Incoming, take_message
from staff.models import Language

TOLERANCE = 300  # seconds that a clock may be off, and that a caught request may be sent again
MOST_FILES = 10
_TEXTS = {
    "subject": 1000, "text": 200_000, "html": 400_000, "sender_name": 300, "sender_address": 254, "sender_phone": 40,
    "sender_code": 120, "message_id": 255, "in_reply_to": 255, "order_number": 80,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Posted:
    """What became of a posted message; ``aside`` is the reason why a mail became none."""

    message: Message | None
    is_new: bool
    aside: str = ""


def signature_of(*, secret: str, timestamp: str, body: bytes) -> str:
    """Return the signature of a request: "v1=" and HMAC-SHA256 of "timestamp.body" in hexadecimal."""
    return "v1=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def is_signed(*, secret: str, timestamp: str, signature: str, body: bytes, now: datetime) -> bool:
    """Tell whether the request was signed with the secret within the last five minutes; never without a secret."""
    if not secret or not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
        return False
    if abs(int(timestamp) - now.timestamp()) > TOLERANCE:
        return False
    wanted = signature_of(secret=secret, timestamp=timestamp, body=body)
    return hmac.compare_digest(wanted.encode(), signature.encode())


def take_posted_mail(*, inlet_id: int, raw: bytes) -> Posted:
    """Take in a mail that another system received for us; what a mailbox would set aside is set aside here too."""
    taken: TakenMail = take_mail(inlet_id=inlet_id, raw=raw)
    return Posted(message=taken.message, is_new=taken.is_new, aside=str(taken.aside.reason) if taken.aside else "")


@transaction.atomic
def take_posted(*, inlet_id: int, body: bytes) -> Posted:
    """Take in a message that was posted as JSON; the same id with the same content again changes nothing.

    InvalidInput for what is no such message; Conflict for an id that came with other content before.
    """
    data = _object(body)
    incoming = _incoming(data, body)
    known = Message.objects.filter(inlet=inlet_id, external_id=incoming.external_id).first()
    if known is None:
        taken = take_message(inlet_id=inlet_id, incoming=incoming)
        if taken.is_new:
            return Posted(message=taken.message, is_new=True)
        known = taken.message
    if not _is_same(known, body):
        raise Conflict("This id was posted before with other content.")
    return Posted(message=known, is_new=False)


def _object(body: bytes) -> dict[str, Any]:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("The body is no JSON.") from error
    if not isinstance(data, dict):
        raise InvalidInput("The body is no JSON object.")
    return data


def _incoming(data: dict[str, Any], body: bytes) -> Incoming:
    texts: dict[str, Any] = {name: _text(data, name, most) for name, most in _TEXTS.items()}
    external_id = _text(data, "id", 200)
    words = texts.pop("text")
    if not external_id or not (words or texts["html"]):
        raise InvalidInput("id and text (or html) are needed.")
    language = _text(data, "language", 5)
    if language and language not in Language.values:
        raise InvalidInput("language: one of " + ", ".join(Language.values))
    return Incoming(
        external_id=f"post:{external_id}",
        body=words,
        references=_texts(data, "references"),
        to=_texts(data, "to"),
        language=language,
        at=_moment(data),
        files=_files(data),
        raw=body,
        **texts,
    )


def _text(data: dict[str, Any], name: str, most: int) -> str:
    value = data.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > most:
        raise InvalidInput(f"{name}: a text of at most {most} characters")
    # half a surrogate pair is no sign, and no table holds it
    return value.replace("\x00", "").encode("utf-8", "replace").decode()


def _texts(data: dict[str, Any], name: str) -> list[str]:
    values = data.get(name) or []
    if not isinstance(values, list) or len(values) > 100:
        raise InvalidInput(f"{name}: a list of texts")
    return [_text({name: value}, name, 255) for value in values]


def _moment(data: dict[str, Any]) -> datetime | None:
    value = _text(data, "at", 40)
    if not value:
        return None
    try:
        found = parse_datetime(value)
    except ValueError:
        found = None
    if found is None or not is_aware(found):
        raise InvalidInput("at: a time with its zone, such as 2026-11-23T09:00:00+09:00")
    return found


def _files(data: dict[str, Any]) -> list[GivenFile]:
    values = data.get("files") or []
    if not isinstance(values, list) or len(values) > MOST_FILES:
        raise InvalidInput(f"files: a list of at most {MOST_FILES}")
    found = []
    for value in values:
        if not isinstance(value, dict):
            raise InvalidInput("files: objects with name and content")
        try:
            content = base64.b64decode(str(value.get("content") or ""), validate=True)
        except (binascii.Error, ValueError) as error:
            raise InvalidInput("files: content in base64") from error
        found.append(GivenFile(name=_text(value, "name", 200), content=content))
    return found


def _is_same(message: Message, body: bytes) -> bool:
    if not message.raw:
        return False
    with message.raw.open("rb") as file:
        return hmac.compare_digest(file.read(), body)
