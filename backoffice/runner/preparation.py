"""What must be true before anything serves: schema, broker, roles, formats, static files, translations."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command, get_commands
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from backoffice.broker.schema import prepare_schema
from backoffice.runner.catalogs import compile_stale_catalogs
from backoffice.runner.errors import RunnerError
from backoffice.runner.terminal import say

# Written by other apps; each is safe to repeat.
SYNC_COMMANDS = (
    "sync_roles",
    "sync_formats",
    "sync_schedule",
    "sync_task_seeds",
    "sync_calendars",
    "sync_rules",
    "sync_carriers",
    "sync_tax_rates",
    "sync_remote_zones",
)


def prepare() -> None:
    """Bring database, broker and files up to date; quick when they are. Refuses with RunnerError."""
    compile_stale_catalogs()
    _migrate()
    if settings.CELERY_BROKER_URL.startswith("pgmq:"):
        prepare_schema(conn_string=settings.CELERY_BROKER_TRANSPORT_OPTIONS["conn_string"])
    for name in SYNC_COMMANDS:
        if name in get_commands():
            call_command(name, verbosity=0)
    _collect_static_files()


def disconnect() -> None:
    """Give back the runner's own connections: it only watches from here on."""
    for connection in connections.all(initialized_only=True):
        connection.close()
        if getattr(connection, "pool", None) is not None:
            connection.close_pool()  # type: ignore[attr-defined]


def _migrate() -> None:
    executor = MigrationExecutor(connections["default"])
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return
    say("bringing the database up to date (migrate).")
    # another process, because it connects as the owner
    done = subprocess.run(
        [sys.executable, str(settings.BASE_DIR / "manage.py"), "migrate", "--noinput", "--verbosity", "0"],
        env={**os.environ, "BACKOFFICE_DATABASE_ROLE": "owner"},
        check=False,
    )
    if done.returncode != 0:
        raise RunnerError("The database could not be migrated; the reason is above. Nothing was started.")
    connections["default"].close()


def _collect_static_files() -> None:
    if settings.DEBUG:
        return
    mark = Path(settings.STATIC_ROOT).with_name("static.digest")
    digest = _static_digest()
    if mark.exists() and mark.read_text(encoding="utf-8") == digest and Path(settings.STATIC_ROOT).exists():
        return
    say("collecting static files.")
    call_command("collectstatic", interactive=False, verbosity=0)
    mark.write_text(digest, encoding="utf-8")


def _static_digest() -> str:
    """Return a digest of names, sizes and times of all static files; it changes when any of them does."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            found = Path(storage.path(path)).stat()
            digest.update(f"{path}\0{found.st_size}\0{found.st_mtime_ns}\n".encode())
    return digest.hexdigest()
