"""Pictures from addresses outside: public ones only, over as many redirects as a shop's picture server needs."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePosixPath
from typing import Protocol
from urllib.parse import unquote

import httpx
from django.core.files.base import File
from django.utils.translation import gettext as _

from core.errors import InvalidInput
from staff.adapters.outside import Deadline, PinnedClient, Resolver, is_reachable_form, resolve

SECONDS = 10.0  # to connect, and for each part of the answer
WHOLE_SECONDS = 30.0  # for one picture with its redirects
MOST_BYTES = 20 * 1024 * 1024  # as catalog.services.pictures.storing takes at most
MOST_REDIRECTS = 3
SCHEMES = {"https", "http"}


class Pictures(Protocol):
    """Whoever brings pictures in."""

    def fetch(self, source: str) -> "File[bytes]":
        """Return the picture; InvalidInput with a sentence for what cannot be had."""

    def close(self) -> None:
        """Let go of what is open."""


@dataclass(frozen=True)
class _Answer:
    content: bytes = b""
    location: str = ""


def is_address(source: str) -> bool:
    """Tell whether a source is an address; else it is the name of a file."""
    return "://" in source


def check_address(source: str, *, allow_private: bool = False) -> None:
    """Refuse (InvalidInput) what can be seen not to be a public address; the name service is not asked."""
    if not is_reachable_form(source, schemes=SCHEMES, allow_private=allow_private):
        raise InvalidInput(_("Only public http and https addresses are fetched."))


class HttpPictures:
    """Fetches over HTTP from public addresses; every redirect is checked as the first address is.

    ``allow_private`` is for tests.
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

    def close(self) -> None:
        """Let go of what is open."""
        self._client.close()

    def fetch(self, source: str) -> "File[bytes]":
        """Return the bytes behind the address; InvalidInput with a sentence when they cannot be had."""
        deadline = Deadline(WHOLE_SECONDS)
        address = source
        try:
            for _redirect in range(MOST_REDIRECTS + 1):
                answer = self._ask(address, deadline)
                if not answer.location:
                    return File(BytesIO(answer.content), name=_name_of(source))
                address = str(httpx.URL(address).join(answer.location))
        except httpx.TimeoutException:
            raise InvalidInput(_("The server took too long.")) from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError):
            sentence = _("The server took too long.") if deadline.is_over else _("The server cannot be reached.")
            raise InvalidInput(sentence) from None
        finally:
            deadline.cancel()
        raise InvalidInput(_("The address leads from one to the next without an end."))

    def _ask(self, address: str, deadline: Deadline) -> _Answer:
        check_address(address, allow_private=self._allow_private)
        url = httpx.URL(address).copy_with(fragment=None)
        pinned = self._client.pinned(url)
        if pinned is None:
            raise InvalidInput(_("Only public http and https addresses are fetched."))
        headers = {"Accept": "image/png, image/jpeg, image/webp", "Accept-Encoding": "identity"}
        with self._client.stream("GET", url, pinned, deadline=deadline, headers=headers) as answer:
            if answer.is_redirect:
                return _Answer(location=answer.headers.get("Location", ""))
            if not answer.is_success:
                raise InvalidInput(_("The server answered with %(status)s.") % {"status": answer.status_code})
            return _Answer(content=_body(answer))


def _body(answer: httpx.Response) -> bytes:
    parts, size = [], 0
    for part in answer.iter_raw():  # unpacked it could be a thousand times as much
        size += len(part)
        if size > MOST_BYTES:
            raise InvalidInput(_("The file is larger than %(limit)s MB.") % {"limit": MOST_BYTES // 1024**2})
        parts.append(part)
    return b"".join(parts)


def _name_of(address: str) -> str:
    return PurePosixPath(unquote(httpx.URL(address).path)).name[-100:] or "picture"
