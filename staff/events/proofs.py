"""Facts about versions, decisions and what became of approved work."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from staff.events.tasks import TaskEvent
from staff.models import StaleReason


@dataclass(frozen=True, kw_only=True)
class RevisionUploaded(TaskEvent):
    """A new version of a deliverable came in; decisions about older ones say nothing about it."""

    name: ClassVar[str] = "staff.revision_uploaded"
    revision_id: int
    deliverable: str
    number: int

    def sentence(self) -> str:
        """Name deliverable and version."""
        return _("Version %(number)s of “%(deliverable)s” uploaded") % {
            "number": self.number,
            "deliverable": self.deliverable,
        }


@dataclass(frozen=True, kw_only=True)
class TaskSentToReview(TaskEvent):
    """The work waits for decisions."""

    name: ClassVar[str] = "staff.task_sent_to_review"

    def sentence(self) -> str:
        """Say so."""
        return _("Sent to review")


@dataclass(frozen=True, kw_only=True)
class TaskTakenBack(TaskEvent):
    """Its assignee took it out of review to go on working."""

    name: ClassVar[str] = "staff.task_taken_back"

    def sentence(self) -> str:
        """Say so."""
        return _("Taken back from review")


@dataclass(frozen=True, kw_only=True)
class ChangesRequested(TaskEvent):
    """A reviewer wants another version; ``round`` counts from 1, ``is_over_limit`` beyond the agreed number."""

    name: ClassVar[str] = "staff.changes_requested"
    round: int
    note: str = ""
    is_over_limit: bool = False

    def sentence(self) -> str:
        """Return the round and the reviewer's words."""
        text = _("Changes requested (round %(round)s)") % {"round": self.round}
        return f"{text}: {self.note}" if self.note else text


@dataclass(frozen=True, kw_only=True)
class StepApproved(TaskEvent):
    """One approval step is done for all current versions; others follow."""

    name: ClassVar[str] = "staff.step_approved"
    step: int

    def sentence(self) -> str:
        """Name the step."""
        return _("Approval step %(step)s passed") % {"step": self.step}


@dataclass(frozen=True, kw_only=True)
class TaskApproved(TaskEvent):
    """All steps approved the current versions. ``subject`` is "<app>.<model>" of where the task came from, or empty.

    Handlers of upper apps take the files over (``staff.selectors.approved_revisions``) and call ``deliver_task``.
    """

    name: ClassVar[str] = "staff.task_approved"
    kind: str
    subject: str = ""
    subject_id: int | None = None
    revision_ids: list[int]

    def sentence(self) -> str:
        """Say so."""
        return _("Approved")


@dataclass(frozen=True, kw_only=True)
class TaskDelivered(TaskEvent):
    """The result is where it belongs; ``place`` names it in words."""

    name: ClassVar[str] = "staff.task_delivered"
    place: str = ""

    def sentence(self) -> str:
        """Name the place."""
        return _("Delivered: %(place)s") % {"place": self.place} if self.place else pgettext("task", "Delivered")


@dataclass(frozen=True, kw_only=True)
class TaskWentLive(TaskEvent):
    """Customers see the result."""

    name: ClassVar[str] = "staff.task_went_live"

    def sentence(self) -> str:
        """Say so."""
        return _("Live")


@dataclass(frozen=True, kw_only=True)
class TaskRetired(TaskEvent):
    """Customers no longer see the result."""

    name: ClassVar[str] = "staff.task_retired"
    reason: str = ""

    def sentence(self) -> str:
        """Return the reason."""
        return _("Retired: %(reason)s") % {"reason": self.reason} if self.reason else _("Retired")


@dataclass(frozen=True, kw_only=True)
class CreativeWentStale(TaskEvent):
    """A live picture tells customers something that is no longer true; ``reason`` is a ``StaleReason``."""

    name: ClassVar[str] = "staff.creative_went_stale"
    reason: str

    def sentence(self) -> str:
        """Return the reason."""
        return _("No longer true: %(reason)s") % {"reason": StaleReason(self.reason).label}


@dataclass(frozen=True, kw_only=True)
class CreativeCameTrue(TaskEvent):
    """What a live picture tells is true again; ``reason`` is the ``StaleReason`` that no longer holds."""

    name: ClassVar[str] = "staff.creative_came_true"
    reason: str

    def sentence(self) -> str:
        """Name what is true again."""
        return _("True again, no longer: %(reason)s") % {"reason": StaleReason(self.reason).label}
