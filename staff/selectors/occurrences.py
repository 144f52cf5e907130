"""When a recurring task comes back: pure arithmetic over days."""

import calendar
from datetime import date, timedelta

from staff.models import RecurringTask, Repeat
from staff.selectors.working_time import WorkingTime


def next_occurrence(recurring: RecurringTask, on_or_after: date, hours: WorkingTime) -> date:
    """Return the first day, from ``on_or_after`` on, that the rule names.

    Working days leave out holidays and days without hours; weekly and monthly ones come on their day whatever it is.
    The 29th to 31st of a shorter month is its last day.
    """
    if recurring.repeat == Repeat.WEEKLY:
        ahead = ((recurring.weekday or 0) - on_or_after.weekday()) % 7
        return on_or_after + timedelta(days=ahead)
    if recurring.repeat == Repeat.MONTHLY:
        this_month = _in_month(on_or_after.year, on_or_after.month, recurring.day_of_month or 1)
        if this_month >= on_or_after:
            return this_month
        year, month = divmod(on_or_after.year * 12 + on_or_after.month, 12)
        return _in_month(year, month + 1, recurring.day_of_month or 1)
    return hours.shift(on_or_after, 0)


def occurrences(recurring: RecurringTask, until: date, hours: WorkingTime) -> tuple[date | None, date]:
    """Return the latest occurrence up to ``until`` that is due (none: nothing is), and the first one after it."""
    latest, coming = None, next_occurrence(recurring, recurring.next_on, hours)
    while coming <= until:
        latest, coming = coming, next_occurrence(recurring, coming + timedelta(days=1), hours)
    return latest, coming


def _in_month(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))
