"""Reminders of deadlines: who hears of what is computed for all open tasks at once, and each is told once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import transaction

from staff.models import ACTIVE_STATUSES, Leave, Priority, TaskStatus, Topic, User
from staff.selectors.roles import users_with_permission
from staff.selectors.ways import audience
from staff.selectors.working_time import WorkingTime, working_times
from staff.services.notifications.telling import tell

_TOPICS = (Topic.DUE_SOON.value, Topic.DUE_TODAY.value, Topic.OVERDUE.value)
_REMINDED = [TaskStatus.SUBMITTED.value, *(status.value for status in ACTIVE_STATUSES)]  # on hold waits on purpose

# 1. ``at_work``: who works at this moment, with the person's own day; ``stand_in``: who hears of whose tasks.
# 2. Only the reminder that holds now is told: what a stopped clock missed is not made up for.
# 3. The key names task, deadline (a moved one is another) or, overdue, the person's day; so each is told once. The
#    question whether it was told only saves useless work: the unique (user, key) decides.
# 4. Who directs hears of all that is overdue in one line a day.
_SAID = """
SELECT due.user_id, due.topic, due.id,
       jsonb_strip_nulls(jsonb_build_object(
           'number', due.number, 'title', due.title, 'due_at', to_jsonb(due.due_at), 'instead_of', due.instead_of,
           'urgent', CASE WHEN due.is_urgent THEN true END)),
       due.key, due.is_urgent
FROM (
    SELECT task.id, task.number, task.title, task.due_at, at_work.user_id, said.topic,
           CASE WHEN stand_in.user_id <> stand_in.whose THEN stand_in.whose END AS instead_of,
           said.topic = 'overdue' AND task.priority = %(urgent)s AS is_urgent,
           concat_ws(':', said.topic, task.id, CASE said.topic WHEN 'overdue' THEN at_work.today::text
               ELSE to_char(task.due_at AT TIME ZONE 'UTC', 'YYYYMMDDHH24MI') END) AS key
    FROM staff_task task
    JOIN unnest(%(whose)s::bigint[], %(standing)s::bigint[], %(directing)s::boolean[])
        AS stand_in (whose, user_id, is_directing) ON stand_in.whose = coalesce(task.assignee_id, task.requester_id)
    JOIN unnest(%(working)s::bigint[], %(today)s::date[], %(today_until)s::timestamptz[], %(soon_until)s::timestamptz[])
        AS at_work (user_id, today, today_until, soon_until) ON at_work.user_id = stand_in.user_id
    CROSS JOIN LATERAL (SELECT CASE WHEN task.due_at <= %(now)s THEN 'overdue'
        WHEN task.due_at < at_work.today_until THEN 'due_today' ELSE 'due_soon' END AS topic) said
    WHERE task.status = ANY(%(statuses)s) AND task.due_at < %(horizon)s AND task.due_at < at_work.soon_until
      AND NOT (stand_in.is_directing AND said.topic = 'overdue')
) due
WHERE NOT EXISTS (SELECT 1 FROM staff_notification told WHERE told.user_id = due.user_id AND told.key = due.key)
UNION ALL
SELECT director.user_id, 'overdue', NULL::bigint, jsonb_build_object('count', late.count),
       concat_ws(':', 'overdue', 'all', director.today), false
FROM unnest(%(directors)s::bigint[], %(directors_today)s::date[]) AS director (user_id, today),
     LATERAL (SELECT count(*) AS count FROM staff_task
              WHERE status = ANY(%(statuses)s) AND due_at <= %(now)s) late
WHERE late.count > 0
  AND NOT EXISTS (SELECT 1 FROM staff_notification told WHERE told.user_id = director.user_id
                  AND told.key = concat_ws(':', 'overdue', 'all', director.today))
"""


@dataclass(frozen=True)
class _Day:
    """What one colleague's day means for deadlines: before ``today_until`` is due today, before ``soon_until`` soon."""

    today: date
    today_until: datetime
    soon_until: datetime


@transaction.atomic
def remind(*, now: datetime) -> int:
    """Tell everybody what is due soon, today or late, and return how many reminders are new; repeating tells none.

    - Due soon from two working days before, due today from the morning of the day, overdue once each working day: by
      the calendar and zone of whoever hears it, and only within his working hours. What is due on a free day is due on
      the working day before.
    - The assignee hears it, the requester while nobody has the task. Of somebody on leave the delegate hears it;
      without one, who directs hears of what is coming.
    - Who directs hears of all overdue tasks in one line each working day. On hold: nothing.

    One INSERT … SELECT for any number of tasks, and ten questions about people and calendars.
    """
    people = {user.pk: user for user in User.objects.filter(is_active=True).select_related("work_profile")}
    directors = set(users_with_permission("staff.direct_task").values_list("pk", flat=True)) & people.keys()
    hours = working_times(people.values())
    away = _away(people, hours, now)
    at_work = {
        pk: day for pk, calendar in hours.items() if pk not in away and (day := _day_of(calendar, now)) is not None
    }
    if not at_work:
        return 0
    stand_ins = list(_stand_ins(people, away, directors))
    reporting = sorted(directors & at_work.keys())
    parameters = {
        "whose": [whose for whose, _who, _directing in stand_ins],
        "standing": [who for _whose, who, _directing in stand_ins],
        "directing": [directing for _whose, _who, directing in stand_ins],
        "working": list(at_work),
        "today": [day.today for day in at_work.values()],
        "today_until": [day.today_until for day in at_work.values()],
        "soon_until": [day.soon_until for day in at_work.values()],
        "horizon": max(day.soon_until for day in at_work.values()),
        "directors": reporting,
        "directors_today": [at_work[pk].today for pk in reporting],
        "statuses": _REMINDED,
        "urgent": Priority.URGENT.value,
    }
    return tell(said=_SAID, parameters=parameters, people=audience(at_work.keys(), _TOPICS), now=now)


def _day_of(hours: WorkingTime, now: datetime) -> _Day | None:
    """Return the person's day, None outside of working hours."""
    today = now.astimezone(hours.zone).date()
    if not hours.is_working_day(today) or not hours.opens(today) <= now < hours.closes(today):
        return None
    return _Day(today, _midnight(hours, hours.shift(today, 1)), _midnight(hours, hours.shift(today, 3)))


def _midnight(hours: WorkingTime, day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=hours.zone).astimezone(UTC)


def _away(people: Mapping[int, User], hours: Mapping[int, WorkingTime], now: datetime) -> set[int]:
    """Return who is on leave on the person's own today (one query)."""
    day = now.astimezone(UTC).date()
    around = Leave.objects.filter(starts_on__lte=day + timedelta(days=1), ends_on__gte=day - timedelta(days=1))
    return {
        pk
        for pk, starts_on, ends_on in around.values_list("user_id", "starts_on", "ends_on")
        if pk in people and starts_on <= now.astimezone(hours[pk].zone).date() <= ends_on
    }


def _stand_ins(people: Mapping[int, User], away: set[int], directors: set[int]) -> Iterator[tuple[int, int, bool]]:
    """Yield (whose tasks, who hears of them, whether only because he directs)."""
    for pk, user in people.items():
        delegate = _delegate_of(user)
        if pk not in away:
            yield pk, pk, False
        elif delegate in people and delegate not in away:
            yield pk, delegate, False
        else:
            yield from ((pk, director, True) for director in sorted(directors - {pk}))


def _delegate_of(user: User) -> Any:
    profile = getattr(user, "work_profile", None)
    return profile.delegate_id if profile else None
