"""Install what the broker needs in its database."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from backoffice.broker.schema import prepare_schema


class Command(BaseCommand):
    """Install or upgrade PGMQ's tables and functions; safe to repeat. Another broker needs nothing."""

    help = "Install what the Celery broker needs in its database (safe to repeat)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Install, and say what was done."""
        if not settings.CELERY_BROKER_URL.startswith("pgmq:"):
            self.stdout.write("The broker is not in PostgreSQL: nothing to prepare.")
            return
        changed = prepare_schema(conn_string=settings.CELERY_BROKER_TRANSPORT_OPTIONS["conn_string"])
        self.stdout.write("The broker's tables were installed." if changed else "The broker's tables are in place.")
