"""Making and checking a data folder: it is complete or absent, and never overwritten or deleted."""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from backoffice.postgres.binaries import MAJOR, SYSTEM_PLACE, Account, is_root
from backoffice.postgres.errors import PostgresError

# Beside Linux's limit of 107 bytes and macOS's of 103 for ``<folder>/.s.PGSQL.5432.lock``.
LONGEST_SOCKET_DIR = 80
# Written into a folder that initdb finished; a folder without it is half made.
COMPLETE = "backoffice.complete"


def fingerprint(data_dir: Path) -> str:
    """Return a short name for a data folder, the same in every process."""
    return hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]


def socket_folder(data_dir: Path) -> Path:
    """Return where the socket lives: inside the data folder, or where that cannot be, in a short private one."""
    if is_root():
        return Path("/run") / f"backoffice-{fingerprint(data_dir)}"
    if len(os.fsencode(data_dir)) <= LONGEST_SOCKET_DIR:
        return data_dir
    # a fixed place, not the caller's TMPDIR: two shells must agree on it; ownership and mode are checked
    return Path("/tmp") / f"backoffice-{os.geteuid()}-{fingerprint(data_dir)}"  # noqa: S108


def ensure_private_folder(folder: Path, account: Account) -> None:
    """Make ``folder`` for ``account`` alone; refuse one that somebody else prepared."""
    if not folder.exists():
        folder.mkdir(mode=0o700, parents=True)
        if account.switch:
            os.chown(folder, account.uid, account.gid)
    found = folder.lstat()
    if folder.is_symlink() or found.st_uid != account.uid or found.st_mode & 0o077:
        raise PostgresError(
            f"{folder} must be a directory of {account.name} that is closed to others, and is not. "
            f"Look at who made it, remove it, and start again."
        )


def settle(data_dir: Path, account: Account) -> tuple[Path, str]:
    """Return where the data really lives and a sentence for people, empty when there is nothing to say.

    Root under a closed home directory: the unprivileged server could not reach the folder, so a link leads to a
    system folder. Nobody's home is opened.
    """
    data_dir.parent.mkdir(parents=True, exist_ok=True)
    if data_dir.exists() or not account.switch or account.can_enter(data_dir.parent):
        return data_dir.resolve(), ""
    if data_dir.is_symlink():  # made by an interrupted start, or what it led to was removed
        return data_dir.resolve(), f"{data_dir} leads to {data_dir.readlink()}, where nothing is; it is made anew."
    SYSTEM_PLACE.mkdir(parents=True, exist_ok=True)
    SYSTEM_PLACE.chmod(0o755)
    place = SYSTEM_PLACE / f"{fingerprint(data_dir)}-{int(time.time())}"
    data_dir.symlink_to(place)
    return place, (
        f"{data_dir.parent} is closed to the system user {account.name}; "
        f"the data goes to {place}, and {data_dir} is a link to it."
    )


def check(data: Path, account: Account) -> None:
    """Refuse a folder of another PostgreSQL version or another user; nothing is touched."""
    if not data.exists():
        return
    owner = data.stat().st_uid
    if owner != account.uid and any(data.iterdir() if os.access(data, os.R_OK | os.X_OK) else [data]):
        raise PostgresError(
            f"The data folder {data} belongs to user id {owner}, this server would run as {account.name}. "
            f"Start as that user, or give it away with: chown -R {account.name} {data}"
        )
    try:
        found = (data / "PG_VERSION").read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return
    if found and found != str(MAJOR):
        raise PostgresError(
            f"The data folder {data} was made by PostgreSQL {found}; this is PostgreSQL {MAJOR}, which cannot open it. "
            f"Dump it with PostgreSQL {found} (pg_dumpall) and load it here, "
            f"or start anew after: mv {data} {data}.{found}"
        )
    if not account.can_enter(data):
        raise PostgresError(
            f"The system user {account.name} cannot reach {data}. Let it walk through the directories above "
            "(chmod o+x), or set BACKOFFICE_DATA_DIR to a place it can reach."
        )


def set_aside_if_half_made(data: Path) -> str:
    """Move a folder that initdb never finished out of the way; return a sentence, empty when there was none."""
    partial = _partial(data)
    sentence = ""
    if partial.exists():
        shutil.rmtree(partial)
        sentence = "An earlier start was interrupted while it made the data folder; making it again."
    if not data.exists():
        return sentence
    if not any(data.iterdir()):
        data.rmdir()
        return sentence
    if (data / COMPLETE).exists() and (data / "PG_VERSION").exists() and (data / "global" / "pg_control").exists():
        return sentence
    aside = data.with_name(f"{data.name}.half-made-{time.strftime('%Y%m%d-%H%M%S')}")
    data.rename(aside)
    return f"The data folder {data} was half made and cannot be used; it was moved to {aside}, and a new one is made."


def initialise(data: Path, *, programs: Path, account: Account, throwaway: bool) -> None:
    """Run initdb beside the final place and rename: a kill at any moment leaves no half-made folder behind."""
    partial = _partial(data)
    partial.mkdir(mode=0o700)
    if account.switch:
        os.chown(partial, account.uid, account.gid)
    # the environment's locale must not decide how text is compared: under C, Korean trigrams are empty
    system_locale = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
    command = [
        str(programs / "initdb"),
        f"--pgdata={partial}",
        "--username=postgres",
        "--encoding=UTF8",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        f"--locale={system_locale}",
        "--data-checksums",
        "--auth-local=peer",
        "--auth-host=reject",
        *(["--no-sync"] if throwaway else []),
    ]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        cwd="/",
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
        **account.popen_options(),  # type: ignore[call-overload]
    )
    if done.returncode != 0:
        shutil.rmtree(partial, ignore_errors=True)
        raise PostgresError(
            f"The data folder {data} could not be made:\n{(done.stderr or done.stdout).strip()}\n"
            "Free the space or repair what is said above; BACKOFFICE_DATA_DIR chooses another place."
        )
    (partial / COMPLETE).touch()
    partial.rename(data)


def _partial(data: Path) -> Path:
    return data.with_name(f"{data.name}.partial")
