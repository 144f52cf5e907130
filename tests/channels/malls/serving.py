"""A mall's server on the loopback: it keeps every request, loses answers when told to, and asks a mall what to say."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request as it arrived; ``query_text`` as it was written, because signatures cover it."""

    method: str
    path: str
    query: dict[str, str]
    query_text: str
    headers: dict[str, str]  # names in lower case
    body: Any  # JSON, a form as a dict, or None
    raw: bytes


class Town(Protocol):
    """What stands behind a server."""

    def answer(self, asked: Asked) -> tuple[int, Any]:
        """Return status and JSON."""


@dataclass
class Street:
    """Where a mall is reached, what was asked, and which of the writing requests are lost (by number, from 1)."""

    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    lose_before: set[int] = field(default_factory=set)
    lose_after: set[int] = field(default_factory=set)
    writes: int = 0
    lock: Lock = field(default_factory=Lock)


class Handler(BaseHTTPRequestHandler):
    """Reads, remembers, loses and answers."""

    server: "Server"

    def handle_all(self) -> None:
        street = self.server.street
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        split = urlsplit(self.path)
        kind = self.headers.get("Content-Type", "")
        form = dict(parse_qsl(raw.decode())) if "form" in kind else None
        asked = Asked(
            method=self.command, path=split.path, query=dict(parse_qsl(split.query)), query_text=split.query,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=json.loads(raw) if "json" in kind and raw else form, raw=raw,
        )  # fmt: skip
        with street.lock:
            street.asked.append(asked)
            street.writes += self.command != "GET"
            is_write, write = self.command != "GET", street.writes
            if is_write and write in street.lose_before:
                return self.hang_up()
            status, found = self.server.town.answer(asked)
        if is_write and write in street.lose_after:
            return self.hang_up()
        return self.give(found, status)

    do_GET = do_POST = do_PUT = handle_all  # noqa: N815 the library calls them so

    def hang_up(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(2)

    def give(self, found: Any, status: int) -> None:
        raw = found.encode() if isinstance(found, str) else json.dumps(found).encode()
        with suppress(OSError):
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

    def log_message(self, *_args: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    """One on the loopback with a mall behind it."""

    daemon_threads = True

    def __init__(self, town: Town, street: Street) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.town, self.street = town, street


@contextmanager
def serving(town: Town) -> Iterator[Street]:
    """Run a mall's server on a free port."""
    street = Street()
    server = Server(town, street)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    street.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield street
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
