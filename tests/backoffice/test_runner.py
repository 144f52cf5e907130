"""The runner keeps its parts alive, says what happens, and leaves nothing running, however it ends."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from backoffice import command_line
from backoffice.runner import service
from backoffice.runner.errors import RunnerError
from backoffice.runner.leftovers import PART, stop_leftovers
from backoffice.runner.parts import LEASH, MARK, Part, how_it_ended, stop_all

ROOT = Path(__file__).resolve().parent.parent.parent
SLEEP = ["/bin/sleep", "120"]


def wait_until(condition: Callable[[], object], seconds: float = 30) -> None:
    """Poll a condition of another process."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def parts() -> Iterator[list[Part]]:
    """Parts that are certainly gone after the test."""
    found: list[Part] = []
    yield found
    for part in found:
        part.signal_group(signal.SIGKILL)
        if part.process is not None:
            part.process.wait()


def ended(part: Part) -> None:
    assert part.process is not None
    part.process.wait(timeout=20)


# --- parts


def test_a_killed_part_is_started_again_and_said_so(parts: list[Part], capsys: pytest.CaptureFixture[str]) -> None:
    part = Part("web", SLEEP)
    parts.append(part)
    part.watch(100.0)
    first = part.process
    assert first is not None
    first.kill()
    ended(part)
    part.watch(101.0)
    assert part.process is None
    assert capsys.readouterr().out == "runner | web was killed by SIGKILL; starting it again in 0.5 s.\n"
    part.watch(101.4)
    assert part.process is None
    part.watch(101.6)
    assert part.process is not None
    assert part.process.pid != first.pid


def test_the_pauses_grow_and_start_over_once_it_was_well(parts: list[Part]) -> None:
    part = Part("web", ["/bin/false"])
    parts.append(part)
    now, pauses = 100.0, []
    for _ in range(8):
        part.watch(now)
        ended(part)
        part.watch(now)
        pauses.append(part._start_after - now)
        now = part._start_after
    assert pauses == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]
    part.watch(now)
    ended(part)
    part.watch(now + 31)
    assert part.failures == 1


def test_what_a_dead_part_left_is_cleared(parts: list[Part], tmp_path: Path) -> None:
    note = tmp_path / "pid"
    part = Part("worker", ["/bin/sh", "-c", f"sleep 120 & echo $! > {note}.new; mv {note}.new {note}; wait"])
    parts.append(part)
    part.watch(100.0)
    wait_until(note.exists)
    child = int(note.read_text())
    assert part.process is not None
    part.process.kill()
    ended(part)
    part.watch(101.0)
    wait_until(lambda: not is_alive(child))


def test_stopping_asks_first_and_kills_who_does_not_listen(parts: list[Part], tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    deaf = Part("deaf", ["/bin/sh", "-c", f"trap '' TERM QUIT; touch {ready}; while :; do sleep 0.1; done"])
    polite = Part("polite", SLEEP)
    parts += [deaf, polite]
    for part in parts:
        part.watch(100.0)
    wait_until(ready.exists)
    stop_all(parts, hurry=lambda: False, patience=0.2)
    assert [part.process.returncode for part in parts if part.process] == [-signal.SIGKILL, -signal.SIGTERM]


def test_a_part_runs_something_before_each_start(parts: list[Part]) -> None:
    calls: list[str] = []
    part = Part("worker", ["/bin/false"], before_start=lambda: calls.append("released"))
    parts.append(part)
    part.watch(100.0)
    ended(part)
    part.watch(100.0)
    part.watch(200.0)
    assert calls == ["released", "released"]


@pytest.mark.parametrize(("code", "words"), [(-9, "was killed by SIGKILL"), (3, "ended with code 3")])
def test_how_a_part_ended_is_said_in_words(code: int, words: str) -> None:
    assert how_it_ended(code) == words


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent was killed")
def test_a_part_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    script = (
        "import os, subprocess, sys, time; "
        "child = subprocess.Popen([sys.executable, '-I', sys.argv[1], str(os.getpid()), '/bin/sleep', '120'], "
        "start_new_session=True); "
        "open(sys.argv[2] + '.new', 'w').write(str(child.pid)); os.rename(sys.argv[2] + '.new', sys.argv[2]); "
        "time.sleep(120)"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(LEASH), str(note)]) as parent:
        wait_until(note.exists)
        child = int(note.read_text())
        wait_until(lambda: psutil.Process(child).name() == "sleep")
        parent.kill()
    wait_until(lambda: not is_alive(child))


def test_a_part_whose_parent_is_gone_already_does_not_start() -> None:
    done = subprocess.run([sys.executable, "-I", str(LEASH), "1", "/bin/echo", "ran"], capture_output=True, check=True)
    assert done.stdout == b""


# --- leftovers


def test_leftovers_of_the_same_folder_are_stopped_and_no_others() -> None:
    mine = {**os.environ, MARK: f"/srv/shop-{os.getpid()}", PART: "worker"}
    with (
        subprocess.Popen(SLEEP, env=mine) as left,
        subprocess.Popen(SLEEP, env={**mine, MARK: "/srv/other"}) as other,
    ):
        names = stop_leftovers(mark=mine[MARK])
        alive = [is_alive(left.pid), is_alive(other.pid)]
        left.kill()
        other.kill()
    assert (names, alive) == (["worker"], [False, True])


# --- refusals


def test_a_port_in_use_is_refused_with_the_remedy() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(RunnerError, match=rf"Port {port} .* in use .*PORT={port % 60000 + 1} make demo"):
            service.check_port("127.0.0.1", port)
    service.check_port("127.0.0.1", port)


@pytest.mark.parametrize("port", ["abc", "0", "65536", "-1", ""])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    with pytest.raises(CommandError, match="is not a port"):
        call_command("up", port=port)


def test_a_second_run_of_the_same_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKOFFICE_DATA_DIR", str(tmp_path))
    words = rf"Already running: process {os.getpid()} at http://localhost:8000/\."
    with (
        service._only_runner("127.0.0.1", 8000),
        pytest.raises(RunnerError, match=words),
        service._only_runner("127.0.0.1", 8001),
    ):
        pytest.fail("two runners")
    with service._only_runner("127.0.0.1", 8001):
        pass


# --- which command needs what


class Recorded:
    """Stands in for the embedded server and notes what is asked of it."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def ensure_running(self) -> None:
        self.calls.append("ensure_running")

    def stop_at_exit(self) -> None:
        self.calls.append("stop_at_exit")


@pytest.mark.parametrize(
    ("arguments", "role", "starts"),
    [
        (["migrate"], "owner", True),
        (["makemigrations", "--check"], "owner", True),
        (["shell"], None, True),
        (["verify", "--json"], None, True),
        (["migrate", "--help"], "owner", False),
        (["messages", "compile"], None, False),
        (["up"], None, False),
        (["demo", "--json"], None, False),
        ([], None, False),
        (["--version"], None, False),
    ],
)
def test_a_command_gets_the_role_and_the_server_it_needs(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], role: str | None, starts: bool
) -> None:
    recorded = Recorded()
    monkeypatch.setattr(command_line, "embedded_cluster", lambda: recorded)
    monkeypatch.setenv("BACKOFFICE_DATABASE_ROLE", "x")  # restored afterwards
    monkeypatch.delenv("BACKOFFICE_DATABASE_ROLE")
    command_line.prepare(arguments)
    assert os.environ.get("BACKOFFICE_DATABASE_ROLE") == role
    assert recorded.calls == (["ensure_running", "stop_at_exit"] if starts else [])
    os.environ.pop("BACKOFFICE_DATABASE_ROLE", None)


def test_with_database_url_nothing_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://shop@db.example/shop")
    assert command_line.embedded_cluster() is None


# --- everything together


class Up:
    """``manage.py up`` on a data folder of its own, with its output."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        self.lines: list[str] = []
        environment = {**os.environ, "BACKOFFICE_DATA_DIR": str(folder)}
        environment.pop("BACKOFFICE_DATABASE_ROLE", None)
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "up", "--port", str(port)],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout:
            for line in self.process.stdout:
                self.lines.append(line.rstrip())

    def says(self, words: str, seconds: float = 60) -> None:
        """Wait for a line."""
        wait_until(lambda: any(words in line for line in self.lines) or self.process.poll() is not None, seconds)
        assert any(words in line for line in self.lines), "\n".join(self.lines[-40:])

    def part(self, name: str) -> int:
        """Return the process id of a part."""
        for child in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.Error):
                if child.environ().get(PART) == name:
                    return child.pid
        raise AssertionError(f"{name} does not run")

    def postmaster(self) -> int:
        return int((self.folder / "postgres" / "postmaster.pid").read_text().split()[0])

    def answers(self) -> bool:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://localhost:{self.port}/healthz") as answer:
            return bool(answer.status == 200)
        return False

    def processes(self) -> list[int]:
        return [process.pid for process in psutil.Process(self.process.pid).children(recursive=True)]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder that the server's system user can reach; pytest's own temporary folders are closed to it."""
    found = Path(f"/tmp/backoffice-up-{os.getpid()}")  # noqa: S108
    found.mkdir(mode=0o755)
    yield found
    shutil.rmtree(found)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.xdist_group("up")
@pytest.mark.skipif(bool(os.environ.get("DATABASE_URL")), reason="DATABASE_URL names a server that is not ours")
def test_up_survives_the_kill_of_each_part_and_leaves_nothing(folder: Path) -> None:
    up = Up(folder, free_port())
    try:
        up.says("Ready: http://localhost:", 400)
        database = up.postmaster()
        os.kill(database, signal.SIGKILL)
        up.says("runner | the database is back after ")
        for name in ("web", "worker", "beat"):
            os.kill(up.part(name), signal.SIGKILL)
            up.says(f"runner | {name} was killed by SIGKILL; starting it again in 0.5 s.")
        wait_until(up.answers, 60)
        everything = [*up.processes(), up.postmaster()]
        assert database not in everything
    finally:
        up.process.terminate()
        up.process.wait(timeout=60)
        up.reader.join(timeout=10)
    assert up.process.returncode == 0, "\n".join(up.lines[-40:])
    assert up.lines[-1] == "runner | stopped; nothing is left running."
    wait_until(lambda: not any(is_alive(pid) for pid in everything))
    assert not (folder / "postgres" / "postmaster.pid").exists()
