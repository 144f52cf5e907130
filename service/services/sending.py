"""What is owed by mail or to a mall: claimed, recorded, tried again, given up. The sending itself is ``service.tasks``.

At least once: a row is pushed behind a pause when it is claimed, and marked when the mail server has taken it. A sender
killed between the two leaves a mail that was taken but is not marked: it goes out once more after the pause, with the
same Message-ID and the same bytes of text, and receivers that look at Message-IDs show it once. Nothing is lost.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from core.events import record
from service.events import ReplyFailed, ReplyGoesByMail, ReplyHandedBack, ReplySent
from service.models import Inlet, Message, Outgoing, OutgoingState, OutgoingWay, TicketStatus
from service.services.locking import beat, lock_ticket
from service.services.terms.reckoning import reckon

ATTEMPTS = 8
PAUSE = timedelta(minutes=1)  # after the first attempt; doubled with each: two hours in all


@dataclass(frozen=True)
class OwedReply:
    """One claimed answer: a public message, never anything else."""

    outgoing_id: int
    message: Message
    is_repeated: bool = False  # it was tried before: perhaps it arrived


@transaction.atomic
def claim_reply(*, now: datetime, mall_inlet_id: int | None = None) -> OwedReply | None:
    """Claim the next answer that is due by mail and return it; with an inlet, the next one for its mall.

    None when nothing is due that nobody else has.

    The row is locked with SKIP LOCKED and pushed behind its pause in the same transaction; then it is sent outside.
    What was claimed eight times without an outcome has killed its sender each time and is given up.
    """
    due = Outgoing.objects.filter(state=OutgoingState.OWED, way=OutgoingWay.MAIL, due_at__lte=now)
    if mall_inlet_id is not None:
        due = Outgoing.objects.filter(state=OutgoingState.OWED, way=OutgoingWay.MALL, due_at__lte=now)
        due = due.filter(message__inlet_id=mall_inlet_id)
    rows = due.order_by("due_at", "pk").select_for_update(skip_locked=True, of=("self",))
    while (row := rows.first()) is not None:
        if row.attempts >= ATTEMPTS:
            _give_up(row, "never answered")
            continue
        row.attempts += 1
        row.due_at = now + PAUSE * 2 ** (row.attempts - 1)
        row.save(update_fields=["attempts", "due_at"])
        message = Message.objects.select_related("inlet", "ticket").get(pk=row.message_id)
        return OwedReply(row.pk, message, is_repeated=row.attempts > 1)
    return None


@transaction.atomic
def record_reply_sent(*, outgoing_id: int) -> None:
    """Mark the answer as sent: the mail server took it. Repeating changes nothing."""
    row = Outgoing.objects.select_for_update().filter(pk=outgoing_id, state=OutgoingState.OWED).first()
    if row is None:
        return
    row.state, row.sent_at, row.error = OutgoingState.SENT, timezone.now(), ""
    row.save(update_fields=["state", "sent_at", "error"])
    ticket = lock_ticket(Message.objects.get(pk=row.message_id).ticket_id)
    reckon(ticket)
    record(ReplySent(ticket_id=ticket.pk, message_id=row.message_id, way=row.way), subject=ticket)
    beat([ticket.pk])


@transaction.atomic
def record_chat_replies_shown(*, now: datetime) -> int:
    """Mark the answers that visitors can read in a chat by now as sent, and return how many."""
    due = Outgoing.objects.filter(state=OutgoingState.OWED, way=OutgoingWay.CHAT, due_at__lte=now)
    rows = due.order_by("due_at").select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True)
    shown = list(rows[:200])
    for pk in shown:
        record_reply_sent(outgoing_id=pk)
    return len(shown)


def send_by_mail_instead(*, outgoing: Outgoing, now: datetime) -> None:
    """Owe by mail a locked answer that nobody read in the chat; nobody can take it back any more."""
    outgoing.way, outgoing.state, outgoing.sent_at = OutgoingWay.MAIL, OutgoingState.OWED, None
    outgoing.due_at, outgoing.attempts = now, 1  # it could be read: it has begun to leave
    outgoing.save(update_fields=["way", "state", "sent_at", "due_at", "attempts"])
    ticket = lock_ticket(Message.objects.get(pk=outgoing.message_id).ticket_id)
    record(ReplyGoesByMail(ticket_id=ticket.pk, message_id=outgoing.message_id), subject=ticket)
    beat([ticket.pk])


@transaction.atomic
def record_reply_failed(*, outgoing_id: int, error: str, is_final: bool = False) -> None:
    """Keep why the answer did not leave; it comes again after the pause, or is given up.

    Given up at the eighth attempt, or at once when the server says that there is no such mailbox: the ticket waits for
    us again then, because the customer has no answer. What a mall does not take is sent by hand.
    """
    row = Outgoing.objects.select_for_update().filter(pk=outgoing_id, state=OutgoingState.OWED).first()
    if row is None:
        return
    if is_final or row.attempts >= ATTEMPTS:
        if is_final and row.way == OutgoingWay.MALL:
            row.attempts = 0  # a no is a no: the answer has not begun to leave
        _give_up(row, error)
        return
    row.error = error[:200]
    row.save(update_fields=["error"])


def hand_back(rows: Sequence[Outgoing], *, error: str = "") -> None:
    """Let locked answers for a mall be sent by hand, with the mall's words; a refused one can be taken back again."""
    for row in rows:
        row.way, row.error = OutgoingWay.BY_HAND, error[:200]
        row.save(update_fields=["way", "attempts", "error"])
        ticket = lock_ticket(Message.objects.get(pk=row.message_id).ticket_id)
        record(ReplyHandedBack(ticket_id=ticket.pk, message_id=row.message_id, error=row.error), subject=ticket)
        beat([ticket.pk])


@transaction.atomic
def set_inlet_connected(*, inlet_id: int, is_connected: bool) -> int:
    """Say whether answers leave through the inlet's mall; without, those that are owed there are sent by hand.

    Returns how many were handed back; repeating finds none.
    """
    Inlet.objects.filter(pk=inlet_id).update(is_connected=is_connected)
    if is_connected:
        return 0
    owed = Outgoing.objects.filter(state__in=[OutgoingState.OWED, OutgoingState.AWAITING], way=OutgoingWay.MALL)
    rows = list(owed.filter(message__inlet_id=inlet_id).order_by("pk").select_for_update(of=("self",)))
    hand_back(rows)
    return len(rows)


@transaction.atomic
def record_reply_bounced(*, message_ids: Sequence[str], status: str) -> int:
    """Mark answers that a mail server returned as not delivered and return how many; repeating finds none.

    Only who got the mail knows its Message-ID: nobody else can make an answer look undelivered. The ticket
    waits for us then.
    """
    wanted = Outgoing.objects.filter(
        message__message_id__in=list(message_ids), way=OutgoingWay.MAIL, state=OutgoingState.SENT
    )
    rows = list(wanted.order_by("pk").select_for_update(of=("self",)))
    for row in rows:
        row.sent_at = None
        _give_up(row, f"returned {status}".strip())
    return len(rows)


def _give_up(row: Outgoing, error: str) -> None:
    if row.way == OutgoingWay.MALL:
        hand_back([row], error=error)
        return
    row.state, row.error = OutgoingState.FAILED, error[:200]
    row.save(update_fields=["state", "error", "sent_at"])
    ticket = lock_ticket(Message.objects.get(pk=row.message_id).ticket_id)
    if ticket.status not in {TicketStatus.NEW, TicketStatus.OPEN}:
        ticket.status = TicketStatus.OPEN
        ticket.resolved_at = ticket.closed_at = None
    ticket.waiting_since = ticket.waiting_since or row.waiting_before or timezone.now()
    ticket.save(update_fields=["status", "resolved_at", "closed_at", "waiting_since", "updated_at"])
    reckon(ticket)
    record(ReplyFailed(ticket_id=ticket.pk, message_id=row.message_id, error=row.error), subject=ticket)
    beat([ticket.pk])
