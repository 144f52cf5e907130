"""The address on the order's page: what speaks against it, one press to put it right, and what is far away."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from addresses.selectors import places_of_postcode, surcharge_zone
from catalog.models import SalesChannel
from core.errors import InvalidInput
from core.money import format_money
from core.ui import (
    ActionForm,
    NextAction,
    Panel,
    actor,
    register_action,
    register_next_actions,
    register_panel,
    service_action,
)
from core.ui.pressing import new_key
from core.ui.sitepages import register_page
from orders import policies, services
from orders.models import OPEN_STATUSES, Order
from orders.selectors.addressing import OrderAddress, address_of_order

SEES = "customers.see_contact_data"


def _known(order: Order) -> OrderAddress:
    """Return what is known of the address, asked once for a page."""
    found: OrderAddress | None = getattr(order, "read_address", None)
    if found is None:
        found = address_of_order(order)
        order.read_address = found  # type: ignore[attr-defined]
    return found


class CorrectAddressForm(ActionForm):
    """Which of the proposals is right."""

    suggestion = forms.ChoiceField(
        label=gettext_lazy("Right is"), widget=forms.RadioSelect, help_text=gettext_lazy("Street and house stay.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.suggested = {str(one): one for one in _known(self.obj).suggestions}
        self.fields["suggestion"].choices = [(text, text) for text in self.suggested]  # type: ignore[attr-defined]


def _is_correctable(_user: Any, order: Order) -> bool:
    return order.status in OPEN_STATUSES and bool(_known(order).suggestions)


@service_action(
    gettext_lazy("Correct the address"),
    permission="orders.change_order",
    form=CorrectAddressForm,
    icon="home_pin",
    available=_is_correctable,
    is_shown=False,
)
def correct_address(_admin: Any, request: HttpRequest, obj: Order, data: dict[str, Any]) -> str:
    """Take over postcode, region and city of a proposal."""
    if not request.user.has_perm(SEES):
        raise InvalidInput(_("You may not see the address."))
    right = {str(one): one for one in _known(obj).suggestions}[data["suggestion"]]
    services.edit_order(
        order_id=obj.pk,
        changes={"postcode": right.postcode, "region": right.region, "city": right.city},
        actor=actor(request),
    )
    return _("The address is now: %(address)s.") % {"address": right}


def order_address(request: HttpRequest, order: Order) -> dict[str, Any] | None:
    """Give what speaks against the address with what would be right, and its remote zone; None when all is well."""
    known = _known(order)
    if not known.problems and known.remote is None:
        return None
    may_correct = order.status in OPEN_STATUSES and policies.can_edit_orders(actor(request))
    return {
        "order": order,
        "known": known,
        "may_correct": may_correct,
        "post_url": reverse("admin:orders_order_press", args=[order.pk, correct_address.name]),
        "suggestions": [(one, new_key()) for one in known.suggestions] if may_correct else [],
        "may_see_money": policies.can_see_money(actor(request)),
    }


def next_for_address(request: HttpRequest, order: Order) -> list[NextAction]:
    """Say what is odd while something can still be done."""
    if order.status not in OPEN_STATUSES or not request.user.has_perm(SEES):
        return []
    return [NextAction(problem.sentence, level="warning") for problem in _known(order).problems]


@register_page("orders/postcode/", name="orders_postcode", permission="orders.view_order")
def postcode(request: HttpRequest) -> HttpResponse:
    """Answer what a postcode stands for, to forms that fill themselves: public facts, no order is touched."""
    country, text = _country_asked(request.GET), request.GET.get("postcode", "")[:16]
    places = places_of_postcode(country=country, postcode=text)
    return JsonResponse(
        {
            "take_over": _("Take over"),
            "remote": _remote(request, country, text),
            "places": [
                {
                    "postcode": one.postcode,
                    "region": one.region,
                    "city": one.city,
                    "area": one.area,
                    "office": one.office,
                }
                for one in places
            ],
        }
    )


def _country_asked(asked: Mapping[str, str]) -> str:
    """Return the country that was chosen, else that of the channel, as ``place_manual_order`` reads an address."""
    if country := asked.get("country", "")[:2]:
        return country
    number = asked.get("channel", "")
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        return ""
    return SalesChannel.objects.filter(pk=number).values_list("country", flat=True).first() or ""


def _remote(request: HttpRequest, country: str, postcode: str) -> str:
    """Return that a place is dearer to reach, with what is charged for it where the reader sees money; else nothing."""
    zone = surcharge_zone(country, postcode)
    if zone is None:
        return ""
    said = _("Dearer to reach: %(zone)s") % {"zone": zone.name}
    sums = sorted(zone.amounts.items()) if policies.can_see_money(actor(request)) else []
    return f"{said} ({', '.join(format_money(amount, currency) for currency, amount in sums)})" if sums else said


register_action(Order, correct_address)
register_panel(
    Order,
    Panel("address", pgettext_lazy("order", "Address"), "orders/panels/address.html", order_address, SEES, position=4),
)
register_next_actions(Order, next_for_address)
