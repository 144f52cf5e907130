"""Until when a ticket may sensibly be snoozed, by its policy's calendar, and which clocks end before."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from service.models import Term, Ticket
from staff.selectors.working_time import WorkingTime, working_time

LATER = timedelta(hours=3)
_STEP = 5  # minutes: nobody wants 14:03


@dataclass(frozen=True)
class Preset:
    """One moment to choose."""

    key: str
    label: str
    at: datetime


def presets_of(ticket: Ticket | None, now: datetime) -> list[Preset]:
    """Return later today (while somebody works), the next working morning, and the begin of the next week."""
    policy = ticket.sla_policy if ticket is not None else None
    working = working_time(policy.calendar, zone=policy.time_zone) if policy else working_time()
    today = now.astimezone(working.zone).date()
    morning = working.shift(today, 1)
    monday = working.shift(today + timedelta(days=7 - today.weekday()), 0)
    tomorrow = _("Tomorrow morning") if morning == today + timedelta(days=1) else _("Next working morning")
    found = [Preset("morning", tomorrow, working.opens(morning))]
    later = _later_today(working, now)
    if later is not None:
        found.insert(0, Preset("later", _("Later today"), later))
    if monday != morning:
        label = _("Next Monday") if monday.weekday() == 0 else _("Next week")
        found.append(Preset("monday", label, working.opens(monday)))
    return found


def clocks_before(ticket: Ticket, until: datetime | None) -> list[tuple[Any, datetime]]:
    """Return the clocks of the ticket that end before it is back, the first first: snoozing stops none of them."""
    due = [(Term(term), getattr(ticket, f"{term}_due_at")) for term in Term]
    ending = [(term.label, at) for term, at in due if at is not None and (until is None or at < until)]
    return sorted(ending, key=lambda one: one[1])


def _later_today(working: WorkingTime, now: datetime) -> datetime | None:
    local = now.astimezone(working.zone)
    closes = working.closes(local.date())
    if not working.is_working_day(local.date()) or local + timedelta(hours=1) > closes:
        return None
    wanted = (local + LATER).replace(second=0, microsecond=0)
    return min(wanted + timedelta(minutes=-wanted.minute % _STEP), closes)
