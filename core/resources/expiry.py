"""Files of tables are kept for a day: uploads that were never imported, and exports, which may hold personal data."""

import logging
from datetime import datetime, timedelta

from django.core.files.storage import default_storage
from django.utils import timezone

from core.models import Job

logger = logging.getLogger(__name__)

KEPT = timedelta(hours=24)
KINDS = ("core.table_export", "core.table_import")


def expire_table_files(*, now: datetime | None = None) -> int:
    """Delete uploaded tables and the files of table jobs older than a day; return their number. The jobs stay."""
    limit = (now or timezone.now()) - KEPT
    expired = 0
    for job in Job.objects.filter(kind__in=KINDS, finished_at__lt=limit).exclude(file=""):
        job.file.delete(save=False)
        job.save(update_fields=["file"])
        expired += 1
    for name in _uploads():
        if default_storage.get_modified_time(name) < limit:
            default_storage.delete(name)
            expired += 1
    logger.info("table files expired count=%s", expired)
    return expired


def _uploads() -> list[str]:
    try:
        return [f"tables/{name}" for name in default_storage.listdir("tables")[1]]
    except FileNotFoundError:
        return []
