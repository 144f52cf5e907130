"""What the beat and the services wake. Each task may run twice or late: rows, not messages, remember what is owed."""

import os
import socket
from typing import Any

from celery import shared_task
from django.utils import timezone

from core import jobs
from core.events import deliver_due
from core.models import Heartbeat
from core.proving import enqueue_proof
from core.resources.expiry import expire_table_files

MOST = 20_000  # deliveries of one task; the minute's sweep goes on with the rest


@shared_task(name="core.deliver_events")
def deliver_events() -> int:
    """Deliver what is due until nothing is left, and return the number; repeating finds nothing to do."""
    total = 0
    # a delivered row makes the next one of its subject due, so only a round without any is the end
    while total < MOST and (tried := deliver_due()):
        total += tried
    return total


@shared_task(name="core.run_job")
def run_job(job_id: int) -> str | None:
    """Run one waiting job; repeating is harmless, because the claim is a conditional update."""
    state = jobs.run(job_id)
    return state.value if state else None


@shared_task(name="core.sweep_jobs")
def sweep_jobs() -> int:
    """Wake jobs whose message was lost or whose worker died; repeating wakes none twice within the grace time."""
    return jobs.sweep()


@shared_task(name="core.prove_books")
def prove_books() -> int | None:
    """Have the books proved as a job; repeating within the night finds that it is asked for already."""
    row = enqueue_proof()
    return row.pk if row else None


@shared_task(name="core.heartbeat", ignore_result=True)
def heartbeat() -> None:
    """Leave the sign of life that readiness reads: beat sent this and a worker ran it; repeating moves the time on."""
    details: dict[str, Any] = {"host": socket.gethostname(), "pid": os.getpid()}
    for name in ("worker", "beat"):
        Heartbeat.objects.update_or_create(name=name, defaults={"seen_at": timezone.now(), "details": details})


@shared_task(name="core.expire_table_files")
def expire_files_of_tables() -> int:
    """Delete uploaded tables and exports older than a day; repeating finds nothing to do."""
    return expire_table_files()
