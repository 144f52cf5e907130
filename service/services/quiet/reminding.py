"""Customers who owe us an answer: reminded once for each silence, then the ticket is settled, as their inlet says."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import translation
from django.utils.translation import gettext as _

from core.errors import DomainError, InvalidInput
from core.events import record
from service.events import CustomerReminded
from service.models import Inlet, Outgoing, OutgoingState, Ticket, TicketOrder, TicketQuerySet, TicketStatus
from service.policies import only_says
from service.services.ending import resolve_ticket
from service.services.locking import beat, lock_tickets
from service.services.macros.using import use_macro
from service.services.noting import write_note
from service.services.terms.reckoning import reckon

KEY = "silence:"
MOST = 200  # tickets of one inlet in one run; the next one goes on


def remind_silent_customers(*, now: datetime) -> int:
    """Write the reminder of their inlet to customers who have been silent that long; return how many were due.

    It is an answer as any other: rules of approval hold for it, and where the inlet sends no mail it is owed by hand.
    What a macro cannot say (a value is missing) brings the ticket back to us, with a note of why.
    """
    count = 0
    for inlet in Inlet.objects.filter(remind_after_days__isnull=False, is_active=True).order_by("pk"):
        before = now - timedelta(days=inlet.remind_after_days or 0)
        count += _each(_silent(inlet, before).filter(reminded_at=None), lambda ticket: _remind(ticket, now))
    return count


def resolve_silent_tickets(*, now: datetime) -> int:
    """Settle tickets whose customers got the reminder and stayed silent; return how many. A message opens them again.

    Nobody is asked how he liked it. Their reason is the one that was chosen, else the one that the inlet names.
    """
    count = 0
    for inlet in Inlet.objects.filter(end_after_days__isnull=False, is_active=True).order_by("pk"):
        before = now - timedelta(days=inlet.end_after_days or 0)
        reminder = Outgoing.objects.filter(
            message__ticket=OuterRef("pk"), message__at__gte=OuterRef("reminded_at"), state=OutgoingState.SENT,
            key__startswith=KEY,
        )  # fmt: skip
        count += _each(_silent(inlet, before).filter(Exists(reminder), reminded_at__lt=before), _resolve)
    return count


def _silent(inlet: Inlet, before: datetime) -> TicketQuerySet:
    """Return tickets that wait for the customer since then, with nothing of ours on its way."""
    owed = Outgoing.objects.filter(
        message__ticket=OuterRef("pk"), state__in=[OutgoingState.OWED, OutgoingState.AWAITING]
    )
    return Ticket.objects.waiting().filter(~Exists(owed), inlet=inlet, last_message_at__lt=before)


def _each(rows: TicketQuerySet, run: Callable[[Ticket], None]) -> int:
    """Run it for each ticket that still is one of these under its lock, each in a transaction of its own."""
    count = 0
    for pk in list(rows.order_by("pk").values_list("pk", flat=True)[:MOST]):
        with transaction.atomic():
            [ticket] = lock_tickets([pk])
            if rows.filter(pk=pk).exists():
                run(ticket)
                count += 1
    return count


def _remind(ticket: Ticket, now: datetime) -> None:
    macro = ticket.inlet.remind_macro
    orders = set(TicketOrder.objects.filter(ticket=ticket).values_list("order_id", flat=True))
    try:
        with transaction.atomic():
            if macro is None or not only_says(macro):
                raise InvalidInput(_("This macro does more than say something."))
            use_macro(
                macro_id=macro.pk,
                ticket_id=ticket.pk,
                seen_version=ticket.version,
                order_id=orders.pop() if len(orders) == 1 else None,
                sends=True,
                key=f"{KEY}{ticket.pk}:{ticket.version}",
                actor=None,
            )
    except DomainError as refused:
        _come_back(ticket, str(refused), now)
        return
    Ticket.objects.filter(pk=ticket.pk).update(reminded_at=now)
    record(CustomerReminded(ticket_id=ticket.pk), subject=ticket)


def _come_back(ticket: Ticket, why: str, now: datetime) -> None:
    """Let somebody look at a ticket whose reminder could not be written."""
    ticket.status, ticket.waiting_since, ticket.woken_at = TicketStatus.OPEN, now, now
    ticket.save(update_fields=["status", "waiting_since", "woken_at", "updated_at"])
    reckon(ticket, now=now)
    with translation.override(ticket.inlet.language):
        write_note(ticket_id=ticket.pk, body=_("No reminder to the customer: %(why)s") % {"why": why}, actor=None)
    record(CustomerReminded(ticket_id=ticket.pk, refusal=why), subject=ticket)
    beat([ticket.pk])


def _resolve(ticket: Ticket) -> None:
    reason_id = None if ticket.reason_id else ticket.inlet.end_reason_id
    resolve_ticket(ticket_id=ticket.pk, reason_id=reason_id, asks=False, actor=None)
