"""Two matters in one ticket: messages become a ticket of their own, and come back."""

from collections.abc import Collection

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import InvalidInput
from core.events import record
from core.sequences import document_number, next_numbers
from service.events import MessagesSplit, SplitUndone, TicketOpened
from service.models import TO_ANSWER, Direction, Message, Ticket, TicketSplit, TicketStatus
from service.services.joining.counting import recount_ticket
from service.services.locking import beat, check_may_direct, lock_ticket, lock_tickets
from service.services.taking import SERIES
from service.services.terms.reckoning import reckon
from staff.models import User


@transaction.atomic
def split_ticket(*, ticket_id: int, message_ids: Collection[int], actor: User | None) -> Ticket:
    """Move these messages into a ticket of their own, with the same customer and inlet, and return it.

    InvalidInput unless they are messages of this ticket, at least one stays, and one of them is the customer's;
    NotAllowed without the right to direct.
    """
    check_may_direct(actor)
    ticket = lock_ticket(ticket_id)
    moved = list(ticket.messages.filter(pk__in=message_ids).order_by("at", "pk"))
    heard = [row for row in moved if row.direction == Direction.INBOUND]
    if len(moved) != len(set(message_ids)) or not heard or len(moved) >= ticket.messages.count():
        raise InvalidInput(_("Choose some messages of this ticket, one of the customer among them; others must stay."))
    [number] = next_numbers(series=SERIES)
    fresh = Ticket.objects.create(
        number=document_number("Q", number),
        subject=heard[0].subject or ticket.subject,
        inlet=ticket.inlet,
        sales_channel=ticket.sales_channel,
        customer=ticket.customer,
        sender_name=heard[0].sender_name,
        sender_address=heard[0].sender_address,
        sender_phone=ticket.sender_phone,
        language=ticket.language,
        priority=ticket.priority,
        status=TicketStatus.OPEN,
        assignee=ticket.assignee,
        team=ticket.team,
        version=moved[-1].version,
        last_message_at=moved[-1].at,
        waiting_since=heard[0].at,
    )
    ids = [row.pk for row in moved]
    TicketSplit.objects.create(source=ticket, fresh=fresh, message_ids=ids)
    Message.objects.filter(pk__in=ids).update(ticket=fresh)
    for row in (ticket, fresh):
        recount_ticket(row)
    ticket.version += 1
    ticket.save(update_fields=["version", "updated_at"])
    for row in (ticket, fresh):
        reckon(row)
    fact = TicketOpened(ticket_id=fresh.pk, inlet=fresh.inlet.code, split_from=ticket.number)
    record(fact, subject=fresh, actor=actor)
    told = MessagesSplit(ticket_id=ticket.pk, count=len(moved), into=fresh.number)
    record(told, subject=ticket, actor=actor)
    beat([ticket.pk, fresh.pk])
    return fresh


@transaction.atomic
def undo_split(*, ticket_id: int, actor: User | None) -> Ticket:
    """Bring the messages of a ticket that was split off back, with what was said there since, and return their ticket.

    The empty ticket leads there from then on, for its number is known outside; its notes are read there. InvalidInput
    when it was not split off, or one of both is merged; NotAllowed without the right to direct.
    """
    check_may_direct(actor)
    split = TicketSplit.objects.filter(fresh=ticket_id, undone_at=None).first()
    if split is None:
        raise InvalidInput(_("This ticket was not split from another one."))
    rows = {row.pk: row for row in lock_tickets([ticket_id, split.source_id])}
    fresh, source = rows[ticket_id], rows[split.source_id]
    split.refresh_from_db()
    is_part = fresh.merged_into_id or source.merged_into_id or Ticket.objects.filter(merged_into=fresh).exists()
    if split.undone_at is not None or is_part:
        raise InvalidInput(_("One of these tickets is merged already. Undo that first."))
    count = Message.objects.filter(ticket=fresh).update(ticket=source)
    fresh.merged_into = source
    fresh.save(update_fields=["merged_into", "updated_at"])
    if fresh.status in TO_ANSWER:
        source.waiting_since = min(filter(None, (source.waiting_since, fresh.waiting_since)), default=None)
        if source.status not in TO_ANSWER:
            source.status = TicketStatus.OPEN
            source.resolved_at = source.closed_at = None
    source.version = max(source.version, fresh.version) + 1
    source.save(update_fields=["version", "waiting_since", "status", "resolved_at", "closed_at", "updated_at"])
    split.undone_at = timezone.now()
    split.save(update_fields=["undone_at"])
    for row in (source, fresh):
        recount_ticket(row)
        reckon(row)
    fact = SplitUndone(ticket_id=source.pk, fresh=fresh.number)
    record(fact, subject=source, actor=actor)
    record(MessagesSplit(ticket_id=fresh.pk, count=count, into=source.number), subject=fresh, actor=actor)
    beat([source.pk, fresh.pk])
    return source
