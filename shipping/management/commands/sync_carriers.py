"""Bring the delivered carriers and the formats of outgoing files into the database."""

from typing import Any

from django.core.management.base import BaseCommand

from shipping.services import sync_carriers, sync_out_formats


class Command(BaseCommand):
    """Make the carriers that are missing; safe to repeat."""

    help = "Makes the delivered carriers that are missing and brings the delivered formats up to date."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the service and say what was made."""
        formats = sync_out_formats()
        self.stdout.write(
            f"carriers: {sync_carriers()} made; formats: {formats['made']} made, {formats['changed']} changed"
        )
