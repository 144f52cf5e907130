"""Working time: what is a working day, when it closes, how much of it lies between two moments."""

import zoneinfo
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from staff.models import Holiday, User, WorkCalendar, WorkingHours

USUAL_HOURS: Mapping[int, tuple[tuple[time, time], ...]] = {
    day: ((time(9), time(12)), (time(13), time(18))) for day in range(5)
}
_FAR = 400  # days: no calendar is closed longer


@dataclass(frozen=True)
class WorkingTime:
    """The working hours of one calendar in one time zone; pure arithmetic, no queries."""

    zone: zoneinfo.ZoneInfo
    hours: Mapping[int, tuple[tuple[time, time], ...]] = field(default_factory=lambda: dict(USUAL_HOURS))
    holidays: Mapping[date, str] = field(default_factory=dict)

    def is_working_day(self, day: date) -> bool:
        """Tell whether anybody works that day."""
        return bool(self.hours.get(day.weekday())) and day not in self.holidays

    def shift(self, day: date, working_days: int) -> date:
        """Return the day so many working days later (negative: earlier); 0: itself or the next working one."""
        step = -1 if working_days < 0 else 1
        left = abs(working_days)
        for _day in range(_FAR + left * 8):
            if left == 0 and self.is_working_day(day):
                return day
            day += timedelta(days=step)
            if left and self.is_working_day(day):
                left -= 1
        return day

    def opens(self, day: date) -> datetime:
        """Return when the day's work begins; nine o'clock on a day without hours."""
        spans = self.hours.get(day.weekday()) or ((time(9), time(18)),)
        return datetime.combine(day, spans[0][0], tzinfo=self.zone)

    def closes(self, day: date) -> datetime:
        """Return when the day's work ends; six o'clock on a day without hours."""
        spans = self.hours.get(day.weekday()) or ((time(9), time(18)),)
        return datetime.combine(day, spans[-1][1], tzinfo=self.zone)

    def due_before(self, go_live_on: date, lead_days: int) -> datetime:
        """Return the deadline planned back: the close of the working day ``lead_days`` before going live."""
        if lead_days:
            return self.closes(self.shift(go_live_on, -lead_days))
        return self.closes(go_live_on if self.is_working_day(go_live_on) else self.shift(go_live_on, -1))

    def minutes_between(self, start: datetime, end: datetime) -> int:
        """Return the working minutes between two moments, 0 when ``end`` is not later."""
        start, end = start.astimezone(self.zone), end.astimezone(self.zone)
        minutes = 0
        day = start.date()
        while day <= end.date():
            if self.is_working_day(day):
                for opens, closes in self.hours[day.weekday()]:
                    begin = max(start, datetime.combine(day, opens, tzinfo=self.zone))
                    stop = min(end, datetime.combine(day, closes, tzinfo=self.zone))
                    minutes += max(0, int((stop - begin).total_seconds() // 60))
            day += timedelta(days=1)
        return minutes

    def before(self, moment: datetime, minutes: int) -> datetime:
        """Return the moment that lies so many working minutes before ``moment``: what is older is idle too long."""
        at = moment.astimezone(self.zone)
        left = minutes
        for back in range(_FAR):
            day = at.date() - timedelta(days=back)
            if not self.is_working_day(day):
                continue
            for opens, closes in reversed(self.hours[day.weekday()]):
                stop = min(at, datetime.combine(day, closes, tzinfo=self.zone))
                begin = datetime.combine(day, opens, tzinfo=self.zone)
                span = int((stop - begin).total_seconds() // 60)
                if span <= 0:
                    continue
                if span >= left:
                    return stop - timedelta(minutes=left)
                left -= span
        return at - timedelta(days=_FAR)


def working_time(calendar: WorkCalendar | None = None, *, zone: str = "") -> WorkingTime:
    """Return the hours of ``calendar`` (default: the shop's own; the usual ones where none is set) in ``zone``."""
    chosen = calendar or WorkCalendar.objects.filter(is_default=True).first()
    place = zoneinfo.ZoneInfo(zone) if zone else zoneinfo.ZoneInfo(timezone.get_default_timezone_name())
    if chosen is None:
        return WorkingTime(place)
    return _of([chosen.pk])[chosen.pk](place)


def working_times(users: Iterable[User]) -> dict[int, WorkingTime]:
    """Return each user's working time in the user's own zone, by user id (three queries for any number)."""
    people = {user.pk: user for user in users}
    calendars = dict(
        User.objects.filter(pk__in=people, work_profile__isnull=False).values_list("pk", "work_profile__calendar")
    )
    default = WorkCalendar.objects.filter(is_default=True).values_list("pk", flat=True).first()
    wanted = {pk: calendars.get(pk) or default for pk in people}
    of_calendar = _of({pk for pk in wanted.values() if pk is not None})
    return {
        pk: of_calendar[calendar](zoneinfo.ZoneInfo(people[pk].time_zone))
        if calendar is not None
        else WorkingTime(zoneinfo.ZoneInfo(people[pk].time_zone))
        for pk, calendar in wanted.items()
    }


class _Hours:
    """Hours and holidays of one calendar, to be laid into any zone."""

    def __init__(self) -> None:
        self.hours: dict[int, list[tuple[time, time]]] = {}
        self.holidays: dict[date, str] = {}

    def __call__(self, zone: zoneinfo.ZoneInfo) -> WorkingTime:
        hours = {day: tuple(spans) for day, spans in self.hours.items()}
        return WorkingTime(zone, hours or dict(USUAL_HOURS), self.holidays)


def _of(calendar_ids: Iterable[int]) -> dict[int, _Hours]:
    found = {pk: _Hours() for pk in calendar_ids}
    rows = WorkingHours.objects.filter(calendar__in=found).order_by("weekday", "opens_at")
    for calendar, weekday, opens, closes in rows.values_list("calendar_id", "weekday", "opens_at", "closes_at"):
        found[calendar].hours.setdefault(weekday, []).append((opens, closes))
    for calendar, on, name in Holiday.objects.filter(calendar__in=found).values_list("calendar_id", "on", "name"):
        found[calendar].holidays[on] = name
    return found
