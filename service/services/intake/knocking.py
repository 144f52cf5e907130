"""Counting who writes how often: in the database, so that all web servers and workers count together."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.crypto import salted_hmac

from service.models import Knock

KEPT = timedelta(days=2)


def knock(*, origin: str, window: timedelta, now: datetime) -> int:
    """Count once more for this origin and return how often it came in the current window (one statement)."""
    seconds = int(window.total_seconds())
    begins = datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, tz=now.tzinfo)
    key = salted_hmac("service.knock", origin, secret=str(settings.SECRET_KEY), algorithm="sha256").hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO service_knock (origin, "window", count) VALUES (%s, %s, 1)'
            ' ON CONFLICT (origin, "window") DO UPDATE SET count = service_knock.count + 1 RETURNING count',
            [key, begins],
        )
        return int(cursor.fetchone()[0])


def forget_knocks() -> int:
    """Delete counts that are two days old and return how many; repeating finds none."""
    count, _by_model = Knock.objects.filter(window__lt=timezone.now() - KEPT).delete()
    return count
