"""Parcels on screen: what may be combined, how an order is divided, and what is planned for it."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from core.errors import DomainError
from core.money import format_money
from core.ui import ActionForm, ModelAdmin, Panel, actor, columns, register_action, register_panel, service_action
from core.ui.listlinks import ListLink, register_list_link
from core.ui.sitepages import register_page, render_page
from core.ui.timeline import timeline_icon
from orders import policies, services
from orders.admin.forms import CARRIERS, Suggested
from orders.models import Order, Parcel, ParcelReason, ParcelRule, ParcelState
from orders.selectors.combining import Proposal, combinable_orders, shipping_paid
from orders.selectors.parcels import planned_parcels

SHOWN = 100  # recipients of one look


@admin.register(ParcelRule)
class ParcelRuleAdmin(ModelAdmin):
    """What may lie in one parcel; each rule is a row that can be switched off."""

    list_display = [
        columns.computed("rule", pgettext_lazy("parcel", "Rule"), str, related=("sales_channel",)),
        columns.flag("is_active", gettext_lazy("Active")),
    ]
    list_select_related = ["sales_channel"]
    fields = ["kind", "sales_channel", "tag", "limit", "currency", "is_active"]
    few_rows = True
    empty_title = gettext_lazy("No rules of parcels")
    empty_text = gettext_lazy("Orders of one recipient may always share a parcel.")


@register_page("orders/combining/", name="orders_combining", permission="orders.plan_parcel")
def combining_page(request: HttpRequest) -> HttpResponseBase:
    """Show which ready orders go to the same recipient; one press combines those of one parcel, or all."""
    if request.method == "POST":
        return _combine(request)
    proposals = combinable_orders(limit=SHOWN)
    sees_money = policies.can_see_money(actor(request))
    everyone = [one.order.pk for proposal in proposals for one in proposal.members[1:]]
    paid = shipping_paid(order_ids=everyone) if sees_money else {}
    return render_page(
        request,
        "orders/pages/combining.html",
        title=_("Combine orders"),
        proposals=[
            {
                "proposal": one,
                "first": one.members[0].order,
                "ids": ",".join(str(member.order.pk) for member in one.members),
                **_spared(one, paid),
            }
            for one in proposals
        ],
        sees_names=request.user.has_perm("customers.see_contact_data"),
        may_write_rules=policies.can_write_parcel_rules(actor(request)),
    )


def _spared(one: Proposal, paid: Mapping[int, int]) -> dict[str, Any]:
    """Return what shipping was paid beside that of the first order, for who sees money."""
    amount = sum(paid.get(member.order.pk, 0) for member in one.members[1:])
    return {"spared": amount, "spared_text": format_money(amount, one.members[0].order.currency)}


def _combine(request: HttpRequest) -> HttpResponseBase:
    chosen = request.POST.getlist("orders")[:SHOWN]
    done, refused = 0, []
    for ids in chosen:
        numbers = [int(part) for part in ids.split(",") if part.isascii() and part.isdigit() and len(part) < 18]
        try:
            services.combine_orders(order_ids=numbers, actor=actor(request))
        except DomainError as error:
            refused.append(str(error))
        else:
            done += 1
    if done:
        said = ngettext("%(count)d parcel is planned.", "%(count)d parcels are planned.", done)
        messages.success(request, said % {"count": done})
    for sentence in refused[:5]:
        messages.error(request, sentence)
    return HttpResponseRedirect(reverse("admin:orders_combining"))


class DivideForm(ActionForm):
    """Why it leaves in several parcels."""

    reason = forms.ChoiceField(label=gettext_lazy("How is it divided?"))
    heaviest = forms.IntegerField(
        label=gettext_lazy("heaviest parcel (g)"), min_value=1, max_value=1_000_000, required=False,
        help_text=gettext_lazy("Only for parcels by weight; empty: as the rule of parcels says."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        waits = self.obj is not None and self.obj.status == "awaiting_stock"
        reasons = [ParcelReason.STOCK] if waits else [ParcelReason.APART, ParcelReason.WEIGHT]
        field: Any = self.fields["reason"]
        field.choices = [(reason.value, reason.label) for reason in reasons]
        if waits:
            del self.fields["heaviest"]


class ParcelForm(ActionForm):
    """Which planned parcel."""

    parcel = forms.TypedChoiceField(label=gettext_lazy("planned parcel"), coerce=int)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["parcel"]
        field.choices = [(one.pk, _described(one)) for one in _planned(self.obj)]


class ShipParcelForm(ParcelForm):
    """Which planned parcel leaves, and with what number."""

    carrier = forms.CharField(label=gettext_lazy("carrier"), max_length=60, widget=Suggested(CARRIERS))
    tracking_number = forms.CharField(label=gettext_lazy("tracking number"), max_length=60, required=False)


def _planned(order: Order) -> list[Parcel]:
    return [one for one in planned_parcels(order_id=order.pk) if one.state == ParcelState.PLANNED]


def _described(parcel: Parcel) -> str:
    """Return e.g. "P-3 · Seoul · 2 pieces (O-0000001, O-0000002)"."""
    pieces = sum(piece.quantity for piece in parcel.pieces.all())
    numbers = sorted({piece.line.order.number for piece in parcel.pieces.all()})
    said = ngettext("%(count)s piece", "%(count)s pieces", pieces) % {"count": pieces}
    return f"{parcel} · {parcel.warehouse} · {said} ({', '.join(numbers)})"


def _has_plan(order: Order) -> bool:
    return policies.is_dividable(order) and bool(_planned(order))


@service_action(
    gettext_lazy("Divide into parcels"),
    permission="orders.plan_parcel",
    form=DivideForm,
    icon="call_split",
    is_rare=True,
    available=lambda user, order: policies.is_dividable(order),
)
def divide(_admin: Any, request: HttpRequest, obj: Order, data: dict[str, Any]) -> str:
    """Plan several parcels."""
    parcels = services.divide_order(
        order_id=obj.pk, reason=data["reason"], heaviest=data.get("heaviest"), actor=actor(request)
    )
    if not parcels:
        return _("What is there leaves first; the rest follows when it comes in.")
    return ngettext("%(count)d parcel is planned.", "%(count)d parcels are planned.", len(parcels)) % {
        "count": len(parcels)
    }


@service_action(
    gettext_lazy("Ship planned parcel"),
    permission="orders.ship_order",
    form=ShipParcelForm,
    icon="package_2",
    available=lambda user, order: policies.is_shippable(order) and _has_plan(order),
)
def send_parcel(_admin: Any, request: HttpRequest, obj: Order, data: dict[str, Any]) -> str:
    """Ship all that lies in one planned parcel."""
    shipments = services.ship_parcel(
        parcel_id=data["parcel"],
        carrier=data["carrier"],
        tracking_number=data["tracking_number"],
        actor=actor(request),
    )
    return _("Shipped: %(numbers)s.") % {"numbers": ", ".join(shipment.number for shipment in shipments)}


@service_action(
    gettext_lazy("Undo planned parcel"),
    permission="orders.plan_parcel",
    form=ParcelForm,
    icon="undo",
    is_rare=True,
    available=lambda user, order: _has_plan(order),
)
def undo_plan(_admin: Any, request: HttpRequest, obj: Order, data: dict[str, Any]) -> str:
    """Undo one planned parcel."""
    services.undo_parcels(parcel_ids=[data["parcel"]], actor=actor(request))
    return _("Undone; its orders leave as if it had not been planned.")


def order_parcels(request: HttpRequest, order: Order) -> dict[str, Any] | None:
    """Give what is planned for the order; nothing where nobody planned anything."""
    rows: Sequence[Parcel] = planned_parcels(order_id=order.pk)
    if not rows:
        return None
    return {"parcels": [(one, _described(one), one.state == ParcelState.LEFT) for one in rows]}


for action in (divide, send_parcel, undo_plan):
    register_action(Order, action)
register_panel(
    Order,
    Panel("parcels", gettext_lazy("Planned parcels"), "orders/panels/parcels.html", order_parcels, position=18),
)
register_list_link(
    Order,
    ListLink(gettext_lazy("Combine orders"), "merge", "orders_combining", "", "orders.plan_parcel", of_rows=False),
)
register_list_link(
    Order,
    ListLink(
        gettext_lazy("Write an order"), "add_call", "orders_write", "", "customers.see_contact_data", of_rows=False
    ),
)
for name, icon in {"order_combined": "merge", "order_divided": "call_split", "order_left_parcel": "undo"}.items():
    timeline_icon(f"orders.{name}", icon)
