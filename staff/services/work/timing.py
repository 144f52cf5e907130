"""Time spent on tasks: one timer runs per person; what was forgotten is added or put right by hand."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import Conflict, InvalidInput, InvalidTransition, NotAllowed
from staff.models import Task, TaskStatus, TimeEntry, Topic, User
from staff.policies import may_work_on
from staff.selectors.working_time import working_times
from staff.services.notifications.notifying import notify
from staff.services.requests.requesting import check_horizon
from staff.services.work.moving import TIMED_STATUSES, lock_task, touched
from staff.services.work.working import start_task

LONGEST_MINUTES = 24 * 60  # of one entry
FORGOTTEN_AFTER = timedelta(hours=10)
FORGOTTEN_AT_LEAST = timedelta(hours=1)  # of a timer started after the day's close


@transaction.atomic
def start_timer(*, task_id: int, actor: User) -> TimeEntry:
    """Let the person's timer run on this task and return it; the one that ran before ends, repeating changes nothing.

    A task of one's own that is not begun, or was sent back, is begun with it (refused as ``start_task`` refuses).
    NotAllowed unless one works on the task; InvalidTransition when nobody works on it now.
    """
    task = lock_task(task_id)
    _check_may_work(task, actor)
    if task.status not in TIMED_STATUSES:
        raise InvalidTransition(_("Nobody works on this task now: no time is taken."))
    if task.status != TaskStatus.IN_PROGRESS and task.assignee_id == actor.pk:
        start_task(task_id=task.pk, actor=actor)
    running = _lock_running(actor)
    if running is not None and running.task_id == task.pk:
        return running
    now = timezone.now()
    if running is not None:
        _end(running, now)
    touched(task)
    return TimeEntry.objects.create(task=task, user=actor, started_at=now)


@transaction.atomic
def stop_timer(*, actor: User) -> TimeEntry | None:
    """End the person's timer and return it; None when none runs (it ended by itself, or was stopped elsewhere)."""
    running = _lock_running(actor)
    if running is not None:
        _end(running, timezone.now())
    return running


@transaction.atomic
def add_time(*, task_id: int, started_at: datetime, minutes: int, actor: User) -> TimeEntry:
    """Keep time that was not timed, of oneself. NotAllowed unless one works on the task.

    InvalidInput for less than a minute, more than a day, the future, and time one spent on something else.
    """
    task = lock_task(task_id)
    _check_may_work(task, actor)
    _lock_running(actor)
    ended_at = _checked_end(actor, started_at, minutes)
    if task.is_open:
        touched(task)
    return TimeEntry.objects.create(task=task, user=actor, started_at=started_at, ended_at=ended_at)


@transaction.atomic
def change_time(*, entry_id: int, started_at: datetime, minutes: int, actor: User) -> TimeEntry:
    """Put an entry of one's own right; refuses what ``add_time`` refuses, and a timer that still runs."""
    entry = _lock_own(entry_id, actor)
    if entry.ended_at is None:
        raise InvalidTransition(_("This timer still runs. Stop it first."))
    entry.started_at, entry.ended_at = started_at, _checked_end(actor, started_at, minutes, besides=entry.pk)
    entry.save(update_fields=["started_at", "ended_at"])
    return entry


@transaction.atomic
def remove_time(*, entry_id: int, actor: User) -> None:
    """Take back an entry of one's own, a running timer included. NotAllowed for entries of others."""
    _lock_own(entry_id, actor).delete()


def end_forgotten_timers(*, now: datetime | None = None) -> list[TimeEntry]:
    """End timers that run for over ten hours, and tell their owners; return them. Repeating finds none.

    Such a timer counts until the person's working day closed, but at least one hour: the owner may put it right.
    """
    now = now or timezone.now()
    forgotten = TimeEntry.objects.filter(ended_at=None, started_at__lt=now - FORGOTTEN_AFTER)
    ended = [_end_forgotten(pk) for pk in forgotten.order_by("pk").values_list("pk", flat=True)]
    return [entry for entry in ended if entry is not None]


@transaction.atomic
def _end_forgotten(entry_id: int) -> TimeEntry | None:
    entry = TimeEntry.objects.select_for_update(of=("self",)).filter(pk=entry_id, ended_at=None).first()
    if entry is None:  # stopped meanwhile
        return None
    hours = working_times([entry.user])[entry.user_id]
    close = hours.closes(entry.started_at.astimezone(hours.zone).date())
    _end(entry, max(close, entry.started_at + FORGOTTEN_AT_LEAST))
    notify(
        user_ids=[entry.user_id],
        topic=Topic.CHANGED,
        task=entry.task,
        key=f"timer:{entry.pk}",
        data={"change": "timer_ended", "ended_at": entry.ended_at.isoformat() if entry.ended_at else ""},
    )
    return entry


def _end(entry: TimeEntry, at: datetime) -> None:
    entry.ended_at = at
    entry.save(update_fields=["ended_at"])


def _lock_running(actor: User) -> TimeEntry | None:
    """Lock the person, so that timers pressed twice come one by one, and return the timer that runs."""
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    return TimeEntry.objects.select_for_update().filter(user=actor, ended_at=None).first()


def _lock_own(entry_id: int, actor: User) -> TimeEntry:
    _lock_running(actor)
    entry = TimeEntry.objects.select_for_update().filter(pk=entry_id).first()
    if entry is None:
        raise Conflict(_("This entry is gone. Reload the page."))
    if entry.user_id != actor.pk:
        raise NotAllowed(_("Only who spent the time may change the entry."))
    return entry


def _checked_end(actor: User, started_at: datetime, minutes: int, *, besides: int | None = None) -> datetime:
    if not 1 <= minutes <= LONGEST_MINUTES:
        raise InvalidInput(_("Write from 1 to %(most)s minutes.") % {"most": LONGEST_MINUTES})
    check_horizon(started_at.date())
    ended_at = started_at + timedelta(minutes=minutes)
    if ended_at > timezone.now():
        raise InvalidInput(_("This time has not passed yet."))
    same_time = TimeEntry.objects.filter(user=actor, started_at__lt=ended_at).exclude(pk=besides or 0)
    other = same_time.filter(Q(ended_at=None) | Q(ended_at__gt=started_at)).select_related("task").first()
    if other is not None:
        raise InvalidInput(_("You spent this time on %(number)s already.") % {"number": other.task.number})
    return ended_at


def _check_may_work(task: Task, actor: User) -> None:
    if not may_work_on(actor, task):
        raise NotAllowed(_("Only who has the task may take time on it."))
