"""Work calendars: delivered for the countries of the malls, kept filled with the holidays of their country."""

from collections.abc import Collection
from datetime import date, time

import holidays
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from staff.models import Holiday, WorkCalendar, WorkingHours

# country -> (code, name, time zone in which it is the shop's own)
_DELIVERED = {"KR": ("kr", "대한민국", "Asia/Seoul"), "JP": ("jp", "日本", "Asia/Tokyo")}
_SPANS = ((time(9), time(12)), (time(13), time(18)))


@transaction.atomic
def sync_calendars(*, today: date | None = None) -> int:
    """Make the delivered calendars where there is none at all, fill this and the next year; return holidays added.

    The calendar of the country of ``TIME_ZONE`` becomes the shop's own. Repeating adds nothing; what the shop changed
    stays.
    """
    if not WorkCalendar.objects.exists():
        _deliver_calendars()
    year = (today or timezone.localdate()).year
    return sync_holidays(years=[year, year + 1])


@transaction.atomic
def sync_holidays(*, years: Collection[int]) -> int:
    """Add to each calendar the public holidays of its country in these years, named in its language; return how many.

    Days that stand in the calendar stay as they are, whoever entered them; nothing is ever removed. Calendars without a
    country, or of one whose holidays nobody knows, get none.
    """
    added = 0
    for calendar in WorkCalendar.objects.exclude(country="").order_by("pk"):
        known = set(calendar.holidays.values_list("on", flat=True))
        missing = {on: name for on, name in public_holidays(calendar.country, years).items() if on not in known}
        rows = [Holiday(calendar=calendar, on=on, name=name[:100]) for on, name in sorted(missing.items())]
        Holiday.objects.bulk_create(rows, ignore_conflicts=True)
        added += len(rows)
    return added


def public_holidays(country: str, years: Collection[int]) -> dict[date, str]:
    """Return the public holidays of a country (two letters) by day, in its own language; none when unknown."""
    try:
        # without a language the library names them in that of the process
        language = holidays.country_holidays(country).default_language
        return dict(holidays.country_holidays(country, years=sorted(years), language=language))
    except NotImplementedError:
        return {}


def _deliver_calendars() -> None:
    for country, (code, name, zone) in _DELIVERED.items():
        calendar, is_new = WorkCalendar.objects.get_or_create(
            code=code, defaults={"name": name, "country": country, "is_default": zone == settings.TIME_ZONE}
        )
        if is_new:
            WorkingHours.objects.bulk_create(
                WorkingHours(calendar=calendar, weekday=day, opens_at=opens, closes_at=closes)
                for day in range(5)
                for opens, closes in _SPANS
            )
