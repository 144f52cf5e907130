"""What follows when tickets open or come back, and when colleagues are here again."""

from core.events import handles
from service.events import AvailabilityChanged, MessageTaken, TicketOpened, TicketReopened
from service.models import Availability, Ticket
from service.services.assigning import place_waiting, seek_agent


@handles(TicketOpened)
def seek_for_new(event: TicketOpened) -> None:
    """Find somebody for a new ticket."""
    seek_agent(ticket_id=event.ticket_id)


@handles(MessageTaken)
def seek_for_returned(event: MessageTaken) -> None:
    """Find somebody for a ticket whose customer came back, where who had it cannot go on."""
    if event.has_reopened:
        seek_agent(ticket_id=event.ticket_id, was_settled=event.was_settled)


@handles(TicketReopened)
def seek_for_reopened(event: TicketReopened) -> None:
    """Find somebody for a ticket that a colleague opened again; one that lies in the queue was put there."""
    if Ticket.objects.filter(pk=event.ticket_id, assignee__isnull=False).exists():
        seek_agent(ticket_id=event.ticket_id, was_settled=True)


@handles(AvailabilityChanged)
def place_for_returned(event: AvailabilityChanged) -> None:
    """Give out what waits when somebody is here again."""
    if event.availability == Availability.HERE:
        place_waiting(limit=50)  # the task does the rest: its transactions are short
