"""Bring the delivered tax rates into the database."""

from typing import Any

from django.core.management.base import BaseCommand

from accounting.services import sync_tax_rates


class Command(BaseCommand):
    """Make the tax rates that are missing; safe to repeat."""

    help = "Makes the delivered tax rates that are missing; never changes one that is there."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the service and say what was made."""
        self.stdout.write(f"tax rates: {sync_tax_rates()} made")
