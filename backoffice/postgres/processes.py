"""Which processes belong to a data folder. A pid alone proves nothing: it may be stale, reused, or a zombie.

A server is known by its owner and its command line (a postmaster names its folder, a backend the cluster's name in
its title); both can be read without the right to trace, which root in a container does not have.
"""

import signal
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True)
class ServerProcesses:
    """Looks for the living processes of the server of ``data``, whose titles carry ``cluster_name``."""

    data: Path
    cluster_name: str

    def all(self) -> list[psutil.Process]:
        """Return postmaster and backends, no zombies."""
        return [
            process for process in psutil.process_iter() if self._is_postmaster(process) or self._is_backend(process)
        ]

    def postmaster(self) -> psutil.Process | None:
        """Return the living postmaster, whatever its pid file says, or None."""
        found = [process for process in psutil.process_iter() if self._is_postmaster(process)]
        pids = {process.pid for process in found}
        # a backend that was forked this instant still carries the postmaster's command line
        return next((process for process in found if _parent(process) not in pids), None)

    def is_postmaster(self, pid: int | None) -> bool:
        """Tell whether ``pid`` is our living postmaster and not some other program that got its number."""
        if pid is None:
            return False
        try:
            return self._is_postmaster(psutil.Process(pid))
        except (psutil.Error, ValueError, OverflowError):
            return False

    def written_pid(self) -> int | None:
        """Return the pid in postmaster.pid; None when the file is missing, empty, cut short or no text."""
        try:
            return int((self.data / "postmaster.pid").read_bytes().splitlines()[0])
        except (OSError, ValueError, IndexError):
            return None

    def signal_all(self, number: signal.Signals) -> None:
        """Signal every process of the server; each is identified anew just before."""
        for process in self.all():
            try:
                process.send_signal(number)
            except psutil.Error:
                continue

    def _is_postmaster(self, process: psutil.Process) -> bool:
        command = self._command(process)
        return bool(command) and Path(command[0]).name == "postgres" and command[1:3] == ["-D", str(self.data)]

    def _is_backend(self, process: psutil.Process) -> bool:
        command = self._command(process)
        return bool(command) and command[0].startswith(f"postgres: {self.cluster_name}: ")

    def _command(self, process: psutil.Process) -> list[str]:
        """Return the command line of a living process of the folder's owner, else an empty list."""
        try:
            if process.status() == psutil.STATUS_ZOMBIE or process.uids().real != self.data.stat().st_uid:
                return []
            return process.cmdline()
        except (psutil.Error, OSError):
            return []


def _parent(process: psutil.Process) -> int | None:
    try:
        return process.ppid()
    except psutil.Error:
        return None


def describe(pid: int) -> str:
    """Return what a number in a pid file is now, for people."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return f"process {pid} has ended but was not collected by its parent"
        return f"number {pid} now belongs to another program ({process.name()})"
    except (psutil.Error, ValueError, OverflowError):
        return f"process {pid} is gone"
