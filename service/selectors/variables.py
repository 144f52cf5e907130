"""What macros may put into their words: a closed list, read from the ticket and the order that somebody chose.

Nothing here reads notes: what colleagues tell each other cannot come into an answer by a macro.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.money import format_money
from orders.models import LineKind, Order, Shipment
from payments.models import Refund
from returns.models import ReturnRequest
from service.models import CouponCode, Ticket
from staff.models import User

_MARK = re.compile(r"\{\{\s*([A-Za-z0-9_. -]{0,60}?)\s*\}\}")
COUPON_CODE = "coupon.code"
SEE, MONEY = "customers.see_contact_data", "orders.view_payment"


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where values come from: the ticket, the order that was chosen, who writes, the coupon that the macro gives."""

    ticket: Ticket
    order: Order | None
    user: User | None
    coupon: CouponCode | None = None


@dataclass(frozen=True, kw_only=True)
class Variable:
    """One value; ``permission`` is what who writes must have to see it at all."""

    label: Any
    read: Callable[[Source], str]
    needs_order: bool = False
    permission: str = ""


@dataclass(frozen=True, kw_only=True)
class Resolved:
    """Words with their values, and what is missing, in words; with anything missing they must not leave."""

    text: str
    missing: tuple[str, ...] = ()


def _of_order(label: Any, read: Callable[[Order], str], permission: str = "") -> Variable:
    return Variable(
        label=label, read=lambda source: read(source.order) if source.order else "", needs_order=True,
        permission=permission,
    )  # fmt: skip


def _day(moment: datetime | None) -> str:
    return date_format(timezone.localtime(moment), "DATE_FORMAT") if moment else ""


def _customer(source: Source) -> str:
    ticket = source.ticket
    return (ticket.customer.name if ticket.customer else "") or ticket.sender_name


def _writer(source: Source) -> str:
    return str(source.user) if source.user else ""


def _goods(order: Order) -> str:
    lines = order.lines.filter(kind=LineKind.PRODUCT).order_by("position", "pk")
    return ", ".join(f"{line.name} {line.options}".strip() + f" × {line.quantity}" for line in lines)


def _parcel(order: Order) -> Shipment | None:
    return order.shipments.order_by("-shipped_at", "-pk").first()


def _sent(order: Order) -> str:
    parcel = _parcel(order)
    return _day(parcel.shipped_at) if parcel else ""


def _carrier(order: Order) -> str:
    parcel = _parcel(order)
    return parcel.carrier if parcel else ""


def _tracking(order: Order) -> str:
    parcel = _parcel(order)
    return parcel.tracking_number if parcel else ""


def _case(order: Order) -> str:
    return ReturnRequest.objects.filter(order=order).order_by("-pk").values_list("number", flat=True).first() or ""


def _refund(order: Order) -> str:
    refund = Refund.objects.filter(order=order).exclude(state="withdrawn").order_by("-pk").first()
    return format_money(refund.amount, refund.currency) if refund else ""


def _of_coupon(label: Any, read: Callable[[CouponCode], str]) -> Variable:
    return Variable(label=label, read=lambda source: read(source.coupon) if source.coupon else "")


VARIABLES: Mapping[str, Variable] = {
    "customer.name": Variable(label=gettext_lazy("name of the customer"), read=_customer, permission=SEE),
    "ticket.number": Variable(label=gettext_lazy("number of the ticket"), read=lambda source: source.ticket.number),
    "ticket.subject": Variable(label=gettext_lazy("subject of the ticket"), read=lambda source: source.ticket.subject),
    "agent.name": Variable(label=gettext_lazy("name of who answers"), read=_writer),
    "order.number": _of_order(gettext_lazy("order number"), lambda order: order.number),
    "order.channel_number": _of_order(gettext_lazy("channel's order number"), lambda order: order.external_number),
    "order.status": _of_order(gettext_lazy("state of the order"), lambda order: order.get_status_display()),
    "order.goods": _of_order(gettext_lazy("goods of the order"), _goods),
    "order.total": _of_order(
        gettext_lazy("total of the order"), lambda order: format_money(order.total, order.currency), MONEY
    ),
    "order.placed_on": _of_order(gettext_lazy("day of the order"), lambda order: _day(order.placed_at)),
    "order.ship_by": _of_order(gettext_lazy("ship by"), lambda order: _day(order.ship_by)),
    "order.recipient": _of_order(gettext_lazy("recipient"), lambda order: order.recipient_name, SEE),
    "shipment.sent_on": _of_order(gettext_lazy("day on which the last parcel left"), _sent),
    "shipment.carrier": _of_order(gettext_lazy("carrier of the last parcel"), _carrier),
    "shipment.tracking_number": _of_order(gettext_lazy("tracking number of the last parcel"), _tracking),
    "return.number": _of_order(gettext_lazy("number of the last return case"), _case),
    "refund.amount": _of_order(gettext_lazy("amount of the last refund"), _refund, MONEY),
    COUPON_CODE: _of_coupon(gettext_lazy("code of the coupon that the macro gives"), lambda given: given.code),
    "coupon.worth": _of_coupon(
        gettext_lazy("worth of the coupon"), lambda given: format_money(given.coupon.amount, given.coupon.currency)
    ),
    "coupon.valid_until": _of_coupon(
        gettext_lazy("last day of the coupon"), lambda given: date_format(given.coupon.valid_until, "DATE_FORMAT")
    ),
}


def variables_in(text: str) -> list[str]:
    """Return what stands in double braces, each once, in the order of the text; known or not."""
    return list(dict.fromkeys(found.strip() for found in _MARK.findall(text)))


def unknown_variables(text: str) -> list[str]:
    """Return what stands in double braces and is no variable."""
    return [name for name in variables_in(text) if name not in VARIABLES]


def needs_order(texts: Sequence[str]) -> bool:
    """Tell whether an order has to be chosen for these texts."""
    return any(VARIABLES[name].needs_order for text in texts for name in variables_in(text) if name in VARIABLES)


def resolved(*, text: str, source: Source, language: str) -> Resolved:
    """Return the text with its values, as the language writes dates, money and states.

    Values are put in once: braces in a customer's words mean nothing. What has no value, needs an order that nobody
    chose, is unknown, or may not be seen by who writes, is missing and stays as it is.
    """
    values: dict[str, str] = {}
    with translation.override(language):
        for name in variables_in(text):
            variable = VARIABLES.get(name)
            if variable is not None and _may_see(variable, source.user):
                values[name] = variable.read(source).strip()
    missing = [_why(name, source) for name in variables_in(text) if not values.get(name)]
    filled = _MARK.sub(lambda found: values.get(found[1].strip()) or found[0], text)
    return Resolved(text=filled, missing=tuple(missing))


def _may_see(variable: Variable, user: User | None) -> bool:
    return not variable.permission or user is None or user.has_perm(variable.permission)


def _why(name: str, source: Source) -> str:
    variable = VARIABLES.get(name)
    if variable is None:
        return _("%(name)s (there is no such variable)") % {"name": name}
    if variable.needs_order and source.order is None:
        return _("%(label)s (choose an order)") % {"label": variable.label}
    if not _may_see(variable, source.user):
        return _("%(label)s (you may not see it)") % {"label": variable.label}
    return str(variable.label)
