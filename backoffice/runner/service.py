"""The foreground process behind ``manage.py up`` and ``manage.py demo``."""

import contextlib
import http.client
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType

from django.conf import settings

from backoffice.broker.schema import release_messages
from backoffice.command_line import data_folder, embedded_cluster
from backoffice.postgres import Cluster, PostgresError
from backoffice.postgres.locks import try_alone
from backoffice.runner.errors import RunnerError
from backoffice.runner.leftovers import PART, stop_leftovers
from backoffice.runner.parts import MARK, Part, stop_all
from backoffice.runner.preparation import disconnect, prepare
from backoffice.runner.terminal import say

READY_WITHIN_SECONDS = 90.0
FAILURES_BEFORE_READY = 3
LOOK_AT_DATABASE_EVERY = 1.0


def serve(
    *, port: int, host: str = "127.0.0.1", banner_lines: Sequence[str] = (), fill: Callable[[], None] | None = None
) -> int:
    """Prepare and run everything until SIGINT, SIGTERM or SIGHUP; return the exit code 0 after a clean stop.

    ``fill`` runs on the migrated database before anything serves; ``banner_lines`` are printed below the address
    once the site answers. Refuses with RunnerError or PostgresError: another run of the same data folder, a port in
    use (both before anything is started), a database that cannot be used.
    """
    stopping = Stopping()
    with stopping.installed(), _only_runner(host, port):
        names = stop_leftovers(mark=_mark())
        if names:
            say(f"an earlier run was killed; stopped what it left running: {', '.join(names)}.")
        check_port(host, port)
        cluster = embedded_cluster()
        try:
            _start(stopping, cluster, fill)
            Runner(parts_of_this_site(host, port, cluster), cluster, stopping, host, port, banner_lines).run()
        except KeyboardInterrupt:
            say("stopped.")
        finally:
            if cluster is not None:
                cluster.release()
    return 0


def _start(stopping: "Stopping", cluster: Cluster | None, fill: Callable[[], None] | None) -> None:
    with stopping.interrupting():
        if cluster is not None:
            cluster.ensure_running()
        prepare()
        if fill is not None:
            fill()
        disconnect()


def parts_of_this_site(host: str, port: int, cluster: Cluster | None) -> list[Part]:
    """Return web server, worker and beat."""
    environment = {MARK: _mark(), "DJANGO_SETTINGS_MODULE": "backoffice.settings", "PYTHONPATH": str(settings.BASE_DIR)}
    web = ["granian", "--interface", "wsgi", "--host", host, "--port", str(port), "--workers", "2", "--no-ws"]
    web += ["--respawn-failed-workers", "--respawn-interval", "0.5", "--workers-kill-timeout", "5"]
    web += ["--blocking-threads", "4", "--backpressure", "64", "--log-level", "warning", "backoffice.wsgi:application"]
    celery = ["celery", "--quiet", "-A", "backoffice"]
    worker = [*celery, "worker", "--pool", "prefork", "--concurrency", "2", "--hostname", "w1@backoffice"]
    worker += ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "INFO"]
    beat = [*celery, "beat", "--pidfile=", "--loglevel", "WARNING"]
    conn_string = settings.CELERY_BROKER_TRANSPORT_OPTIONS.get("conn_string")

    def release() -> None:
        # the only worker of this broker is gone: what it held need not wait for the visibility timeout
        if cluster is not None and conn_string and cluster.is_healthy():
            release_messages(conn_string=conn_string)

    def part(name: str, command: list[str], before_start: Callable[[], None] = lambda: None) -> Part:
        return Part(name, [sys.executable, "-m", *command], {**environment, PART: name}, before_start)

    return [part("web", web), part("worker", worker, release), part("beat", beat)]


class Runner:
    """Keeps the parts and the database alive until it is told to stop."""

    def __init__(
        self,
        parts: Sequence[Part],
        cluster: Cluster | None,
        stopping: "Stopping",
        host: str,
        port: int,
        banner_lines: Sequence[str] = (),
    ) -> None:
        self.parts = parts
        self.cluster = cluster
        self.stopping = stopping
        self.host = host
        self.port = port
        self.banner_lines = banner_lines
        self._ready = False
        self._began = time.monotonic()
        self._look_at_database = self._began + LOOK_AT_DATABASE_EVERY

    def run(self) -> None:
        """Watch until told to stop, then stop everything; refuses with RunnerError when the site never comes up."""
        try:
            while not self.stopping.asked:
                now = time.monotonic()
                self._watch_database(now)
                for part in self.parts:
                    part.watch(now)
                if not self._ready:
                    self._look_whether_ready(now)
                time.sleep(0.1)
        finally:
            say("stopping (once more Ctrl-C to hurry).")
            stop_all(self.parts, hurry=lambda: self.stopping.asked > 1)
        say("stopped; nothing is left running.")

    def _watch_database(self, now: float) -> None:
        if self.cluster is None or now < self._look_at_database:
            return
        if not self.cluster.is_healthy():
            self._revive_database()
        self._look_at_database = time.monotonic() + LOOK_AT_DATABASE_EVERY

    def _revive_database(self) -> None:
        assert self.cluster is not None  # noqa: S101  for the type checker
        began = time.monotonic()
        say("the database stopped answering; bringing it back.")
        try:
            with self.stopping.interrupting():
                self.cluster.ensure_running()
        except PostgresError as error:
            say(f"the database is still down, trying again: {error}")
        except KeyboardInterrupt:
            return
        else:
            say(f"the database is back after {time.monotonic() - began:.1f} s.")

    def _look_whether_ready(self, now: float) -> None:
        if answers(self.host, self.port):
            self._ready = True
            _write(["", f"Ready: http://{_shown(self.host)}:{self.port}/", *self.banner_lines, "Stop with Ctrl-C.", ""])
        elif any(part.failures >= FAILURES_BEFORE_READY for part in self.parts):
            names = ", ".join(part.name for part in self.parts if part.failures >= FAILURES_BEFORE_READY)
            raise RunnerError(f"Not started: {names} keeps ending; the reason is in the lines above.")
        elif now - self._began > READY_WITHIN_SECONDS:
            raise RunnerError(f"Not started: the site gave no answer within {READY_WITHIN_SECONDS:.0f} s.")


class Stopping:
    """Turns SIGINT, SIGTERM and SIGHUP into a wish to stop; counts them, so that the second one hurries."""

    SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def __init__(self) -> None:
        self.asked = 0
        self._interrupting = False

    @contextlib.contextmanager
    def installed(self) -> Iterator[None]:
        """Handle the signals inside the block."""
        before = {number: signal.signal(number, self._handle) for number in self.SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextlib.contextmanager
    def interrupting(self) -> Iterator[None]:
        """Let a signal break off the block with KeyboardInterrupt; elsewhere it only counts."""
        self._interrupting = True
        try:
            yield
        finally:
            self._interrupting = False

    def _handle(self, number: int, frame: FrameType | None) -> None:
        self.asked += 1
        if self._interrupting:
            raise KeyboardInterrupt


def check_port(host: str, port: int) -> None:
    """Refuse with RunnerError when nothing can listen on the port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            raise RunnerError(
                f"Port {port} needs more rights than you have. Choose another: PORT=8001 make demo"
            ) from None
        except (OSError, OverflowError) as error:
            raise RunnerError(
                f"Port {port} on {host} is in use or cannot be used ({error}). "
                f"Stop what listens there, or choose another port: PORT={port % 60000 + 1} make demo"
            ) from None


def answers(host: str, port: int) -> bool:
    """Tell whether the site answers its health check."""
    connection = http.client.HTTPConnection(_shown(host), port, timeout=5)
    try:
        connection.request("GET", "/healthz", headers={"Host": "localhost"})
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


@contextlib.contextmanager
def _only_runner(host: str, port: int) -> Iterator[None]:
    """Be the only runner of the data folder, or refuse and say which one is running."""
    path = data_folder() / "runner.lock"
    lock = try_alone(path)
    if lock is None:
        raise RunnerError(
            f"Already running: {_read(path)}. Stop it first, or set BACKOFFICE_DATA_DIR to another folder."
        )
    try:
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"process {os.getpid()} at http://{_shown(host)}:{port}/".encode(), 0)
        yield
    finally:
        os.ftruncate(lock, 0)
        os.close(lock)


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip() or "it is just starting"


def _mark() -> str:
    return str(data_folder())


def _shown(host: str) -> str:
    return "localhost" if host in {"127.0.0.1", "0.0.0.0", "::", "::1"} else host  # noqa: S104


def _write(lines: Sequence[str]) -> None:
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
