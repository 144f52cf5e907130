"""The calendar of work: what is due, what goes live, who is away, when nobody works."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import CharField, Count, F, Q, Subquery, Value, Window
from django.db.models.functions import Cast, Coalesce, RowNumber, TruncDate
from django.utils import timezone

from staff.models import OPEN_STATUSES, Holiday, Leave, Task, TaskGroup, TaskStatus, User, WorkCalendar, WorkProfile
from staff.selectors.cards import URGENT_FIRST, Card, TaskFilter, card, cards_of

PER_DAY = 4
ALL_OF_A_DAY = 300
_TO_COME = [*OPEN_STATUSES, TaskStatus.APPROVED, TaskStatus.DELIVERED]


@dataclass(slots=True)
class CalendarDay:
    """One day: its most pressing tasks and how many are due in all, go-live dates, holiday, people away."""

    on: date
    cards: list[Card] = field(default_factory=list)
    count: int = 0
    live: list[str] = field(default_factory=list)  # names of groups and tasks that go live
    live_count: int = 0
    holiday: str = ""
    away: list[str] = field(default_factory=list)
    is_past: bool = False
    is_today: bool = False
    is_outside: bool = False  # of the month that is shown

    def add_live(self, name: str) -> None:
        """Add what goes live that day."""
        self.live_count += 1
        if len(self.live) < PER_DAY:
            self.live.append(name)

    @property
    def more(self) -> int:
        """Return how many due tasks are not shown."""
        return max(0, self.count - len(self.cards))

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to say of the day."""
        return not (self.count or self.live_count or self.holiday or self.away)


def agenda(*, user: User, first: date, last: date, wanted: TaskFilter, per_day: int = PER_DAY) -> list[CalendarDay]:
    """Return the days from ``first`` to ``last`` as ``user`` filters them, in four statements.

    Days are those of the active time zone. Open tasks by deadline, at most ``per_day`` of each day with the true count.
    """
    today = timezone.localdate()
    span = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    days = {on: CalendarDay(on, is_past=on < today, is_today=on == today) for on in span}
    _add_due(days, first, last, wanted.condition(user), per_day)
    _add_named(days, first, last, wanted, user)
    _add_away(days, first, last)
    return list(days.values())


def _moments(first: date, last: date) -> tuple[datetime, datetime]:
    zone = timezone.get_current_timezone()
    return (
        datetime.combine(first, time.min, tzinfo=zone),
        datetime.combine(last + timedelta(days=1), time.min, tzinfo=zone),
    )


def _add_due(days: dict[date, CalendarDay], first: date, last: date, condition: Q, per_day: int) -> None:
    begin, end = _moments(first, last)
    due = Task.objects.filter(condition, status__in=OPEN_STATUSES, due_at__gte=begin, due_at__lt=end)
    ranked = due.annotate(on=TruncDate("due_at")).annotate(
        place=Window(RowNumber(), partition_by="on", order_by=_order()),
        day_count=Window(Count("pk"), partition_by="on"),
    )
    chosen = ranked.filter(place__lte=per_day).values_list("pk", "on", "day_count")
    counts = {pk: (on, count) for pk, on, count in chosen}
    now = timezone.now()
    for task in cards_of(Task.objects.filter(pk__in=counts)).order_by(*URGENT_FIRST) if counts else ():
        on, count = counts[task.pk]
        days[on].cards.append(card(task, now=now))
        days[on].count = count


def _order() -> list[Any]:
    return [F("priority").desc(), F("due_at").asc(), F("pk").asc()]


def _add_named(days: dict[date, CalendarDay], first: date, last: date, wanted: TaskFilter, user: User) -> None:
    """Add what has a day and a name: groups and single tasks that go live, holidays of the viewer's calendar."""
    between = (first, last)
    groups = TaskGroup.objects.filter(go_live_on__range=between, closed_at=None)
    if wanted.group:
        groups = groups.filter(pk=wanted.group)
    tasks = Task.objects.filter(wanted.condition(user), go_live_on__range=between, status__in=_TO_COME, group=None)
    own = WorkProfile.objects.filter(user=user).values("calendar")[:1]
    shops = WorkCalendar.objects.filter(is_default=True).values("pk")[:1]
    holidays = Holiday.objects.filter(
        on__range=between, is_worked=False, calendar=Coalesce(Subquery(own), Subquery(shops))
    )
    named = _named(groups, "go_live_on", "name", "live").union(
        _named(tasks, "go_live_on", "title", "live"), _named(holidays, "on", "name", "holiday"), all=True
    )
    for on, name, what in named.order_by("day", "text"):
        if what == "holiday":
            days[on].holiday = name
        else:
            days[on].add_live(name)


def _named(rows: Any, day: str, text: str, what: str) -> Any:
    told = rows.order_by().annotate(day=F(day), text=Cast(text, CharField()), what=Value(what, CharField()))
    return told.values_list("day", "text", "what")


def _add_away(days: dict[date, CalendarDay], first: date, last: date) -> None:
    rows = Leave.objects.filter(starts_on__lte=last, ends_on__gte=first, user__is_active=True)
    for leave in rows.select_related("user").order_by("starts_on", "id"):
        on = max(first, leave.starts_on)
        while on <= min(last, leave.ends_on):
            days[on].away.append(str(leave.user))
            on += timedelta(days=1)
