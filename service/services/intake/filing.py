"""Conversations out of files of malls and of other help desks: each message once, its answers beside it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from catalog.models import Product
from core.errors import InvalidInput
from core.search import fold
from service.models import (
    NOT_SAID,
    Direction,
    Inlet,
    MallThread,
    Message,
    OutgoingState,
    Ticket,
    TicketStatus,
)
from service.services.ending import resolve_ticket
from service.services.locking import beat, lock_ticket
from service.services.reasons.choosing import reason_not_recorded
from service.services.sending import record_reply_sent
from service.services.taking import Incoming, take_message
from staff.models import User

MOST_WORDS = 20_000  # of a ticket's words that are searched


@dataclass(frozen=True, kw_only=True)
class FiledMessage:
    """One row: what a customer wrote, or what we answered; ``answer`` where the file puts both into one row."""

    body: str
    thread: str = ""  # the number of the inquiry where the file comes from; rows with the same are one ticket
    external_id: str = ""
    is_ours: bool = False
    subject: str = ""
    sender_name: str = ""
    sender_address: str = ""
    sender_phone: str = ""
    sender_code: str = ""
    at: datetime | None = None
    answer: str = ""
    answered_at: datetime | None = None
    order_number: str = ""
    product_code: str = ""
    tags: Sequence[str] = ()
    is_settled: bool = False


@dataclass(frozen=True, kw_only=True)
class Filed:
    """What became of a row."""

    ticket: Ticket
    message: Message
    is_new: bool


@transaction.atomic
def take_filed(*, inlet_id: int, messages: Sequence[FiledMessage], actor: User | None) -> list[Filed]:
    """Take in these rows and return what became of each, in their order; rows that are known change nothing.

    A thread is one ticket, also when its rows come in several files. What we had answered stands in the ticket as ours
    and is not sent again. A settled thread ends resolved. InvalidInput for an inlet that is not active, and for an
    answer without its question.
    """
    inlet = Inlet.objects.filter(pk=inlet_id, is_active=True).first()
    if inlet is None:
        raise InvalidInput("The inlet is not active.")
    products = _products(messages)
    filed = [_take_row(inlet, row, products, actor) for row in messages]
    settled = {found.ticket.pk for row, found in zip(messages, filed, strict=True) if row.is_settled and found.is_new}
    for ticket_id in sorted(settled):
        _settle(ticket_id)
    return filed


@transaction.atomic
def take_shown(*, inlet_id: int, message: FiledMessage) -> Filed:
    """Take in one question that a mall's interface showed, and return what became of it; known ones change nothing.

    From then on our answers to it leave through the mall. The same question by file and by interface is one ticket, and
    an answer that we see there in words we wrote ourselves is ours: if it was still owed, it has arrived.
    """
    [filed] = take_filed(inlet_id=inlet_id, messages=[message], actor=None)
    inlet = Inlet.objects.get(pk=inlet_id)
    head = _thread_id(inlet, message.thread)
    MallThread.objects.get_or_create(head=head, defaults={"inlet": inlet, "number": message.thread})
    return filed


def _take_row(inlet: Inlet, row: FiledMessage, products: dict[str, int], actor: User | None) -> Filed:
    thread = row.thread or _digest(row.subject, row.body, row.sender_name, row.at)
    head = _thread_id(inlet, thread)
    # the thread's id in front: the same number may be given to messages of two threads
    own = f"file:{_digest(thread)}:{row.external_id[:150] or _digest(row.is_ours, row.body, row.at)}"
    if row.is_ours:
        return _note_answer(inlet, head, own, row.body, row.at)
    known = Message.objects.filter(message_id=head).exists()
    incoming = Incoming(
        external_id=own,
        subject=row.subject or row.body[:80],
        body=row.body,
        sender_name=row.sender_name,
        sender_address=row.sender_address,
        sender_phone=row.sender_phone,
        sender_code=row.sender_code,
        message_id="" if known else head,
        in_reply_to=head if known else "",
        order_number=row.order_number,
        product_id=products.get(row.product_code),
        at=row.at,
        tags=row.tags,
    )
    taken = take_message(inlet_id=inlet.pk, incoming=incoming, actor=actor)
    if row.answer:
        answered = _note_answer(inlet, head, f"{own}:answer", row.answer, row.answered_at or row.at)
        return Filed(ticket=answered.ticket, message=taken.message, is_new=taken.is_new or answered.is_new)
    return Filed(ticket=taken.message.ticket, message=taken.message, is_new=taken.is_new)


def _note_answer(inlet: Inlet, head: str, external_id: str, body: str, at: datetime | None) -> Filed:
    """Keep what we answered elsewhere: a message of ours that nothing sends, because nothing is owed for it."""
    known = Message.objects.filter(inlet=inlet, external_id=external_id).select_related("ticket").first()
    if known is not None:
        return Filed(ticket=known.ticket, message=known, is_new=False)
    first = Message.objects.filter(message_id=head).values_list("ticket_id", "ticket__merged_into").first()
    if first is None:
        raise InvalidInput("An answer without its question.")
    if (ours := _written_here(first, head, body)) is not None:
        return Filed(ticket=ours.ticket, message=ours, is_new=False)
    ticket, now = lock_ticket(first[0]), timezone.now()
    moment = min(at or now, now)
    message = Message.objects.create(
        ticket=ticket, version=ticket.version + 1, inlet=inlet, direction=Direction.OUTBOUND, external_id=external_id,
        in_reply_to=head, recipient=ticket.sender_address, subject=ticket.subject, body=body, at=moment,
    )  # fmt: skip
    ticket.version += 1
    ticket.message_count += 1
    ticket.gist = " ".join(body.split())[:160]
    ticket.last_message_at = max(ticket.last_message_at, moment)
    ticket.search_text = f"{ticket.search_text} {fold(body)}"[:MOST_WORDS]
    if ticket.status in {TicketStatus.NEW, TicketStatus.OPEN}:
        ticket.status, ticket.waiting_since = TicketStatus.WAITING_FOR_CUSTOMER, None
    ticket.save(
        update_fields=[
            "version", "message_count", "gist", "last_message_at", "search_text", "status", "waiting_since",
            "updated_at",
        ]
    )  # fmt: skip
    beat([ticket.pk])
    return Filed(ticket=ticket, message=message, is_new=True)


def _written_here(tickets: Sequence[int | None], head: str, body: str) -> Message | None:
    """Return our own answer with these words to this question; the mall has it, so nobody owes it any more."""
    ours = Message.objects.filter(ticket__in=[pk for pk in tickets if pk], in_reply_to=head, outgoing__isnull=False)
    said = ours.exclude(outgoing__state__in=NOT_SAID).select_related("ticket", "outgoing").order_by("pk")
    same = next((one for one in said if one.body.split() == body.split()), None)
    if same is not None and same.outgoing.state == OutgoingState.OWED:
        record_reply_sent(outgoing_id=same.outgoing.pk)
    return same


def _settle(ticket_id: int) -> None:
    ticket = Ticket.objects.get(pk=ticket_id)
    if ticket.status not in {TicketStatus.RESOLVED, TicketStatus.CLOSED}:
        known = ticket.reason_id or reason_not_recorded()
        resolve_ticket(ticket_id=ticket_id, reason_id=known, actor=None)


def _thread_id(inlet: Inlet, thread: str) -> str:
    """Return the id that a thread's first message has: nobody outside can write a mail that claims to belong to it."""
    key = str(settings.SECRET_KEY)
    signed = salted_hmac("service.filed", f"{inlet.pk}:{thread}", secret=key, algorithm="sha256").hexdigest()
    return f"{signed[:40]}.file@{inlet.code}"


def _products(messages: Sequence[FiledMessage]) -> dict[str, int]:
    """Return the products that the rows name by code or by SKU (two queries)."""
    codes = {row.product_code for row in messages if row.product_code}
    if not codes:
        return {}
    by_sku = Product.objects.filter(variants__sku__in=codes).values_list("variants__sku", "pk")
    by_code = Product.objects.filter(code__in=codes).values_list("code", "pk")
    return {**dict(by_sku), **dict(by_code)}


def _digest(*parts: object) -> str:
    return hashlib.sha256("\x1f".join(map(str, parts)).encode("utf-8", "replace")).hexdigest()[:32]
