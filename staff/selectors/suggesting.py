"""Whom to give a task: by skill, by the time left until it is due, by how often work came in time before."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from staff.models import Task, TaskSpan, TaskStatus, User
from staff.selectors.load import Booking, PersonTime, minutes_left, people_time, percent_of, tracked_time
from staff.selectors.roles import users_with_permission
from staff.selectors.working_time import WorkingTime, working_time

PUNCTUALITY_DAYS = 90
UNDATED_DAYS = 10  # working days within which a task without deadline is expected
LOAD_STEP = 10  # per cent: a smaller difference in load says less than punctuality
LOOK_AHEAD_DAYS = 7  # deadlines so soon after the task's own are met in the same time
_WORST_LOAD = 999


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """One colleague for one task, with the numbers behind it.

    ``fits`` is None when no skills are entered; ``load_percent`` is what is booked until ``until`` with this task
    included, None when there is no time at all; ``on_time`` of ``delivered`` tasks came in time. ``until`` is the day
    the task is due, or one within a week after it by which more is booked for its time.
    """

    user: User
    fits: bool | None
    load_percent: int | None
    until: date
    on_time: int
    delivered: int
    away_until: date | None

    @property
    def score(self) -> int:
        """Return the rank as one number, more is better: skill, then load in steps of ten, then punctuality."""
        skill = {True: 2, None: 1, False: 0}[self.fits]
        load = _WORST_LOAD if self.load_percent is None else min(self.load_percent // LOAD_STEP, _WORST_LOAD)
        # nothing delivered yet: neither good nor bad
        share = self.on_time * 100 // self.delivered if self.delivered else 50
        return (skill * 1000 + _WORST_LOAD - load) * 1000 + share

    @property
    def sentence(self) -> str:
        """Say why, in one line: “Skill fits · 62 % booked until 5 March · 9 of 10 on time”."""
        skill = {True: _("Skill fits"), None: _("No skills entered"), False: _("Other skills")}[self.fits]
        words = [skill, self._load_words(), self._punctuality_words()]
        if self.away_until:
            words.append(_("Away until %(day)s") % {"day": day_text(self.away_until)})
        return " · ".join(words)

    def _load_words(self) -> str:
        if self.load_percent is None:
            return _("No time until %(day)s") % {"day": day_text(self.until)}
        return _("%(percent)s%% booked until %(day)s") % {"percent": self.load_percent, "day": day_text(self.until)}

    def _punctuality_words(self) -> str:
        if not self.delivered:
            return _("Nothing delivered lately")
        return ngettext("%(on_time)s of %(count)s on time", "%(on_time)s of %(count)s on time", self.delivered) % {
            "on_time": self.on_time,
            "count": self.delivered,
        }


def day_text(day: date) -> str:
    """Return day and month as the language writes them."""
    return date_format(day, "MONTH_DAY_FORMAT")


def suggest_assignees(task: Task, limit: int = 5, *, now: datetime | None = None) -> list[Suggestion]:
    """Return whom to give the task, best first (twelve queries for any number of people).

    Considered are people of the role in whose queue it waits who may have tasks, without the present assignee and
    without those who are away all the time until it is due. Ties go to who is here longest.
    """
    return Suggester([task], now=now).suggest(task)[:limit]


@dataclass
class Suggester:
    """What is known about all people who come into question for ``tasks``; ``book`` keeps what was given since.

    ``shop`` and ``people`` (all who may have tasks) spare their queries where they were asked already.
    """

    tasks: Sequence[Task]
    now: datetime | None = None
    shop: WorkingTime = field(default_factory=working_time)
    people: dict[int, PersonTime] = field(default_factory=dict)
    _capacities: dict[tuple[int, datetime], int] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.moment = self.now or timezone.now()
        self.roles = _people_by_role({task.role for task in self.tasks})
        asked = {pk for people in self.roles.values() for pk in people}
        self.people = self.people or people_time(asked, now=self.moment)
        self.punctual = punctuality(self.people, now=self.moment)
        rows = Task.objects.filter(pk__in=[task.pk for task in self.tasks]).annotate(tracked=tracked_time(self.moment))
        self.minutes = {
            pk: minutes_left(estimate, tracked)
            for pk, estimate, tracked in rows.values_list("pk", "estimate_minutes", "tracked")
        }

    def suggest(self, task: Task) -> list[Suggestion]:
        """Return everybody who comes into question for the task, best first."""
        until = self.horizon(task)
        found = [
            self._suggestion(task, self.people[pk], until)
            for pk in self.roles.get(task.role, ())
            if pk in self.people and pk != task.assignee_id and self._is_there(self.people[pk], until)
        ]
        return sorted(found, key=lambda one: (-one.score, one.user.pk))

    def book(self, task: Task, user_id: int) -> None:
        """Count the task among what this person has from now on."""
        self.people[user_id].bookings.append(
            Booking(task.pk, task.number, task.title, task.status, task.due_at, self.minutes.get(task.pk, 0))
        )

    def horizon(self, task: Task) -> datetime:
        """Return until when the work is wanted: its deadline, never before the next working day closes.

        Without a deadline the close of the tenth working day from now.
        """
        today = self.moment.astimezone(self.shop.zone).date()
        if task.due_at is None:
            return self.shop.closes(self.shop.shift(today, UNDATED_DAYS))
        closing = self.shop.closes(self.shop.shift(today, 0))
        earliest = closing if closing > self.moment else self.shop.closes(self.shop.shift(today, 1))
        return max(task.due_at, earliest)

    def _is_there(self, person: PersonTime, until: datetime) -> bool:
        zone = person.working.zone
        first, last = self.moment.astimezone(zone).date(), until.astimezone(zone).date()
        is_away = False
        for offset in range((last - first).days + 1):
            day = first + timedelta(days=offset)
            if person.is_there(day):
                return True
            is_away = is_away or person.working.is_working_day(day)
        return not is_away  # without any working day nobody is away all the time

    def _suggestion(self, task: Task, person: PersonTime, until: datetime) -> Suggestion:
        load, tight = self._tightest(task, person, until)
        on_time, delivered = self.punctual.get(person.user.pk, (0, 0))
        zone = person.working.zone
        return Suggestion(
            user=person.user,
            fits=task.kind in person.skills if person.skills else None,
            load_percent=load,
            until=tight.astimezone(zone).date(),
            on_time=on_time,
            delivered=delivered,
            away_until=person.away_until(self.moment.astimezone(zone).date()),
        )

    def _tightest(self, task: Task, person: PersonTime, until: datetime) -> tuple[int | None, datetime]:
        """Return load and deadline at which the task, done in time, leaves least room.

        Work due the day after has to be done in the same hours: looking at the task's own deadline only would call
        somebody free who cannot keep the next one.
        """
        last = until + timedelta(days=LOOK_AHEAD_DAYS)
        mine = sum(row.minutes for row in person.bookings if row.task_id == task.pk)
        booked = person.booked(until) + self.minutes.get(task.pk, 0) - mine
        loads = [(percent_of(booked, self._capacity(person, until)), until)]
        later = [(row.due_at, row.minutes) for row in person.bookings if row.due_at and until < row.due_at <= last]
        for end, minutes in sorted(later):
            booked += minutes
            loads.append((percent_of(booked, self._capacity(person, end)), end))
        return max(loads, key=lambda load: (load[0] is None, load[0] or 0))

    def _capacity(self, person: PersonTime, until: datetime) -> int:
        key = (person.user.pk, until)
        if key not in self._capacities:
            self._capacities[key] = person.capacity(self.moment, until)
        return self._capacities[key]


def punctuality(user_ids: Any, *, now: datetime) -> dict[int, tuple[int, int]]:
    """Return by user id how many tasks of the last 90 days came in time, and how many had a deadline (one query).

    In time is what was sent to its last review before the deadline: how long others take to decide is not counted.
    """
    reviews = TaskSpan.objects.filter(task=OuterRef("pk"), status=TaskStatus.IN_REVIEW).order_by()
    handed_in = Coalesce(Subquery(reviews.values("task").annotate(at=Max("started_at")).values("at")), "delivered_at")
    done = Task.objects.filter(
        assignee__in=user_ids, delivered_at__gte=now - timedelta(days=PUNCTUALITY_DAYS), due_at__isnull=False
    )
    rows = done.annotate(handed_in=handed_in).order_by().values("assignee")
    counted = rows.annotate(on_time=Count("pk", filter=Q(handed_in__lte=F("due_at"))), delivered=Count("pk"))
    return {
        pk: (on_time, delivered) for pk, on_time, delivered in counted.values_list("assignee", "on_time", "delivered")
    }


def _people_by_role(roles: set[str]) -> dict[str, list[int]]:
    workers = users_with_permission("staff.work_on_task").filter(groups__name__in=roles)
    found: dict[str, list[int]] = {role: [] for role in roles}
    for pk, role in workers.order_by("pk").values_list("pk", "groups__name"):
        found[role].append(pk)
    return found
