"""How a ticket ends, and begins again."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from core.events import record, record_many
from service.events import TicketClosed, TicketReopened, TicketResolved
from service.models import Inlet, Ticket, TicketStatus
from service.services.locking import beat, check_may_work, end_snooze, lock_ticket, move_ticket
from service.services.reasons.choosing import settle_reason
from service.services.surveying import owe_survey
from service.services.terms.reckoning import reckon
from staff.models import User


@transaction.atomic
def resolve_ticket(*, ticket_id: int, reason_id: int | None = None, asks: bool = True, actor: User | None) -> Ticket:
    """Settle a ticket with its reason and return it; one without assignee is the actor's.

    The customer will be asked how he liked it, unless ``asks`` is off.

    ReasonMissing when it has no reason and none is given; InvalidTransition when it is settled.
    """
    check_may_work(actor)
    ticket = lock_ticket(ticket_id)
    move_ticket(ticket, TicketStatus.RESOLVED)
    settle_reason(ticket, reason_id)
    ticket.resolved_at = timezone.now()
    ticket.waiting_since = None
    if ticket.assignee_id is None and actor is not None:
        ticket.assignee = actor
    fields = ["status", "reason", "resolved_at", "waiting_since", "assignee", "updated_at"]
    ticket.save(update_fields=[*fields, *end_snooze(ticket)])
    reckon(ticket)
    if asks:
        owe_survey(ticket, now=ticket.resolved_at)
    record(TicketResolved(ticket_id=ticket.pk), subject=ticket, actor=actor)
    beat([ticket.pk])
    return ticket


@transaction.atomic
def reopen_ticket(*, ticket_id: int, actor: User | None) -> Ticket:
    """Let a settled ticket wait for us again and return it; InvalidTransition when it is not settled."""
    check_may_work(actor)
    ticket = lock_ticket(ticket_id)
    move_ticket(ticket, TicketStatus.OPEN)
    ticket.resolved_at = ticket.closed_at = None
    ticket.waiting_since = timezone.now()
    ticket.save(update_fields=["status", "resolved_at", "closed_at", "waiting_since", "updated_at"])
    reckon(ticket)
    record(TicketReopened(ticket_id=ticket.pk), subject=ticket, actor=actor)
    beat([ticket.pk])
    return ticket


@transaction.atomic
def close_silent_tickets(*, limit: int = 500) -> int:
    """Close resolved tickets to which nobody came back for so many days as their inlet says; return how many.

    A message opens them again.
    """
    now = timezone.now()
    silent = Q(pk=None)
    for days in set(Inlet.objects.values_list("close_after_days", flat=True)):
        silent |= Q(inlet__close_after_days=days, resolved_at__lt=now - timedelta(days=days))
    rows = Ticket.objects.own().filter(silent, status=TicketStatus.RESOLVED)
    found = list(rows.order_by("pk").select_for_update(skip_locked=True, of=("self",))[:limit])
    ids = [row.pk for row in found]
    Ticket.objects.filter(pk__in=ids).update(status=TicketStatus.CLOSED, closed_at=now, updated_at=now)
    record_many([(TicketClosed(ticket_id=pk), pk) for pk in ids], model=Ticket)
    if ids:
        beat(ids)
    return len(ids)
