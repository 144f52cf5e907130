"""Mails that no person wrote: answers of machines, returns to sender; known by headers (RFC 3834, RFC 3464)."""

from dataclasses import dataclass, field
from email.message import Message
from enum import StrEnum

_ROBOTS = ("mailer-daemon@", "postmaster@")
_REPLY_SIGNS = ("x-autoreply", "x-autorespond", "x-auto-reply-from", "x-autoreply-domain")


class Automatic(StrEnum):
    """Whether a person wrote it."""

    NO = ""
    REPLY = "reply"  # "I am on holiday"
    GENERATED = "generated"  # a form, a shop, a newsletter: nobody to answer, yet it may be about something
    BOUNCE = "bounce"


@dataclass(frozen=True, kw_only=True)
class Bounce:
    """What a mail server says about a mail of ours; ``status`` such as 5.1.1."""

    is_final: bool
    status: str = ""
    message_ids: list[str] = field(default_factory=list)


def automatic_kind(message: Message, sender: str) -> Automatic:
    """Tell what kind of machine wrote the mail, if one did."""
    if (
        _report(message)
        or (_is_from_nobody(message) and sender.startswith(_ROBOTS))
        or "X-Failed-Recipients" in message
    ):
        return Automatic.BOUNCE
    submitted = str(message.get("Auto-Submitted") or "").strip().lower().partition(";")[0].strip()
    precedence = str(message.get("Precedence") or "").strip().lower()
    if submitted == "auto-replied" or precedence == "auto_reply" or any(sign in message for sign in _REPLY_SIGNS):
        return Automatic.REPLY
    if submitted not in {"", "no"} or precedence in {"bulk", "junk"}:
        return Automatic.GENERATED
    return Automatic.REPLY if _is_from_nobody(message) else Automatic.NO


def bounce_of(message: Message) -> Bounce | None:
    """Return what a delivery report says about which of our mails; None when it is no report."""
    if not _report(message):
        return None
    statuses, ids, is_final = "", [], False
    for part in message.walk():
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            for block in part.get_payload():
                if not isinstance(block, Message):
                    continue
                action = str(block.get("Action") or "").strip().lower()
                is_final = is_final or action == "failed"
                statuses = statuses or str(block.get("Status") or "").strip()[:20]
        elif kind == "text/rfc822-headers":
            ids += _ids_in(str(part.get_payload()))
        elif part is not message and "Message-ID" in part:
            ids.append(str(part["Message-ID"]).strip().strip("<>"))
    return Bounce(is_final=is_final, status=statuses, message_ids=ids)


def _report(message: Message) -> bool:
    kind = str(message.get_param("report-type") or "").lower()
    return message.get_content_type() == "multipart/report" and kind == "delivery-status"


def _is_from_nobody(message: Message) -> bool:
    return str(message.get("Return-Path") or "-").strip() == "<>"


def _ids_in(headers: str) -> list[str]:
    lines = headers.replace("\r\n", "\n").replace("\n ", " ").replace("\n\t", " ").split("\n")
    found = [line.partition(":")[2] for line in lines if line.lower().startswith("message-id:")]
    return [value.strip().strip("<>") for value in found]
