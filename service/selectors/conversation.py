"""One conversation, as colleagues read it: messages and notes in their order."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import attrgetter

from django.db.models import Exists, OuterRef, Prefetch, Subquery, prefetch_related_objects
from django.utils import timezone

from core.money import format_money
from service.models import (
    AnswerFileVersion,
    ApprovalGround,
    Attachment,
    Direction,
    Draft,
    InletKind,
    Message,
    Note,
    OrderWork,
    Outgoing,
    OutgoingState,
    OutgoingWay,
    Presence,
    ReplyApproval,
    Ticket,
    TicketSplit,
    told_in,
)
from service.policies import can_approve_replies, is_undoable
from service.selectors.approvals import ground_words
from service.selectors.quoting import split_quote
from service.selectors.working import works_of
from staff.models import User

MOST = 200  # entries of one conversation on one page; the latest
GONE = timedelta(seconds=25)  # without a beat somebody has left
STILL_TYPING = timedelta(seconds=10)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A message, a note or order work; ``kind`` is inbound, outbound, note or system."""

    kind: str
    id: int
    at: datetime
    who: str
    body: str
    version: int
    address: str = ""
    quoted: str = ""  # what the sender's program put below: our own words, folded away
    is_automatic: bool = False
    withheld: list[str] = field(default_factory=list)
    is_new: bool = False
    has_html: bool = False
    from_ticket: str = ""  # the number of the merged ticket that it belongs to
    outgoing: Outgoing | None = None
    has_left: bool = False  # the visitor closed the chat before the answer: it went by mail
    can_undo: bool = False
    grounds: list[str] = field(default_factory=list)  # why the answer waits for approval
    can_decide: bool = False
    files: list[Attachment] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class OpenTicket:
    """The ticket somebody looks at, with his draft; ``since`` is the version up to which he knows it."""

    ticket: Ticket
    draft: str
    since: int
    kept: list[int] = field(default_factory=list)  # files of the team that the draft takes along


def open_ticket_of(*, ticket_id: int, user: User) -> OpenTicket | None:
    """Return the ticket with the draft of this colleague (one query), None when there is none."""
    drafts = Draft.objects.filter(ticket=OuterRef("pk"), user=user)
    ticket = (
        Ticket.objects.select_related(
            "customer", "assignee", "inlet", "sales_channel", "team", "merged_into", "snoozed_by"
        )
        .annotate(own_draft=Subquery(drafts.values("body")), own_version=Subquery(drafts.values("seen_version")))
        .annotate(own_kept=Subquery(drafts.values("kept_files")))
        .annotate(is_split_off=Exists(TicketSplit.objects.filter(fresh=OuterRef("pk"), undone_at=None)))
        .defer("search_text")
        .filter(pk=ticket_id)
        .first()
    )
    if ticket is None:
        return None
    draft: str = getattr(ticket, "own_draft", None) or ""
    since: int = getattr(ticket, "own_version", 0) if draft else ticket.version
    kept = list(getattr(ticket, "own_kept", None) or ())
    return OpenTicket(ticket=ticket, draft=draft, since=since, kept=kept)


def entries_of(*, ticket: Ticket, since: int, user: User) -> list[Entry]:
    """Return what was said, oldest first, with what was merged into the ticket; answers taken back are left out."""
    here = told_in(ticket)
    messages = (
        Message.objects.filter(here)
        .exclude(outgoing__state=OutgoingState.UNDONE)
        .select_related("author", "ticket", "outgoing__approval", "inlet")
        .prefetch_related("attachments")
        .order_by("-at", "-pk")[:MOST]
    )
    waiting = _waiting(messages)
    notes = Note.objects.filter(here).select_related("author", "ticket").order_by("-at", "-pk")[:MOST]
    entries = [_message(row, ticket, since, user, waiting.get(row.pk)) for row in messages] + [
        _note(row, ticket, since) for row in notes
    ]
    entries += [_work(row, ticket, since, user) for row in works_of(ticket)]
    return sorted(entries, key=attrgetter("at", "id"))[-MOST:]


def files_to_send(*, language: str) -> list[AnswerFileVersion]:
    """Return the team's files in a language (one query)."""
    rows = AnswerFileVersion.objects.filter(answer_file__is_active=True, language=language)
    return list(rows.select_related("answer_file").order_by("answer_file__name", "pk")[:MOST])


def present_at(*, ticket_id: int, user: User) -> list[tuple[str, bool]]:
    """Return who else looks at the ticket now, and whether they type (one query)."""
    now = timezone.now()
    rows = Presence.objects.filter(ticket=ticket_id, seen_at__gt=now - GONE).exclude(user=user).select_related("user")
    return [(str(row.user), row.typed_at is not None and row.typed_at > now - STILL_TYPING) for row in rows]


def _awaits(row: Message) -> bool:
    outgoing = getattr(row, "outgoing", None)
    return outgoing is not None and outgoing.state == OutgoingState.AWAITING


def _waiting(messages: Iterable[Message]) -> dict[int, ReplyApproval]:
    """Return what is asked about these messages, by message; at most one statement, none where nothing waits."""
    asked = {row.pk: getattr(row.outgoing, "approval", None) for row in messages if _awaits(row)}
    found = {pk: one for pk, one in asked.items() if one is not None}
    prefetch_related_objects(list(found.values()), Prefetch("grounds", ApprovalGround.objects.select_related("rule")))
    return found


def _message(row: Message, ticket: Ticket, since: int, user: User, asked: ReplyApproval | None) -> Entry:
    outgoing = getattr(row, "outgoing", None)
    is_own = row.author_id == user.pk or user.has_perm("service.direct_ticket")
    inbound = row.direction == Direction.INBOUND
    fresh, quoted = split_quote(row.body) if inbound else (row.body, "")
    return Entry(
        kind=row.direction,
        id=row.pk,
        at=row.at,
        who=(row.sender_name or row.sender_address) if inbound else str(row.author or ""),
        address=row.sender_address if inbound else row.recipient,
        body=fresh,
        quoted=quoted,
        is_automatic=row.is_automatic,
        withheld=row.withheld,
        version=row.version,
        is_new=row.ticket_id == ticket.pk and row.version > since,
        has_html=bool(row.html),
        from_ticket=row.ticket.number if row.ticket_id != ticket.pk else "",
        outgoing=outgoing,
        has_left=outgoing is not None and outgoing.way == OutgoingWay.MAIL and row.inlet.kind == InletKind.CHAT,
        can_undo=outgoing is not None and is_own and is_undoable(outgoing),
        files=list(row.attachments.all()),
        grounds=[ground_words(ground) for ground in asked.grounds.all()] if asked else [],
        can_decide=asked is not None and can_approve_replies(user) and asked.writer_id != user.pk,
    )


def _note(row: Note, ticket: Ticket, since: int) -> Entry:
    return Entry(
        kind="note",
        id=row.pk,
        at=row.at,
        who=str(row.author or ""),
        body=row.body,
        version=row.version,
        is_new=row.ticket_id == ticket.pk and row.version > since,
        from_ticket=row.ticket.number if row.ticket_id != ticket.pk else "",
    )


def _work(row: OrderWork, ticket: Ticket, since: int, user: User) -> Entry:
    amount = format_money(row.amount, row.order.currency) if user.has_perm("orders.view_payment") else ""
    what = " · ".join(filter(None, (row.order.number, row.reference, amount)))
    return Entry(
        kind="system",
        id=row.pk,
        at=row.at,
        who=str(row.actor or ""),
        body=f"{row.get_kind_display()}: {what}",
        version=row.version,
        is_new=row.ticket_id == ticket.pk and row.version > since,
        from_ticket=row.ticket.number if row.ticket_id != ticket.pk else "",
    )
