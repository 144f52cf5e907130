"""Who has a ticket: claimed, given, given back."""

from django.db import transaction
from django.db.models import Case, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import Conflict, InvalidInput, NotAllowed
from core.events import record
from service.events import TicketAssigned
from service.models import UNSOLVED, AgentSearch, Ticket, TicketStatus
from service.policies import can_direct_tickets, can_work_on_tickets
from service.services.assigning.telling import tell_assigned
from service.services.locking import beat, check_may_direct, check_may_work, lock_ticket
from staff.models import User


@transaction.atomic
def claim_ticket(*, ticket_id: int, actor: User) -> Ticket:
    """Take a ticket that nobody has and return it; of two who claim at once one gets it.

    One statement decides: it sets the assignee where there is none. Conflict names who was faster; claiming again what
    one has changes nothing.
    """
    check_may_work(actor)
    opened = Case(When(status=TicketStatus.NEW, then=Value(TicketStatus.OPEN.value)), default="status")
    free = Ticket.objects.filter(pk=ticket_id, assignee=None, merged_into=None, status__in=UNSOLVED)
    taken = free.update(assignee=actor, status=opened, updated_at=timezone.now())
    ticket = Ticket.objects.select_related("assignee").filter(pk=ticket_id).first()
    if ticket is None:
        raise InvalidInput(_("There is no such ticket. Reload the page."))
    if not taken:
        if ticket.assignee_id == actor.pk:
            return ticket
        if ticket.assignee is None:
            raise Conflict(_("This ticket is settled, or part of another one. Reload the page."))
        raise Conflict(_("%(who)s was faster: the ticket is already taken.") % {"who": ticket.assignee})
    fact = TicketAssigned(ticket_id=ticket.pk, assignee_id=actor.pk, is_claimed=True)
    record(fact, subject=ticket, actor=actor)
    beat([ticket.pk])
    return ticket


@transaction.atomic
def assign_ticket(*, ticket_id: int, assignee_id: int, actor: User | None) -> Ticket:
    """Give a ticket to a colleague and return it; NotAllowed without the right to direct.

    InvalidInput for an account that is closed or does not work on tickets.
    """
    check_may_direct(actor)
    ticket = lock_ticket(ticket_id)
    assignee = User.objects.filter(pk=assignee_id, is_active=True).first()
    if assignee is None or not can_work_on_tickets(assignee):
        raise InvalidInput(_("This colleague cannot have tickets. Choose somebody else."))
    if ticket.assignee_id == assignee.pk:
        return ticket
    before, ticket.assignee = ticket.assignee_id, assignee
    if ticket.status == TicketStatus.NEW:
        ticket.status = TicketStatus.OPEN
    ticket.save(update_fields=["assignee", "status", "updated_at"])
    fact = TicketAssigned(ticket_id=ticket.pk, assignee_id=assignee.pk, before_id=before)
    record(fact, subject=ticket, actor=actor)
    if actor is None or actor.pk != assignee.pk:
        tell_assigned(ticket, assignee.pk, key=f"ticket:{ticket.pk}:given:{ticket.updated_at.timestamp()}", actor=actor)
    beat([ticket.pk])
    return ticket


@transaction.atomic
def release_ticket(*, ticket_id: int, actor: User | None) -> Ticket:
    """Give a ticket back to the queue and return it; NotAllowed unless one has it or directs."""
    check_may_work(actor)
    ticket = lock_ticket(ticket_id)
    before = ticket.assignee_id
    if before is None:
        return ticket
    if actor is not None and before != actor.pk and not can_direct_tickets(actor):
        raise NotAllowed(_("Only who has the ticket, or who directs, may give it back."))
    ticket.assignee = None
    ticket.save(update_fields=["assignee", "updated_at"])
    AgentSearch.objects.filter(ticket=ticket).delete()  # it is to lie there: no rule gives it out again
    fact = TicketAssigned(ticket_id=ticket.pk, assignee_id=None, before_id=before)
    record(fact, subject=ticket, actor=actor)
    beat([ticket.pk])
    return ticket
