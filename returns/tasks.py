"""Cases by the clock."""

from celery import shared_task

from core.schedule import Every, periodic
from returns.services import join_file_returns, release_late_exchanges


@shared_task(name="returns.release_late_exchanges")
def free_late_exchanges() -> int:
    """Free what is kept for goods that did not come; twice is harmless, what is free is not kept any more."""
    return release_late_exchanges()


@shared_task(name="returns.join_file_returns")
def take_file_returns() -> int:
    """Receive cases whose goods files told of; twice is harmless, a case that has them waits no more."""
    return join_file_returns()


periodic("returns.release_late_exchanges", Every(600))
periodic("returns.join_file_returns", Every(300))
