"""Bring the delivered work calendars and the holidays of this and the next year into the database."""

from typing import Any

from django.core.management.base import BaseCommand

from staff.services.people.calendars import sync_calendars


class Command(BaseCommand):
    """Make what is missing; what the shop has stays; safe to repeat."""

    help = "Makes the delivered work calendars where there is none, and adds missing public holidays."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the service and say how many holidays came."""
        self.stdout.write(f"added: {sync_calendars()} holidays")
