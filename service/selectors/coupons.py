"""Coupons: what is left of them, why one is not given, which a customer got."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from service.models import Coupon, CouponCode, Direction, Message, OutgoingState, Ticket


def given_to(ticket: Ticket) -> "Q":
    """Return the condition that a code was given to the ticket's customer, or in the ticket where nobody is known."""
    return Q(ticket__customer=ticket.customer_id) if ticket.customer_id else Q(ticket__in=[ticket.pk])


@dataclass(frozen=True, kw_only=True)
class Got:
    """A coupon that a customer got, and the number of the ticket where."""

    name: str
    amount: int
    currency: str
    at: datetime
    ticket: str


def with_coupons(rows: "QuerySet[Ticket]") -> "QuerySet[Any]":
    """Read with each ticket what ``coupons_got`` tells: no statement of its own."""
    theirs = CouponCode.objects.filter(ticket__customer=OuterRef("customer")).order_by("-given_at", "-pk")
    told = JSONObject(
        name="coupon__name",
        amount="coupon__amount",
        currency="coupon__currency",
        at="given_at",
        ticket="ticket__number",
    )
    return rows.annotate(coupons_told=ArraySubquery(theirs.values(told=told)[:5]))


def coupons_got(ticket: Any) -> list[Got]:
    """Return the latest coupons of the customer of a ticket read ``with_coupons``; none of somebody unknown."""
    return [Got(**{**told, "at": datetime.fromisoformat(told["at"])}) for told in ticket.coupons_told]


def why_not_given(coupon: Coupon, ticket: Ticket) -> str:
    """Return why no code of the coupon can be given in this ticket, in words; empty when one can."""
    if not coupon.is_active or coupon.valid_until < timezone.localdate():
        until = date_format(coupon.valid_until, "DATE_FORMAT")
        return _("The coupon “%(coupon)s” is not given any more (until %(day)s).") % {"coupon": coupon, "day": until}
    if CouponCode.objects.filter(given_to(ticket), coupon=coupon).exists():
        return _("This customer has got the coupon “%(coupon)s” already.") % {"coupon": coupon}
    if not CouponCode.objects.filter(coupon=coupon, ticket=None).exists():
        return _("No code of the coupon “%(coupon)s” is left. Add new ones.") % {"coupon": coupon}
    return ""


def is_told(code: CouponCode) -> bool:
    """Tell whether words with this code have left, or are on their way, wherever merging and splitting put them."""
    ticket = code.ticket
    if ticket is None:
        return False
    target = ticket.merged_into_id or ticket.pk
    near = Q(pk__in=[ticket.pk, target]) | Q(merged_into=target)
    if ticket.customer_id is not None:
        near |= Q(customer=ticket.customer_id)
    said = Message.objects.filter(
        ticket__in=Ticket.objects.filter(near).order_by().values("pk"),
        direction=Direction.OUTBOUND,
        body__contains=code.code,
    )
    return said.exclude(outgoing__state=OutgoingState.UNDONE).exists()


def codes_given(coupon: Coupon, *, limit: int = 50) -> Sequence[CouponCode]:
    """Return the codes given last."""
    rows = CouponCode.objects.filter(coupon=coupon, ticket__isnull=False).select_related("ticket", "given_by")
    return list(rows.order_by("-given_at", "-pk")[:limit])
