"""Accounting by the clock."""

import time

from celery import shared_task

from accounting.services import gather_changed, rebuild_due
from core.schedule import Every, periodic

LONGEST = 200  # seconds; the next run goes on


@shared_task(name="accounting.compute_profits")
def compute_profits() -> int:
    """Work out the profits of what has changed; twice is harmless: who takes an order off the queue works it out."""
    ends, done = time.monotonic() + LONGEST, 0
    gather_changed()
    while time.monotonic() < ends and (count := rebuild_due()):
        done += count
    return done


periodic("accounting.compute_profits", Every(300))
