"""One data folder of the embedded PostgreSQL: made when absent, started, healed, stopped."""

import atexit
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg

from backoffice.postgres import folder
from backoffice.postgres.binaries import Account, program_folder, server_account
from backoffice.postgres.config import PORT, THROWAWAY, server_settings, write_configuration
from backoffice.postgres.errors import PostgresError
from backoffice.postgres.locks import SharedUse, exclusive
from backoffice.postgres.processes import ServerProcesses, describe
from backoffice.postgres.provision import DATABASE, REVISION, ROLES, provision

# Crash recovery replays what was written since the last checkpoint, at most max_wal_size.
PATIENCE_SECONDS = 180
LAUNCHES = 3
LOG_LIMIT = 20 * 1024 * 1024


def tell(sentence: str) -> None:
    """Write one sentence for the person at the terminal."""
    sys.stderr.write(f"PostgreSQL: {sentence}\n")
    sys.stderr.flush()


class Cluster:
    """The embedded server of one data folder; making the object touches nothing.

    Health is an answer to ``SELECT 1``, never a pid. ``throwaway`` is for tests: fast, and lost in a power cut.
    """

    def __init__(self, data_dir: Path, *, throwaway: bool = False, say: Callable[[str], None] = tell) -> None:
        self.data_dir = Path(data_dir).absolute()
        self.throwaway = throwaway
        self.say = say
        self._use = SharedUse(self._beside(".users"))
        self._launched: int | None = None
        self._stops_at_exit = False

    @property
    def socket_dir(self) -> Path:
        """The directory of the server's socket, closed to other users."""
        return folder.socket_folder(self.data_dir)

    @property
    def log_path(self) -> Path:
        """The server's log."""
        return self.data_dir / "server.log"

    def connection_kwargs(self, role: str) -> dict[str, str | int]:
        """Return host, port, user and dbname for "app", "owner", "broker" or "superuser"."""
        return {"host": str(self.socket_dir), "port": PORT, "user": ROLES[role], "dbname": DATABASE}

    def url(self, role: str) -> str:
        """Return the same as a postgresql:// URL."""
        kwargs = self.connection_kwargs(role)
        query = urlencode({"host": kwargs["host"], "port": kwargs["port"]})
        return f"postgresql://{quote(str(kwargs['user']))}@/{DATABASE}?{query}"

    def is_healthy(self) -> bool:
        """Tell whether the server answers SELECT 1 within three seconds."""
        kwargs = {**self.connection_kwargs("superuser"), "dbname": "postgres", "connect_timeout": 3}
        try:
            with psycopg.connect(**kwargs, autocommit=True) as connection:  # type: ignore[arg-type]
                return connection.execute("select 1").fetchone() == (1,)
        except psycopg.Error:
            return False

    def ensure_running(self) -> None:
        """Make the server run, healing what a kill or a crash left behind; refuse with PostgresError.

        1. Count this process in, so that no other one stops the server meanwhile. 2. One starter at a time.
        3. Check the folder, make it when absent. 4. Wait out dying servers, remove stale pid files, launch.
        5. Make missing roles, database and rights.
        """
        self._use.join()
        if self._is_ready():
            return
        with exclusive(
            self._beside(".lock"), waiting=lambda: self.say("waiting for another start of the same server.")
        ):
            if self._is_ready():
                return
            account = server_account()
            programs = program_folder(account)
            self._ensure_folder(account, programs)
            folder.ensure_private_folder(self.socket_dir, account)
            self._retire_if_pid_file_is_wrong()
            self._launch_until_healthy(account, programs)
            if not self._is_provisioned():
                provision(conninfo=self.connection_kwargs("superuser"))
                self._provision_mark().write_text(REVISION, encoding="utf-8")

    def stop(self) -> None:
        """Stop the server: open transactions roll back, what is committed is on disk. Quiet when none runs."""
        with exclusive(self._beside(".lock"), waiting=lambda: None):
            self._stop()

    def release(self) -> None:
        """Count this process out and stop the server when nobody else uses it."""
        with self._use.leave() as last:
            if last:
                self._stop()

    def stop_at_exit(self) -> None:
        """Release at the end of this process; the last user turns off the light."""
        if not self._stops_at_exit:
            self._stops_at_exit = True
            atexit.register(self.release)

    # --- folder

    def _ensure_folder(self, account: Account, programs: Path) -> None:
        data, sentence = folder.settle(self.data_dir, account)
        self._say_if(sentence)
        folder.check(data, account)
        self._say_if(folder.set_aside_if_half_made(data))
        if not data.exists():
            self.say(f"making the data folder {data} (once).")
            folder.initialise(data, programs=programs, account=account, throwaway=self.throwaway)

    # --- start

    def _launch_until_healthy(self, account: Account, programs: Path) -> None:
        began = time.monotonic()
        told = began
        launches = 0
        while not self.is_healthy():
            if self._processes().postmaster() is None:
                if launches == LAUNCHES:
                    raise PostgresError(
                        f"PostgreSQL does not start. The end of {self.log_path} says:\n{self._log_tail()}"
                    )
                self._bury()
                self._launch(account, programs)
                launches += 1
            if time.monotonic() - told > 10:
                told = time.monotonic()
                self.say(f"still starting after {told - began:.0f} s (recovering after a crash takes a while).")
            if time.monotonic() - began > PATIENCE_SECONDS:
                raise PostgresError(
                    f"PostgreSQL runs but gives no answer for {PATIENCE_SECONDS} s. Look into {self.log_path}; "
                    "starting again continues to wait."
                )
            time.sleep(0.05)

    def _launch(self, account: Account, programs: Path) -> None:
        """Start a postmaster that no signal of our terminal reaches and that outlives us."""
        settings = server_settings(
            cluster_name=self._cluster_name(), socket_dir=self.socket_dir, overrides=THROWAWAY if self.throwaway else {}
        )
        write_configuration(self._data(), settings=settings, roles=ROLES.values(), account=account)
        if self.log_path.exists() and self.log_path.stat().st_size > LOG_LIMIT:
            self.log_path.rename(self.log_path.with_suffix(".log.1"))
        with self.log_path.open("ab") as log:
            if account.switch:
                os.chown(self.log_path, account.uid, account.gid)
            server = subprocess.Popen(
                [str(programs / "postgres"), "-D", str(self._data())],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "LANG": "C"},
                start_new_session=True,
                **account.popen_options(),  # type: ignore[call-overload]
            )
        self._launched = server.pid
        server.returncode = 0  # it is meant to outlive this process; _collect looks after it by its pid

    def _bury(self) -> None:
        """Clear what a dead server left: wait for its backends, then remove pid and socket files.

        Backends leave when they notice that their postmaster is gone; a busy one is told to quit. Starting beside a
        living backend would destroy data.
        """
        self._collect()
        if self._processes().all():
            self.say("the server was killed; waiting for its last processes to end.")
            for number, seconds in ((None, 5.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 10.0)):
                if number is not None:
                    self._processes().signal_all(number)
                if self._wait_until(lambda: not self._processes().all(), seconds):
                    break
            else:
                raise PostgresError(
                    "Processes of a killed PostgreSQL do not end; restart the machine or end them by hand."
                )
        pid_file = self._data() / "postmaster.pid"
        if pid_file.exists():
            pid = self._processes().written_pid()
            found = "it is cut short or unreadable" if pid is None else describe(pid)
            self.say(f"the last run ended without a clean stop (pid file: {found}); recovering.")
            pid_file.unlink()
        for name in (f".s.PGSQL.{PORT}", f".s.PGSQL.{PORT}.lock"):
            (self.socket_dir / name).unlink(missing_ok=True)

    def _retire_if_pid_file_is_wrong(self) -> None:
        """Stop a server whose pid file was lost or overwritten: it would stop itself within a minute."""
        processes = self._processes()
        if processes.postmaster() is not None and not processes.is_postmaster(processes.written_pid()):
            if self._wait_until(lambda: processes.is_postmaster(processes.written_pid()), 2.0):
                return  # it was just being started
            self.say("the running server lost its pid file; starting it again.")
            self._stop()

    # --- stop

    def _stop(self) -> None:
        for number, seconds in ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0)):
            server = self._processes().postmaster()
            if server is None:
                break
            server.send_signal(number)
            self._wait_until(lambda: self._processes().postmaster() is None, seconds)
        self._collect()

    # --- state

    def _is_ready(self) -> bool:
        processes = self._processes()
        return self._is_provisioned() and processes.is_postmaster(processes.written_pid()) and self.is_healthy()

    def _provision_mark(self) -> Path:
        return self.data_dir / "backoffice.provisioned"

    def _is_provisioned(self) -> bool:
        try:
            return self._provision_mark().read_text(encoding="utf-8") == REVISION
        except OSError:
            return False

    def _data(self) -> Path:
        return self.data_dir.resolve()

    def _cluster_name(self) -> str:
        return f"backoffice-{folder.fingerprint(self.data_dir)}"

    def _processes(self) -> ServerProcesses:
        return ServerProcesses(self._data(), self._cluster_name())

    def _collect(self) -> None:
        """Collect our own dead child: a zombie keeps its pid, which PostgreSQL would take for a living server."""
        if self._launched is None:
            return
        try:
            ended, _ = os.waitpid(self._launched, os.WNOHANG)
        except ChildProcessError:  # launched by another process, or collected already
            ended = self._launched
        if ended:
            self._launched = None

    def _log_tail(self) -> str:
        try:
            return "\n".join(self.log_path.read_text(encoding="utf-8", errors="replace").splitlines()[-12:])
        except OSError as error:
            return f"(no log: {error})"

    def _wait_until(self, condition: Callable[[], bool], seconds: float) -> bool:
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                return False
            self._collect()
            time.sleep(0.05)
        return True

    def _beside(self, suffix: str) -> Path:
        return self.data_dir.with_name(self.data_dir.name + suffix)

    def _say_if(self, sentence: str) -> None:
        if sentence:
            self.say(sentence)
