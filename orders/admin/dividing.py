"""Dividing an order into parcels by hand: how many pieces of each line lie in which box, seen before it is planned."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.errors import DomainError
from core.ui import actor, register_action
from core.ui.actions import link_action
from core.ui.sitepages import register_page, render_page
from orders import policies, services
from orders.models import LineKind, Order, OrderLine, OrderStatus, ParcelReason
from orders.services.holdings import held_for

BOXES = 4  # beside the one for what is left
NAMES = "ABCD"


@dataclass(frozen=True, slots=True)
class DividedLine:
    """A line with its reserved pieces, and what was typed for each box."""

    line: OrderLine
    held: int
    weight_g: int
    typed: list[tuple[str, str, str]]  # name of the input, name of the box, value


@register_page("orders/dividing/<int:order_id>/", name="orders_dividing", permission="orders.plan_parcel")
def dividing_page(request: HttpRequest, order_id: int) -> HttpResponseBase:
    """Show the reserved pieces of an order with a column for each parcel; pressed, they are planned so."""
    order = get_object_or_404(Order, pk=order_id)
    if not is_dividable_by_hand(order):
        raise Http404
    problem = ""
    if request.method == "POST":
        try:
            parcels = services.divide_order(
                order_id=order.pk,
                reason=ParcelReason.HAND,
                parcels=_typed_parcels(order, request.POST),
                actor=actor(request),
            )
        except DomainError as error:
            problem = str(error)
        else:
            said = ngettext("%(count)d parcel is planned.", "%(count)d parcels are planned.", len(parcels))
            messages.success(request, said % {"count": len(parcels)})
            return HttpResponseRedirect(reverse("admin:orders_order_change", args=[order.pk]))
    return render_page(
        request,
        "orders/pages/dividing.html",
        title=_("Divide %(number)s by hand") % {"number": order.number},
        order=order,
        rows=_rows(order, request.POST),
        boxes=NAMES,
        problem=problem,
    )


def is_dividable_by_hand(order: Order) -> bool:
    """Tell whether pieces of the order are reserved that can be laid into parcels."""
    return policies.is_dividable(order) and order.status != OrderStatus.AWAITING_STOCK


def _lines(order: Order) -> Mapping[int, OrderLine]:
    return order.lines.filter(kind=LineKind.PRODUCT).select_related("variant__product").in_bulk()


def _rows(order: Order, posted: Mapping[str, str]) -> list[DividedLine]:
    lines = _lines(order)
    held: dict[int, int] = defaultdict(int)
    for pk, pieces in held_for(list(lines)).items():
        held[pk] = sum(one.quantity for one in pieces)
    return [
        DividedLine(
            line=lines[pk],
            held=count,
            weight_g=(variant.weight_g or 0) if (variant := lines[pk].variant) else 0,
            typed=[(_name(pk, box), NAMES[box], posted.get(_name(pk, box), "")) for box in range(BOXES)],
        )
        for pk, count in sorted(held.items(), key=lambda one: (lines[one[0]].position, one[0]))
        if count
    ]


def _typed_parcels(order: Order, posted: Mapping[str, str]) -> list[dict[int, int]]:
    """Return line -> pieces for each box; what is no number counts as none."""
    return [
        {pk: count for pk in _lines(order) if (count := _number(posted.get(_name(pk, box), "")))}
        for box in range(BOXES)
    ]


def _name(line_id: int, box: int) -> str:
    return f"pieces-{line_id}-{box}"


def _number(text: str) -> int:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0


def _page_of(order: Any) -> str:
    return reverse("admin:orders_dividing", args=[order.pk])


register_action(
    Order,
    link_action(
        "divide_by_hand",
        gettext_lazy("Divide by hand"),
        permission="orders.plan_parcel",
        icon="inventory",
        is_rare=True,
        available=lambda user, order: is_dividable_by_hand(order),
        link=_page_of,
    ),
)
