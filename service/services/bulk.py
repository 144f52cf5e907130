"""The same with many tickets: each for itself, refusals told, and what would happen without doing it."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import transaction

from service.models import Ticket
from service.services.ending import resolve_ticket
from service.services.handing import assign_ticket
from service.services.macros.many import MacroReport, each_ticket
from service.services.quiet.snoozing import snooze_ticket
from staff.models import User


def assign_tickets(*, ticket_ids: Sequence[int], assignee_id: int, actor: User | None) -> MacroReport:
    """Give these tickets to a colleague and return what became of them."""

    def run(ticket: Ticket) -> None:
        assign_ticket(ticket_id=ticket.pk, assignee_id=assignee_id, actor=actor)

    return each_ticket(ticket_ids, run)


def snooze_tickets(*, ticket_ids: Sequence[int], until: datetime | None, actor: User | None) -> MacroReport:
    """Put these tickets aside and return what became of them."""

    def run(ticket: Ticket) -> None:
        snooze_ticket(ticket_id=ticket.pk, until=until, actor=actor)

    return each_ticket(ticket_ids, run)


def resolve_tickets(*, ticket_ids: Sequence[int], reason_id: int | None, actor: User | None) -> MacroReport:
    """Settle these tickets and return what became of them; a reason that one has already stays."""

    def run(ticket: Ticket) -> None:
        chosen = reason_id if ticket.reason_id is None else None
        resolve_ticket(ticket_id=ticket.pk, reason_id=chosen, actor=actor)

    return each_ticket(ticket_ids, run)


def tried(run: Callable[[], MacroReport]) -> MacroReport:
    """Return what would become of the tickets: it is done with all its checks, and undone."""
    with transaction.atomic():
        report = run()
        transaction.set_rollback(True)
    return report
