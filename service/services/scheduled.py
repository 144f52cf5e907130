"""Answers with a time of their own come back when the customer writes before that time."""

from datetime import datetime, timedelta

from django.db.models import F

from core.events import record
from service.events import ReplyCameBack
from service.models import Draft, Outgoing, OutgoingState, Ticket
from staff.models import User

AT_ONCE = timedelta(seconds=16)  # an answer that is due sooner after it was written has no time of its own


def take_back_scheduled(*, ticket: Ticket, now: datetime) -> int:
    """Take back the answers of a locked ticket that wait for their time, and return how many; the caller saves it.

    Each is a draft of who wrote it again, before what he has begun since; it answers the conversation as he had read
    it, so that the page marks what is new. Whoever sends one just now has its row: that one leaves (locked rows are
    passed by, because who sends locks the answer first and then the ticket). The customer waits since he waited before.
    """
    owed = Outgoing.objects.filter(
        message__ticket=ticket,
        state=OutgoingState.OWED,
        attempts=0,
        due_at__gt=now,
        due_at__gte=F("message__at") + AT_ONCE,
    )
    rows = list(owed.select_related("message__author").order_by("pk").select_for_update(skip_locked=True, of=("self",)))
    for row in rows:
        row.state = OutgoingState.UNDONE
        row.save(update_fields=["state"])
        ticket.message_count -= 1
        ticket.waiting_since = ticket.waiting_since or row.waiting_before
        if row.message.author is not None:
            _give_words_back(ticket, row.message.author, row.message.body, row.message.version)
        record(ReplyCameBack(ticket_id=ticket.pk, message_id=row.message_id), subject=ticket)
    return len(rows)


def _give_words_back(ticket: Ticket, author: User, body: str, version: int) -> None:
    begun = Draft.objects.filter(ticket=ticket, user=author).values_list("body", flat=True).first()
    values = {"body": f"{body}\n\n{begun}" if begun else body, "seen_version": version}
    Draft.objects.update_or_create(ticket=ticket, user=author, defaults=values)
