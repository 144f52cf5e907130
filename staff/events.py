"""Facts about colleagues, what they may do, and their tasks. Ids and words of the work only, never names."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.core.exceptions import FieldDoesNotExist
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from core.display import moment_text
from core.events import Event
from staff.models import StaleReason, Task, TaskKind
from staff.selectors.roles import role_label, user_label


@dataclass(frozen=True, kw_only=True)
class RolePermissionsChanged(Event):
    """A role's permissions were brought in line with the table in the code; lists of ``<app>.<codename>``."""

    name: ClassVar[str] = "staff.role_permissions_changed"
    granted: list[str]
    withdrawn: list[str]

    def sentence(self) -> str:
        """Say how many permissions came and went."""
        parts = []
        if self.granted:
            count = len(self.granted)
            parts.append(ngettext("%(count)s permission granted", "%(count)s permissions granted", count))
            parts[-1] %= {"count": count}
        if self.withdrawn:
            count = len(self.withdrawn)
            parts.append(ngettext("%(count)s permission withdrawn", "%(count)s permissions withdrawn", count))
            parts[-1] %= {"count": count}
        return ", ".join(parts)


@dataclass(frozen=True, kw_only=True)
class UserRolesChanged(Event):
    """A colleague got or lost roles; lists of role keys."""

    name: ClassVar[str] = "staff.user_roles_changed"
    roles: list[str]
    before: list[str]

    def sentence(self) -> str:
        """Name the roles that hold from now on."""
        if not self.roles:
            return _("All roles were taken away.")
        return _("Roles are now: %(roles)s.") % {"roles": ", ".join(role_label(key) for key in self.roles)}


@dataclass(frozen=True, kw_only=True)
class UserDeactivated(Event):
    """A colleague may no longer log in; open sessions end with their next request."""

    name: ClassVar[str] = "staff.user_deactivated"

    def sentence(self) -> str:
        """Say so."""
        return _("The account was switched off.")


@dataclass(frozen=True, kw_only=True)
class UserReactivated(Event):
    """A colleague may log in again."""

    name: ClassVar[str] = "staff.user_reactivated"

    def sentence(self) -> str:
        """Say so."""
        return _("The account was switched on again.")


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
        who = user_label(self.assignee_id)
        return _("Claimed by %(who)s") % {"who": who} if self.is_claimed else _("Given to %(who)s") % {"who": who}


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
    """What is asked changed; ``fields`` name the columns, checklist and attachments included."""

    name: ClassVar[str] = "staff.task_edited"
    fields: list[str]

    def sentence(self) -> str:
        """Name what changed, in the reader's language."""
        own = {"checklist": _("check list"), "attachments": _("files"), "shown_currency": ""}
        labels = [own.get(name) if name in own else _field_label(name) for name in self.fields]
        return _("Changed: %(fields)s") % {"fields": ", ".join(str(label) for label in labels if label)}


def _field_label(name: str) -> str:
    try:
        return str(Task._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    except FieldDoesNotExist:
        return name


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


@dataclass(frozen=True, kw_only=True)
class WebhookSaved(Event):
    """A webhook was made or changed; its address is a secret and stands nowhere else."""

    name: ClassVar[str] = "staff.webhook_saved"
    webhook_id: int
    is_new: bool = False
    has_new_address: bool = False

    def sentence(self) -> str:
        """Say whether it leads elsewhere now."""
        if self.is_new:
            return _("The webhook was added.")
        return _("The address of the webhook was replaced.") if self.has_new_address else _("The webhook was changed.")


@dataclass(frozen=True, kw_only=True)
class WebhookSwitchedOff(Event):
    """A webhook failed so often in a row that nothing is sent to it any more."""

    name: ClassVar[str] = "staff.webhook_switched_off"
    webhook_id: int

    def sentence(self) -> str:
        """Say so."""
        return _("Switched off after too many failures.")
