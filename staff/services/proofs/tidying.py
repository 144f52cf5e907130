"""Files of proofs that nothing points to: a kill between storing a file and its version leaves some."""

import logging
from datetime import datetime, timedelta

from django.core.files.storage import default_storage

from staff.models import Revision
from staff.services.proofs.storing import discard

logger = logging.getLogger(__name__)

KEPT = timedelta(days=1)  # an upload takes minutes; what is younger may still get its version
_MONTHS = 3


def remove_orphans(*, now: datetime) -> int:
    """Remove files of the last months that no version points to and return how many; repeating finds nothing to do.

    A preview belongs to the version whose file has the same random name.
    """
    removed = 0
    for month in _months(now):
        names = Revision.objects.filter(file__startswith=f"creatives/{month}/").values_list("file", flat=True)
        known = {_stem(name) for name in names}
        for folder in (f"creatives/{month}", f"previews/{month}"):
            orphans = [path for path in _files(folder) if _stem(path) not in known and _is_old(path, now)]
            discard(*orphans)
            removed += len(orphans)
    if removed:
        logger.info("orphans removed count=%s", removed)
    return removed


def _months(now: datetime) -> list[str]:
    first = now.replace(day=1)
    months = []
    for _back in range(_MONTHS):
        months.append(f"{first:%Y/%m}")
        first = (first - timedelta(days=1)).replace(day=1)
    return months


def _files(folder: str) -> list[str]:
    try:
        _folders, names = default_storage.listdir(folder)
    except FileNotFoundError:
        return []
    return [f"{folder}/{name}" for name in names]


def _stem(path: str) -> str:
    """Return the random part of a name: ``<random>.png``, ``<random>.webp``, ``<random>-320.webp``."""
    return path.rpartition("/")[2].partition(".")[0].partition("-")[0]


def _is_old(path: str, now: datetime) -> bool:
    try:
        return default_storage.get_modified_time(path) < now - KEPT
    except FileNotFoundError:  # somebody else tidies up
        return False
