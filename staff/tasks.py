"""Work by the clock. Each task may run twice or late: rows remember what is owed."""

from celery import shared_task

from core.schedule import Every, periodic
from staff.services.checking import recheck_stuck


@shared_task(name="staff.recheck_stuck")
def recheck_stuck_revisions() -> int:
    """Have versions checked whose check was lost; repeating finds those that wait for a job already."""
    return recheck_stuck()


periodic("staff.recheck_stuck", Every(300))
