"""One program that the runner keeps alive."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from backoffice.runner.terminal import pass_on, say

LEASH = Path(__file__).with_name("leash.py")
# A part that ran this long was well: the next end counts as the first again.
WELL_AFTER_SECONDS = 30.0
LONGEST_PAUSE_SECONDS = 30.0
# Carried by every part and all its children: the next start finds by it what was left behind.
MARK = "BACKOFFICE_RUNNER"


def _nothing() -> None:
    return


@dataclass
class Part:
    """A program with a name, restarted with growing pauses when it ends; ``before_start`` runs each time."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    before_start: Callable[[], None] = _nothing
    process: "subprocess.Popen[bytes] | None" = None
    failures: int = 0
    _started_at: float = 0.0
    _start_after: float = 0.0

    def start(self, now: float) -> None:
        """Start in a process group of its own, so that Ctrl-C reaches the runner alone, which stops in order."""
        self.before_start()
        self.process = subprocess.Popen(
            [sys.executable, "-I", str(LEASH), str(os.getpid()), *self.command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **self.environment},
            start_new_session=True,
        )
        self._started_at = now
        if self.process.stdout is not None:
            threading.Thread(target=pass_on, args=(self.name, self.process.stdout), daemon=True).start()

    def watch(self, now: float) -> None:
        """Start the part when it is due; notice its end, clear what it left, and say what happens next."""
        if self.process is None:
            if now >= self._start_after:
                self.start(now)
            return
        code = self.process.poll()
        if code is None:
            return
        self.signal_group(signal.SIGKILL)
        self.process = None
        self.failures = 1 if now - self._started_at > WELL_AFTER_SECONDS else self.failures + 1
        pause = min(LONGEST_PAUSE_SECONDS, 0.5 * 2 ** (self.failures - 1))
        self._start_after = now + pause
        say(f"{self.name} {how_it_ended(code)}; starting it again in {pause:g} s.")

    def ask(self, number: signal.Signals) -> None:
        """Signal the program itself."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)

    def signal_group(self, number: signal.Signals) -> None:
        """Signal the program and all its children."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)

    def has_ended(self) -> bool:
        """Tell whether nothing runs."""
        return self.process is None or self.process.poll() is not None


def how_it_ended(code: int) -> str:
    """Return "was killed by SIGKILL" or "ended with code 1"."""
    if code < 0:
        return f"was killed by {signal.Signals(-code).name}"
    return f"ended with code {code}"


def stop_all(parts: Sequence[Part], *, hurry: Callable[[], bool], patience: float = 12.0) -> None:
    """Stop in order: ask, then insist, then kill what is left, group by group.

    The worker finishes the tasks at hand; insisted on, it gives them back to the broker. Killed, its tasks run again
    after the next start: each is safe to repeat.
    """
    for part in parts:
        part.ask(signal.SIGTERM)
    if not _wait(parts, patience, hurry):
        say("waiting for running tasks took too long; stopping now.")
        for part in parts:
            part.ask(signal.SIGQUIT)
        _wait(parts, 3.0, hurry)
    for part in parts:
        part.signal_group(signal.SIGKILL)
        if part.process is not None:
            part.process.wait()


def _wait(parts: Sequence[Part], seconds: float, hurry: Callable[[], bool]) -> bool:
    end = time.monotonic() + seconds
    while not all(part.has_ended() for part in parts):
        if hurry() or time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True
