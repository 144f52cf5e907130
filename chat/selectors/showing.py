"""What a visitor reads: messages of his conversation, never anything else of the ticket.

The only selector that the chat's pages are fed by. It begins with the ids of what the visitor said: a ticket into which
another customer's was merged shows nothing of that one, and internal notes are a table that it does not know.
"""

from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import QuerySet

from chat.models import Conversation
from service.models import Attachment, Direction, Message, OutgoingState, OutgoingWay

_STANDS = frozenset({OutgoingState.OWED, OutgoingState.SENT})


@dataclass(frozen=True, kw_only=True)
class Line:
    """One message as the visitor reads it; ``place`` counts his own, 0 for ours."""

    id: int
    is_ours: bool
    body: str
    at: datetime
    place: int = 0
    files: list[Attachment] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A conversation as it stands; ``version`` is the same as long as nothing can have changed."""

    version: str
    lines: list[Line]


def said_ids(conversation: Conversation) -> list[str]:
    """Return the ids under which the inlet knows what the visitor said."""
    return [f"{conversation.key}.{place}" for place in range(1, conversation.said_count + 1)]


def version_of(conversation: Conversation) -> str:
    """Return the versions of the tickets that the conversation stands in (one statement)."""
    rows = (
        _said(conversation)
        .values_list("ticket_id", "ticket__version", "ticket__merged_into_id", "ticket__merged_into__version")
        .distinct()
    )
    return ";".join(f"{pk}.{version}.{into}.{other}" for pk, version, into, other in sorted(rows, key=str))


def shown_to_visitor(conversation: Conversation, *, now: datetime) -> Shown:
    """Return what the visitor may read now, oldest first.

    An answer that can still be taken back is not shown yet; the version then says that one has to look again.
    """
    version = version_of(conversation)  # read first: what comes between is seen the next time
    said = list(_said(conversation).select_related("ticket").prefetch_related("attachments"))
    tickets = {row.ticket_id for row in said} | {row.ticket.merged_into_id for row in said}
    answers = (
        Message.objects.filter(
            ticket__in=tickets - {None},
            direction=Direction.OUTBOUND,
            in_reply_to__in=[row.message_id for row in said],
            outgoing__way__in=[OutgoingWay.CHAT, OutgoingWay.MAIL],  # by mail: the visitor had left
            outgoing__state__in=_STANDS,
        )
        .select_related("outgoing")
        .prefetch_related("attachments")
    )
    ours = list(answers)
    seen = [row for row in ours if row.outgoing.way == OutgoingWay.MAIL or row.outgoing.due_at <= now]
    lines = [_line(row, place=int(row.external_id.rpartition(".")[2])) for row in said] + [_line(row) for row in seen]
    lines.sort(key=lambda line: (line.at, line.id))
    return Shown(version=version if len(seen) == len(ours) else f"{version};owed", lines=lines)


def file_for_visitor(conversation: Conversation, *, attachment_id: int, now: datetime) -> Attachment | None:
    """Return a file of a message that the visitor may read, else None."""
    files = (file for line in shown_to_visitor(conversation, now=now).lines for file in line.files)
    return next((file for file in files if file.pk == attachment_id), None)


def _said(conversation: Conversation) -> "QuerySet[Message]":
    return Message.objects.filter(inlet=conversation.widget.inlet_id, external_id__in=said_ids(conversation))


def _line(row: Message, *, place: int = 0) -> Line:
    files = list(row.attachments.all())
    return Line(id=row.pk, is_ours=not place, body=row.body, at=row.at, place=place, files=files)
