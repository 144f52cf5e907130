"""Taking every name and word out of a customer's tickets: that something was asked, when and why stays countable."""

import pgtrigger
from django.core.files.storage import default_storage
from django.db import transaction

from service.models import KEPT, Attachment, Message, Note, ReplyApproval, Ticket

_GONE = "–"  # a note says something, by a constraint
_WORDS_STAY = (
    "service.Message:service_message_words_stay",
    "service.Note:service_note_append_only",
    "service.Attachment:service_attachment_append_only",
    "service.ReplyApproval:service_replyapproval_decided_once",
)


@transaction.atomic
def forget_asker(*, customer_id: int) -> int:
    """Empty sender, words, notes and files of the customer's tickets and return how many tickets that were.

    The one place where words of messages change. Files leave the storage after the commit. Repeating changes nothing.
    Called by erasures that were decided.
    """
    tickets = list(
        Ticket.objects.select_for_update(no_key=True, of=("self",)).filter(customer_id=customer_id).order_by("pk")
    )
    ids = [ticket.pk for ticket in tickets]
    messages, attached = Message.objects.filter(ticket__in=ids), Attachment.objects.filter(message__ticket__in=ids)
    names = [*messages.exclude(raw="").values_list("raw", flat=True)]
    names += attached.exclude(file="").values_list("file", flat=True)
    with pgtrigger.ignore(*_WORDS_STAY):
        messages.update(
            sender_name="", sender_address="", recipient="", subject="", body="", html="", raw="", withheld=[]
        )
        Note.objects.filter(ticket__in=ids).update(body=_GONE)
        attached.update(file="", filename="")
        ReplyApproval.objects.filter(outgoing__message__ticket__in=ids).exclude(word="").update(word=_GONE)
    for ticket in tickets:
        ticket.subject = ticket.sender_name = ticket.sender_address = ticket.sender_phone = ticket.gist = ""
        ticket.search_text = ticket.number.lower()
    Ticket.objects.bulk_update(
        tickets,
        ["subject", "sender_name", "sender_address", "sender_phone", "gist", "search_text"],
        batch_size=500,
    )
    theirs = [name for name in names if not name.startswith(KEPT)]  # what the team keeps went to others too
    transaction.on_commit(lambda: _remove(theirs))
    return len(tickets)


def _remove(names: list[str]) -> None:
    for name in names:
        default_storage.delete(name)
