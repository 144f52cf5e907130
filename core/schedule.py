"""What runs again and again: registered in code, carried into the beat's tables by ``manage.py sync_schedule``."""

from dataclasses import dataclass

from celery import current_app
from django.db import transaction
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask, PeriodicTasks


@dataclass(frozen=True)
class Every:
    """Each ``seconds``; a message that nobody took within that time is dropped."""

    seconds: int


@dataclass(frozen=True)
class Daily:
    """Each day at this UTC time."""

    hour: int
    minute: int = 0


_schedule: dict[str, Every | Daily] = {}


def periodic(task: str, when: Every | Daily) -> None:
    """Let beat send ``task`` (its name) at these times."""
    _schedule[task] = when


def wake(task: str) -> None:
    """Let a worker run a registered task now rather than at its next time; a lost message costs only the wait."""
    current_app.send_task(task, expires=60)


@transaction.atomic
def sync_schedule() -> int:
    """Write the schedule into the beat's tables, remove what code no longer has; return how many rows changed.

    Rows are found by their task's name; a task switched off by an operator stays off. Tasks of others are left alone.
    """
    changed: int = 0
    for task, when in _schedule.items():
        values = _values(when)
        row, made = PeriodicTask.objects.get_or_create(name=task, defaults={"task": task, **values})
        if not made and any(getattr(row, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(row, name, value)
            row.save()
            changed += 1
        changed += int(made)
    ours = PeriodicTask.objects.filter(description=MARK).exclude(name__in=_schedule)
    changed += int(ours.count())
    ours.delete()
    if changed:
        PeriodicTasks.update_changed()
    return changed


MARK = "from code"


def _values(when: Every | Daily) -> dict[str, object]:
    values: dict[str, object] = {"description": MARK, "interval": None, "crontab": None, "expire_seconds": None}
    if isinstance(when, Every):
        interval, _made = IntervalSchedule.objects.get_or_create(every=when.seconds, period=IntervalSchedule.SECONDS)
        return {**values, "interval": interval, "expire_seconds": when.seconds}
    crontab, _made = CrontabSchedule.objects.get_or_create(minute=str(when.minute), hour=str(when.hour), timezone="UTC")
    return {**values, "crontab": crontab, "expire_seconds": 3600}


periodic("core.deliver_events", Every(60))
periodic("core.sweep_jobs", Every(60))
periodic("core.heartbeat", Every(20))
periodic("core.expire_table_files", Every(3600))
periodic("core.prove_books", Daily(hour=18, minute=30))  # half past three at night in Seoul and Tokyo
