"""Two questions of whoever runs this: is the process alive (/healthz), may it get traffic (/readyz)?

Answered before every other middleware: no login, no session, no host name check, no throttle, no line in the log.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import Any

import psycopg
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from kombu.exceptions import OperationalError

from backoffice.celery import app
from core.models import Heartbeat

logger = logging.getLogger(__name__)

# Beat sends one sign a minute through the broker to a worker: three missed in a row are no accident.
SILENT_AFTER = timedelta(minutes=3)
PROCESSES = ("worker", "beat")


class Health:
    """Answer /healthz and /readyz; pass everything else on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.answers = {"/healthz": healthz, "/readyz": readyz}

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer by the path alone."""
        answer = self.answers.get(request.path)
        if answer is None:
            return self.get_response(request)
        response = answer()
        response["Cache-Control"] = "no-store"
        return response


def healthz() -> JsonResponse:
    """Return 200 while the process can answer; touches nothing."""
    return JsonResponse({"status": "ok"})


def readyz() -> JsonResponse:
    """Return 200 when everything that work needs is there, else 503 naming what fails; never a secret or an address."""
    failing: dict[str, str] = {}
    for name, check in CHECKS.items():
        try:
            reason = check()
        except (DatabaseError, psycopg.Error, OperationalError, OSError) as error:
            logger.warning("not ready check=%s", name, exc_info=error)
            reason = type(error).__name__
        if reason:
            failing[name] = reason
        if name == "database" and failing:
            break  # nothing below can be asked
    status = 503 if failing else 200
    return JsonResponse({"status": "failing" if failing else "ok", "failing": failing}, status=status)


def check_database() -> str:
    """Return why PostgreSQL cannot be used, or nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return "" if cursor.fetchone() == (1,) else "no answer"


def check_migrations() -> str:
    """Return which app has a migration that was not applied, or nothing; asked until the answer is nothing."""
    missing = _unapplied()
    if missing:
        _unapplied.cache_clear()
    return f"not applied: {', '.join(missing)}" if missing else ""


@cache
def _unapplied() -> tuple[str, ...]:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return tuple(sorted({migration.app_label for migration, _ in plan}))


def check_broker() -> str:
    """Return why no task can be sent, or nothing."""
    with app.connection_for_write(connect_timeout=3) as broker:
        broker.ensure_connection(max_retries=1, timeout=3)
        # PGMQ connects late: only a question to it shows whether it is there
        channel: Any = broker.default_channel
        channel.queue_declare(queue=app.conf.task_default_queue, durable=True)
    return ""


def check_background() -> str:
    """Return which of worker and beat gave no sign of life lately, or nothing."""
    since = timezone.now() - SILENT_AFTER
    alive = set(Heartbeat.objects.filter(name__in=PROCESSES, seen_at__gte=since).values_list("name", flat=True))
    silent = [name for name in PROCESSES if name not in alive]
    return f"silent: {', '.join(silent)}" if silent else ""


CHECKS: dict[str, Callable[[], str]] = {
    "database": check_database,
    "migrations": check_migrations,
    "broker": check_broker,
    "background": check_background,
}
