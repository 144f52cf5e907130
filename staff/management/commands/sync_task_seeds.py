"""Bring the delivered creative slots and task templates into the database."""

from typing import Any

from django.core.management.base import BaseCommand

from staff.services.requests.seeding import sync_task_seeds


class Command(BaseCommand):
    """Make what is missing; what the shop has stays; safe to repeat."""

    help = "Makes the delivered creative slots and task templates that are missing; never changes what is there."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the service and say what was made."""
        made = sync_task_seeds()
        self.stdout.write(f"made: {made['slots']} creative slots, {made['templates']} task templates")
