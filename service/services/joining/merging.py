"""One matter in two tickets, and that undone; two matters in one stand in ``splitting``."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import InvalidInput
from core.events import record
from service.events import TicketMerged, TicketUnmerged
from service.models import NOT_SAID, TO_ANSWER, UNSOLVED, Direction, Message, Ticket, TicketMerge, TicketStatus
from service.services.joining.counting import recount_ticket
from service.services.locking import beat, check_may_direct, end_snooze, lock_tickets
from service.services.terms.reckoning import reckon
from staff.models import User


@transaction.atomic
def merge_tickets(*, ticket_id: int, into_id: int, actor: User | None) -> Ticket:
    """Show a ticket as part of another one and return that; only a pointer is set, so that it can be undone.

    Messages that come to it from now on go to the other one, which waits for us where this one did. InvalidInput for a
    ticket and itself, and when one of them is part of another ticket already, or the first has parts of its own;
    NotAllowed without the right to direct.
    """
    check_may_direct(actor)
    if ticket_id == into_id:
        raise InvalidInput(_("A ticket cannot be merged into itself."))
    rows = {row.pk: row for row in lock_tickets([ticket_id, into_id])}
    ticket, into = rows[ticket_id], rows[into_id]
    parts = Ticket.objects.filter(merged_into=ticket)
    if ticket.merged_into_id or into.merged_into_id or parts.filter(messages__isnull=False).exists():
        raise InvalidInput(_("One of these tickets is merged already. Undo that first."))
    TicketMerge.objects.create(
        ticket=ticket,
        into=into,
        into_version=into.version + 1,
        into_status=into.status,
        into_waiting_since=into.waiting_since,
    )
    parts.update(merged_into=into)  # what is left of undone splits leads on
    ticket.merged_into = into
    ticket.save(update_fields=["merged_into", "updated_at"])
    into.version += 1
    if ticket.status in TO_ANSWER:
        into.waiting_since = min(filter(None, (into.waiting_since, ticket.waiting_since)), default=None)
        _let_wait(into)
        into.save(update_fields=end_snooze(into))
    into.save(update_fields=["version", "waiting_since", "status", "resolved_at", "closed_at", "updated_at"])
    for row in (ticket, into):
        reckon(row)
    record(TicketMerged(ticket_id=ticket.pk, into=into.number), subject=ticket, actor=actor)
    record(TicketMerged(ticket_id=ticket.pk, into=into.number), subject=into, actor=actor)
    beat([ticket.pk, into.pk])
    return into


@transaction.atomic
def unmerge_ticket(*, ticket_id: int, actor: User | None) -> Ticket:
    """Let a merged ticket stand for itself again, and return it.

    What was said in answer to one of its messages meanwhile goes back with it, and both wait for us as if they had
    never been one: an answer that was given to both holds for both. InvalidInput when it is not merged, or when its
    messages went back where they were split from.
    """
    check_may_direct(actor)
    leads_to = Ticket.objects.filter(pk=ticket_id).values_list("merged_into_id", flat=True).first()
    if leads_to is None:
        raise InvalidInput(_("This ticket is not merged."))
    rows = {row.pk: row for row in lock_tickets([ticket_id, leads_to])}
    ticket, into = rows[ticket_id], rows[leads_to]
    merge = TicketMerge.objects.filter(ticket=ticket, undone_at=None).first()
    if ticket.merged_into_id != into.pk or not ticket.messages.exists():
        raise InvalidInput(_("This ticket is not merged."))
    ticket.merged_into = None
    ticket.save(update_fields=["merged_into", "updated_at"])
    Ticket.objects.filter(merged_into=into, split__source=ticket, split__undone_at__isnull=False).update(
        merged_into=ticket
    )
    since = merge.merged_at if merge else None
    answered_at = _answered(into, since)
    if _hand_back(ticket, into, since):
        for row in (ticket, into):
            recount_ticket(row)
    ticket.version = max(ticket.version, *ticket.messages.values_list("version", flat=True)) + 1
    _settle(ticket, answered_at)
    is_untouched = merge is not None and into.version == merge.into_version
    if merge is not None and is_untouched:
        into.status, into.waiting_since = TicketStatus(merge.into_status), merge.into_waiting_since
        into.resolved_at = timezone.now() if into.status == TicketStatus.RESOLVED else None
        into.closed_at = timezone.now() if into.status == TicketStatus.CLOSED else None
    else:
        _settle(into, answered_at)
    into.version += 1
    for row in (ticket, into):
        row.save(update_fields=["version", "status", "waiting_since", "resolved_at", "closed_at", "updated_at"])
        reckon(row)
    if merge is not None:
        merge.undone_at = timezone.now()
        merge.save(update_fields=["undone_at"])
    record(TicketUnmerged(ticket_id=ticket.pk, out_of=into.number), subject=ticket, actor=actor)
    record(TicketUnmerged(ticket_id=ticket.pk, out_of=into.number), subject=into, actor=actor)
    beat([ticket.pk, into.pk])
    return ticket


def _let_wait(ticket: Ticket) -> None:
    if ticket.status not in TO_ANSWER:
        ticket.status = TicketStatus.OPEN
        ticket.resolved_at = ticket.closed_at = None


def _hand_back(ticket: Ticket, into: Ticket, since: datetime | None) -> int:
    """Move what answers the ticket's own messages, and what answers that, back to it; return how many."""
    known = set(ticket.messages.exclude(message_id="").values_list("message_id", flat=True))
    rows = Message.objects.filter(ticket=into, created_at__gte=since) if since else Message.objects.none()
    moved: list[int] = []
    for row in rows.order_by("created_at", "pk"):
        if known & {row.in_reply_to, *row.references[-1:]}:
            moved.append(row.pk)
            known |= {row.message_id} - {""}
    return _move(moved, ticket)


def _move(message_ids: Collection[int], ticket: Ticket) -> int:
    return Message.objects.filter(pk__in=message_ids).update(ticket=ticket) if message_ids else 0


def _answered(into: Ticket, since: datetime | None) -> datetime | None:
    """Return when the conversation of both was answered last while it was one."""
    rows = Message.objects.filter(ticket=into, direction=Direction.OUTBOUND)
    rows = rows.exclude(outgoing__state__in=NOT_SAID).order_by("-at")
    return (rows.filter(at__gte=since) if since else rows).values_list("at", flat=True).first()


def _settle(ticket: Ticket, answered_at: datetime | None) -> None:
    """Let the ticket wait for us since the oldest message that nobody answered, or for the customer."""
    rows = ticket.messages.exclude(outgoing__state__in=NOT_SAID)
    ours = rows.filter(direction=Direction.OUTBOUND).order_by("-at").values_list("at", flat=True).first()
    last = max(filter(None, (ours, answered_at)), default=None)
    heard = rows.filter(direction=Direction.INBOUND, is_automatic=False)
    open_since = (heard.filter(at__gt=last) if last else heard).order_by("at").values_list("at", flat=True).first()
    ticket.waiting_since = open_since if ticket.status in UNSOLVED else None
    if ticket.status in UNSOLVED and open_since is None:
        ticket.status = TicketStatus.WAITING_FOR_CUSTOMER
    elif ticket.status == TicketStatus.WAITING_FOR_CUSTOMER and open_since is not None:
        ticket.status = TicketStatus.OPEN
