"""A receiver of webhooks on the loopback, which answers as told and keeps what it got."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread


@dataclass
class Receiver:
    """What it answers, and what came."""

    url: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"ok"
    hold: Event | None = None  # answers when it is set
    drips: bool = False  # the head comes letter by letter and never ends
    left: Event = field(default_factory=Event)  # the sender has gone
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


class Handler(BaseHTTPRequestHandler):
    """Does what the state of its server says."""

    server: "Server"

    def do_POST(self) -> None:
        state = self.server.state
        length = int(self.headers["Content-Length"])
        state.got.append((self.path, dict(self.headers), self.rfile.read(length)))
        if state.hold is not None:
            state.hold.wait(30)
        with suppress(OSError):  # the sender has hung up, as it should
            if state.drips:
                self.drip()
            else:
                self.answer()

    def answer(self) -> None:
        state = self.server.state
        self.send_response(state.status)
        for name, value in {"Content-Length": str(len(state.body)), **state.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(state.body)

    def drip(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        while not self.server.state.left.wait(0.02):
            self.wfile.write(b"x")

    def log_message(self, *_args: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    """One on the loopback with a state."""

    daemon_threads = True

    def __init__(self, state: Receiver) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.state = state


@contextmanager
def receiver(**over: object) -> Iterator[Receiver]:
    """Run one on a free port."""
    state = Receiver(**over)  # type: ignore[arg-type]
    server = Server(state)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}/services/T000/secret-token"
    try:
        yield state
    finally:
        state.left.set()
        if state.hold is not None:
            state.hold.set()
        server.shutdown()
        server.server_close()
        thread.join()
