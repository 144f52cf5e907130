"""Carry the schedule in code into the beat's tables."""

from typing import Any

from django.core.management.base import BaseCommand

from core.schedule import sync_schedule


class Command(BaseCommand):
    """Idempotent; run after each migrate."""

    help = "Write what runs again and again into the scheduler's tables."

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how many entries changed."""
        changed = sync_schedule()
        self.stdout.write(f"schedule: {changed} changed")
