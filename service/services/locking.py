"""The lock that every write of a ticket takes, and the beat that tells polling pages."""

from collections.abc import Collection

from django.db import connection
from django.utils.translation import gettext as _

from core.errors import InvalidInput, NotAllowed
from service.models import TICKET_TRANSITIONS, Pulse, Ticket, TicketStatus
from service.policies import can_direct_tickets, can_work_on_tickets
from staff.models import User


def lock_ticket(ticket_id: int) -> Ticket:
    """Lock the ticket that stands for this one and return it: a merged one leads to where it was merged into.

    Where it leads is read first, and both are locked in the order of their keys, as merging and its undoing do.
    InvalidInput when there is none.
    """
    leads_to = Ticket.objects.filter(pk=ticket_id, merged_into__isnull=False).values_list("merged_into_id", flat=True)
    rows = {row.pk: row for row in lock_tickets({ticket_id, *leads_to})}
    ticket = rows[ticket_id]
    while ticket.merged_into_id is not None:  # a second round only where it was merged just now
        ticket = rows.get(ticket.merged_into_id) or lock_tickets([ticket.merged_into_id])[0]
    return ticket


def lock_tickets(ticket_ids: Collection[int]) -> list[Ticket]:
    """Lock these tickets themselves in the order of their keys and return them so; InvalidInput when one is missing."""
    wanted = sorted(set(ticket_ids))
    rows = Ticket.objects.filter(pk__in=wanted).order_by("pk").select_for_update()
    found = {row.pk: row for row in rows}
    if len(found) != len(wanted):
        raise InvalidInput(_("There is no such ticket. Reload the page."))
    return [found[pk] for pk in wanted]


def check_may_work(actor: User | None) -> None:
    """Raise NotAllowed unless the actor works on tickets."""
    if not can_work_on_tickets(actor):
        raise NotAllowed(_("Only customer service may do this."))


def check_may_direct(actor: User | None) -> None:
    """Raise NotAllowed unless the actor directs customer service."""
    if not can_direct_tickets(actor):
        raise NotAllowed(_("Only who directs customer service may do this."))


def move_ticket(ticket: Ticket, status: TicketStatus) -> None:
    """Set a locked ticket's state; the caller saves. InvalidTransition when it cannot go there."""
    TICKET_TRANSITIONS.check(TicketStatus(ticket.status), status)
    ticket.status = status


def end_snooze(ticket: Ticket) -> list[str]:
    """Let a locked ticket be snoozed no more, nor marked as back; return the columns that the caller saves."""
    ticket.is_snoozed, ticket.snoozed_until, ticket.snoozed_by, ticket.woken_at = False, None, None, None
    return ["is_snoozed", "snoozed_until", "snoozed_by", "woken_at"]


def beat(ticket_ids: Collection[int]) -> None:
    """Let polling pages see that these tickets changed; the rows are taken in one order, so that nobody deadlocks."""
    shards = sorted({pk % Pulse.SHARDS for pk in ticket_ids})
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO service_pulse (shard, version) SELECT s, 1 FROM unnest(%s::smallint[]) AS s ORDER BY s"
            " ON CONFLICT (shard) DO UPDATE SET version = service_pulse.version + 1",
            [shards],
        )
