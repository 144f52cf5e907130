"""Bring the delivered remote zones into the database."""

from typing import Any

from django.core.management.base import BaseCommand

from addresses.services import sync_remote_zones


class Command(BaseCommand):
    """Make what is missing; safe to repeat."""

    help = "Makes the delivered remote zones that are missing; never changes what a person changed."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the service and say what was made."""
        self.stdout.write(f"remote zones: {sync_remote_zones()} made")
