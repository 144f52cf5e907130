"""Facts about groups of tasks, about what waits for what, and about what comes back. Ids, numbers and dates only."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.events import Event


@dataclass(frozen=True, kw_only=True)
class GroupEvent(Event):
    """Base of facts about one task group; their subject is the group."""

    group_id: int


@dataclass(frozen=True, kw_only=True)
class TaskGroupOpened(GroupEvent):
    """Tasks may be gathered for this go-live date (ISO)."""

    name: ClassVar[str] = "staff.task_group_opened"
    go_live_on: str

    def sentence(self) -> str:
        """Name the date."""
        return _("Opened; goes live on %(date)s") % {"date": date_format(date.fromisoformat(self.go_live_on))}


@dataclass(frozen=True, kw_only=True)
class TaskGroupMoved(GroupEvent):
    """The go-live date changed (ISO dates); the deadlines of ``replanned`` tasks (ids) moved with it."""

    name: ClassVar[str] = "staff.task_group_moved"
    go_live_on: str
    before: str
    replanned: list[int]

    def sentence(self) -> str:
        """Name the new date and how many deadlines moved."""
        return _("Goes live on %(date)s instead of %(before)s; deadlines moved: %(count)s") % {
            "date": date_format(date.fromisoformat(self.go_live_on)),
            "before": date_format(date.fromisoformat(self.before)),
            "count": len(self.replanned),
        }


@dataclass(frozen=True, kw_only=True)
class TaskGroupClosed(GroupEvent):
    """All is done; it leaves the list of running groups."""

    name: ClassVar[str] = "staff.task_group_closed"

    def sentence(self) -> str:
        """Say so."""
        return _("Closed")


@dataclass(frozen=True, kw_only=True)
class TaskGroupReopened(GroupEvent):
    """It runs again."""

    name: ClassVar[str] = "staff.task_group_reopened"

    def sentence(self) -> str:
        """Say so."""
        return _("Opened again")


@dataclass(frozen=True, kw_only=True)
class DependencyAdded(Event):
    """The task (subject) cannot start before another one is done; ``number`` is the other one's."""

    name: ClassVar[str] = "staff.dependency_added"
    task_id: int
    depends_on_id: int
    number: str

    def sentence(self) -> str:
        """Name the other task."""
        return _("Waits for %(number)s from now on") % {"number": self.number}


@dataclass(frozen=True, kw_only=True)
class DependencyRemoved(Event):
    """The task (subject) no longer waits for another one."""

    name: ClassVar[str] = "staff.dependency_removed"
    task_id: int
    depends_on_id: int
    number: str

    def sentence(self) -> str:
        """Name the other task."""
        return _("No longer waits for %(number)s") % {"number": self.number}


@dataclass(frozen=True, kw_only=True)
class RecurringTaskPaused(Event):
    """No occurrence is opened until somebody resumes it."""

    name: ClassVar[str] = "staff.recurring_task_paused"
    recurring_id: int

    def sentence(self) -> str:
        """Say so."""
        return _("Paused")


@dataclass(frozen=True, kw_only=True)
class RecurringTaskResumed(Event):
    """Occurrences are opened again, from ``next_on`` (ISO) on."""

    name: ClassVar[str] = "staff.recurring_task_resumed"
    recurring_id: int
    next_on: str

    def sentence(self) -> str:
        """Name the next day."""
        return _("Goes on, next on %(date)s") % {"date": date_format(date.fromisoformat(self.next_on))}


@dataclass(frozen=True, kw_only=True)
class RecurringTaskOpened(Event):
    """A task was opened for one occurrence (ISO day); ``number`` is the task's."""

    name: ClassVar[str] = "staff.recurring_task_opened"
    recurring_id: int
    task_id: int
    number: str
    occurs_on: str

    def sentence(self) -> str:
        """Name the task."""
        return _("%(number)s opened for %(date)s") % {
            "number": self.number,
            "date": date_format(date.fromisoformat(self.occurs_on)),
        }
