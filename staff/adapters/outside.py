"""The way to addresses outside: public ones only, to the very address that was checked, with an end to every wait."""

import ipaddress
import logging
import re
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from threading import Timer
from typing import Any

import httpx

logging.getLogger("httpx").setLevel(logging.WARNING)  # it would log each whole address, and that may be a secret

HOST = re.compile(r"[0-9A-Za-z._:-]+")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# not of the open internet either, though the library calls them global
_LOCAL = ipaddress.ip_network("fec0::/10"), ipaddress.ip_network("192.0.0.0/24")

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str, int], Sequence[str]]


def is_public(address: IPAddress) -> bool:
    """Tell whether the address lies in the open internet, also behind the ways IPv4 is wrapped into IPv6."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
    return address.is_global and not (
        any(address in network for network in _LOCAL)
        or address.is_multicast
        or address.is_private
        or address.is_loopback
        or address.is_link_local
        or address.is_reserved
        or address.is_unspecified
    )


def resolve(host: str, port: int) -> list[str]:
    """Ask the name service for all addresses of a host; OSError when there is none."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def is_reachable_form(url: str, *, schemes: set[str], allow_private: bool = False) -> bool:
    """Tell whether an address can be asked at all, as far as it can be seen without the name service."""
    try:
        parts = httpx.URL(url)
    except (httpx.InvalidURL, TypeError):
        return False
    host = parts.raw_host.decode("ascii", "replace")
    if parts.scheme not in schemes or not HOST.fullmatch(host) or parts.userinfo:
        return False
    literal = _literal(parts.host)
    return literal is None or allow_private or is_public(literal)


def _literal(host: str) -> IPAddress | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


class PinnedClient:
    """An HTTP client that follows no redirects, uses no proxies and connects to the very address that was checked.

    1. The host is resolved once and every address must be public; else ``pinned`` says None and nothing is sent.
    2. The connection goes to the checked address itself, so a name that answers differently the second time (DNS
       rebinding) changes nothing; certificate and Host header are those of the name.
    """

    def __init__(
        self,
        *,
        seconds: float,
        allow_private: bool = False,
        resolver: Resolver = resolve,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.allow_private = allow_private
        self._resolve = resolver
        # no connection is kept: two names on one address would share it, and the certificate was that of the first
        self._client = httpx.Client(
            timeout=seconds,
            limits=httpx.Limits(max_keepalive_connections=0),
            follow_redirects=False,
            trust_env=False,
            transport=transport,
        )

    def close(self) -> None:
        """Let go of what is open."""
        self._client.close()

    def pinned(self, url: httpx.URL) -> httpx.URL | None:
        """Return the address to connect to, None when any address of the host is not public; OSError without one."""
        port = url.port or (443 if url.scheme == "https" else 80)
        found = [ipaddress.ip_address(text.partition("%")[0]) for text in self._resolve(url.host, port)]
        if not found or not (self.allow_private or all(is_public(address) for address in found)):
            return None
        return url.copy_with(host=str(found[0]))

    def stream(
        self,
        method: str,
        url: httpx.URL,
        pinned: httpx.URL,
        *,
        deadline: "Deadline",
        headers: Mapping[str, str],
        content: bytes | None = None,
    ) -> AbstractContextManager[httpx.Response]:
        """Ask ``pinned`` in the name of ``url``."""
        return self._client.stream(
            method,
            pinned,
            content=content,
            headers={"Host": url.netloc.decode("ascii"), **headers},
            extensions={"sni_hostname": url.host, "trace": deadline.trace},
        )


class Deadline:
    """Hangs up when a conversation takes too long as a whole: a time limit for each part does not end a drip."""

    def __init__(self, seconds: float) -> None:
        self.is_over = False
        self._socket: socket.socket | None = None
        self._timer = Timer(seconds, self._hang_up)
        self._timer.daemon = True
        self._timer.start()

    def trace(self, name: str, info: dict[str, Any]) -> None:
        """Remember the connection when there is one; httpx calls this for each step."""
        if name in {"connection.connect_tcp.complete", "connection.start_tls.complete"}:
            self._socket = info["return_value"].get_extra_info("socket")

    def cancel(self) -> None:
        """Let it be: the conversation is over."""
        self._timer.cancel()

    def _hang_up(self) -> None:
        self.is_over = True
        if self._socket is not None:
            with suppress(OSError):
                # of the plain socket: the reading thread still uses the layer of TLS above it
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
