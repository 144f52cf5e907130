"""What stands beside a conversation: the customer, the orders, what comes back, what is due by law."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from django.db.models import QuerySet

from catalog.models import Product
from compliance.models import LegalClock
from compliance.selectors.clocks import clocks_of
from orders.models import Order, OrderLine, Return
from service.models import Ticket, TicketOrder, TicketProduct, told_in

LATEST = 5


@dataclass(kw_only=True)
class BesideOrder:
    """An order of the customer; ``link_id`` when the whole order is linked, ``lines`` with the link of each line."""

    order: Order
    link_id: int | None = None
    is_linked: bool = False
    lines: list[tuple[OrderLine, int | None]] = field(default_factory=list)
    returns: list[Return] = field(default_factory=list)
    clocks: list[LegalClock] = field(default_factory=list)

    @property
    def work_link_id(self) -> int | None:
        """The link by which order work is done: of the whole order, else of its first linked line."""
        return self.link_id or next((link for _line, link in self.lines if link is not None), None)


@dataclass(frozen=True, kw_only=True)
class Beside:
    """All that stands beside a conversation."""

    orders: list[BesideOrder]
    products: list[TicketProduct]
    others: list[Ticket]


def beside(ticket: Ticket) -> Beside:
    """Return it in six statements, however much there is: linked orders first, then the customer's latest."""
    here = told_in(ticket)
    links = list(TicketOrder.objects.filter(here).select_related("order__sales_channel"))
    linked = {link.order_id: link.order for link in links}
    orders = sorted(linked.values(), key=attrgetter("placed_at", "pk"), reverse=True)
    if ticket.customer_id is not None:
        latest = Order.objects.filter(customer=ticket.customer_id).exclude(pk__in=linked)
        orders += list(latest.select_related("sales_channel")[:LATEST])
    rows = {order.pk: BesideOrder(order=order) for order in orders}
    _add_lines(rows, links)
    for one in Return.objects.filter(order__in=rows).order_by("-pk"):
        if one.order_id is not None:
            rows[one.order_id].returns.append(one)
    for clock in clocks_of({Order: list(rows)}) if rows else ():
        if clock.stopped_at is None:
            rows[clock.subject_id].clocks.append(clock)
    products = list(TicketProduct.objects.filter(here).select_related("product"))
    return Beside(orders=list(rows.values()), products=products, others=_others(ticket))


def _add_lines(rows: dict[int, BesideOrder], links: Sequence[TicketOrder]) -> None:
    by_line = {link.line_id: link.pk for link in links if link.line_id is not None}
    for link in links:
        rows[link.order_id].is_linked = True
        if link.line_id is None:
            rows[link.order_id].link_id = link.pk
    lines = OrderLine.objects.filter(order__in=rows, kind="product").select_related("variant__product")
    for line in lines.order_by("position", "pk"):
        rows[line.order_id].lines.append((line, by_line.get(line.pk)))


def _others(ticket: Ticket) -> list[Ticket]:
    if ticket.customer_id is None and not ticket.sender_address:
        return []
    same = {"customer": ticket.customer_id} if ticket.customer_id else {"sender_address": ticket.sender_address}
    return list(Ticket.objects.filter(**same).exclude(pk=ticket.pk).defer("search_text")[:LATEST])


def tickets_of_order(order: Order) -> list[Ticket]:
    """Return the tickets that are about the order, the latest first."""
    links = TicketOrder.objects.filter(order=order).values("ticket_id")
    return _shown(Ticket.objects.filter(pk__in=links))


def tickets_of_customer(customer_id: int) -> list[Ticket]:
    """Return the customer's latest tickets."""
    return _shown(Ticket.objects.filter(customer=customer_id))


def tickets_of_product(product: Product) -> list[Ticket]:
    """Return the latest tickets that are about the product."""
    links = TicketProduct.objects.filter(product=product).values("ticket_id")
    return _shown(Ticket.objects.filter(pk__in=links))


def _shown(rows: QuerySet[Ticket]) -> list[Ticket]:
    return list(rows.select_related("assignee").defer("search_text")[:10])
