"""My day: what is due, what came back, what waits for my decision, what I could take, what I asked for."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import CharField, Count, F, QuerySet, Value, Window
from django.utils import timezone

from staff.models import ACTIVE_STATUSES, OPEN_STATUSES, Leave, Role, Task, TaskStatus, User
from staff.policies import can_work_on_tasks
from staff.selectors.cards import URGENT_FIRST, Card, card, cards_of
from staff.selectors.waiting import tasks_waiting_for

SHOWN = 10
MINE = 200
_SOON = (F("due_at").asc(nulls_last=True), "-priority", "id")
_REQUESTED = [TaskStatus.DRAFT, *OPEN_STATUSES, TaskStatus.APPROVED]


@dataclass(slots=True)
class Section:
    """One part of the day; ``count`` is the true number."""

    cards: list[Card] = field(default_factory=list)
    count: int = 0

    @property
    def more(self) -> int:
        """Return how many are not shown."""
        return max(0, self.count - len(self.cards))


@dataclass(frozen=True, slots=True)
class Away:
    """Somebody who is away today, and until when."""

    name: str
    until: date


@dataclass(frozen=True, slots=True)
class Day:
    """A person's day; each of the own tasks stands in one section only, the most pressing."""

    returned: Section
    due: Section
    in_progress: Section
    next: Section
    in_review: Section
    decisions: Section
    queue: Section
    requested: Section
    away: list[Away]

    @property
    def late_count(self) -> int:
        """Return how many of the own tasks are late."""
        mine = (self.returned, self.due, self.in_progress, self.next)
        return sum(shown.is_late for section in mine for shown in section.cards)

    @property
    def is_free(self) -> bool:
        """Tell whether nothing waits for this person."""
        own = (self.returned, self.due, self.in_progress, self.next, self.decisions)
        return not any(section.count for section in own)


Targets = Callable[[Any], Iterable[str]]


def my_day(*, user: User, roles: Sequence[Role], targets: Targets) -> Day:
    """Return the day of ``user`` in four statements, however much there is.

    At most 200 own tasks and 10 of each other section are shown, with the true counts. ``targets(task)`` says to which
    statuses the person may move it.
    """
    now = timezone.now()
    mine = Task.objects.filter(assignee=user, status__in=ACTIVE_STATUSES)
    requested = Task.objects.filter(requester=user, status__in=_REQUESTED).exclude(assignee=user)
    chosen = _part(mine, "mine", _SOON, MINE).union(
        _part(tasks_waiting_for(user, roles=roles), "decisions", _SOON),
        _part(queue_for(user, roles), "queue", URGENT_FIRST),
        _part(requested, "requested", _SOON),
        all=True,
    )
    parts: dict[str, list[int]] = {name: [] for name in ("mine", "decisions", "queue", "requested")}
    counts = dict.fromkeys(parts, 0)
    for pk, name, total in chosen:
        parts[name].append(pk)
        counts[name] = total
    wanted = {pk for ids in parts.values() for pk in ids}
    rows = cards_of(Task.objects.filter(pk__in=wanted)).order_by(*_SOON) if wanted else ()
    cards = {task.pk: card(task, now=now, targets=targets(task)) for task in rows}
    shown = {name: [found for pk, found in cards.items() if pk in set(ids)] for name, ids in parts.items()}
    shown["queue"].sort(key=lambda found: -found.task.priority)  # stable: the earlier deadline stays first
    own = _own(shown.pop("mine"))
    others = {name: Section(found, counts[name]) for name, found in shown.items()}
    return Day(**own, **others, away=away_on(timezone.localdate()))


def _part(tasks: "QuerySet[Task]", name: str, order: Sequence[Any], limit: int = SHOWN) -> Any:
    told = tasks.annotate(part=Value(name, CharField()), total=Window(Count("pk")))
    return told.order_by(*order).values_list("pk", "part", "total")[:limit]


def queue_for(user: User, roles: Sequence[Role]) -> "QuerySet[Task]":
    """Return the unclaimed tasks of the person's roles."""
    if not can_work_on_tasks(user):
        return Task.objects.none()
    return Task.objects.filter(status=TaskStatus.SUBMITTED, role__in=roles)


def away_on(day: date) -> list[Away]:
    """Return who is away that day, by name (one query)."""
    rows = Leave.objects.filter(starts_on__lte=day, ends_on__gte=day, user__is_active=True).select_related("user")
    return sorted((Away(str(row.user), row.ends_on) for row in rows), key=lambda away: away.name)


def _own(found: list[Card]) -> dict[str, Section]:
    soon = timezone.localdate() + timedelta(days=1)
    sections = {name: Section() for name in ("returned", "due", "in_progress", "next", "in_review")}
    for shown in found:
        sections[_place(shown.task, soon)].cards.append(shown)
    for section in sections.values():
        section.count = len(section.cards)
    return sections


def _place(task: Task, soon: date) -> str:
    if task.status == TaskStatus.CHANGES_REQUESTED:
        return "returned"
    if task.status == TaskStatus.IN_REVIEW:
        return "in_review"
    if task.due_at is not None and timezone.localtime(task.due_at).date() < soon:
        return "due"
    return "in_progress" if task.status == TaskStatus.IN_PROGRESS else "next"
