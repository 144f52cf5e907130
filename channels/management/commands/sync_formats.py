"""Bring the delivered file formats into the database."""

from typing import Any

from django.core.management.base import BaseCommand

from channels.services.formats import sync_formats


class Command(BaseCommand):
    """Make the delivered formats what the format files say; safe to repeat."""

    help = "Makes the delivered file formats what channels/formats/*.toml say; safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the service and say what changed."""
        counts = sync_formats()
        self.stdout.write(f"{counts['made']} made, {counts['changed']} changed, {counts['retired']} retired")
