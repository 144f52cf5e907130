"""Waves: the list by state, and the page of one wave with its orders, papers and the way to the packing table."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from catalog.models import SalesChannel
from core.display import badge_html, moment_text, register_document
from core.ui import Answer, ModelAdmin, Tab, actor, columns, link_action, service_action
from core.ui.listlinks import ListLink, register_list_link
from core.ui.timeline import timeline_icon
from shipping import services
from shipping.admin.papers import SlipForm, slips_answer
from shipping.models import UNDER_WAY_WAVES, Carrier, Wave, WaveState
from shipping.selectors.waving import WaveSize, open_orders, packed_of, with_counts

PACK, MAKE, PRINT = "orders.ship_order", "shipping.add_wave", "shipping.print_packingslip"
COLOURS = {
    WaveState.OPEN.value: "blue",
    WaveState.PICKING.value: "amber",
    WaveState.PACKING.value: "violet",
    WaveState.DONE.value: "green",
    WaveState.CANCELLED.value: "grey",
}


def criteria_words(criteria: dict[str, Any]) -> str:
    """Return by what the orders of a wave were chosen, e.g. "One piece only · Zone: A, B · at most 50"."""
    words = []
    if criteria.get("by_hand"):
        words.append(_("Chosen by hand"))
    if size := criteria.get("size"):
        words.append(str(WaveSize(size).label))
    if channels := criteria.get("sales_channel_ids"):
        words.append(", ".join(SalesChannel.objects.filter(pk__in=channels).values_list("name", flat=True)))
    if carrier := Carrier.objects.filter(pk=criteria.get("carrier_id") or 0).first():
        words.append(str(carrier))
    if zones := criteria.get("zones"):
        words.append(_("Zone: %(zones)s") % {"zones": ", ".join(zones)})
    if day := criteria.get("ship_by"):
        words.append(_("to ship by %(day)s") % {"day": moment_text(date.fromisoformat(day))})
    if most := criteria.get("most"):
        words.append(_("at most %(count)s") % {"count": most})
    return " · ".join(words) or "–"


def _is_under_way(_user: Any, wave: Wave) -> bool:
    return wave.is_under_way


def _is_open(_user: Any, wave: Wave) -> bool:
    return wave.state == WaveState.OPEN


def _is_picked(_user: Any, wave: Wave) -> bool:
    return wave.state == WaveState.PICKING


@admin.register(Wave)
class WaveAdmin(ModelAdmin):
    """Orders that are picked together."""

    list_display = [
        columns.two_lines("number", "note", pgettext_lazy("picking", "Wave"), order="id"),
        columns.text("warehouse.name", gettext_lazy("Warehouse")),
        columns.badge("state", gettext_lazy("Status"), colours=COLOURS),
        columns.number("order_count", gettext_lazy("Orders")),
        columns.number("packed_count", pgettext_lazy("orders", "Packed")),
        columns.number("open_count", pgettext_lazy("orders", "Still to pack")),
        columns.text("picked_by", gettext_lazy("Picked by")),
        columns.moment("created_at", gettext_lazy("Made"), order=True),
    ]
    list_select_related = ["warehouse", "picked_by"]
    ordering = ["-id"]
    tabs = [
        Tab(
            "under_way",
            pgettext_lazy("waves", "Under way"),
            Q(state__in=UNDER_WAY_WAVES),
            empty=gettext_lazy("No wave is under way."),
        ),
        Tab("done", WaveState.DONE.label, Q(state=WaveState.DONE), count=False),
        Tab("cancelled", WaveState.CANCELLED.label, Q(state=WaveState.CANCELLED), count=False),
        Tab("all", pgettext_lazy("waves", "All"), count=False),
    ]
    list_filter = ["warehouse"]
    search_fields = ["number", "note"]
    exact_search_fields = ["number", "orders__order__number"]
    empty_title = gettext_lazy("No waves here")
    empty_text = gettext_lazy("A wave puts orders together that one walk picks: choose what they have in common.")
    fieldsets = [(gettext_lazy("Note"), {"classes": ["collapse"], "fields": ["note"]})]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Waves are made on their own page, with a preview."""
        return False

    def for_display(self, request: HttpRequest, queryset: QuerySet[Wave]) -> QuerySet[Wave]:
        """Add how many orders are in it, packed, and still to pack."""
        return with_counts(queryset)

    def facts(self, request: HttpRequest, obj: Wave) -> Sequence[tuple[Any, Any]]:
        """Return the state first, then how far it is and what it was made of."""
        packed, total = packed_of(obj)
        shown: list[tuple[Any, Any]] = [
            (_("Status"), badge_html(obj.get_state_display(), COLOURS[obj.state])),
            (_("Warehouse"), obj.warehouse),
            (pgettext_lazy("orders", "Packed"), f"{packed} / {total}"),
            (_("Chosen by"), criteria_words(obj.criteria)),
        ]
        if obj.picked_by:
            shown.append((_("Picked by"), obj.picked_by))
        return shown

    pack = link_action(
        "pack",
        pgettext_lazy("verb", "Pack"),
        permission=PACK,
        icon="barcode_scanner",
        variant="primary",
        available=_is_under_way,
        link=lambda wave: f"{reverse('admin:shipping_pack')}?{urlencode({'wave': wave.pk})}",
    )

    @service_action(
        gettext_lazy("Start picking"),
        permission=PACK,
        icon="directions_walk",
        question=gettext_lazy("You walk; the pick list shows the way."),
        available=_is_open,
    )
    def start_picking(self, request: HttpRequest, obj: Wave, data: dict[str, Any]) -> str:
        """Say who walks."""
        services.start_picking(wave_id=obj.pk, actor=actor(request))
        return _("Picking began.")

    @service_action(
        gettext_lazy("Picked"),
        permission=PACK,
        icon="shopping_cart_checkout",
        question=gettext_lazy("Everything is on the packing table?"),
        available=_is_picked,
    )
    def start_packing(self, request: HttpRequest, obj: Wave, data: dict[str, Any]) -> str:
        """Say that it is on the table."""
        services.start_packing(wave_id=obj.pk, actor=actor(request))
        return _("Packing may begin.")

    pick_list = link_action(
        "pick_list",
        gettext_lazy("Pick list (PDF)"),
        permission=PRINT,
        icon="picture_as_pdf",
        available=_is_under_way,
        link=lambda wave: reverse("admin:shipping_pick_list", args=[wave.pk]),
    )

    carrier_file = link_action(
        "carrier_file",
        pgettext_lazy("button", "Carrier file"),
        permission="shipping.add_carrierfile",
        icon="description",
        available=_is_under_way,
        link=lambda wave: f"{reverse('admin:shipping_make_file')}?{urlencode({'wave': wave.pk})}",
    )

    @service_action(
        gettext_lazy("Packing slips (PDF)"),
        permission=PRINT,
        form=SlipForm,
        icon="print",
        question=gettext_lazy("One slip for each order that is still to be packed, in the order of the slots."),
        submit=gettext_lazy("Print"),
        available=_is_under_way,
    )
    def slips(self, request: HttpRequest, obj: Wave, data: dict[str, Any]) -> Answer:
        """Count the print and give the PDF."""
        ids = list(open_orders(obj.pk).values_list("order_id", flat=True))
        return slips_answer(ids, title=obj.number, with_prices=data.get("with_prices", False), user=actor(request))

    @service_action(
        gettext_lazy("Cancel the wave"),
        permission=MAKE,
        icon="block",
        variant="danger",
        is_rare=True,
        question=gettext_lazy("What is not packed is ready to pick again; picked pieces go back to their bins."),
        available=_is_under_way,
    )
    def cancel(self, request: HttpRequest, obj: Wave, data: dict[str, Any]) -> str:
        """Give it up."""
        services.cancel_wave(wave_id=obj.pk, actor=actor(request))
        return _("%(number)s is cancelled.") % {"number": obj.number}


register_list_link(
    Wave, ListLink(gettext_lazy("Make a wave"), "add", "shipping_wave_new", "waves", MAKE, of_rows=False)
)
register_document("W-", lambda number: f"{reverse('admin:shipping_wave_changelist')}?tab=all&q={number}")
for _name, _icon in (
    ("wave_made", "library_add"),
    ("wave_picking_started", "directions_walk"),
    ("wave_packing_started", "shopping_cart_checkout"),
    ("wave_ended", "task_alt"),
    ("order_joined_wave", "waves"),
    ("order_left_wave", "logout"),
    ("order_packed", "package_2"),
):
    timeline_icon(f"shipping.{_name}", _icon)
