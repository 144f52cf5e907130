"""What a ticket keeps of its messages, written anew after some of them moved."""

from core.search import fold
from service.models import OutgoingState, Ticket


def recount_ticket(ticket: Ticket) -> None:
    """Write count, last words, last moment and words to search of a locked ticket anew."""
    rows = list(ticket.messages.exclude(outgoing__state=OutgoingState.UNDONE).order_by("at", "pk"))
    ticket.message_count = len(rows)
    ticket.gist = " ".join(rows[-1].body.split())[:160] if rows else ""
    ticket.last_message_at = rows[-1].at if rows else ticket.last_message_at
    words = [ticket.own_words, *(row.body for row in rows)]
    ticket.search_text = fold(" ".join(words))[:20_000]
    ticket.save(update_fields=["message_count", "gist", "last_message_at", "search_text", "updated_at"])
