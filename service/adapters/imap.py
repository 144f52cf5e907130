"""A mailbox by IMAP: what lies in it since a position, read without marking or moving anything."""

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

TIMEOUT = 30  # seconds without an answer
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")


class MailboxError(Exception):
    """The box cannot be read now; ``reason`` is a word that may be logged and shown: no text of the server."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class Access:
    """How a box is reached."""

    host: str
    port: int
    security: str  # tls, starttls, none
    username: str
    password: str = field(repr=False)
    folder: str = "INBOX"


class Box:
    """An open box, read only."""

    def __init__(self, client: imaplib.IMAP4, uid_validity: int) -> None:
        self._client = client
        self.uid_validity = uid_validity

    def uids(self, *, after: int, since: date) -> list[int]:
        """Return the numbers of mails behind ``after`` that arrived on the day or later, the lowest first."""
        day = f"{since.day:02d}-{_MONTHS[since.month - 1]}-{since.year}"
        found = _answer(self._client.uid("SEARCH", f"UID {after + 1}:*", "SINCE", day))
        numbers = {int(number) for number in b" ".join(part for part in found if isinstance(part, bytes)).split()}
        return sorted(number for number in numbers if number > after)  # "n:*" always names the last mail too

    def size_of(self, uid: int) -> int | None:
        """Return the bytes of a mail, None when it is gone."""
        found = _answer(self._client.uid("FETCH", str(uid), "(RFC822.SIZE)"))
        size = next((_SIZE.search(part) for part in found if isinstance(part, bytes)), None)
        return int(size[1]) if size else None

    def raw_of(self, uid: int, *, head_only: bool = False) -> bytes | None:
        """Return a mail, or its headers, as it came, without marking it as read; None when it is gone."""
        what = "(BODY.PEEK[HEADER])" if head_only else "(BODY.PEEK[])"
        found = _answer(self._client.uid("FETCH", str(uid), what))
        return next((bytes(part[1]) for part in found if isinstance(part, tuple)), None)


@contextmanager
def open_box(access: Access) -> Iterator[Box]:
    """Log in and open the folder; MailboxError with "refused", "unreachable", "no folder" or "broken"."""
    try:
        client = _connected(access)
    except (OSError, imaplib.IMAP4.error) as error:
        raise MailboxError("unreachable") from error
    try:
        _log_in(client, access)
        validity = _select(client, access.folder)
        yield Box(client, validity)
    except (OSError, imaplib.IMAP4.abort) as error:
        raise MailboxError("broken") from error
    except imaplib.IMAP4.error as error:
        raise MailboxError("broken") from error
    finally:
        _leave(client)


def _connected(access: Access) -> imaplib.IMAP4:
    if access.security == "tls":
        context = ssl.create_default_context()
        return imaplib.IMAP4_SSL(access.host, access.port, ssl_context=context, timeout=TIMEOUT)
    client = imaplib.IMAP4(access.host, access.port, timeout=TIMEOUT)
    if access.security == "starttls":
        client.starttls(ssl.create_default_context())
    return client


def _log_in(client: imaplib.IMAP4, access: Access) -> None:
    try:
        client.login(access.username, access.password)
    except imaplib.IMAP4.abort:
        raise
    except (imaplib.IMAP4.error, UnicodeEncodeError):
        raise MailboxError("refused") from None  # the server's words may repeat the name


def _select(client: imaplib.IMAP4, folder: str) -> int:
    quoted = '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
    state, _count = client.select(quoted, readonly=True)
    if state != "OK":
        raise MailboxError("no folder")
    _name, found = client.response("UIDVALIDITY")
    value = found[0] if found else None
    if not isinstance(value, bytes) or not value.isdigit():
        raise MailboxError("broken")
    return int(value)


def _answer(answer: tuple[str, list[object]]) -> list[object]:
    state, found = answer
    if state != "OK":
        raise MailboxError("broken")
    return found


def _leave(client: imaplib.IMAP4) -> None:
    try:
        client.logout()
    except (OSError, imaplib.IMAP4.error):
        client.shutdown()
