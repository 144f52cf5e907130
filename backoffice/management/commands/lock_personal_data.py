"""Locks personal data that stands plain, and locks again what another key has locked."""

from typing import Any

from django.core.management.base import BaseCommand

from customers.services import lock_identities, relock_identities
from privacy.services import relock_restricted_records


class Command(BaseCommand):
    """Run it after an upgrade and after a new first key was put into DATA_KEYS, while others work."""

    help = "Locks personal data that stands plain, and locks again with the current key what an older one has locked."

    def handle(self, *args: Any, **options: Any) -> None:
        """Go on in batches until nothing is left; a kill loses the last batch only."""
        locked = 0
        while count := lock_identities():
            locked += count
        self.stdout.write(f"{locked} identities were plain and are locked now")
        last: int | None = 0
        while last is not None:
            last = relock_identities(after=last)
        self.stdout.write(f"{relock_restricted_records()} restricted records have the current key now")
