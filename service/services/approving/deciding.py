"""A second person decides about an answer that waits: exactly these words leave, or go back with a word."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import Conflict, InvalidInput, NotAllowed
from core.events import record
from service.events import ReplyApproved, ReplySentBack
from service.models import (
    ApprovalDecision,
    Direction,
    Message,
    Outgoing,
    OutgoingState,
    OutgoingWay,
    ReplyApproval,
    Ticket,
    TicketStatus,
    told_in,
)
from service.policies import can_approve_replies
from service.services.answering import check_unmoved, due_of, give_words_back, settle_answer
from service.services.approving.asking import digest_of, stop_asking
from service.services.locking import beat, lock_ticket
from service.services.noting import write_note
from service.services.reasons.choosing import settle_reason
from service.services.terms.reckoning import reckon
from staff.models import Topic, User
from staff.services.notifications.notifying import Telling, notify_many

_LONGEST = 500


@transaction.atomic
def approve_reply(*, outgoing_id: int, seen_version: int, actor: User) -> Outgoing:
    """Let an answer go that waits, and return it; it is owed from now on, and can be taken back as any other.

    The ticket waits for the customer then, or is resolved where its writer wanted that. If the customer has written
    since, which the decider has read, the answer leaves and that message goes on waiting for us.

    NotAllowed for who wrote it and without the right to; Conflict when somebody else has decided, or the words are not
    the ones that were asked about; ConversationMoved when something was said since ``seen_version``.
    """
    ticket, outgoing, approval = _waiting(outgoing_id, actor)
    check_unmoved(ticket, seen_version)
    message = outgoing.message
    if digest_of(message) != approval.sha256:
        raise Conflict(_("These are not the words that were asked about. Take the answer back and write it again."))
    now = timezone.now()
    _decide(approval, ApprovalDecision.APPROVED, actor)
    outgoing.state, outgoing.approved_at = OutgoingState.OWED, now
    outgoing.due_at = due_of(OutgoingWay(outgoing.way), approval.send_at, now)
    outgoing.status_before, outgoing.waiting_before = ticket.status, ticket.waiting_since
    outgoing.save(update_fields=["state", "approved_at", "due_at", "status_before", "waiting_before"])
    heard = _heard_since(ticket, message)
    if approval.resolves and heard is None:
        settle_reason(ticket, None)
    settle_answer(ticket, message.body, resolve=approval.resolves and heard is None, now=now)
    if heard is not None:
        _go_on_waiting(ticket, heard)
    record(ReplyApproved(ticket_id=ticket.pk, message_id=message.pk), subject=ticket, actor=actor)
    _tell_writer(approval, ticket, Topic.APPROVED, actor)
    stop_asking(outgoing)
    beat([ticket.pk])
    return outgoing


@transaction.atomic
def send_reply_back(*, outgoing_id: int, word: str, actor: User) -> Outgoing:
    """Do not let an answer go that waits, and return it: its words are a draft of who wrote it again.

    What should change stands as an internal note beside the conversation. InvalidInput without a word about it;
    NotAllowed and Conflict as for approving.
    """
    said = " ".join(word.replace("\x00", "").split())[:_LONGEST]
    if not said:
        raise InvalidInput(_("Say what should change."))
    ticket, outgoing, approval = _waiting(outgoing_id, actor)
    message = outgoing.message
    _decide(approval, ApprovalDecision.SENT_BACK, actor, word=said)
    outgoing.state = OutgoingState.UNDONE
    outgoing.save(update_fields=["state"])
    ticket.version += 1
    ticket.message_count -= 1
    fields = ["version", "message_count", "updated_at"]
    if message.author_id is None and ticket.status == TicketStatus.WAITING_FOR_CUSTOMER:
        # nobody has these words as a draft: who answers looks at the ticket
        ticket.status, ticket.waiting_since = TicketStatus.OPEN, timezone.now()
        fields += ["status", "waiting_since"]
    ticket.save(update_fields=fields)
    reckon(ticket)
    write_note(ticket_id=ticket.pk, body=said, actor=actor)
    if message.author is not None:
        give_words_back(ticket, message.author, message.body, message.version)
    record(ReplySentBack(ticket_id=ticket.pk, message_id=message.pk), subject=ticket, actor=actor)
    _tell_writer(approval, ticket, Topic.CHANGES_REQUESTED, actor)
    stop_asking(outgoing)
    beat([ticket.pk])
    return outgoing


def _waiting(outgoing_id: int, actor: User) -> tuple[Ticket, Outgoing, ReplyApproval]:
    """Lock ticket, answer and question; the first decider finds it waiting, the second one who decided."""
    if not can_approve_replies(actor):
        raise NotAllowed(_("Only who may approve answers decides about this one."))
    ticket_id = Message.objects.filter(outgoing=outgoing_id).values_list("ticket_id", flat=True).first()
    if ticket_id is None:
        raise InvalidInput(_("There is no such answer. Reload the page."))
    ticket = lock_ticket(ticket_id)
    outgoing = Outgoing.objects.select_for_update(of=("self",)).select_related("message__author").get(pk=outgoing_id)
    approval = ReplyApproval.objects.select_for_update(of=("self",)).filter(outgoing=outgoing).first()
    if approval is None:
        raise InvalidInput(_("This answer wants no approval."))
    if outgoing.state != OutgoingState.AWAITING or approval.decision:
        said = approval.get_decision_display()
        raise Conflict(_("This is decided already: %(decision)s.") % {"decision": said})
    if approval.writer_id == actor.pk:
        raise NotAllowed(_("Somebody else has to approve what you wrote."))
    return ticket, outgoing, approval


def _decide(approval: ReplyApproval, decision: ApprovalDecision, actor: User, *, word: str = "") -> None:
    approval.decision, approval.decided_by, approval.decided_at = decision, actor, timezone.now()
    approval.word = word
    approval.save(update_fields=["decision", "decided_by", "decided_at", "word"])


def _heard_since(ticket: Ticket, answer: Message) -> Message | None:
    """Return the first message that the customer wrote after the answer was written."""
    here = Message.objects.filter(told_in(ticket))
    later = here.filter(pk__gt=answer.pk, direction=Direction.INBOUND, is_automatic=False)
    return later.order_by("pk").first()


def _go_on_waiting(ticket: Ticket, heard: Message) -> None:
    ticket.status, ticket.waiting_since = TicketStatus.OPEN, heard.at
    ticket.save(update_fields=["status", "waiting_since", "updated_at"])
    reckon(ticket)


def _tell_writer(approval: ReplyApproval, ticket: Ticket, topic: Topic, actor: User) -> None:
    if approval.writer_id is None:
        return
    data: dict[str, Any] = {
        "about": f"service.ticket:{ticket.pk}",
        "number": ticket.number,
        "title": "",
        "by": actor.pk,
    }
    key = f"reply:{approval.outgoing_id}:{approval.decision}"
    notify_many(tellings=[Telling(user_id=approval.writer_id, topic=topic, key=key, data=data)])
