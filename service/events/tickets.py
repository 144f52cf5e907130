"""What happens to tickets: messages, colleagues, order work, macros, clocks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from core.display import moment_text
from core.events import Event
from service.events.base import TicketEvent
from service.models import AssignmentWay, Term, WorkKind
from service.selectors.agents import Obstacle
from staff.selectors.roles import user_labels


@dataclass(frozen=True, kw_only=True)
class TicketOpened(TicketEvent):
    """A ticket began: by a message, or split from ``split_from`` (a number)."""

    name = "service.ticket_opened"

    inlet: str  # its code
    split_from: str = ""

    def sentence(self) -> str:
        """Return e.g. "Opened: mail-kr"."""
        if self.split_from:
            return _("Split from %(number)s") % {"number": self.split_from}
        return _("Ticket opened (%(inlet)s)") % {"inlet": self.inlet}


@dataclass(frozen=True, kw_only=True)
class MessageTaken(TicketEvent):
    """The customer wrote; ``has_reopened`` when the ticket did not wait for us, ``was_settled`` when it was done."""

    name = "service.message_taken"

    message_id: int
    has_reopened: bool = False
    was_settled: bool = False

    def sentence(self) -> str:
        """Return that the customer wrote."""
        return _("The customer wrote: open again") if self.has_reopened else _("The customer wrote")


@dataclass(frozen=True, kw_only=True)
class NoteWritten(TicketEvent):
    """Somebody left an internal note."""

    name = "service.note_written"

    note_id: int

    def sentence(self) -> str:
        """Return that a note was written."""
        return _("Internal note written")


@dataclass(frozen=True, kw_only=True)
class TicketAssigned(TicketEvent):
    """Somebody has the ticket now: claimed, or given by somebody else; None: back in the queue."""

    name = "service.ticket_assigned"

    assignee_id: int | None
    before_id: int | None = None
    is_claimed: bool = False
    way: str = ""  # of a rule
    rule: str = ""  # its name
    why: str = ""  # it could not stay with who had it

    def sentence(self) -> str:
        """Return e.g. "Given to Kim Minji"."""
        return self.sentences([self])[0]

    @classmethod
    def sentences(cls, events: Sequence[Any]) -> list[str]:
        """Return the sentences; names are looked up once."""
        people = {one for event in events for one in (event.assignee_id, event.before_id)}
        names = user_labels({one for one in people if one is not None})
        return [event.said(names) for event in events]

    def said(self, names: dict[int, str]) -> str:
        """Return the sentence with these names."""
        if self.assignee_id is None and self.why and self.before_id is not None:
            words = {"who": names.get(self.before_id, "–"), "why": Obstacle(self.why).label}
            return _("Back to the queue: %(who)s %(why)s") % words
        if self.assignee_id is None:
            return _("Given back to the queue")
        who = names.get(self.assignee_id, "–")
        if self.way:
            words = {"who": who, "way": AssignmentWay(self.way).label, "rule": self.rule}
            return _("Given to %(who)s: %(way)s (rule “%(rule)s”)") % words
        return (_("Claimed by %(who)s") if self.is_claimed else _("Given to %(who)s")) % {"who": who}


@dataclass(frozen=True, kw_only=True)
class TicketResolved(TicketEvent):
    """The matter is settled."""

    name = "service.ticket_resolved"

    def sentence(self) -> str:
        """Return that it is settled."""
        return _("Ticket resolved")


@dataclass(frozen=True, kw_only=True)
class ReasonMerged(Event):
    """A reason counts as another one."""

    name = "service.reason_merged"
    reason_id: int
    into_id: int

    def sentence(self) -> str:
        """Return that it was merged."""
        return _("Reason merged into another one")


@dataclass(frozen=True, kw_only=True)
class ReasonUnmerged(Event):
    """A merged reason counts for itself again."""

    name = "service.reason_unmerged"
    reason_id: int

    def sentence(self) -> str:
        """Return that it stands for itself."""
        return _("Reason counts for itself again")


@dataclass(frozen=True, kw_only=True)
class TicketClosed(TicketEvent):
    """The matter was settled and nobody came back to it."""

    name = "service.ticket_closed"

    def sentence(self) -> str:
        """Return that it is closed."""
        return _("Ticket closed")


@dataclass(frozen=True, kw_only=True)
class TicketReopened(TicketEvent):
    """A colleague opened it again."""

    name = "service.ticket_reopened"

    def sentence(self) -> str:
        """Return that it is open again."""
        return _("Ticket opened again")


@dataclass(frozen=True, kw_only=True)
class TicketSnoozed(TicketEvent):
    """A ticket was put aside until a moment, or until the customer writes."""

    name = "service.ticket_snoozed"

    until: str  # as ISO 8601; empty: until the customer writes

    def sentence(self) -> str:
        """Return e.g. "Snoozed until 23 Nov 09:00"."""
        moment = parse_datetime(self.until) if self.until else None
        if moment is None:
            return _("Snoozed until the customer writes")
        return _("Snoozed until %(moment)s") % {"moment": moment_text(moment)}


@dataclass(frozen=True, kw_only=True)
class TicketWoken(TicketEvent):
    """A snoozed ticket is back: its time has come, or somebody took it up before."""

    name = "service.ticket_woken"

    by_itself: bool = False

    def sentence(self) -> str:
        """Return that it is back."""
        return _("Back in the inbox: its time has come") if self.by_itself else _("Back in the inbox")


@dataclass(frozen=True, kw_only=True)
class CustomerReminded(TicketEvent):
    """A customer who has not answered was reminded; ``refusal`` says why it was not possible."""

    name = "service.customer_reminded"

    refusal: str = ""

    def sentence(self) -> str:
        """Return that a reminder was written, or why not."""
        if self.refusal:
            return _("No reminder to the customer: %(why)s") % {"why": self.refusal}
        return _("Reminder to the customer written")


@dataclass(frozen=True, kw_only=True)
class TicketMerged(TicketEvent):
    """The ticket is shown as part of another one, until that is undone."""

    name = "service.ticket_merged"

    into: str  # a number

    def sentence(self) -> str:
        """Return e.g. "Merged into Q-0000012"."""
        return _("Merged into %(number)s") % {"number": self.into}


@dataclass(frozen=True, kw_only=True)
class TicketUnmerged(TicketEvent):
    """The ticket stands for itself again."""

    name = "service.ticket_unmerged"

    out_of: str

    def sentence(self) -> str:
        """Return e.g. "Taken out of Q-0000012 again"."""
        return _("Taken out of %(number)s again") % {"number": self.out_of}


@dataclass(frozen=True, kw_only=True)
class MessagesSplit(TicketEvent):
    """Messages became a ticket of their own."""

    name = "service.messages_split"

    count: int
    into: str

    def sentence(self) -> str:
        """Return e.g. "2 messages moved to Q-0000013"."""
        return _("%(count)s messages moved to %(number)s") % {"count": self.count, "number": self.into}


@dataclass(frozen=True, kw_only=True)
class TicketLinked(TicketEvent):
    """An order or a product was linked, or a link was taken off; ``what`` is its number or code."""

    name = "service.ticket_linked"

    what: str
    is_linked: bool = True

    def sentence(self) -> str:
        """Return e.g. "Linked with O-0000001"."""
        return (_("Linked with %(what)s") if self.is_linked else _("Link with %(what)s removed")) % {"what": self.what}


@dataclass(frozen=True, kw_only=True)
class TicketEdited(TicketEvent):
    """Priority, tags, language, team or customer were changed."""

    name = "service.ticket_edited"

    fields: list[str]

    def sentence(self) -> str:
        """Return that it was changed."""
        return _("Ticket changed")


@dataclass(frozen=True, kw_only=True)
class TicketEscalated(TicketEvent):
    """A ticket is due soon or late, and somebody was told; ``minutes`` before it is due, negative when late."""

    name = "service.ticket_escalated"

    term: str
    minutes: int

    def sentence(self) -> str:
        """Return e.g. "Escalated: First answer, 30 minutes before it is due"."""
        term = Term(self.term).label
        if self.minutes > 0:
            return _("Escalated: %(term)s, %(count)s minutes before it is due") % {"term": term, "count": self.minutes}
        return _("Escalated: %(term)s is late") % {"term": term}


@dataclass(frozen=True, kw_only=True)
class OrderWorked(TicketEvent):
    """Something was done with an order from its ticket; ``reference`` is the refund, the case or the new order."""

    name = "service.order_worked"

    order: str  # its number
    kind: str
    reference: str = ""

    def sentence(self) -> str:
        """Return e.g. "Refund granted: O-0000001, RF-0000003"."""
        what = ", ".join(filter(None, (self.order, self.reference)))
        return _("%(kind)s: %(what)s") % {"kind": WorkKind(self.kind).label, "what": what}


@dataclass(frozen=True, kw_only=True)
class MacroUsed(TicketEvent):
    """A macro was used at the ticket."""

    name = "service.macro_used"

    macro: str  # its name

    def sentence(self) -> str:
        """Return e.g. "Macro used: Late parcel"."""
        return _("Macro used: %(macro)s") % {"macro": self.macro}


@dataclass(frozen=True, kw_only=True)
class SplitUndone(TicketEvent):
    """Messages that had become a ticket of their own are back."""

    name = "service.split_undone"

    fresh: str  # the number of the ticket that they were

    def sentence(self) -> str:
        """Return e.g. "Messages of Q-0000013 are back"."""
        return _("Messages of %(number)s are back") % {"number": self.fresh}
