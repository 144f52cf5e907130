"""500 reminders at once among 200,000 tasks, and the run after it that finds nothing new.

    python -m benchmarks tasks_reminders [--tasks 200000] [--open 3000] [--reminders 500] [--rounds 5]

500 open tasks are due soon, today or late, the others in two months; it is ten on a working morning. Statements are
counted with 50 reminders as well: their number must not grow, and one of them inserts.
"""

import argparse
import statistics
import time
import zoneinfo
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from benchmarks.people import manager
from benchmarks.report import Figure, publish
from benchmarks.tasks import fill
from staff.models import Notification, Task
from staff.services.notifications.reminding import remind

MS = 1000


def working_morning() -> datetime:
    """Return ten o'clock of the next weekday in the shop's zone."""
    zone = zoneinfo.ZoneInfo(settings.TIME_ZONE)
    at = datetime.now(zone).replace(hour=10, minute=0, second=0, microsecond=0) + timedelta(days=1)
    while at.weekday() > 4:
        at += timedelta(days=1)
    return at.astimezone(UTC)


def spread(count: int, now: datetime) -> None:
    """Make ``count`` open tasks late, due today and due tomorrow by turns, and all others due in two months."""
    waiting = Task.objects.filter(status__in=["submitted", "assigned", "in_progress", "in_review"])
    Task.objects.open().update(due_at=now + timedelta(days=60))
    chosen = list(waiting.order_by("pk").values_list("pk", flat=True)[:count])
    for place, due_at in enumerate((now - timedelta(hours=3), now + timedelta(hours=5), now + timedelta(hours=22))):
        Task.objects.filter(pk__in=chosen[place::3]).update(due_at=due_at)


def measured(work: Callable[[], Any]) -> tuple[float, float, list[str], Any]:
    """Return milliseconds, processor milliseconds, statements and the answer."""
    statements: list[str] = []

    def note(execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        statements.append(sql)
        return execute(sql, *arguments)

    with connection.execute_wrapper(note):
        wall, processor = time.perf_counter(), time.process_time()
        answer = work()
        return (time.perf_counter() - wall) * MS, (time.process_time() - processor) * MS, statements, answer


def main() -> int:
    """Return 1 when a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, default=200_000)
    parser.add_argument("--open", type=int, default=3000)
    parser.add_argument("--reminders", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    boss, _client = manager()
    fill(options.tasks, options.open, boss)
    now = working_morning()
    spread(50, now)
    few = measured(lambda: remind(now=now))[2]
    firsts, repeats = [], []
    statements: list[str] = []
    told = 0
    for _round in range(options.rounds):
        Notification.objects.all().delete()
        spread(options.reminders, now)
        wall, processor, statements, told = measured(lambda: remind(now=now))
        firsts.append((wall, processor))
        repeats.append(measured(lambda: remind(now=now))[:2])
    first, again = (tuple(statistics.median(part) for part in zip(*found, strict=True)) for found in (firsts, repeats))
    inserts = sum("INSERT INTO staff_notification" in sql for sql in statements)
    figures = [
        Figure(f"{told} reminders", first[0], limit=500, processor=first[1]),
        Figure("the run after it: nothing new", again[0], limit=150, processor=again[1]),
        Figure("statements", len(statements), "", limit=13, note=f"{len(few)} for 50 reminders"),
        Figure("of them inserting", inserts, "", limit=1),
    ]
    return publish("tasks_reminders", figures, f"reminders among {options.tasks:,} tasks")
