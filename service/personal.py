"""What tickets hold of persons, how long complaints have to be kept, and how words leave them."""

from collections import defaultdict
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from compliance.models import Duty
from compliance.selectors.rules import jurisdiction_of
from customers.models import Customer
from orders.selectors.retention import blocking_reason, kept_until
from privacy.records import Holding, RecordClass, register_records
from privacy.subjects import Known, SubjectKind, register_subject
from service.models import UNSOLVED, Attachment, Message, Ticket
from service.services.forgetting import forget_asker

SEE = "customers.see_contact_data"


def known_of_ticket(ticket: Ticket) -> Known:
    """Return who wrote and from which address or phone; what is empty is left out."""
    known = [
        (_("sender"), ticket.sender_name),
        (_("sender’s address"), ticket.sender_address),
        (_("sender’s phone"), ticket.sender_phone),
    ]
    return [(what, value) for what, value in known if value]


def collect_tickets(customer_id: int) -> list[dict[str, Any]]:
    """Return each ticket with what was said in public, and the names and digests of its files. Four statements."""
    files: dict[int, list[dict[str, str]]] = defaultdict(list)
    for one in Attachment.objects.filter(message__ticket__customer_id=customer_id).order_by("pk"):
        files[one.message_id].append({"name": one.filename, "sha256": one.sha256})
    said: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for message in Message.objects.filter(ticket__customer_id=customer_id).order_by("at", "pk"):
        told = {name: getattr(message, name) for name in ("at", "direction", "subject", "body")}
        who = {"name": message.sender_name, "address": message.sender_address}
        said[message.ticket_id].append({**told, "sender": who, "files": files[message.pk]})
    tickets = Ticket.objects.filter(customer_id=customer_id).order_by("pk")
    return [
        {
            "number": one.number,
            "subject": one.subject,
            "opened": one.created_at,
            "phone": one.sender_phone,
            "messages": said[one.pk],
        }
        for one in tickets
    ]


def tickets_holding(customer_id: int, _today: date) -> Holding:
    """Complaints are kept as the law of the customer's country says; an unsolved one blocks the erasure."""
    tickets = Ticket.objects.filter(customer_id=customer_id)
    unsolved = tickets.filter(status__in=UNSOLVED).order_by("pk").values_list("number", flat=True).first()
    country = str(Customer.objects.values_list("country", flat=True).get(pk=customer_id))
    place = jurisdiction_of(country)
    made = [(place, country, at) for at in tickets.values_list("last_message_at", flat=True)]
    kept = kept_until(duties=[Duty.RECORDS_DISPUTE], made=made)
    return Holding(
        count=len(made),
        keep_until=kept.until if kept else None,
        rule=kept.rule if kept else "",
        source=kept.source if kept else "",
        is_verified=bool(kept and kept.is_verified),
        blocked=_("Ticket %(number)s is not resolved. Resolve it first.") % {"number": unsolved}
        if unsolved
        else blocking_reason(count=len(made), kept=kept),
    )


register_subject(
    SubjectKind(
        key="ticket",
        model=Ticket,
        label=lambda ticket: ticket.number,
        reveal=known_of_ticket,
        sees=SEE,
        what=gettext_lazy("sender’s name and address"),
    )
)
register_records(
    RecordClass(
        key="service.tickets",
        model=Customer,
        label=gettext_lazy("Inquiries, their messages, notes and files"),
        collect=collect_tickets,
        holding=tickets_holding,
        erase=lambda customer_id: forget_asker(customer_id=customer_id),
    )
)
