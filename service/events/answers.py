"""What becomes of answers, and of the files that go along."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from core.events import Event
from service.events.base import TicketEvent
from staff.models import Language


@dataclass(frozen=True, kw_only=True)
class ReplyWritten(TicketEvent):
    """Somebody answered; the answer is owed and leaves at its time."""

    name = "service.reply_written"

    message_id: int
    way: str

    def sentence(self) -> str:
        """Return that an answer was written."""
        return _("Answer written")


@dataclass(frozen=True, kw_only=True)
class ReplyAwaits(TicketEvent):
    """Somebody answered, and rules want a second person to read it first."""

    name = "service.reply_awaits"

    message_id: int
    rules: Sequence[str]  # their names

    def sentence(self) -> str:
        """Return e.g. "Answer written, awaits approval: Refunds"."""
        return _("Answer written, awaits approval: %(rules)s") % {"rules": ", ".join(self.rules)}


@dataclass(frozen=True, kw_only=True)
class ReplyApproved(TicketEvent):
    """A second person has approved the answer; it is owed from now on."""

    name = "service.reply_approved"

    message_id: int

    def sentence(self) -> str:
        """Return that the answer may leave."""
        return _("Answer approved")


@dataclass(frozen=True, kw_only=True)
class ReplySentBack(TicketEvent):
    """A second person wants the answer changed; its writer has the words again."""

    name = "service.reply_sent_back"

    message_id: int

    def sentence(self) -> str:
        """Return that the answer did not leave."""
        return _("Answer not approved: sent back to who wrote it")


@dataclass(frozen=True, kw_only=True)
class ReplyUndone(TicketEvent):
    """An answer was taken back before it left."""

    name = "service.reply_undone"

    message_id: int

    def sentence(self) -> str:
        """Return that the answer did not leave."""
        return _("Answer taken back before it was sent")


@dataclass(frozen=True, kw_only=True)
class ReplyCameBack(TicketEvent):
    """An answer waited for its time, and the customer wrote before: its author decides anew."""

    name = "service.reply_came_back"

    message_id: int

    def sentence(self) -> str:
        """Return that the answer did not leave and why."""
        return _("Scheduled answer not sent: the customer wrote before its time")


@dataclass(frozen=True, kw_only=True)
class ReplyGoesByMail(TicketEvent):
    """A visitor left the chat before the answer could be read there: it is owed by mail."""

    name = "service.reply_goes_by_mail"

    message_id: int

    def sentence(self) -> str:
        """Return which way the answer takes."""
        return _("The visitor had left the chat: the answer goes by e-mail")


@dataclass(frozen=True, kw_only=True)
class ReplyHandedBack(TicketEvent):
    """A mall did not take the answer, or its connection ended: it is sent by hand; ``error`` is the mall's word."""

    name = "service.reply_handed_back"

    message_id: int
    error: str

    def sentence(self) -> str:
        """Return that the answer is to be sent by hand, and why."""
        if not self.error:
            return _("The mall is not connected any more: the answer is sent by hand")
        return _("The mall did not take the answer (%(error)s): it is sent by hand") % {"error": self.error}


@dataclass(frozen=True, kw_only=True)
class ReplySent(TicketEvent):
    """An answer left: the mail server or the mall took it, or somebody sent it by hand."""

    name = "service.reply_sent"

    message_id: int
    way: str

    def sentence(self) -> str:
        """Return that the answer left."""
        return _("Answer sent")


@dataclass(frozen=True, kw_only=True)
class ReplyFailed(TicketEvent):
    """An answer could not be delivered and is not tried any more."""

    name = "service.reply_failed"

    message_id: int
    error: str

    def sentence(self) -> str:
        """Return that the answer did not arrive."""
        return _("Answer not delivered (%(error)s)") % {"error": self.error}


@dataclass(frozen=True, kw_only=True)
class AnswerFileKept(Event):
    """A file that answers take along was put in, or replaced, in one language; the subject is that file."""

    name = "service.answer_file_kept"

    language: str
    sha256: str

    def sentence(self) -> str:
        """Return e.g. "File put in: Korean"."""
        return _("File put in: %(language)s") % {"language": Language(self.language).label}
