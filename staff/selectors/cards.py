"""Tasks as cards: what board, day and calendar show of each, read with one statement for a whole page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from staff.models import OPEN_STATUSES, ReviewStep, Revision, Task, TaskDependency, TaskStatus, User

URGENT_FIRST = ("-priority", F("due_at").asc(nulls_last=True), "id")
_SHOWN = (
    *("number", "kind", "title", "status", "resume_status", "priority", "role", "requester_id", "subject_label"),
    *("due_at", "round_count", "delivered_at", "assignee__first_name", "assignee__last_name", "assignee__username"),
)
_UNFINISHED = [TaskStatus.DRAFT, *OPEN_STATUSES]


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """What a viewer wants to see; what is left empty narrows nothing. ``mine``: what I have or asked for."""

    person: int | None = None
    role: str = ""
    kind: str = ""
    group: int | None = None
    mine: bool = False

    def condition(self, user: User) -> Q:
        """Return the condition for ``user``."""
        wanted = {"assignee": self.person, "role": self.role, "kind": self.kind, "group": self.group}
        condition = Q(**{name: value for name, value in wanted.items() if value})
        return condition & (Q(assignee=user.pk) | Q(requester=user.pk)) if self.mine else condition


@dataclass(frozen=True, slots=True)
class Card:
    """One task with what is shown of it; ``due`` is said as people say it."""

    task: Task
    due: str
    is_late: bool
    is_today: bool
    is_blocked: bool
    has_review: bool
    thumbnail: str
    initials: str
    colour: int  # of the assignee, 0 to 5
    targets: str = ""  # statuses to which the viewer may move it, separated by blanks

    @property
    def target_list(self) -> list[str]:
        """Return the statuses to which the viewer may move it."""
        return self.targets.split()


def cards_of(tasks: "QuerySet[Task]", *, thumbnails: bool = False) -> "QuerySet[Task]":
    """Return the same tasks with assignee, ``is_blocked``, ``has_review`` and (if wanted) ``thumbnail``."""
    waits = TaskDependency.objects.filter(task=OuterRef("pk"), depends_on__status__in=_UNFINISHED)
    found = (
        tasks.select_related("assignee")
        .only(*_SHOWN)
        .annotate(is_blocked=Exists(waits), has_review=Exists(ReviewStep.objects.filter(task=OuterRef("pk"))))
    )
    if not thumbnails:
        return found
    drawn = Revision.objects.filter(deliverable__task=OuterRef("pk")).exclude(thumbnail_path="")
    newest = drawn.order_by("deliverable__position", "deliverable", "-number").values("thumbnail_path")
    return found.annotate(thumbnail=Subquery(newest[:1]))


def card(task: Any, *, now: datetime | None = None, targets: Iterable[str] = ()) -> Card:
    """Return the card of a row of ``cards_of``."""
    now = now or timezone.now()
    due, is_late, is_today = due_words(task, now)
    return Card(
        task=task,
        due=due,
        is_late=is_late,
        is_today=is_today,
        is_blocked=task.is_blocked,
        has_review=task.has_review,
        thumbnail=getattr(task, "thumbnail", None) or "",
        initials=initials(task.assignee) if task.assignee else "",
        colour=(task.assignee_id or 0) % 6,
        targets=" ".join(targets),
    )


def due_words(task: Task, now: datetime) -> tuple[str, bool, bool]:
    """Return when the task is due as people say it, whether that has passed, whether it is today."""
    if task.due_at is None:
        return "", False, False
    at = timezone.localtime(task.due_at)
    days = (at.date() - timezone.localtime(now).date()).days
    waits = task.is_open and task.status != TaskStatus.ON_HOLD
    if waits and task.due_at < now:
        if days == 0:
            return _("since %(time)s") % {"time": date_format(at, "TIME_FORMAT")}, True, True
        return ngettext("%(count)s day late", "%(count)s days late", -days) % {"count": -days}, True, False
    if days == 0:
        return _("today %(time)s") % {"time": date_format(at, "TIME_FORMAT")}, False, True
    if days == 1:
        return _("tomorrow %(time)s") % {"time": date_format(at, "TIME_FORMAT")}, False, False
    return date_format(at, "MONTH_DAY_FORMAT" if abs(days) < 300 else "SHORT_DATE_FORMAT"), False, False


def initials(user: User) -> str:
    """Return two letters for a person: the given name in Hangul, the family name in Han or kana, else initials."""
    family, given = user.last_name.strip(), user.first_name.strip()
    if any("\uac00" <= letter <= "\ud7a3" for letter in family + given):
        return (given or family)[-2:]
    if any(ord(letter) >= 0x1100 for letter in family + given):
        return (family or given)[:2]
    words = str(user).split()
    return "".join(word[0] for word in words[:2]).upper() or "?"
