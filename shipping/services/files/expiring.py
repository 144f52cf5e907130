"""Files that went out do not stay: what holds addresses a month, what holds numbers only a year."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from shipping.models import CarrierFile, NoticeFile

TERMS: tuple[tuple[Any, timedelta], ...] = (
    (CarrierFile, timedelta(days=30)),
    (NoticeFile, timedelta(days=365)),
)
MOST_AT_ONCE = 500


def expire_files(*, now: datetime | None = None) -> int:
    """Delete the files whose term is over and return how many; the rows that tell of them stay."""
    now = now or timezone.now()
    count = 0
    for model, term in TERMS:
        old = model.objects.filter(created_at__lt=now - term).exclude(file="").order_by("pk")
        for row in old[:MOST_AT_ONCE]:
            row.file.delete(save=False)
            row.purged_at = now
            row.save(update_fields=["file", "purged_at"])
            count += 1
    return count
