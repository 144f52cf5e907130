"""The suite's own database server, its databases, and what every test may rely on.

One embedded server, ``var/test/postgres``, serves all test runs of the checkout at once: it starts with the first,
stops with the last, and heals after a kill. Each worker's database is a copy of a migrated template, so a run pays for
the migrations only when one has changed. DATABASE_URL, when set, names another server and a role that may create
databases.
"""

import hashlib
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import hypothesis
import psutil
import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.db.backends.postgresql.operations import DatabaseOperations
from django.utils import translation
from django.utils.translation.reloader import translation_file_changed
from psycopg import sql

from backoffice.celery import app as celery_app
from backoffice.postgres import Cluster, PostgresError
from backoffice.runner.catalogs import compile_stale_catalogs

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "var" / "test"
MEDIA = DATA / "media"
CLUSTER = None if os.environ.get("DATABASE_URL") else Cluster(DATA / "postgres", throwaway=True)


def _aim_at_test_data() -> None:
    """Turn settings, which pytest-django has read by now, and the environment of child processes to the tests' data."""
    os.environ.update(
        BACKOFFICE_DATA_DIR=str(DATA),
        BACKOFFICE_DATABASE_ROLE="superuser",
        DJANGO_ALLOW_ASYNC_UNSAFE="true",  # Playwright's loop runs in the thread of the test
    )
    settings.DATA_DIR = DATA
    settings.MEDIA_ROOT = MEDIA / str(os.getpid())  # a worker's own: clearing away goes by its database
    settings.STATIC_ROOT = DATA / "static"
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # nothing is collected: names without hashes
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    database = settings.DATABASES["default"]
    database["OPTIONS"].pop("pool", None)
    if CLUSTER is not None:
        # The superuser, because the flush after a transactional test empties append-only tables, see below.
        wanted = CLUSTER.connection_kwargs("superuser")
        database.update(HOST=wanted["host"], PORT=str(wanted["port"]), USER=wanted["user"], PASSWORD="")
    # .delay() only notes the task, run_tasks_at_once runs it
    celery_app.conf.update(broker_url="memory://", broker_transport_options={})


_aim_at_test_data()
# how fast examples come says how busy the machine is, not what is true; CI judges every change by the same examples
hypothesis.settings.register_profile(
    "untimed",
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("untimed")

TEMPLATE_PREFIX = "test_template_"
RUN_PREFIX = "test_run_"


def pytest_configure(config: pytest.Config) -> None:
    """Start the server in the controlling process; its workers find it running."""
    if CLUSTER is None or hasattr(config, "workerinput") or config.option.collectonly:
        return
    try:
        CLUSTER.ensure_running()
    except PostgresError as error:
        raise pytest.UsageError(str(error)) from error
    config.add_cleanup(CLUSTER.release)


@contextmanager
def _maintenance() -> Iterator[psycopg.Connection]:
    """Connect to a database that is not under test."""
    database = settings.DATABASES["default"]
    with psycopg.connect(
        host=database["HOST"] or None,
        port=database["PORT"] or None,
        user=database["USER"],
        password=database["PASSWORD"] or None,
        dbname="postgres",
        autocommit=True,
    ) as connection:
        yield connection


def _migrations_digest() -> str:
    """Return what the template depends on: every migration, and what migrations and post_migrate run."""
    digest = hashlib.sha256(sys.version.encode())
    files = [*ROOT.glob("*/migrations/*.py"), *ROOT.glob("*/models.py"), *ROOT.glob("*/models/*.py")]
    files += [ROOT / "requirements" / "runtime.txt", ROOT / "backoffice" / "settings.py", ROOT / "core" / "commands.py"]
    for path in sorted(files):
        if path.exists():
            digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _use(name: str) -> None:
    """Point Django at a database."""
    connections["default"].close()
    settings.DATABASES["default"]["NAME"] = name
    connections["default"].settings_dict["NAME"] = name


def _ensure_template(connection: psycopg.Connection, name: str) -> None:
    """Make the migrated template once, whoever comes first; others wait for it."""
    connection.execute("select pg_advisory_lock(hashtext('backoffice.tests'))")
    try:
        if connection.execute("select 1 from pg_database where datname = %s and datistemplate", [name]).fetchone():
            return
        _drop_old(connection)
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        _use(name)
        call_command("migrate", verbosity=0, interactive=False)
        connections["default"].close()
        connection.execute(sql.SQL("alter database {} is_template true").format(sql.Identifier(name)))
    finally:
        connection.execute("select pg_advisory_unlock(hashtext('backoffice.tests'))")


def _drop_old(connection: psycopg.Connection) -> None:
    """Drop templates of other migrations but the two newest, and databases and files of runs that were killed."""
    names = "select datname from pg_database where datname like %s order by oid desc"
    templates = [name for (name,) in connection.execute(names, [f"{TEMPLATE_PREFIX}%"])]
    for name in templates[2:]:
        connection.execute(sql.SQL("alter database {} is_template false").format(sql.Identifier(name)))
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
    for folder in MEDIA.glob("*"):
        if not (folder.name.isdigit() and psutil.pid_exists(int(folder.name))):
            shutil.rmtree(folder, ignore_errors=True)
    for (name,) in connection.execute(names, [f"{RUN_PREFIX}%"]).fetchall():
        if not psutil.pid_exists(int(name.removeprefix(RUN_PREFIX))):
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any) -> Iterator[None]:
    """Give this process a database of its own, copied from the template; replaces pytest-django's."""
    name = f"{RUN_PREFIX}{os.getpid()}"
    template = f"{TEMPLATE_PREFIX}{_migrations_digest()}"
    with django_db_blocker.unblock(), _maintenance() as connection:
        _ensure_template(connection, template)
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
        connection.execute(
            sql.SQL("create database {} template {} strategy file_copy").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
        _use(name)
    yield
    with django_db_blocker.unblock(), _maintenance() as connection:
        connections.close_all()
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
    shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def _flush_past_append_only_triggers() -> Iterator[None]:
    """Let the flush after a transactional test empty tables whose triggers refuse TRUNCATE; only here, as superuser."""
    with pytest.MonkeyPatch.context() as patch:
        original = DatabaseOperations.sql_flush

        def sql_flush(self: DatabaseOperations, *args: Any, **kwargs: Any) -> list[str]:
            statements = original(self, *args, **kwargs)
            if not statements:
                return statements
            return ["set local session_replication_role = replica", *statements]

        patch.setattr(DatabaseOperations, "sql_flush", sql_flush)
        yield


@pytest.fixture(scope="session", autouse=True)
def _compiled_messages() -> None:
    """Compile translations that changed; English may have been read before."""
    for path in compile_stale_catalogs():
        translation_file_changed(sender=None, file_path=path)


@pytest.fixture(autouse=True)
def _own_language() -> Iterator[None]:
    """Forget the language that a request of the test left active, as the next request of a server would."""
    yield
    translation.deactivate()


@pytest.fixture
def run_tasks_at_once() -> Iterator[None]:
    """Make ``.delay()`` and ``send_task`` run the task where it is called and raise what it raises."""

    def send_task(name: str, args: Any = (), kwargs: Any = None, **options: Any) -> Any:
        return celery_app.tasks[name].apply(args=args, kwargs=kwargs, throw=True)

    eager = {"task_always_eager": True, "task_eager_propagates": True}
    before = {name: celery_app.conf.get(name) for name in eager}
    celery_app.conf.update(eager)  # not setattr: Celery's settings lose an attribute that is set back
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(celery_app, "send_task", send_task)
        yield
    celery_app.conf.update(before)
