"""Files of tables do not stay: exports, which may hold personal data, a day; imports as long as they can be undone."""

import logging
from datetime import datetime, timedelta

from django.core.files.storage import default_storage
from django.utils import timezone

from core.models import Job, TableChange, TableImport, TableImportState

logger = logging.getLogger(__name__)

KEPT = timedelta(hours=24)
PREVIEWS_KEPT = timedelta(days=7)
UNDO_KEPT = timedelta(days=90)
KINDS = ("core.table_export", "core.table_import")


def expire_table_files(*, now: datetime | None = None) -> int:
    """Delete what is too old and return the number: jobs and imports stay, their files and undo data go.

    Files of jobs (exports, refused rows) and uploads nobody knows after a day, previews that were never run after a
    week, files and undo data of imports after 90 days.
    """
    now = now or timezone.now()
    expired = 0
    for job in Job.objects.filter(kind__in=KINDS, finished_at__lt=now - KEPT).exclude(file=""):
        job.file.delete(save=False)
        job.save(update_fields=["file"])
        expired += 1
    expired += _expire_previews(now - PREVIEWS_KEPT) + _expire_imports(now)
    known = set(TableImport.objects.exclude(file="").values_list("file", flat=True))
    for name in _uploads():
        if name not in known and default_storage.get_modified_time(name) < now - KEPT:
            default_storage.delete(name)
            expired += 1
    logger.info("table files expired count=%s", expired)
    return expired


def _expire_previews(limit: datetime) -> int:
    count = 0
    for row in TableImport.objects.filter(state=TableImportState.PREVIEW, created_at__lt=limit):
        file = row.file
        row.delete()  # first: a row without its file is worse than a file without its row, which goes tomorrow
        file.delete(save=False)
        count += 1
    return count


def _expire_imports(now: datetime) -> int:
    limit = now - UNDO_KEPT
    count = 0
    for row in TableImport.objects.filter(created_at__lt=limit, purged_at=None).exclude(state=TableImportState.PREVIEW):
        TableChange.objects.filter(table_import=row).delete()
        row.purged_at, row.corrections = now, {}
        row.file.delete(save=False)
        row.save(update_fields=["purged_at", "corrections", "file"])
        count += 1
    return count


def _uploads() -> list[str]:
    try:
        return [f"tables/{name}" for name in default_storage.listdir("tables")[1]]
    except FileNotFoundError:
        return []
