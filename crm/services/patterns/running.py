"""The night's work: three transactions; until the last one nobody reads what the others wrote."""

from collections.abc import Callable
from datetime import date

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.jobs import JobRun, enqueue, job
from core.models import Job, JobState
from crm.models import PatternRun
from crm.services.patterns.gathering import gather_baskets, gather_days
from crm.services.patterns.goods import write_goods
from crm.services.patterns.people import close_months, write_people

KIND = "crm.patterns"
# rows of older runs go before the run itself, so that no delete waits for Python to walk a million of them
TABLES = (
    "crm_customerpattern",
    "crm_gapcell",
    "crm_cohortcell",
    "crm_basketpair",
    "crm_categorypair",
    "crm_replenishment",
)


@transaction.atomic
def start_patterns() -> Job | None:
    """Have the night's patterns counted as a job and return it; None while one is under way."""
    if Job.objects.filter(kind=KIND, state__in=[JobState.QUEUED, JobState.RUNNING]).exists():
        return None
    return enqueue(kind=KIND, title=_("Purchase patterns"))


@job(KIND, label=gettext_lazy("Purchase patterns"))
def count_patterns(run: JobRun) -> dict[str, int]:
    """Count how people bought until today; started again it goes on with the day's run, or finds it finished."""
    found = refresh_patterns(alive=run.alive)
    return {"buyers": found.buyer_count, "orders": found.order_count}


def refresh_patterns(*, day: date | None = None, alive: Callable[[], None] = lambda: None) -> PatternRun:
    """Count how people bought before ``day`` (the shop's today) and return the finished run.

    1. A day has one run. Each part locks it, deletes what an earlier try left of that part, and writes it anew: killed
       anywhere and run again the rows are the same, and of two at once the second one repeats the first.
    2. ``finished_at`` comes last; readers take the latest run that has it, so a night that broke off shows yesterday.
    3. The same transaction forgets older runs. A day that is finished is not counted again.

    ``alive`` is called between the parts.
    """
    day = day or timezone.localdate(timezone=timezone.get_default_timezone())
    run, _made = PatternRun.objects.get_or_create(day=day)
    if run.finished_at is None:
        for part in (_count_people, _count_goods, _finish):
            part(run)
            alive()
        run.refresh_from_db()
    return run


@transaction.atomic
def _count_people(run: PatternRun) -> None:
    _lock(run)
    gather_days(until=run.day)
    write_people(run_id=run.pk, day=run.day)
    close_months(day=run.day)


@transaction.atomic
def _count_goods(run: PatternRun) -> None:
    _lock(run)
    gather_baskets(until=run.day)
    write_goods(run_id=run.pk)


@transaction.atomic
def _finish(run: PatternRun) -> None:
    _lock(run)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        for table in TABLES:
            cursor.execute(f"DELETE FROM {table} WHERE run_id <> %s", [run.pk])  # noqa: S608 names of our own
        cursor.execute("DELETE FROM crm_patternrun WHERE id <> %s AND day < %s", [run.pk, run.day])
    PatternRun.objects.filter(pk=run.pk, finished_at=None).update(finished_at=timezone.now())


def _lock(run: PatternRun) -> None:
    PatternRun.objects.select_for_update().get(pk=run.pk)
