"""A macro, or tags, at many tickets at once: each for itself, refusals told."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import Conflict, DomainError, InvalidInput
from orders.services.batches import lock_orders
from service.models import Message, Note, Ticket, TicketOrder
from service.services.describing import sort_ticket
from service.services.locking import beat, lock_tickets
from service.services.macros.using import use_macro
from staff.models import User


@dataclass
class MacroReport:
    """What became of many tickets: how many are done, and (number, reason) of each refused one."""

    done: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)


def use_macro_on_tickets(
    *, macro_id: int, ticket_ids: Sequence[int], seen_at: datetime, sends: bool, key: str, actor: User
) -> MacroReport:
    """Use a macro at each of these tickets and return what became of them; the same ``key`` uses it once at each.

    A ticket that is about one order has chosen it; with several somebody has to choose, and it is refused where the
    macro needs one. Refused too is what was written to since ``seen_at``, when the tickets were chosen.
    """

    def use(ticket: Ticket) -> None:
        if _moved(ticket, seen_at):
            raise Conflict(_("something was said since you chose it"))
        orders = set(TicketOrder.objects.filter(ticket=ticket).values_list("order_id", flat=True))
        use_macro(
            macro_id=macro_id,
            ticket_id=ticket.pk,
            seen_version=ticket.version,
            order_id=orders.pop() if len(orders) == 1 else None,
            sends=sends,
            key=f"{key}:{ticket.pk}"[:80],
            actor=actor,
        )

    return each_ticket(ticket_ids, use)


def tag_tickets(
    *, ticket_ids: Sequence[int], adds: Sequence[str], removes: Sequence[str] = (), actor: User | None
) -> MacroReport:
    """Add tags to these tickets and take others off, and return what became of them; InvalidInput for none at all."""
    gone = {tag.strip() for tag in removes}
    if not gone - {""} and not any(tag.strip() for tag in adds):
        raise InvalidInput(_("Write at least one tag."))

    def tag(ticket: Ticket) -> None:
        tags = [one for one in (*ticket.tags, *adds) if one.strip() not in gone]
        sort_ticket(ticket_id=ticket.pk, changes={"tags": tags}, actor=actor)

    return each_ticket(ticket_ids, tag)


@transaction.atomic
def each_ticket(ticket_ids: Sequence[int], run: Callable[[Ticket], None]) -> MacroReport:
    """Run it for each ticket, each in a savepoint of its own; a merged one counts as its target.

    All tickets are locked first, then their orders, then the counters that pages poll, each kind in the order of keys:
    one ticket after the other would meet colleagues who write at one of the later ones.
    """
    report = MacroReport()
    leads_to = dict(Ticket.objects.filter(pk__in=ticket_ids).values_list("pk", "merged_into_id"))
    ids = sorted({into or pk for pk, into in leads_to.items()})
    tickets = lock_tickets(ids)
    lock_orders(TicketOrder.objects.filter(ticket__in=ids).values_list("order_id", flat=True))
    beat(ids)
    for ticket in tickets:
        try:
            with transaction.atomic():
                run(ticket)
        except DomainError as error:
            report.refused.append((ticket.number, str(error)))
        else:
            report.done += 1
    return report


def _moved(ticket: Ticket, seen_at: datetime) -> bool:
    said = Message.objects.filter(ticket=ticket, created_at__gt=seen_at).exists()
    return said or Note.objects.filter(ticket=ticket, at__gt=seen_at).exists()
