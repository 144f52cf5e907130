"""What a command of manage.py needs of the database: which role, and whether the embedded server must run."""

import os
from collections.abc import Sequence
from pathlib import Path

from backoffice.postgres import Cluster

ROOT = Path(__file__).resolve().parent.parent
# Everything else connects as the role that may change rows only.
OWNER_COMMANDS = {"migrate", "makemigrations", "sqlmigrate", "pgtrigger", "dbshell", "flush", "createcachetable"}
# up and demo start the server themselves, after they have looked at the port.
WITHOUT_DATABASE = {
    "",
    "check",
    "collectstatic",
    "compilemessages",
    "demo",
    "diffsettings",
    "findstatic",
    "help",
    "makemessages",
    "messages",
    "startapp",
    "startproject",
    "up",
    "version",
}


def embedded_cluster() -> Cluster | None:
    """Return the embedded server of this installation, or None when DATABASE_URL names another one."""
    if os.environ.get("DATABASE_URL"):
        return None
    return Cluster(data_folder() / "postgres")


def data_folder() -> Path:
    """Return where this installation keeps its data."""
    return Path(os.environ.get("BACKOFFICE_DATA_DIR") or ROOT / "var").resolve()


def prepare(arguments: Sequence[str]) -> None:
    """Choose the command's database role, and start the embedded server when the command needs it.

    The server stops with the last process that uses it.
    """
    command = next((argument for argument in arguments if not argument.startswith("-")), "")
    if command in OWNER_COMMANDS:
        os.environ.setdefault("BACKOFFICE_DATABASE_ROLE", "owner")
    wants_help = {"-h", "--help", "--version"} & set(arguments)
    cluster = embedded_cluster()
    if cluster is None or wants_help or command in WITHOUT_DATABASE:
        return
    cluster.ensure_running()
    cluster.stop_at_exit()
