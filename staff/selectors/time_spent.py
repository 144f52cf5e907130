"""Time spent on tasks, from the timers of everybody who worked on them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from staff.models import Task, TimeEntry, User


def minutes_spent(task_ids: Collection[int], *, now: datetime | None = None) -> dict[int, int]:
    """Return the whole minutes timed on each task, running timers included; tasks without any are left out."""
    until = Coalesce("ended_at", now or timezone.now())
    rows = TimeEntry.objects.filter(task__in=task_ids).values("task").annotate(spent=Sum(until - F("started_at")))
    return {row["task"]: int(row["spent"].total_seconds() // 60) for row in rows}


@dataclass(frozen=True, slots=True)
class Timer:
    """What runs, or could run, for one person on one task; fed to ``staff/components/timer.html``."""

    task_id: int
    started_at: datetime | None  # None: nothing runs here
    minutes_spent: int
    estimate_minutes: int

    @property
    def share(self) -> int:
        """Return the time spent in percent of the estimate."""
        return round(100 * self.minutes_spent / self.estimate_minutes)


def running_entry(user: User) -> TimeEntry | None:
    """Return the timer that runs for this person, with its task."""
    return TimeEntry.objects.filter(user=user, ended_at=None).select_related("task").first()


def timers_for(user: User, tasks: Collection[Task]) -> dict[int, Timer]:
    """Return the timer of each task as this person sees it (two queries for any number)."""
    spent = minutes_spent([task.pk for task in tasks])
    running = running_entry(user)
    return {
        task.pk: Timer(
            task_id=task.pk,
            started_at=running.started_at if running is not None and running.task_id == task.pk else None,
            minutes_spent=spent.get(task.pk, 0),
            estimate_minutes=task.estimate_minutes,
        )
        for task in tasks
    }
