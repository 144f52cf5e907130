"""The reason of a ticket: chosen by a person at the latest when it is settled, and never guessed."""

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import InvalidInput
from core.events import record
from service.events import TicketEdited
from service.models import ReasonNode, Ticket
from service.services.locking import beat, check_may_work, lock_ticket
from service.services.reasons.seeding import NOT_RECORDED
from staff.models import User


class ReasonMissing(InvalidInput):
    """A ticket is to be settled and nobody has said why the customer wrote."""


@transaction.atomic
def give_reason(*, ticket_id: int, reason_id: int, actor: User | None) -> Ticket:
    """Say why the customer wrote and return the ticket; the same again changes nothing.

    InvalidInput for a reason that is not in use or has finer ones below it; NotAllowed.
    """
    check_may_work(actor)
    ticket = lock_ticket(ticket_id)
    if ticket.reason_id == reason_id:
        return ticket
    ticket.reason = _choosable(reason_id)
    ticket.save(update_fields=["reason", "updated_at"])
    record(TicketEdited(ticket_id=ticket.pk, fields=["reason"]), subject=ticket, actor=actor)
    beat([ticket.pk])
    return ticket


def settle_reason(ticket: Ticket, reason_id: int | None) -> None:
    """Put the reason on a locked ticket that is about to be settled; the caller saves the column.

    Without one the reason that it has already stays. ReasonMissing when there is none.
    """
    if reason_id is not None and reason_id != ticket.reason_id:
        ticket.reason = _choosable(reason_id)
    if ticket.reason_id is None:
        raise ReasonMissing(_("Choose why the customer wrote before the ticket is settled."))


def reason_not_recorded() -> int:
    """Return the reason of what was settled elsewhere, where nobody said why."""
    return ReasonNode.objects.only("pk").get(code=NOT_RECORDED).pk


def _choosable(reason_id: int) -> ReasonNode:
    node = ReasonNode.objects.filter(pk=reason_id).first()
    if node is None or not (node.code == NOT_RECORDED or ReasonNode.objects.choosable().filter(pk=node.pk).exists()):
        raise InvalidInput(_("Choose one of the reasons that are in use, the finest that fits."))
    return node
