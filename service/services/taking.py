"""What people write comes in: once each, to the ticket it belongs to."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import InvalidInput, NotAllowed
from core.events import record
from core.html import clean_html, text_of
from core.search import fold
from core.sequences import document_number, next_numbers
from customers.services import normal_email, normal_phone
from orders.models import Order
from service.events import MessageTaken, TicketOpened
from service.models import (
    MAILED,
    Direction,
    Inlet,
    InletKind,
    Message,
    Ticket,
    TicketOrder,
    TicketProduct,
    TicketStatus,
)
from service.policies import can_open_tickets
from service.selectors.threads import customer_of, ticket_of_message_ids, ticket_of_number, ticket_of_token
from service.services.locking import beat, end_snooze, lock_ticket
from service.services.scheduled import take_back_scheduled
from service.services.storing import GivenFile, keep_files
from service.services.terms.reckoning import reckon
from staff.models import User

SERIES = "service.ticket"
_SOUGHT_CHARACTERS = 20_000  # of a ticket's words: a flood of quoted mails must not swell the index


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """A message as its source tells it; all but ``external_id`` and some words may be missing."""

    external_id: str
    subject: str = ""
    body: str = ""
    html: str = ""
    sender_name: str = ""
    sender_address: str = ""
    sender_phone: str = ""
    sender_code: str = ""  # the mall's id of the buyer
    message_id: str = ""
    in_reply_to: str = ""
    references: Sequence[str] = ()
    to: Sequence[str] = ()  # all addresses it was sent to
    order_number: str = ""  # ours, or the mall's
    product_id: int | None = None
    language: str = ""
    at: datetime | None = None
    tags: Sequence[str] = ()
    files: Sequence[GivenFile] = ()
    raw: bytes = b""
    is_automatic: bool = False  # a machine wrote it: nobody waits for an answer
    withheld: Sequence[str] = ()  # names of files that stay in ``raw``
    ticket_id: int | None = None  # where a colleague heard that it belongs


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What became of an incoming message."""

    message: Message
    is_new: bool = True
    has_opened: bool = field(default=False)  # a ticket


def take_message(*, inlet_id: int, incoming: Incoming, actor: User | None = None) -> Taken:
    """Take the message in once and return it with whether it was new; it stands in the ticket it belongs to.

    1. The same ``external_id`` of the inlet again changes nothing and returns what is there; of two workers who bring
       it at once the unique key lets one through, the other one reads what the first wrote.
    2. Its ticket: the one that a colleague chose, the signed token of our address, then References (the last first),
       then In-Reply-To, then a ticket number in the subject from a sender who has a part in that ticket. A subject
       alone leads nowhere.
    3. A ticket that waited for the customer, was resolved or closed is open again, unless a machine wrote; a merged one
       leads to its target.
       Answers that wait for a time of their own come back to who wrote them: they answer another conversation.
    4. The customer is found by identities, never made: what strangers write makes nobody a customer.

    InvalidInput without an external id, for an inlet that is not active, and for a message without a word and a file.
    """
    if not incoming.external_id:
        raise InvalidInput(_("A message needs the id that its source gave it."))
    known = _known(inlet_id, incoming.external_id)
    if known is not None:
        return Taken(message=known, is_new=False)
    try:
        with transaction.atomic():
            return _take(inlet_id, incoming, actor)
    except IntegrityError as error:
        known = _known(inlet_id, incoming.external_id)
        if known is None or "service_message_taken_once" not in str(error):
            raise
        return Taken(message=known, is_new=False)


@transaction.atomic
def note_call(*, inlet_id: int, incoming: Incoming, actor: User) -> Taken:
    """Write down what somebody said on the phone as a message of theirs, in ``incoming.ticket_id`` where one is named.

    NotAllowed without the right to; InvalidInput for a ticket that is not there.
    """
    if not can_open_tickets(actor):
        raise NotAllowed(_("Only customer service may open tickets."))
    return take_message(inlet_id=inlet_id, incoming=incoming, actor=actor)


def _known(inlet_id: int, external_id: str) -> Message | None:
    found = Message.objects.filter(inlet_id=inlet_id, external_id=external_id[:255])
    return found.select_related("ticket").first()


def _take(inlet_id: int, incoming: Incoming, actor: User | None) -> Taken:
    inlet = Inlet.objects.filter(pk=inlet_id, is_active=True).first()
    html = clean_html(incoming.html)
    body = (incoming.body or text_of(html)).replace("\x00", "").strip()
    if inlet is None or not (body or incoming.files):
        raise InvalidInput(_("This message has no words, or its inlet is not active."))
    now = timezone.now()
    at = min(incoming.at or now, now)  # a clock of somebody else must not put a message into the future
    customer_id = customer_of(
        email=incoming.sender_address,
        phone=normal_phone(incoming.sender_phone),
        code=incoming.sender_code,
        scope=inlet.sales_channel.code if inlet.sales_channel else "",
    )
    ticket_id = _ticket_of(incoming, customer_id)
    ticket = lock_ticket(ticket_id) if ticket_id else _open(inlet, incoming, customer_id, at)
    if ticket_id and not incoming.is_automatic:
        take_back_scheduled(ticket=ticket, now=now)
        end_snooze(ticket)
        ticket.reminded_at = None  # what he is silent about from now on is another matter
    message = _write(ticket, inlet, incoming, body=body, html=html, at=at)
    was_settled = ticket.status in {TicketStatus.RESOLVED, TicketStatus.CLOSED}
    has_reopened = bool(ticket_id) and not incoming.is_automatic and _come_back(ticket)
    _count(ticket, body, at, is_waiting=not (ticket_id and incoming.is_automatic))
    _link(ticket, inlet, incoming)
    reckon(ticket, now=now)
    fact = MessageTaken(
        ticket_id=ticket.pk, message_id=message.pk, has_reopened=has_reopened, was_settled=has_reopened and was_settled
    )
    record(fact, subject=ticket, actor=actor)
    Inlet.objects.filter(Q(heard_at=None) | Q(heard_at__lt=now), pk=inlet.pk).update(heard_at=now)
    beat([ticket.pk])
    return Taken(message=message, has_opened=not ticket_id)


def _ticket_of(incoming: Incoming, customer_id: int | None) -> int | None:
    return (
        incoming.ticket_id
        or ticket_of_token(incoming.to)
        or ticket_of_message_ids([*reversed(incoming.references), incoming.in_reply_to])
        or ticket_of_number(incoming.subject, sender=incoming.sender_address.strip().lower(), customer_id=customer_id)
    )


def _open(inlet: Inlet, incoming: Incoming, customer_id: int | None, at: datetime) -> Ticket:
    [number] = next_numbers(series=SERIES)
    subject = " ".join(incoming.subject.replace("\x00", "").split())[:300]
    sender = incoming.sender_address.strip().lower()[:254]
    ticket = Ticket.objects.create(
        number=document_number("Q", number),
        subject=subject,
        inlet=inlet,
        sales_channel=inlet.sales_channel,
        customer_id=customer_id,
        sender_name=incoming.sender_name.strip()[:200],
        sender_address=normal_email(sender) or sender,
        sender_phone=normal_phone(incoming.sender_phone) or incoming.sender_phone.strip()[:40],
        language=incoming.language or inlet.language,
        tags=sorted({tag.strip()[:40] for tag in incoming.tags if tag.strip()}),
        last_message_at=at,
        search_text="",
    )
    ticket.search_text = fold(ticket.own_words)
    record(TicketOpened(ticket_id=ticket.pk, inlet=inlet.code), subject=ticket)
    return ticket


def _write(ticket: Ticket, inlet: Inlet, incoming: Incoming, *, body: str, html: str, at: datetime) -> Message:
    message = Message(
        ticket=ticket,
        version=ticket.version + 1,
        inlet=inlet,
        direction=Direction.INBOUND,
        external_id=incoming.external_id[:255],
        message_id=incoming.message_id[:255],
        in_reply_to=incoming.in_reply_to[:255],
        references=[one[:255] for one in incoming.references][-50:],
        sender_name=incoming.sender_name.strip()[:200],
        sender_address=incoming.sender_address.strip().lower()[:254],
        recipient=(incoming.to[0] if incoming.to else "")[:254],
        subject=" ".join(incoming.subject.replace("\x00", "").split())[:300],
        body=body,
        html=html,
        at=at,
        is_automatic=incoming.is_automatic,
        withheld=[" ".join(name.split())[:150] for name in incoming.withheld][:50],
    )
    if incoming.raw:
        message.raw.save(f"{uuid.uuid4().hex}.eml", ContentFile(incoming.raw), save=False)
    message.save(force_insert=True)
    keep_files(message, incoming.files)
    return message


def _come_back(ticket: Ticket) -> bool:
    """Let a ticket that did not wait for us wait for us again."""
    if ticket.status in {TicketStatus.NEW, TicketStatus.OPEN}:
        return False
    ticket.status = TicketStatus.OPEN
    ticket.resolved_at = ticket.closed_at = None
    return True


def _count(ticket: Ticket, body: str, at: datetime, *, is_waiting: bool) -> None:
    ticket.version += 1
    ticket.message_count += 1
    ticket.gist = " ".join(body.split())[:160]
    ticket.last_message_at = max(ticket.last_message_at, at)
    ticket.waiting_since = ticket.waiting_since or (at if is_waiting else None)
    ticket.search_text = f"{ticket.search_text} {fold(body)}"[:_SOUGHT_CHARACTERS]
    ticket.save(
        update_fields=[
            "version", "message_count", "gist", "last_message_at", "waiting_since", "search_text", "status",
            "resolved_at", "closed_at", "is_snoozed", "snoozed_until", "snoozed_by", "woken_at", "reminded_at",
            "updated_at",
        ]
    )  # fmt: skip


def _link(ticket: Ticket, inlet: Inlet, incoming: Incoming) -> None:
    """Link the product and the order that the source named.

    A mall and a colleague on the phone know whose order it is: its buyer is the customer where nobody was found. What
    strangers write into a mail or a form shows them nobody's order: it is linked when it is theirs already.
    """
    if incoming.product_id is not None:
        TicketProduct.objects.get_or_create(ticket=ticket, product_id=incoming.product_id)
    if not incoming.order_number:
        return
    named = Q(number=incoming.order_number)
    if inlet.sales_channel_id is not None:
        named |= Q(external_number=incoming.order_number, sales_channel=inlet.sales_channel_id)
    order = Order.objects.filter(named).first()
    if order is None:
        return
    is_theirs = order.customer_id is not None and order.customer_id == ticket.customer_id
    if inlet.kind in (*MAILED, InletKind.CHAT) and not is_theirs:
        return
    TicketOrder.objects.get_or_create(ticket=ticket, order=order, line=None)
    if ticket.customer_id is None and order.customer_id is not None:
        ticket.customer_id = order.customer_id
        ticket.save(update_fields=["customer", "updated_at"])
