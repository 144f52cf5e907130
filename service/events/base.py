"""What all facts about tickets share."""

from dataclasses import dataclass

from core.events import Event


@dataclass(frozen=True, kw_only=True)
class TicketEvent(Event):
    """Base of what happens to a ticket."""

    ticket_id: int
