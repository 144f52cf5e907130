"""One timeline of everything a customer did and we did for them. Apps add a source each, this module lays them over.

A page is asked for by the place where the last one ended: time, source and row, so that equal times lose nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.money import format_money
from crm.models import CustomerNote
from customers.models import Customer
from customers.story import StorySource, Told, register_story, story_sources
from orders.models import Order, Payment, PaymentKind, Return
from orders.models.order import OrderStatus
from privacy.models import ConsentAct, ConsentEvent
from service.models import Direction, Message

PAGE = 30


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended."""

    at: datetime
    source: str
    pk: int


@dataclass(frozen=True, slots=True)
class StoryEntry:
    """One thing that happened."""

    at: datetime
    source: StorySource
    pk: int
    told: Told

    @property
    def place(self) -> Place:
        """Return where a page would end with it."""
        return Place(self.at, self.source.code, self.pk)


def story_of(
    *, customer_ids: Sequence[int], request: HttpRequest, before: Place | None = None, only: str = ""
) -> tuple[list[StoryEntry], Place | None]:
    """Return a page of the story, the latest first, and the place where the next one begins (None: it is the end).

    One statement a source; ``only`` is the code of one source.
    """
    found: list[StoryEntry] = []
    for source in story_sources(request.user):
        if only and source.code != only:
            continue
        rows = source.rows(customer_ids).order_by(f"-{source.at}", "-pk")
        if before is not None:
            rows = rows.filter(_earlier(source, before))
        found += [
            StoryEntry(getattr(row, source.at), source, row.pk, source.tell(row, request)) for row in rows[: PAGE + 1]
        ]
    found.sort(key=lambda entry: (entry.at, entry.source.code, entry.pk), reverse=True)
    page = found[:PAGE]
    return page, (page[-1].place if len(found) > PAGE else None)


def _earlier(source: StorySource, before: Place) -> Q:
    if source.code < before.source:
        return Q(**{f"{source.at}__lte": before.at})
    earlier = Q(**{f"{source.at}__lt": before.at})
    if source.code == before.source:
        earlier |= Q(**{source.at: before.at, "pk__lt": before.pk})
    return earlier


def _order(order: Order, request: HttpRequest) -> Told:
    total = format_money(order.total, order.currency) if request.user.has_perm("orders.view_payment") else ""
    words = " · ".join(filter(None, (str(OrderStatus(order.status).label), str(order.sales_channel), total)))
    return Told(order.number, reverse("admin:orders_order_change", args=[order.pk]), words)


def _payment(payment: Payment, _request: HttpRequest) -> Told:
    words = " · ".join(filter(None, (str(PaymentKind(payment.kind).label), payment.method, payment.order.number)))
    url = reverse("admin:orders_order_change", args=[payment.order_id])
    return Told(format_money(payment.amount, payment.currency), url, words)


def _return(row: Return, _request: HttpRequest) -> Told:
    return Told(row.number, reverse("admin:orders_return_change", args=[row.pk]), row.reason)


def _message(message: Message, _request: HttpRequest) -> Told:
    url = f"{reverse('admin:service_inbox')}?view=all&ticket={message.ticket_id}"
    arrow = "←" if message.direction == Direction.INBOUND else "→"
    return Told(f"{arrow} {message.ticket.number} · {message.ticket.subject}", url, message.body[:200])


def _consents(ids: Sequence[int]) -> "QuerySet[ConsentEvent]":
    return ConsentEvent.objects.filter(
        subject_type=ContentType.objects.get_for_model(Customer), subject_id__in=list(ids)
    )


def _consent(event: ConsentEvent, _request: HttpRequest) -> Told:
    night = _("at night") if event.is_night else ""
    what = (event.get_purpose_display(), event.get_channel_display(), str(night))
    said = str(ConsentAct(event.act).label)
    return Told(f"{' · '.join(filter(None, what))}: {said}", words=event.get_source_display())


def _note(note: CustomerNote, _request: HttpRequest) -> Told:
    return Told(str(note.author or "–"), words=note.body)


for _source in (
    StorySource(
        "order", pgettext_lazy("purchase", "Orders"), "receipt_long", "orders.view_order", "placed_at",
        lambda ids: Order.objects.filter(customer__in=ids).select_related("sales_channel"), _order,
    ),
    StorySource(
        "payment", _("Payments"), "payments", "orders.view_payment", "paid_at",
        lambda ids: Payment.objects.filter(order__customer__in=ids).select_related("order"), _payment,
    ),
    StorySource(
        "return", pgettext_lazy("goods", "Returns"), "assignment_return", "orders.view_return", "returned_at",
        lambda ids: Return.objects.filter(customer__in=ids), _return,
    ),
    StorySource(
        "message", pgettext_lazy("customer service", "Messages"), "forum", "service.view_ticket", "at",
        lambda ids: Message.objects.filter(ticket__customer__in=ids).select_related("ticket"), _message,
    ),
    StorySource(
        "consent", pgettext_lazy("customer", "Consents"), "handshake", "customers.view_customer", "happened_at",
        _consents, _consent,
    ),
    StorySource(
        "note", pgettext_lazy("customer", "Notes"), "sticky_note_2", "customers.view_customer", "at",
        lambda ids: CustomerNote.objects.filter(customer__in=ids).select_related("author"), _note,
    ),
):  # fmt: skip
    register_story(_source)
