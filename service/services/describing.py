"""What a ticket is about and how it is sorted: orders, products, customer, priority, tags, language, team."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.models import Product
from core.errors import InvalidInput
from core.events import record
from orders.models import Order, OrderLine
from service.events import TicketEdited, TicketLinked
from service.models import Team, Ticket, TicketOrder, TicketProduct
from service.services.locking import beat, check_may_work, lock_ticket
from service.services.terms.reckoning import reckon
from staff.models import Language, Priority, User

_MOST_TAGS = 20


@transaction.atomic
def link_ticket_order(*, ticket_id: int, order_id: int, line_id: int | None = None, actor: User | None) -> TicketOrder:
    """Say that a ticket is about an order, or about one line of it; again it changes nothing.

    The order's buyer is the ticket's customer from now on where it had none. InvalidInput for a line of another order.
    """
    check_may_work(actor)
    ticket = lock_ticket(ticket_id)
    order = Order.objects.filter(pk=order_id).first()
    line = OrderLine.objects.filter(pk=line_id, order=order_id).first() if line_id else None
    if order is None or (line_id and line is None):
        raise InvalidInput(_("There is no such order, or the line is not one of it."))
    link, is_new = TicketOrder.objects.get_or_create(ticket=ticket, order=order, line=line)
    if ticket.customer_id is None and order.customer_id is not None:
        ticket.customer_id = order.customer_id
        ticket.save(update_fields=["customer", "updated_at"])
    if is_new:
        _tell(ticket, TicketLinked(ticket_id=ticket.pk, what=order.number), actor)
    return link


@transaction.atomic
def link_ticket_product(*, ticket_id: int, product_id: int, actor: User | None) -> TicketProduct:
    """Say that a ticket is about a product; again it changes nothing. InvalidInput when there is no such product."""
    check_may_work(actor)
    ticket = lock_ticket(ticket_id)
    product = Product.objects.filter(pk=product_id).first()
    if product is None:
        raise InvalidInput(_("There is no such product."))
    link, is_new = TicketProduct.objects.get_or_create(ticket=ticket, product=product)
    if is_new:
        _tell(ticket, TicketLinked(ticket_id=ticket.pk, what=product.code), actor)
    return link


@transaction.atomic
def unlink_ticket(
    *, ticket_id: int, order_link_id: int | None = None, product_link_id: int | None = None, actor: User | None
) -> None:
    """Take a link to an order or a product off; one that is gone already changes nothing."""
    check_may_work(actor)
    ticket = lock_ticket(ticket_id)
    if order_link_id is not None:
        order = TicketOrder.objects.select_related("order").filter(ticket=ticket, pk=order_link_id).first()
        if order is not None:
            order.delete()
            _tell(ticket, TicketLinked(ticket_id=ticket.pk, what=order.order.number, is_linked=False), actor)
    if product_link_id is not None:
        product = TicketProduct.objects.select_related("product").filter(ticket=ticket, pk=product_link_id).first()
        if product is not None:
            product.delete()
            _tell(ticket, TicketLinked(ticket_id=ticket.pk, what=product.product.code, is_linked=False), actor)


@transaction.atomic
def sort_ticket(*, ticket_id: int, changes: Mapping[str, Any], actor: User | None) -> Ticket:
    """Change some of priority, tags (list of words), language, team (id or None), subject; return the ticket.

    InvalidInput for another column and an impossible value.
    """
    check_may_work(actor)
    ticket = lock_ticket(ticket_id)
    cleaned = {name: _cleaned(name, value) for name, value in changes.items()}
    changed = sorted(name for name, value in cleaned.items() if getattr(ticket, name) != value)
    if not changed:
        return ticket
    for name in changed:
        setattr(ticket, name, cleaned[name])
    ticket.save(update_fields=[*changed, "updated_at"])
    reckon(ticket)
    _tell(ticket, TicketEdited(ticket_id=ticket.pk, fields=changed), actor)
    return ticket


def _cleaned(name: str, value: Any) -> Any:
    match name:
        case "priority" if value in Priority.values:
            return value
        case "language" if value in Language.values:
            return value
        case "subject" if value.strip():
            return " ".join(value.split())[:300]
        case "tags":
            return sorted({tag.strip()[:40] for tag in value if tag.strip()})[:_MOST_TAGS]
        case "team":
            team = Team.objects.filter(pk=value).first() if value else None
            if team is not None or not value:
                return team
    raise InvalidInput(_("This value cannot be used here."))


def _tell(ticket: Ticket, fact: TicketLinked | TicketEdited, actor: User | None) -> None:
    if isinstance(fact, TicketLinked):
        reckon(ticket)  # the legal clock is that of its orders
    record(fact, subject=ticket, actor=actor)
    beat([ticket.pk])
