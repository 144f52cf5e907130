"""The board: the open tasks by column, the most urgent first, with true counts and limits."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from staff.models import OPEN_STATUSES, Task, TaskStatus, User
from staff.selectors.cards import URGENT_FIRST, Card, TaskFilter, card, cards_of, initials
from staff.selectors.limits import board_limits

COLUMNS = (
    TaskStatus.SUBMITTED,
    TaskStatus.ASSIGNED,
    TaskStatus.IN_PROGRESS,
    TaskStatus.IN_REVIEW,
    TaskStatus.CHANGES_REQUESTED,
    TaskStatus.APPROVED,
    TaskStatus.DELIVERED,
    TaskStatus.ON_HOLD,
)
PER_COLUMN = 50
PER_PAGE = 200  # of one column alone
DELIVERED_DAYS = 7
_DONE = [TaskStatus.DELIVERED, TaskStatus.LIVE]  # what went live lately was delivered lately
_NOW = [*OPEN_STATUSES, TaskStatus.APPROVED]


@dataclass(frozen=True, slots=True)
class PersonLoad:
    """How much a person has in progress, of how much they should."""

    name: str
    initials: str
    count: int
    limit: int | None

    @property
    def is_over(self) -> bool:
        """Tell whether that is more than agreed."""
        return self.limit is not None and self.count > self.limit


@dataclass(slots=True)
class Column:
    """One column: its first cards, and how many there are."""

    status: TaskStatus
    cards: list[Card] = field(default_factory=list)
    count: int = 0
    total: int = 0  # whatever the filter: what the limit is about
    limit: int | None = None
    people: list[PersonLoad] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        """Tell whether the column holds more than agreed."""
        return self.limit is not None and self.total > self.limit

    @property
    def more(self) -> int:
        """Return how many are not shown."""
        return max(0, self.count - len(self.cards))


@dataclass(frozen=True, slots=True)
class Board:
    """All columns, and whoever has a task in one of them (id, name)."""

    columns: list[Column]
    people: list[tuple[int, str]]

    @property
    def count(self) -> int:
        """Return how many tasks the filter leaves."""
        return sum(column.count for column in self.columns)


Targets = Callable[[Any], Iterable[str]]


def board(*, user: User, wanted: TaskFilter, targets: Targets, only: TaskStatus | None = None, page: int = 1) -> Board:
    """Return the board as ``user`` filters it, in three statements for any number of tasks.

    50 cards per column; with ``only`` 200 of that column from ``page`` on. ``targets(task)`` says where each may go.
    """
    now = timezone.now()
    columns = {status: Column(status) for status in COLUMNS}
    condition = wanted.condition(user)
    parts = [_column(status, condition, now)[_window(status, only, page)] for status in ([only] if only else COLUMNS)]
    chosen = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    rows = cards_of(Task.objects.filter(pk__in=chosen), thumbnails=True).order_by(*URGENT_FIRST)
    for task in rows:
        column = columns[TaskStatus.DELIVERED if task.status in _DONE else TaskStatus(task.status)]
        column.cards.append(card(task, now=now, targets=targets(task)))
    columns[TaskStatus.DELIVERED].cards.sort(key=lambda c: (c.task.delivered_at or now, c.task.pk), reverse=True)
    people = _count(columns, condition, now)
    return Board([columns[only]] if only else list(columns.values()), people)


def _window(status: TaskStatus, only: TaskStatus | None, page: int) -> slice:
    return slice((page - 1) * PER_PAGE, page * PER_PAGE) if status == only else slice(PER_COLUMN)


def _column(status: TaskStatus, condition: Q, now: datetime) -> "QuerySet[Task, Any]":
    if status == TaskStatus.DELIVERED:
        done = Task.objects.filter(condition, _delivered(now))
        return done.order_by("-delivered_at", "-id").values("pk")
    return Task.objects.filter(condition, status=status).order_by(*URGENT_FIRST).values("pk")


def _delivered(now: datetime) -> Q:
    return Q(status__in=_DONE, delivered_at__gte=now - timedelta(days=DELIVERED_DAYS))


def _count(columns: dict[TaskStatus, Column], condition: Q, now: datetime) -> list[tuple[int, str]]:
    """Fill counts and limits of the columns; return whoever has a task in one."""
    rows: Any = (  # assignee is None for unclaimed tasks, which the type of values() does not know
        Task.objects.filter(Q(status__in=_NOW) | _delivered(now))
        .order_by()
        .values(
            "status",
            "assignee",
            "assignee__first_name",
            "assignee__last_name",
            "assignee__username",
            "assignee__work_profile__wip_limit",
        )
        .annotate(total=Count("pk"), shown=Count("pk", filter=condition))
    )
    limits = board_limits()
    people: dict[int, str] = {}
    for row in rows:
        status = TaskStatus(row["status"])
        column = columns[TaskStatus.DELIVERED if status in _DONE else status]
        column.total += row["total"]
        column.count += row["shown"]
        if row["assignee"] is None:
            continue
        person = _person(row)
        people[person.pk] = str(person)
        if status == TaskStatus.IN_PROGRESS:
            own = row["assignee__work_profile__wip_limit"]
            limit = own if own is not None else limits[status][1]
            column.people.append(PersonLoad(str(person), initials(person), row["total"], limit))
    for status, column in columns.items():
        column.limit = limits.get(status, (None, None))[0]
        column.people.sort(key=lambda load: (not load.is_over, -load.count, load.name))
    return sorted(people.items(), key=lambda item: item[1])


def _person(row: dict[str, Any]) -> User:
    return User(
        pk=row["assignee"],
        first_name=row["assignee__first_name"],
        last_name=row["assignee__last_name"],
        username=row["assignee__username"],
    )


def people_with_tasks() -> list[tuple[int, str]]:
    """Return whoever has an open task, by name (one query)."""
    busy = Task.objects.filter(status__in=OPEN_STATUSES, assignee__isnull=False).values("assignee")
    people = User.objects.filter(pk__in=busy).only("first_name", "last_name", "username")
    return sorted(((user.pk, str(user)) for user in people), key=lambda item: item[1])
