"""A PostgreSQL of its own for each benchmark, with the settings of the product, under var/bench/<name>."""

import os
from pathlib import Path

import django
import psycopg
from django.conf import settings

from backoffice.postgres import Cluster
from backoffice.runner.preparation import prepare

ROOT = Path(__file__).resolve().parent.parent


def start(name: str) -> None:
    """Start server and Django: migrated, roles made, static files collected, connected as the application's role.

    The server stops at the end of the process; its data stays for the next run.
    """
    folder = ROOT / "var" / "bench" / name
    os.environ.pop("DATABASE_URL", None)
    os.environ.update(
        DJANGO_SETTINGS_MODULE="backoffice.settings", BACKOFFICE_DATA_DIR=str(folder), LOG_LEVEL="ERROR", DEBUG="0"
    )
    cluster = Cluster(folder / "postgres")
    cluster.ensure_running()
    cluster.stop_at_exit()
    django.setup()
    prepare()


def owner() -> psycopg.Connection:
    """Connect as the owner, who may drop indexes and is under no statement timeout."""
    return _connect("owner")


def superuser() -> psycopg.Connection:
    """Connect as the superuser, who may also leave out triggers: to empty ledgers before a benchmark."""
    return _connect("superuser")


def _connect(role: str) -> psycopg.Connection:
    kwargs = Cluster(settings.DATA_DIR / "postgres").connection_kwargs(role)
    return psycopg.connect(**kwargs, autocommit=True)  # type: ignore[arg-type]
