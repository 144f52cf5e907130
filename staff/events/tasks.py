"""Facts about tasks from the request to the work. Ids and words of the work only, never names."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.core.exceptions import FieldDoesNotExist
from django.utils.translation import gettext as _

from core.display import moment_text
from core.events import Event
from staff.models import Task, TaskKind
from staff.selectors.roles import user_labels


@dataclass(frozen=True, kw_only=True)
class TaskEvent(Event):
    """Base of facts about one task; their subject is the task."""

    task_id: int


@dataclass(frozen=True, kw_only=True)
class TaskRequested(TaskEvent):
    """Somebody asked for it; it waits to be given or claimed."""

    name: ClassVar[str] = "staff.task_requested"
    kind: str

    def sentence(self) -> str:
        """Name the kind."""
        return _("Requested: %(kind)s") % {"kind": TaskKind(self.kind).label}


@dataclass(frozen=True, kw_only=True)
class TaskAssigned(TaskEvent):
    """A colleague has it from now on; ``is_claimed`` when he took it himself."""

    name: ClassVar[str] = "staff.task_assigned"
    assignee_id: int
    before_id: int | None = None
    is_claimed: bool = False

    def sentence(self) -> str:
        """Name the colleague."""
        return self.sentences([self])[0]

    @classmethod
    def sentences(cls, events: Sequence["TaskAssigned"]) -> list[str]:
        """Name the colleagues, all looked up at once."""
        names = user_labels({event.assignee_id for event in events})
        return [
            (_("Claimed by %(who)s") if event.is_claimed else _("Given to %(who)s"))
            % {"who": names.get(event.assignee_id, "–")}
            for event in events
        ]


@dataclass(frozen=True, kw_only=True)
class TaskReleased(TaskEvent):
    """It is back in the queue; ``reason`` is given_back, idle, leave or account_closed."""

    name: ClassVar[str] = "staff.task_released"
    assignee_id: int
    reason: str

    def sentence(self) -> str:
        """Say why."""
        return {
            "idle": _("Back in the queue: nobody worked on it"),
            "leave": _("Back in the queue: the assignee is away"),
            "account_closed": _("Back in the queue: the assignee’s account was switched off"),
        }.get(self.reason, _("Given back to the queue"))


@dataclass(frozen=True, kw_only=True)
class TaskStarted(TaskEvent):
    """Somebody works on it."""

    name: ClassVar[str] = "staff.task_started"

    def sentence(self) -> str:
        """Say so."""
        return _("Work started")


@dataclass(frozen=True, kw_only=True)
class TaskPutOnHold(TaskEvent):
    """It waits on purpose."""

    name: ClassVar[str] = "staff.task_put_on_hold"
    reason: str

    def sentence(self) -> str:
        """Return the reason."""
        return _("On hold: %(reason)s") % {"reason": self.reason}


@dataclass(frozen=True, kw_only=True)
class TaskResumed(TaskEvent):
    """It goes on where it stood."""

    name: ClassVar[str] = "staff.task_resumed"

    def sentence(self) -> str:
        """Say so."""
        return _("Goes on")


@dataclass(frozen=True, kw_only=True)
class TaskCancelled(TaskEvent):
    """Nobody needs it any more."""

    name: ClassVar[str] = "staff.task_cancelled"
    reason: str = ""

    def sentence(self) -> str:
        """Return the reason."""
        return _("Cancelled: %(reason)s") % {"reason": self.reason} if self.reason else _("Cancelled")


@dataclass(frozen=True, kw_only=True)
class TaskReopened(TaskEvent):
    """Approved or live work is taken up again: another version is wanted."""

    name: ClassVar[str] = "staff.task_reopened"
    reason: str

    def sentence(self) -> str:
        """Return the reason."""
        return _("Taken up again: %(reason)s") % {"reason": self.reason}


@dataclass(frozen=True, kw_only=True)
class TaskRescheduled(TaskEvent):
    """Its deadline changed; ISO moments, empty for none."""

    name: ClassVar[str] = "staff.task_rescheduled"
    due_at: str
    before: str

    def sentence(self) -> str:
        """Return the new deadline."""
        if not self.due_at:
            return _("Deadline removed")
        return _("Deadline is now %(due)s") % {"due": moment_text(datetime.fromisoformat(self.due_at))}


@dataclass(frozen=True, kw_only=True)
class TaskEdited(TaskEvent):
    """What is asked changed; ``fields`` name the columns, check list, attachments and deliverables included."""

    name: ClassVar[str] = "staff.task_edited"
    fields: list[str]

    def sentence(self) -> str:
        """Name what changed, in the reader's language."""
        own = {
            "checklist": _("check list"),
            "attachments": _("files"),
            "deliverables": _("deliverables"),
            "shown_currency": "",
        }
        labels = [own.get(name) if name in own else _field_label(name) for name in self.fields]
        return _("Changed: %(fields)s") % {"fields": ", ".join(str(label) for label in labels if label)}


def _field_label(name: str) -> str:
    try:
        return str(Task._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    except FieldDoesNotExist:
        return name


@dataclass(frozen=True, kw_only=True)
class TaskEscalated(TaskEvent):
    """The manager was told; ``reason`` is unclaimed, stuck_working, stuck_in_review or leave."""

    name: ClassVar[str] = "staff.task_escalated"
    reason: str

    def sentence(self) -> str:
        """Say why."""
        return {
            "unclaimed": _("Nobody claimed it: told the manager"),
            "stuck_in_review": _("Waits long for a decision: told the manager"),
            "leave": _("Due while the assignee is away: told the manager"),
        }.get(self.reason, _("No progress: told the manager"))


@dataclass(frozen=True, kw_only=True)
class TaskCommented(TaskEvent):
    """Somebody wrote a comment; its words stay in the comment."""

    name: ClassVar[str] = "staff.task_commented"
    comment_id: int

    def sentence(self) -> str:
        """Say so."""
        return _("Commented")
