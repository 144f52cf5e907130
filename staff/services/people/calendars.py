"""Work calendars: delivered for the countries of the malls, kept filled with the holidays of their country."""

from collections.abc import Collection
from datetime import date, time

import holidays
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import Conflict, NotAllowed
from staff.models import Holiday, User, WorkCalendar, WorkingHours

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
def sync_holidays(*, years: Collection[int], calendar_ids: Collection[int] | None = None) -> int:
    """Add to each calendar (or these) its country's public holidays of these years in its language; return how many.

    Days that stand in the calendar stay as they are, whoever entered them; nothing is ever removed. Calendars without a
    country, or of one whose holidays nobody knows, get none.
    """
    added = 0
    calendars = WorkCalendar.objects.exclude(country="").order_by("pk")
    for calendar in calendars if calendar_ids is None else calendars.filter(pk__in=calendar_ids):
        known = set(calendar.holidays.values_list("on", flat=True))
        missing = {on: name for on, name in public_holidays(calendar.country, years).items() if on not in known}
        rows = [Holiday(calendar=calendar, on=on, name=name[:100]) for on, name in sorted(missing.items())]
        Holiday.objects.bulk_create(rows, ignore_conflicts=True)
        added += len(rows)
    return added


@transaction.atomic
def choose_own_calendar(*, calendar_id: int, actor: User | None = None) -> WorkCalendar:
    """Make this calendar the shop's own, and no other. NotAllowed without ``staff.change_workcalendar``."""
    if actor is not None and not actor.has_perm("staff.change_workcalendar"):
        raise NotAllowed(_("You may not change work calendars."))
    # all of them locked, so that of two who choose at once the later one wins
    calendars = {row.pk: row for row in WorkCalendar.objects.select_for_update().order_by("pk")}
    if calendar_id not in calendars:
        raise Conflict(_("This calendar is gone. Reload the list."))
    WorkCalendar.objects.exclude(pk=calendar_id).update(is_default=False)
    chosen = calendars[calendar_id]
    chosen.is_default = True
    chosen.save(update_fields=["is_default"])
    return chosen


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
