"""Answers: written against the conversation that was read, owed for some seconds, taken back or sent."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.errors import Conflict, InvalidInput, NotAllowed
from core.events import record
from core.search import fold
from service.events import ReplySent, ReplyUndone, ReplyWritten
from service.models import (
    MAILED,
    Direction,
    Draft,
    InletKind,
    MallThread,
    Message,
    Note,
    Outgoing,
    OutgoingState,
    OutgoingWay,
    Ticket,
    TicketStatus,
    told_in,
)
from service.policies import can_direct_tickets, is_undoable
from service.selectors.approvals import grounds_of
from service.services.approving.asking import ask_for_approval, withdraw_question
from service.services.locking import beat, check_may_work, end_snooze, lock_ticket, move_ticket
from service.services.reasons.choosing import settle_reason
from service.services.storing import (
    MOST_FILES,
    GivenFile,
    KeptFile,
    check_sendable,
    given_files,
    keep_files,
    kept_ids_of,
    kept_versions,
    send_along,
)
from service.services.surveying import owe_survey
from service.services.terms.reckoning import reckon
from staff.models import User

UNDO = timedelta(seconds=15)
UNDO_IN_CHAT = timedelta(seconds=4)  # somebody sits there and waits
LATEST = timedelta(days=30)  # that an answer may be scheduled ahead
_LONGEST = 50_000


class ConversationMoved(Conflict):
    """Something was said since the conversation was opened; ``since`` is the version that was seen."""

    def __init__(self, message: Any, *, since: int) -> None:
        super().__init__(message)
        self.since = since


@dataclass(frozen=True)
class _Recipient:
    address: str
    message: Message | None  # the last one of the customer


def reply_to_ticket(
    *,
    ticket_id: int,
    body: str,
    seen_version: int,
    key: str,
    files: Sequence[GivenFile | KeptFile] = (),
    send_at: datetime | None = None,
    resolve: bool = False,
    reason_id: int | None = None,
    actor: User | None,
) -> Outgoing:
    """Write an answer that is owed from now on, and return what is owed; the same ``key`` again returns the first.

    - It leaves fifteen seconds later, or at ``send_at``; until then ``undo_reply`` takes it back. A visitor who wrote
      in a chat reads it there after four seconds, a mall whose interface showed the question takes it over. Where the
      inlet does neither, or files go along, it is owed by hand: a colleague copies it into the mall and says so.
    - The ticket waits for the customer then, or is resolved with ``resolve`` and a reason. One without
      assignee is the actor's now.
    - Files that the team keeps go along in the ticket's language.
    - Where a rule of approval fits, nothing leaves and the customer goes on waiting: ``approve_reply`` lets it go.

    ConversationMoved, with the words kept as a draft, when something was said since ``seen_version``; InvalidInput for
    an answer without words, one too long, a time in the past or a month ahead, and files we do not send; ReasonMissing
    when it is resolved without a reason; NotAllowed.
    """
    check_may_work(actor)
    text = body.replace("\x00", "").strip()
    _check_words(text, send_at)
    check_sendable(files)
    try:
        with transaction.atomic():
            ticket = lock_ticket(ticket_id)
            if (known := Outgoing.objects.filter(key=key).first()) is not None:
                return known
            check_unmoved(ticket, seen_version)
            if resolve:
                settle_reason(ticket, reason_id)
            return _answer(ticket, text, key, files, send_at, resolve=resolve, actor=actor)
    except ConversationMoved:
        if actor is not None:
            save_reply_draft(ticket_id=ticket_id, body=text, seen_version=seen_version, actor=actor)
        raise


@transaction.atomic
def undo_reply(*, outgoing_id: int, actor: User | None) -> Outgoing:
    """Take an answer back that has not begun to leave: its words are a draft again, the ticket as it was before.

    Conflict when it has left, or is leaving just now; NotAllowed unless it is one's own or one directs.
    """
    check_may_work(actor)
    ticket_id = _ticket_of(outgoing_id)
    # asked before any lock too: who sends locks the answer first and then the ticket
    _check_undoable(Outgoing.objects.get(pk=outgoing_id))
    ticket = lock_ticket(ticket_id)
    outgoing = Outgoing.objects.select_for_update(of=("self",)).select_related("message").get(pk=outgoing_id)
    if outgoing.state == OutgoingState.UNDONE:
        return outgoing
    message = outgoing.message
    if actor is not None and message.author_id != actor.pk and not can_direct_tickets(actor):
        raise NotAllowed(_("Only who wrote the answer, or who directs, may take it back."))
    _check_undoable(outgoing)
    has_waited = outgoing.state == OutgoingState.AWAITING
    outgoing.state = OutgoingState.UNDONE
    outgoing.save(update_fields=["state"])
    ticket.version += 1
    ticket.message_count -= 1
    fields = ["version", "message_count", "updated_at"]
    if has_waited:
        withdraw_question(outgoing=outgoing, actor=actor)
    elif ticket.version == message.version + 1:  # nothing was said since: the ticket is as it was
        ticket.status, ticket.waiting_since = TicketStatus(outgoing.status_before), outgoing.waiting_before
        ticket.resolved_at = None
        fields += ["status", "waiting_since", "resolved_at"]
    ticket.save(update_fields=fields)
    reckon(ticket)
    if message.author is not None:
        _keep_draft(ticket, message.author, message.body, ticket.version)
    record(ReplyUndone(ticket_id=ticket.pk, message_id=message.pk), subject=ticket, actor=actor)
    beat([ticket.pk])
    return outgoing


@transaction.atomic
def mark_sent_by_hand(*, outgoing_id: int, actor: User | None) -> Outgoing:
    """Note that somebody sent this answer where the customer reads it; repeating changes nothing.

    InvalidInput for what leaves by mail or was taken back.
    """
    check_may_work(actor)
    ticket = lock_ticket(_ticket_of(outgoing_id))
    outgoing = Outgoing.objects.select_for_update().get(pk=outgoing_id)
    if outgoing.way != OutgoingWay.BY_HAND or outgoing.state == OutgoingState.UNDONE:
        raise InvalidInput(_("This answer is not sent by hand."))
    if outgoing.state == OutgoingState.AWAITING:
        raise InvalidInput(_("This answer waits for approval: do not send it yet."))
    if outgoing.state == OutgoingState.SENT:
        return outgoing
    outgoing.state, outgoing.sent_at = OutgoingState.SENT, timezone.now()
    outgoing.save(update_fields=["state", "sent_at"])
    reckon(ticket)
    fact = ReplySent(ticket_id=ticket.pk, message_id=outgoing.message_id, way=outgoing.way)
    record(fact, subject=ticket, actor=actor)
    beat([ticket.pk])
    return outgoing


@transaction.atomic
def save_reply_draft(
    *, ticket_id: int, body: str, seen_version: int, kept_ids: Sequence[int] | None = None, actor: User
) -> None:
    """Keep what somebody has begun to answer, one draft for each colleague; an empty one is removed.

    ``kept_ids`` are the team's files that will go along; None leaves those that were chosen.
    """
    check_may_work(actor)
    text = body.replace("\x00", "").strip()[:_LONGEST]
    _keep_draft(lock_ticket(ticket_id), actor, text, seen_version, kept_ids)


def _check_undoable(outgoing: Outgoing) -> None:
    if outgoing.state != OutgoingState.UNDONE and not is_undoable(outgoing):
        raise Conflict(_("It is too late: the answer has left already."))


def give_words_back(ticket: Ticket, author: User, body: str, version: int) -> None:
    """Let words that did not leave be a draft of who wrote them again, before what he has begun since."""
    begun = Draft.objects.filter(ticket=ticket, user=author).values_list("body", flat=True).first()
    _keep_draft(ticket, author, f"{body}\n\n{begun}" if begun else body, version)


def _keep_draft(
    ticket: Ticket, user: User, body: str, seen_version: int, kept_ids: Sequence[int] | None = None
) -> None:
    if not body:
        Draft.objects.filter(ticket=ticket, user=user).delete()
        return
    values: dict[str, Any] = {"body": body, "seen_version": seen_version}
    if kept_ids is not None:
        values["kept_files"] = list(dict.fromkeys(kept_ids))[:MOST_FILES]
    Draft.objects.update_or_create(ticket=ticket, user=user, defaults=values)


def _check_words(text: str, send_at: datetime | None) -> None:
    if not text or len(text) > _LONGEST:
        raise InvalidInput(_("Write an answer of at most %(count)s characters.") % {"count": _LONGEST})
    now = timezone.now()
    if send_at is not None and not now - timedelta(minutes=1) <= send_at <= now + LATEST:
        raise InvalidInput(_("Choose a time within the next 30 days."))


def check_unmoved(ticket: Ticket, seen: int) -> None:
    """Raise ConversationMoved when something was said in a locked ticket since this version of it."""
    if ticket.version != seen:
        raise ConversationMoved(_difference(ticket, seen), since=seen)


def _difference(ticket: Ticket, seen: int) -> str:
    """Say how much was said since, without the words themselves: the page shows those."""
    messages = Message.objects.filter(ticket=ticket, version__gt=seen).exclude(outgoing__state=OutgoingState.UNDONE)
    count = messages.count() + Note.objects.filter(ticket=ticket, version__gt=seen).count()
    if not count:
        return _("The conversation has changed since you opened it. Read it again, then send.")
    return ngettext(
        "%(count)s entry is new since you opened this conversation. Read it and send again; your answer is kept.",
        "%(count)s entries are new since you opened this conversation. Read them and send again; your answer is kept.",
        count,
    ) % {"count": count}


def _answer(
    ticket: Ticket, text: str, key: str, files: Sequence[GivenFile | KeptFile], send_at: datetime | None, *,
    resolve: bool, actor: User | None,
) -> Outgoing:  # fmt: skip
    now = timezone.now()
    to = _recipient(ticket)
    way = _way(ticket, to, has_files=bool(files))
    message = _write(ticket, text, to, now, actor)
    keep_files(message, given_files(files))
    send_along(message, kept_versions(kept_ids_of(files), ticket.language))
    grounds = grounds_of(ticket=ticket, text=text, writer=actor)
    outgoing = Outgoing.objects.create(
        message=message,
        key=key,
        way=way,
        state=OutgoingState.AWAITING if grounds else OutgoingState.OWED,
        wants_approval=bool(grounds),
        due_at=due_of(way, send_at, now),
        status_before=ticket.status,
        waiting_before=ticket.waiting_since,
    )
    _count(ticket, text, actor)
    if actor is not None:
        _keep_draft(ticket, actor, "", 0)
    if grounds:
        reckon(ticket, now=now)
        ask_for_approval(
            ticket=ticket, outgoing=outgoing, grounds=grounds, resolve=resolve, send_at=send_at, actor=actor
        )
    else:
        settle_answer(ticket, text, resolve=resolve, now=now)
        fact = ReplyWritten(ticket_id=ticket.pk, message_id=message.pk, way=way)
        record(fact, subject=ticket, actor=actor)
    beat([ticket.pk])
    return outgoing


def due_of(way: OutgoingWay, send_at: datetime | None, now: datetime) -> datetime:
    """Return when an answer leaves that nobody takes back."""
    return max(now + (UNDO_IN_CHAT if way == OutgoingWay.CHAT else UNDO), send_at or now)


def _write(ticket: Ticket, text: str, to: _Recipient, now: datetime, actor: User | None) -> Message:
    last = to.message
    host = (ticket.inlet.address.rpartition("@")[2] or urlsplit(settings.PUBLIC_URL).hostname or "localhost").lower()
    message_id = f"{uuid.uuid4().hex}.{ticket.pk}@{host}"
    before = [*(last.references if last else ()), *([last.message_id] if last and last.message_id else ())]
    return Message.objects.create(
        ticket=ticket,
        version=ticket.version + 1,
        inlet=ticket.inlet,
        direction=Direction.OUTBOUND,
        external_id=message_id,
        message_id=message_id,
        in_reply_to=_head_of(last),
        references=before[-50:],
        author=actor,
        sender_address=ticket.inlet.address.lower(),
        recipient=to.address,
        subject=_subject(ticket),
        body=text,
        at=now,
    )


def _count(ticket: Ticket, text: str, actor: User | None) -> None:
    ticket.version += 1
    ticket.message_count += 1
    ticket.search_text = f"{ticket.search_text} {fold(text)}"[:20_000]
    if ticket.assignee_id is None and actor is not None:
        ticket.assignee = actor
    ticket.save(update_fields=["version", "message_count", "search_text", "assignee", "reason", "updated_at"])


def settle_answer(ticket: Ticket, text: str, *, resolve: bool, now: datetime) -> None:
    """Let a locked ticket whose answer leaves wait for the customer, or be resolved; its clocks follow."""
    ticket.gist = " ".join(text.split())[:160]
    ticket.last_message_at = now
    ticket.waiting_since = None
    target = TicketStatus.RESOLVED if resolve else TicketStatus.WAITING_FOR_CUSTOMER
    if ticket.status in {TicketStatus.RESOLVED, TicketStatus.CLOSED}:
        move_ticket(ticket, TicketStatus.OPEN)
    if ticket.status != target:
        move_ticket(ticket, target)
    ticket.resolved_at, ticket.closed_at = (now if resolve else None), None
    ticket.save(
        update_fields=[
            "gist", "last_message_at", "waiting_since", "status", "resolved_at", "closed_at", "updated_at",
            *end_snooze(ticket),
        ]
    )  # fmt: skip
    reckon(ticket, now=now)
    if resolve:
        owe_survey(ticket, now=now)


def _recipient(ticket: Ticket) -> _Recipient:
    """Return where the customer wrote from last; in a merged ticket too."""
    heard = Message.objects.filter(told_in(ticket))
    last = heard.filter(direction=Direction.INBOUND).select_related("inlet").order_by("-at", "-pk").first()
    address = last.sender_address if last else ticket.sender_address
    return _Recipient(address if "@" in address and "*" not in address else "", last)


def _way(ticket: Ticket, to: _Recipient, *, has_files: bool) -> OutgoingWay:
    """Return how the answer leaves: where the customer wrote last, if that is a chat or a mall that takes answers."""
    inlet = to.message.inlet if to.message else ticket.inlet
    if inlet.kind == InletKind.CHAT:
        return OutgoingWay.CHAT
    if inlet.is_connected and not has_files and MallThread.objects.filter(head=_head_of(to.message)).exists():
        return OutgoingWay.MALL
    sends = ticket.inlet.kind in (*MAILED, InletKind.CHAT) and ticket.inlet.address  # a chat: who had left wrote a mail
    return OutgoingWay.MAIL if sends and to.address else OutgoingWay.BY_HAND


def _head_of(last: Message | None) -> str:
    """Return what an answer to this message names; further pieces of a question have no id of their own."""
    return (last.message_id or last.in_reply_to) if last else ""


def _subject(ticket: Ticket) -> str:
    subject = ticket.subject or ticket.number
    known = subject if subject.lower().startswith("re:") else f"Re: {subject}"
    return (known if ticket.number in known else f"{known} [{ticket.number}]")[:300]


def _ticket_of(outgoing_id: int) -> int:
    ticket_id = Message.objects.filter(outgoing=outgoing_id).values_list("ticket_id", flat=True).first()
    if ticket_id is None:
        raise InvalidInput(_("There is no such answer. Reload the page."))
    return ticket_id
