"""Who calls: whose phone, address or order it is, what they bought last and what they asked."""

from dataclasses import dataclass, field

from django.db.models import Prefetch, Q

from customers.models import Customer
from customers.services import normal_email, normal_phone
from orders.models import Order, OrderLine
from service.models import UNSOLVED, Ticket
from service.selectors.threads import customer_of

LATEST = 4


@dataclass(frozen=True, kw_only=True)
class Caller:
    """``tickets`` wait for an answer or for the customer; ``orders`` are the named one, then the latest."""

    customer: Customer | None = None
    orders: list[Order] = field(default_factory=list)
    tickets: list[Ticket] = field(default_factory=list)


def who_calls(*, phone: str, email: str, order_number: str) -> Caller:
    """Return who it is, in five statements at most; the phone counts first, then the address, then the order's buyer.

    Somebody whom no customer's identity names is known by the tickets of that phone or address.
    """
    named = Order.objects.filter(number=order_number.strip()).first() if order_number.strip() else None
    digits, address = normal_phone(phone), normal_email(email)
    customer_id = customer_of(email=address, phone=digits, code="", scope="") or (named.customer_id if named else None)
    mine = Q()
    if customer_id is not None:
        mine |= Q(customer=customer_id)
    if typed := digits or phone.strip():
        mine |= Q(sender_phone=typed)
    if address:
        mine |= Q(sender_address=address)
    return Caller(
        customer=Customer.objects.filter(pk=customer_id).first() if customer_id else None,
        orders=_orders(named, customer_id),
        tickets=list(
            Ticket.objects.filter(mine, status__in=UNSOLVED, merged_into=None)
            .select_related("assignee")
            .defer("search_text")[:LATEST]
        )
        if mine
        else [],
    )


def _orders(named: Order | None, customer_id: int | None) -> list[Order]:
    wanted = Q(pk=named.pk) if named else Q()
    if customer_id is not None:
        wanted |= Q(customer=customer_id)
    if not wanted:
        return []
    goods = OrderLine.objects.filter(kind="product").order_by("position", "pk")
    rows = Order.objects.filter(wanted).select_related("sales_channel").prefetch_related(Prefetch("lines", goods))
    return sorted(rows[: LATEST + 1], key=lambda row: named is None or row.pk != named.pk)[:LATEST]
