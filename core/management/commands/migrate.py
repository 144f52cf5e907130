"""``manage.py migrate``: Django's own command, with an executor that does not render every model at each step."""

from typing import Any
from unittest import mock

from django.core.management.commands import migrate

from core.migrating import NarrowExecutor


class Command(migrate.Command):
    """Brings the database up to date."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Run Django's command; it names its executor in its module."""
        with mock.patch.object(migrate, "MigrationExecutor", NarrowExecutor):
            super().handle(*args, **options)
