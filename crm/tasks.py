"""What the clock does for customer relations. Each task may run twice or late: rows remember what is done."""

from celery import shared_task
from django.utils import timezone

from core.schedule import Daily, Every, periodic
from crm.services.merging import settle_merges
from crm.services.patterns.running import start_patterns
from crm.services.proposing import propose_duplicates
from crm.services.segmenting import tell_of_due_segments


@shared_task(name="crm.count_patterns")
def have_patterns_counted() -> int | None:
    """Have the night's purchase patterns counted and return the job's id.

    Twice is harmless: while a job is under way no second one begins, and a day that is finished stays as it is.
    """
    job = start_patterns()
    return job.pk if job else None


@shared_task(name="crm.propose_duplicates")
def look_for_duplicates() -> int:
    """Find customers that may be one person; twice is harmless: a pair has one row, decided ones stay decided."""
    return propose_duplicates()


@shared_task(name="crm.settle_merges")
def bring_over_late_rows() -> int:
    """Bring over what came to merged customers meanwhile; twice is harmless: the second finds nothing."""
    return settle_merges()


@shared_task(name="crm.tell_of_due_segments")
def ring_for_segments() -> int:
    """Tell owners which segments are to be looked at again; twice is harmless: each day that was set rings once."""
    return tell_of_due_segments(today=timezone.localdate(timezone=timezone.get_default_timezone()))


periodic("crm.tell_of_due_segments", Daily(hour=23, minute=15))  # a quarter past eight in Seoul and Tokyo
periodic("crm.propose_duplicates", Daily(hour=17, minute=20))
periodic("crm.settle_merges", Every(600))
periodic("crm.count_patterns", Daily(hour=17, minute=5))  # five past two at night in Seoul and Tokyo
