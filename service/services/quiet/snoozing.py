"""Tickets put aside until a moment or until the customer writes; no clock stands still meanwhile."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import Conflict, InvalidInput
from core.events import record
from service.events import TicketSnoozed, TicketWoken
from service.models import UNSOLVED, Ticket, TicketStatus
from service.services.locking import beat, check_may_work, end_snooze, lock_ticket
from service.services.terms.reckoning import reckon
from staff.models import User

LONGEST = timedelta(days=90)


@transaction.atomic
def snooze_ticket(*, ticket_id: int, until: datetime | None, actor: User | None) -> Ticket:
    """Put a ticket aside until ``until``, or until the customer writes (None), and return it; again moves the moment.

    It leaves the lists of who answers and comes back by itself, at once when the customer writes. Its clocks run on,
    the mall's and the law's with them, and it stays where late tickets are shown.

    InvalidInput for a moment that has passed or lies three months ahead; Conflict when it is settled; NotAllowed.
    """
    check_may_work(actor)
    now = timezone.now()
    if until is not None and not now < until <= now + LONGEST:
        raise InvalidInput(_("Choose a time within the next %(count)s days.") % {"count": LONGEST.days})
    ticket = lock_ticket(ticket_id)
    if ticket.status not in UNSOLVED:
        raise Conflict(_("This ticket is settled: there is nothing to snooze."))
    ticket.is_snoozed, ticket.snoozed_until, ticket.snoozed_by, ticket.woken_at = True, until, actor, None
    ticket.save(update_fields=["is_snoozed", "snoozed_until", "snoozed_by", "woken_at", "updated_at"])
    fact = TicketSnoozed(ticket_id=ticket.pk, until=until.isoformat() if until else "")
    record(fact, subject=ticket, actor=actor)
    beat([ticket.pk])
    return ticket


@transaction.atomic
def wake_ticket(*, ticket_id: int, actor: User | None) -> Ticket:
    """Bring a snoozed ticket back now and return it; one that is not snoozed stays as it is."""
    check_may_work(actor)
    ticket = lock_ticket(ticket_id)
    if not ticket.is_snoozed:
        return ticket
    ticket.save(update_fields=[*end_snooze(ticket), "updated_at"])
    record(TicketWoken(ticket_id=ticket.pk), subject=ticket, actor=actor)
    beat([ticket.pk])
    return ticket


@transaction.atomic
def wake_tickets(*, now: datetime, limit: int = 200) -> int:
    """Bring snoozed tickets back whose time has come, marked as back, and return how many; repeating finds none.

    One that waited for the customer waits for us from then on: somebody wanted to look at it again.
    """
    rows = Ticket.objects.filter(is_snoozed=True, snoozed_until__lte=now).order_by("pk")
    found = list(rows.select_for_update(skip_locked=True, of=("self",))[:limit])
    for ticket in found:
        fields = end_snooze(ticket)
        ticket.woken_at = now
        if ticket.status == TicketStatus.WAITING_FOR_CUSTOMER and ticket.merged_into_id is None:
            ticket.status, ticket.waiting_since = TicketStatus.OPEN, now
        ticket.save(update_fields=[*fields, "status", "waiting_since", "updated_at"])
        reckon(ticket, now=now)
        record(TicketWoken(ticket_id=ticket.pk, by_itself=True), subject=ticket)
    if found:
        beat([ticket.pk for ticket in found])
    return len(found)
