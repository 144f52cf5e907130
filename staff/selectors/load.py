"""Load: the minutes people have promised, week by week, against the minutes they have.

Booked is what remains of the estimates of tasks that somebody has to work on (assigned, in progress, changes
requested): the estimate minus the time tracked. It belongs to the week in which the task is due; what is overdue
belongs to the first week; tasks without a deadline belong to none and are told beside. Capacity is the minutes for
tasks of each working day from now on, without holidays and leave; of a day that has begun, the share that is left.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import (
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    OuterRef,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.formats import number_format

from staff.models import Leave, Task, TaskStatus, TimeEntry, User
from staff.selectors.working_time import WorkingTime, working_time, working_times

# somebody is expected to work on it: what is reviewed or on hold takes nobody's time
WORKED_STATUSES = [TaskStatus.ASSIGNED, TaskStatus.IN_PROGRESS, TaskStatus.CHANGES_REQUESTED]
USUAL_DAILY_MINUTES = 420


@dataclass(frozen=True, slots=True)
class Booking:
    """What remains of one task, in minutes."""

    task_id: int
    number: str
    title: str
    status: str
    due_at: datetime | None
    minutes: int

    @property
    def hours(self) -> str:
        """Return what remains as people read it."""
        return hours_text(self.minutes)


@dataclass(frozen=True, kw_only=True)
class PersonTime:
    """When one person works, how much of it is for tasks, and what is booked already."""

    user: User
    working: WorkingTime
    daily_minutes: int = USUAL_DAILY_MINUTES
    skills: Sequence[str] = ()
    leaves: Sequence[tuple[date, date]] = ()
    bookings: list[Booking] = field(default_factory=list)

    def away_until(self, day: date) -> date | None:
        """Return the last day of the leave that covers ``day``, None when there is none."""
        return next((ends for starts, ends in self.leaves if starts <= day <= ends), None)

    def is_there(self, day: date) -> bool:
        """Tell whether the person works that day."""
        return self.working.is_working_day(day) and self.away_until(day) is None

    def capacity(self, start: datetime, end: datetime) -> int:
        """Return the minutes for tasks between two moments."""
        first, last = start.astimezone(self.working.zone).date(), end.astimezone(self.working.zone).date()
        days = 0.0
        for offset in range((last - first).days + 1):
            day = first + timedelta(days=offset)
            if self.is_there(day):
                inside = day not in (first, last)
                days += 1 if inside else self.working.share_of_day(day, start, end)
        return round(days * self.daily_minutes)

    def booked(self, until: datetime | None = None) -> int:
        """Return the booked minutes due until then, those without a deadline included; all without ``until``."""
        return sum(row.minutes for row in self.bookings if until is None or row.due_at is None or row.due_at <= until)


@dataclass(frozen=True, kw_only=True)
class WeekLoad:
    """One week of one person; ``starts_on`` is a Monday. Days of leave and holidays count working days only."""

    starts_on: date
    booked_minutes: int
    capacity_minutes: int
    leave_days: int
    holidays: Sequence[str]
    bookings: Sequence[Booking]

    @property
    def percent(self) -> int | None:
        """Return booked against capacity, None when there is no time at all."""
        return percent_of(self.booked_minutes, self.capacity_minutes)

    @property
    def is_overload(self) -> bool:
        """Tell whether more is booked than there is time."""
        return self.booked_minutes > self.capacity_minutes

    @property
    def ends_on(self) -> date:
        """Return the Sunday."""
        return self.starts_on + timedelta(days=6)


@dataclass(frozen=True, kw_only=True)
class LoadRow:
    """The coming weeks of one person, and what waits without a deadline."""

    user: User
    weeks: Sequence[WeekLoad]
    undated: Sequence[Booking]

    @property
    def booked_minutes(self) -> int:
        """Return what is booked in all weeks shown."""
        return sum(week.booked_minutes for week in self.weeks)


def hours_text(minutes: int) -> str:
    """Return minutes as hours with at most one decimal, without the unit."""
    return number_format(minutes / 60, 1 if minutes * 10 // 60 % 10 else 0)


def percent_of(booked: int, capacity: int) -> int | None:
    """Return booked in percent of capacity, 0 when nothing is booked, None when there is no time for what is."""
    if not booked:
        return 0
    return round(booked * 100 / capacity) if capacity else None


def load_of(user_ids: Collection[int], weeks: int = 4, *, now: datetime | None = None) -> list[LoadRow]:
    """Return the load of these active people in this and the following weeks, by name (nine queries for any number).

    The first week is the one in which the shop works next; what is overdue counts there.
    """
    now = now or timezone.now()
    return load_rows(people_time(user_ids, now=now), week_starts(working_time(), now, weeks), now)


def load_rows(people: Mapping[int, PersonTime], starts: Sequence[date], now: datetime) -> list[LoadRow]:
    """Return the load of people in the weeks that start on these Mondays (no query)."""
    return [_row(person, starts, now) for person in people.values()]


def people_time(user_ids: Collection[int], *, now: datetime) -> dict[int, PersonTime]:
    """Return time and bookings of these active people by id, in the order of their names (six queries)."""
    people = User.objects.filter(pk__in=user_ids, is_active=True).select_related("work_profile")
    users = sorted(people, key=lambda user: (str(user), user.pk))
    times = working_times(users)
    leaves: dict[int, list[tuple[date, date]]] = {}
    # a day of the shop may be another one where somebody lives
    coming = Leave.objects.filter(user__in=users, ends_on__gte=now.date() - timedelta(days=1)).order_by("starts_on")
    for user_id, starts, ends in coming.values_list("user_id", "starts_on", "ends_on"):
        leaves.setdefault(user_id, []).append((starts, ends))
    found = {user.pk: _person(user, times[user.pk], leaves.get(user.pk, [])) for user in users}
    for assignee_id, booking in _bookings(found, now):
        found[assignee_id].bookings.append(booking)
    return found


def week_starts(shop: WorkingTime, now: datetime, weeks: int) -> list[date]:
    """Return the Mondays of so many weeks, from the one in which the shop works next."""
    today = now.astimezone(shop.zone).date()
    over = not shop.is_working_day(today) or shop.closes(today) <= now
    day = shop.shift(today + timedelta(days=1), 0) if over else today
    monday = day - timedelta(days=day.weekday())
    return [monday + timedelta(days=7 * place) for place in range(weeks)]


def tracked_time(now: datetime) -> Subquery:
    """Return the expression for the time worked on a task (a duration; null without any), running timers included."""
    until = Coalesce("ended_at", Value(now, output_field=DateTimeField()))
    spent = ExpressionWrapper(until - F("started_at"), output_field=DurationField())
    entries = TimeEntry.objects.filter(task=OuterRef("pk")).order_by().values("task")
    return Subquery(entries.annotate(sum=Sum(spent)).values("sum"))


def minutes_left(estimate_minutes: int, tracked: timedelta | None) -> int:
    """Return what remains of an estimate, never less than nothing."""
    return max(0, estimate_minutes - int(tracked.total_seconds() // 60 if tracked else 0))


def _person(user: User, working: WorkingTime, leaves: list[tuple[date, date]]) -> PersonTime:
    profile = getattr(user, "work_profile", None)
    return PersonTime(
        user=user,
        working=working,
        daily_minutes=profile.daily_minutes if profile else USUAL_DAILY_MINUTES,
        skills=tuple(profile.skills) if profile else (),
        leaves=tuple(leaves),
    )


def _bookings(people: Mapping[int, Any], now: datetime) -> Iterable[tuple[int, Booking]]:
    tasks = Task.objects.filter(assignee__in=people, status__in=WORKED_STATUSES).annotate(tracked=tracked_time(now))
    columns = ("assignee_id", "pk", "number", "title", "status", "due_at", "estimate_minutes", "tracked")
    for assignee, pk, number, title, status, due_at, estimate, tracked in tasks.order_by("due_at", "pk").values_list(
        *columns
    ):
        yield assignee, Booking(pk, number, title, status, due_at, minutes_left(estimate, tracked))


def _row(person: PersonTime, starts: Sequence[date], now: datetime) -> LoadRow:
    zone = person.working.zone
    bounds = [datetime.combine(day, time(0), tzinfo=zone) for day in (*starts, starts[-1] + timedelta(days=7))]
    weeks = []
    for place, day in enumerate(starts):
        begin, end = bounds[place], bounds[place + 1]
        # what is overdue counts into the first week
        due = [row for row in person.bookings if row.due_at and row.due_at < end and (not place or row.due_at >= begin)]
        weeks.append(_week(person, day, (max(begin, now), end), due))
    return LoadRow(user=person.user, weeks=weeks, undated=[row for row in person.bookings if row.due_at is None])


def _week(person: PersonTime, day: date, span: tuple[datetime, datetime], due: Sequence[Booking]) -> WeekLoad:
    days = [day + timedelta(days=offset) for offset in range(7)]
    holidays = person.working.holidays
    names = [holidays[one] for one in days if one in holidays and person.working.hours.get(one.weekday())]
    away = [one for one in days if person.working.is_working_day(one) and person.away_until(one)]
    return WeekLoad(
        starts_on=day,
        booked_minutes=sum(row.minutes for row in due),
        capacity_minutes=person.capacity(*span) if span[0] < span[1] else 0,
        leave_days=len(away),
        holidays=names,
        bookings=due,
    )
