"""Parcels on their way: what carriers said, what they cost, and those that somebody has to look after."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.display import badge_html, document_html
from core.money import Currency, format_money, parse_amount
from core.ui import ActionForm, Panel, Tab, actor, columns, register_action, register_panel, service_action
from core.ui.badges import NavigationBadge, register_badge
from core.ui.readonly import ReadOnlyAdmin
from orders.models import Shipment
from shipping import services
from shipping.models import AlertKind, Carrier, ChannelNotice, ParcelAlert, ParcelCost, ScanKind
from shipping.selectors import CarrierBook
from staff.admin.offering import offer_tasks
from staff.models import TaskKind

_KINDS: Mapping[str, str] = {AlertKind.FAILED: "amber", AlertKind.RETURNED: "red", AlertKind.NO_SCAN: "violet"}
_SCANS: Mapping[str, str] = {ScanKind.DELIVERED: "green", ScanKind.FAILED: "amber", ScanKind.RETURNED: "red"}


class OutcomeForm(ActionForm):
    """What was done about it."""

    outcome = forms.CharField(label=gettext_lazy("What was done"), max_length=200)


class CostForm(ActionForm):
    """What the carrier really asked."""

    carrier = forms.ModelChoiceField(label=gettext_lazy("Carrier"), queryset=Carrier.objects.all())
    amount = forms.CharField(label=gettext_lazy("Amount"), max_length=20)
    currency = forms.ChoiceField(label=gettext_lazy("Currency"), choices=Currency.choices)


@admin.register(ParcelAlert)
class ParcelAlertAdmin(ReadOnlyAdmin):
    """Parcels that come back, could not be delivered, or show no sign."""

    list_display = [
        columns.two_lines("shipment.number", "shipment.order.number", gettext_lazy("Parcel")),
        columns.badge("kind", gettext_lazy("Problem"), colours=_KINDS),
        columns.two_lines("shipment.carrier", "shipment.tracking_number", gettext_lazy("Carrier")),
        columns.moment("shipment.shipped_at", pgettext_lazy("moment", "Shipped")),
        columns.moment("opened_at", gettext_lazy("Since")),
        columns.text("outcome", gettext_lazy("What was done")),
    ]
    list_select_related = ("shipment__order",)
    ordering = ["-id"]
    tabs = [
        *[
            Tab(kind.value, kind.label, Q(kind=kind, closed_at=None), alert=kind == AlertKind.RETURNED,
                empty=gettext_lazy("No such parcel. Well done."))
            for kind in (AlertKind.RETURNED, AlertKind.FAILED, AlertKind.NO_SCAN)
        ],
        Tab("closed", pgettext_lazy("alert", "Closed"), Q(closed_at__isnull=False), count=False),
        Tab("all", pgettext_lazy("alert", "All"), count=False),
    ]  # fmt: skip
    exact_search_fields = ["shipment__number", "shipment__tracking_number", "shipment__order__number"]
    search_fields = ["shipment__number"]
    show_timeline = False
    empty_title = gettext_lazy("No parcel to look after")
    fields = ["opened_at", "closed_at", "closed_by", "outcome"]

    def facts(self, request: HttpRequest, obj: ParcelAlert) -> Sequence[tuple[Any, Any]]:
        """Return which parcel it is, and where the carrier shows it."""
        shipment = obj.shipment
        return [
            (_("Problem"), badge_html(obj.get_kind_display(), _KINDS[AlertKind(obj.kind)])),
            (_("Parcel"), shipment.number),
            (pgettext_lazy("purchase", "Order"), document_html(shipment.order.number)),
            (_("Carrier"), f"{shipment.carrier} {shipment.tracking_number}".strip() or "–"),
        ]

    @service_action(
        pgettext_lazy("parcel alert", "Close"),
        permission="shipping.close_parcelalert",
        form=OutcomeForm,
        icon="task_alt",
        variant="primary",
        available=lambda user, alert: alert.closed_at is None,
    )
    def close(self, request: HttpRequest, obj: ParcelAlert, data: dict[str, Any]) -> str:
        """Note what was done."""
        services.close_alert(alert_id=obj.pk, outcome=data["outcome"], actor=actor(request))
        return _("Closed.")


@service_action(
    gettext_lazy("Write its cost"),
    permission="shipping.set_parcelcost",
    form=CostForm,
    icon="price_change",
    is_rare=True,
)
def write_cost(admin: Any, request: HttpRequest, obj: Shipment, data: dict[str, Any]) -> str:
    """Keep what the carrier's bill says."""
    amount = parse_amount(data["amount"], data["currency"])
    services.set_parcel_cost(
        shipment_id=obj.pk, carrier_id=data["carrier"].pk, amount=amount, currency=data["currency"],
        actor=actor(request),
    )  # fmt: skip
    return _("It cost %(amount)s.") % {"amount": format_money(amount, data["currency"])}


def journey_of(request: HttpRequest, shipment: Shipment) -> dict[str, Any]:
    """Give where the parcel is: the carrier's page, its scans, what the channel knows, what it cost."""
    carrier = CarrierBook().meant_by(shipment.carrier) if shipment.carrier else None
    scans = [(scan, _SCANS.get(ScanKind(scan.kind), "blue")) for scan in shipment.scans.order_by("at", "pk")]
    notice = ChannelNotice.objects.filter(shipment=shipment).first()
    cost = None
    if request.user.has_perm("shipping.view_parcelcost"):
        cost = ParcelCost.objects.filter(shipment=shipment).first()
    return {
        "link": carrier.tracking_link(shipment.tracking_number) if carrier else "",
        "number": shipment.tracking_number,
        "scans": scans,
        "notice": notice,
        "cost": cost,
    }


register_panel(
    Shipment, Panel("journey", gettext_lazy("On its way"), "shipping/panels/journey.html", journey_of, position=20)
)
register_action(Shipment, write_cost)
offer_tasks(ParcelAlert, kinds=(TaskKind.GENERAL,))
register_badge(
    NavigationBadge("parcel_alerts", lambda: ParcelAlert.objects.filter(closed_at=None).order_by("pk"), "danger")
)
