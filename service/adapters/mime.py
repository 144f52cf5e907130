"""A mail as bytes, read into what a ticket needs: words, people, threads, files; nothing in it can stop the reading.

Pure: no database, no network. Charsets are those that Korean and Japanese programs mean (``charsets``).
"""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from email.policy import Compat32
from email.utils import getaddresses, parsedate_to_datetime

from core.errors import InvalidInput
from core.html import clean_html, text_of
from service.adapters.automatic import Automatic, Bounce, automatic_kind, bounce_of
from service.adapters.charsets import text_from
from service.adapters.withholding import reason_to_withhold

DEEPEST = 20  # parts within parts
MOST_PARTS = 200
MOST_TEXT = 200_000  # characters of one mail that are read; all of it stays as it came
INLINE = "/inline/"  # where pictures of a laid out mail point to until they are shown


@dataclass(frozen=True, kw_only=True)
class MailFile:
    """A file of a mail; ``content_id`` where the layout shows it as a picture."""

    name: str
    content: bytes = field(repr=False)
    content_id: str = ""


@dataclass(kw_only=True)
class Mail:
    """What a mail says; addresses in lower case, ids without angle brackets, ``withheld`` names of files not kept."""

    external_id: str
    message_id: str = ""
    in_reply_to: str = ""
    references: list[str] = field(default_factory=list)
    sender_name: str = field(default="", repr=False)
    sender_address: str = field(default="", repr=False)
    to: list[str] = field(default_factory=list, repr=False)
    subject: str = field(default="", repr=False)
    body: str = field(default="", repr=False)
    html: str = field(default="", repr=False)
    at: datetime | None = None
    files: list[MailFile] = field(default_factory=list, repr=False)
    withheld: list[str] = field(default_factory=list)
    automatic: Automatic = Automatic.NO
    bounce: Bounce | None = None


class _Raw(Compat32):
    """Headers stay the text they came as: 8-bit bytes as surrogates, which ``_header`` reads."""

    def header_fetch_parse(self, name: str, value: str) -> str:
        return value


_POLICY = _Raw()


@dataclass
class _Found:
    """What the walk collects: texts with their layouts in order, and files."""

    texts: list[tuple[str, str]] = field(default_factory=list)
    files: list[MailFile] = field(default_factory=list)
    withheld: list[str] = field(default_factory=list)
    parts: int = 0


def read_mail(raw: bytes) -> Mail:
    """Return what the mail says; InvalidInput when it is none that can be read (endless nesting, no sender)."""
    try:
        message = BytesParser(policy=_POLICY).parsebytes(raw)
        found = _Found()
        _walk(message, found, 0)
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError) as error:
        # the parser of the standard library stumbles over crafted mails in these ways
        raise InvalidInput(f"unreadable: {type(error).__name__}") from error
    name, address = _people(message, "From")[0] if _people(message, "From") else ("", "")
    message_id = _first_id(_raw(message, "Message-ID"))
    body, html = _words(found)
    return Mail(
        external_id=_external_id(message_id, raw),
        message_id=message_id,
        in_reply_to=_first_id(_raw(message, "In-Reply-To")),
        references=_ids(" ".join(map(str, message.get_all("References", [])))),
        sender_name=name,
        sender_address=address,
        to=_recipients(message),
        subject=_header(_raw(message, "Subject"))[:300],
        body=body,
        html=html,
        at=_moment(_raw(message, "Date")),
        files=found.files,
        withheld=found.withheld,
        automatic=automatic_kind(message, address),
        bounce=bounce_of(message),
    )


def _external_id(message_id: str, raw: bytes) -> str:
    """Name the mail by its Message-ID and its content: one that comes twice is one, two that share an id are two."""
    _head, _gap, content = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    return f"{message_id[:190]}#{hashlib.sha256(content.rstrip()).hexdigest()[:32]}"


def _walk(part: Message, found: _Found, depth: int) -> None:
    found.parts += 1
    if depth > DEEPEST or found.parts > MOST_PARTS:
        raise ValueError("too many parts")
    kind = part.get_content_type()
    if kind == "message/rfc822" or not part.is_multipart():
        _leaf(part, kind, found)
    elif kind == "multipart/alternative":
        found.texts.append(_alternative(_children(part), found, depth))
    elif part.get_content_maintype() == "multipart":
        for child in _children(part):
            _walk(child, found, depth + 1)


def _children(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [child for child in payload if isinstance(child, Message)] if isinstance(payload, list) else []


def _alternative(children: list[Message], found: _Found, depth: int) -> tuple[str, str]:
    """Return the same words twice, plain and laid out; files among them are kept."""
    inner = _Found(files=found.files, withheld=found.withheld, parts=found.parts)
    for child in children:
        _walk(child, inner, depth + 1)
    found.parts = inner.parts
    plain = next((text for text, _html in inner.texts if text.strip()), "")
    return plain, "\n".join(html for _text, html in inner.texts if html)


def _leaf(part: Message, kind: str, found: _Found) -> None:
    name = _header(part.get_filename() or "")
    is_file = bool(name) or part.get_content_disposition() == "attachment"
    if kind in {"text/plain", "text/html"} and not is_file:
        text = text_from(_bytes(part), str(part.get_content_charset("") or ""))[:MOST_TEXT]
        found.texts.append(("", text) if kind == "text/html" else (text, ""))
        return
    if kind in {"message/delivery-status", "text/rfc822-headers"}:
        return  # read by bounce_of
    content = _bytes(part)
    shown = name or f"{'mail' if kind == 'message/rfc822' else 'file'}.{_ending(kind)}"
    if reason_to_withhold(shown, content, kept=len(found.files)):
        found.withheld.append(shown[:150])
        return
    if content:
        content_id = _first_id(_raw(part, "Content-ID"))
        found.files.append(MailFile(name=shown, content=content, content_id=content_id))


def _bytes(part: Message) -> bytes:
    if part.is_multipart():  # a mail within the mail
        return b"\n".join(child.as_bytes(policy=_POLICY) for child in _children(part))
    decoded = part.get_payload(decode=True)
    return decoded if isinstance(decoded, bytes) else b""


def _ending(kind: str) -> str:
    known = {"message/rfc822": "eml", "image/jpeg": "jpg", "text/calendar": "ics", "text/csv": "csv"}
    last = kind.rpartition("/")[2]
    return known.get(kind, last if last.isalnum() and len(last) <= 5 else "bin")


def _words(found: _Found) -> tuple[str, str]:
    """Return the plain words, and the layout where any part has one; each part once."""
    plain, laid_out = [], []
    for text, html in found.texts:
        clean = clean_html(html.replace("cid:", INLINE)) if html else ""
        plain.append(text.strip() or text_of(clean))
        laid_out.append(clean or clean_html(f"<p>{_escaped(text)}</p>"))
    body = "\n\n".join(filter(None, plain)).replace("\r\n", "\n")
    has_layout = any(html for _text, html in found.texts)
    return body[:MOST_TEXT], "\n".join(laid_out)[:MOST_TEXT] if has_layout else ""


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\n", "<br>")


def _raw(message: Message, name: str) -> str:
    return str(message.get(name) or "").replace("\x00", "")


def _header(value: str) -> str:
    """Return a header as people read it, whatever its encoded words and bare bytes, on one line."""
    bare = value.encode("utf-8", "surrogateescape")
    text = value if bare.isascii() else text_from(bare)
    try:
        chunks = decode_header(text)
    except (HeaderParseError, ValueError):
        chunks = [(text, None)]
    words = "".join(chunk if isinstance(chunk, str) else text_from(chunk, charset or "") for chunk, charset in chunks)
    return " ".join("".join(sign for sign in words or text if sign.isprintable() or sign in "\t\r\n").split())


def _people(message: Message, name: str) -> list[tuple[str, str]]:
    """Return (name, address) of a header; addresses are read before names, which may hold commas when decoded."""
    values = [str(value) for value in message.get_all(name, [])]
    plain = [value.encode("utf-8", "surrogateescape").decode("utf-8", "replace") for value in values]
    return [
        (_header(found)[:200], address.strip().lower()[:254])
        for found, address in getaddresses(plain)
        if "@" in address and " " not in address.strip()
    ]


def _recipients(message: Message) -> list[str]:
    names = ("Delivered-To", "X-Original-To", "To", "Cc")
    return list(dict.fromkeys(address for name in names for _name, address in _people(message, name)))[:50]


def _ids(value: str) -> list[str]:
    """Return the ids of a header without brackets; spaces within one are what folding left."""
    value = value.replace("\x00", "").encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    if "<" not in value:
        return [one[:255] for one in value.split() if "@" in one][:50]
    pieces = [piece.partition(">")[0] for piece in value.split("<")[1:]]
    return [clean[:255] for piece in pieces if (clean := "".join(piece.split()))][-50:]


def _first_id(value: str) -> str:
    return next(iter(_ids(value)), "")


def _moment(value: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(value)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
