"""My day: what is due, what came back, what waits for my decision, what I could take, what I asked for."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from core.ui.tabs import capped_counts
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
    waiting = tasks_waiting_for(user, roles=roles)
    queue = queue_for(user, roles)
    requested = Task.objects.filter(requester=user, status__in=_REQUESTED).exclude(assignee=user)
    counts = capped_counts([waiting.values("pk"), queue.values("pk"), requested.values("pk")])
    chosen = [
        mine.order_by(*_SOON).values("pk")[:MINE],
        waiting.order_by(*_SOON).values("pk")[:SHOWN],
        queue.order_by(*URGENT_FIRST).values("pk")[:SHOWN],
        requested.order_by(*_SOON).values("pk")[:SHOWN],
    ]
    rows = cards_of(Task.objects.filter(pk__in=chosen[0].union(*chosen[1:])))
    rows = rows.annotate(waits_for_me=Exists(waiting.filter(pk=OuterRef("pk")))).order_by(*_SOON)
    found = [(task, card(task, now=now, targets=targets(task))) for task in rows]
    own = _own([item for item in found if item[0].assignee_id == user.pk])
    return Day(
        **own,
        decisions=_section((shown for task, shown in found if task.waits_for_me), counts[0]),
        queue=_section(_urgent(shown for task, shown in found if _is_queued(task, user, roles)), counts[1]),
        requested=_section((shown for task, shown in found if _is_requested(task, user)), counts[2]),
        away=away_on(timezone.localdate()),
    )


def queue_for(user: User, roles: Sequence[Role]) -> "QuerySet[Task]":
    """Return the unclaimed tasks of the person's roles."""
    if not can_work_on_tasks(user):
        return Task.objects.none()
    return Task.objects.filter(status=TaskStatus.SUBMITTED, role__in=roles)


def away_on(day: date) -> list[Away]:
    """Return who is away that day, by name (one query)."""
    rows = Leave.objects.filter(starts_on__lte=day, ends_on__gte=day, user__is_active=True).select_related("user")
    return sorted((Away(str(row.user), row.ends_on) for row in rows), key=lambda away: away.name)


def _own(found: list[tuple[Any, Card]]) -> dict[str, Section]:
    soon = timezone.localdate() + timedelta(days=1)
    sections = {name: Section() for name in ("returned", "due", "in_progress", "next", "in_review")}
    for task, shown in found:
        sections[_place(task, soon)].cards.append(shown)
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


def _is_queued(task: Task, user: User, roles: Sequence[Role]) -> bool:
    return task.status == TaskStatus.SUBMITTED and task.role in roles and can_work_on_tasks(user)


def _is_requested(task: Task, user: User) -> bool:
    return task.requester_id == user.pk and task.assignee_id != user.pk and task.status in _REQUESTED


def _urgent(cards: Iterable[Card]) -> list[Card]:
    far = timezone.now() + timedelta(days=36500)
    return sorted(cards, key=lambda c: (-c.task.priority, c.task.due_at or far, c.task.pk))


def _section(cards: Iterable[Card], count: int) -> Section:
    return Section(list(cards)[:SHOWN], count)
