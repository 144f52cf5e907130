"""Working time: what is a working day, when it closes, how much of it lies between two moments."""

import zoneinfo
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Subquery
from django.db.models.functions import Coalesce
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

    def is_open(self, moment: datetime) -> bool:
        """Tell whether anybody works at this moment."""
        spans = self._spans(moment.astimezone(self.zone).date())
        return any(opens <= moment < closes for opens, closes in spans)

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
        """Return the whole working minutes between two moments, 0 when ``end`` is not later.

        Real minutes: an hour that the clocks leave out or repeat counts as it passes.
        """
        seconds = 0.0
        day, last = start.astimezone(self.zone).date(), end.astimezone(self.zone).date()
        start, end = start.astimezone(UTC), end.astimezone(UTC)
        while day <= last:
            for opens, closes in self._spans(day):
                seconds += max(0.0, (min(end, closes) - max(start, opens)).total_seconds())
            day += timedelta(days=1)
        return int(seconds // 60)

    def before(self, moment: datetime, minutes: int) -> datetime:
        """Return the moment that lies so many working minutes before ``moment``: what is older is idle too long."""
        day = moment.astimezone(self.zone).date()
        moment = moment.astimezone(UTC)
        left = float(minutes * 60)
        for back in range(_FAR):
            for opens, closes in reversed(self._spans(day - timedelta(days=back))):
                stop = min(moment, closes)
                span = (stop - opens).total_seconds()
                if span <= 0:
                    continue
                if span >= left:
                    return (stop - timedelta(seconds=left)).astimezone(self.zone)
                left -= span
        return (moment - timedelta(days=_FAR)).astimezone(self.zone)

    def after(self, moment: datetime, minutes: int) -> datetime:
        """Return when so many working minutes have passed since ``moment``; itself when none are wanted."""
        day = moment.astimezone(self.zone).date()
        moment = moment.astimezone(UTC)
        left = float(minutes * 60)
        if left <= 0:
            return moment.astimezone(self.zone)
        for ahead in range(_FAR + minutes // 60):
            for opens, closes in self._spans(day + timedelta(days=ahead)):
                begin = max(moment, opens)
                span = (closes - begin).total_seconds()
                if span <= 0:
                    continue
                if span >= left:
                    return (begin + timedelta(seconds=left)).astimezone(self.zone)
                left -= span
        return (moment + timedelta(days=_FAR)).astimezone(self.zone)

    def days_before(self, moment: datetime, working_days: int) -> datetime:
        """Return the same time of day so many working days earlier; from a free day, from the last day's close."""
        local = moment.astimezone(self.zone)
        day = local.date()
        if not self.is_working_day(day):
            day = self.shift(day, -1)
            local = self.closes(day)
        return datetime.combine(self.shift(day, -working_days), local.time(), tzinfo=self.zone)

    def share_of_day(self, day: date, start: datetime, end: datetime) -> float:
        """Return which share (0 to 1) of the day's working time lies between two moments; 0 on a free day."""
        spans = self._spans(day)
        start, end = start.astimezone(UTC), end.astimezone(UTC)
        whole = sum((closes - opens).total_seconds() for opens, closes in spans)
        inside = sum(max(0.0, (min(end, closes) - max(start, opens)).total_seconds()) for opens, closes in spans)
        return inside / whole if whole else 0.0

    def _spans(self, day: date) -> list[tuple[datetime, datetime]]:
        """Return the day's hours as moments in UTC, none on a free day.

        In UTC, because Python subtracts two moments of one zone by the clock on the wall.
        """
        if not self.is_working_day(day):
            return []
        return [
            (
                datetime.combine(day, opens, tzinfo=self.zone).astimezone(UTC),
                datetime.combine(day, closes, tzinfo=self.zone).astimezone(UTC),
            )
            for opens, closes in self.hours[day.weekday()]
        ]


def working_time(calendar: WorkCalendar | None = None, *, zone: str = "") -> WorkingTime:
    """Return the hours of ``calendar`` (default: the shop's own; the usual ones where none is set) in ``zone``."""
    chosen = calendar or WorkCalendar.objects.filter(is_default=True).first()
    place = zoneinfo.ZoneInfo(zone) if zone else zoneinfo.ZoneInfo(timezone.get_default_timezone_name())
    if chosen is None:
        return WorkingTime(place)
    return _of([chosen.pk])[chosen.pk](place)


def working_times(users: Iterable[User]) -> dict[int, WorkingTime]:
    """Return each user's working time in the user's own zone, by user id (three queries for any number)."""
    zones = {user.pk: zoneinfo.ZoneInfo(user.time_zone) for user in users}
    default = WorkCalendar.objects.filter(is_default=True).values("pk")[:1]
    rows = User.objects.filter(pk__in=zones).values_list("pk", Coalesce("work_profile__calendar", Subquery(default)))
    followed = dict(rows)
    of_calendar = _of({pk for pk in followed.values() if pk is not None})
    return {
        pk: of_calendar[calendar](zone) if (calendar := followed.get(pk)) is not None else WorkingTime(zone)
        for pk, zone in zones.items()
    }


class _Hours:
    """Hours and holidays of one calendar, to be laid into any zone."""

    def __init__(self) -> None:
        self.hours: dict[int, list[tuple[time, time]]] = {}
        self.holidays: dict[date, str] = {}

    def __call__(self, zone: zoneinfo.ZoneInfo) -> WorkingTime:
        hours = {day: _joined(spans) for day, spans in self.hours.items()}
        return WorkingTime(zone, hours or dict(USUAL_HOURS), self.holidays)


def _joined(spans: list[tuple[time, time]]) -> tuple[tuple[time, time], ...]:
    """Return spans in order of their opening, those that overlap or touch as one: no minute counts twice."""
    joined: list[tuple[time, time]] = []
    for opens, closes in spans:
        if joined and opens <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], closes))
        else:
            joined.append((opens, closes))
    return tuple(joined)


def _of(calendar_ids: Iterable[int]) -> dict[int, _Hours]:
    found = {pk: _Hours() for pk in calendar_ids}
    rows = WorkingHours.objects.filter(calendar__in=found).order_by("weekday", "opens_at")
    for calendar, weekday, opens, closes in rows.values_list("calendar_id", "weekday", "opens_at", "closes_at"):
        found[calendar].hours.setdefault(weekday, []).append((opens, closes))
    kept = Holiday.objects.filter(calendar__in=found, is_worked=False)
    for calendar, on, name in kept.values_list("calendar_id", "on", "name"):
        found[calendar].holidays[on] = name
    return found
