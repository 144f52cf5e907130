"""Serial numbers: where each numbered piece is, and its story."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.display import badge_html, document_html
from core.ui import Tab, columns
from core.ui.readonly import ReadOnlyAdmin
from inventory.models import SerialNumber, SerialState, TravelState

SERIAL_COLOURS = {"in_stock": "green", "in_transit": "amber", "shipped": "blue", "lost": "red"}


def _place_of(serial: SerialNumber) -> str:
    """Return the warehouse, or from where to where a piece is on its way."""
    if serial.stock_item is not None:
        return serial.stock_item.warehouse.name
    if serial.state != SerialState.IN_TRANSIT:
        return ""
    [transfer] = [row.line.transfer for row in serial.travels.all() if row.state == TravelState.IN_TRANSIT]
    return f"{transfer.source} → {transfer.destination}"


def _travel_of(serial: SerialNumber) -> Any:
    """Return the transfer that a piece is on its way with, or was lost with."""
    if serial.state not in {SerialState.IN_TRANSIT, SerialState.LOST}:
        return ""
    travel = serial.travels.order_by("-pk").select_related("line__transfer").first()
    return document_html(travel.line.transfer) if travel else ""


def _left_for(serial: SerialNumber) -> str:
    return str(serial.reservation) if serial.state == "shipped" and serial.reservation else ""


@admin.register(SerialNumber)
class SerialNumberAdmin(ReadOnlyAdmin):
    """Numbered pieces: where each one is, and its story."""

    list_display = [
        columns.text("number", gettext_lazy("Serial number"), order=True),
        columns.link("variant.sku", "SKU", to="catalog_variant", key="variant_id"),
        columns.badge("state", gettext_lazy("State"), colours=SERIAL_COLOURS),
        columns.computed("where", gettext_lazy("Where it is"), _place_of, related=("stock_item__warehouse",)),
        columns.text("lot.number", gettext_lazy("Lot")),
        columns.computed(
            "left_for", gettext_lazy("Shipped for"), lambda row: _left_for(row) or "–", related=("reservation",)
        ),
    ]
    list_select_related = ("variant",)
    ordering = ["number", "id"]
    tabs = [
        Tab("all", pgettext_lazy("serial numbers", "All"), count=False),
        Tab("in_stock", SerialState.IN_STOCK.label, Q(state=SerialState.IN_STOCK), count=False),
        Tab(
            "in_transit",
            SerialState.IN_TRANSIT.label,
            Q(state=SerialState.IN_TRANSIT),
            empty=gettext_lazy("No numbered piece is in transit."),
        ),
        Tab(
            "lost",
            SerialState.LOST.label,
            Q(state=SerialState.LOST),
            empty=gettext_lazy("No numbered piece was lost on the way."),
        ),
    ]
    list_filter = ["state", "stock_item__warehouse"]
    fields = ["variant", "lot", "entry", "reservation"]  # the facts above say where it is
    exact_search_fields = ["number", "variant__sku"]
    search_fields = ["number", "variant__sku"]
    empty_title = gettext_lazy("No serial numbers yet")
    empty_text = gettext_lazy("They are noted at receipt and shipping where a stock policy asks for them.")

    def for_display(self, request: HttpRequest, queryset: QuerySet[SerialNumber]) -> QuerySet[SerialNumber]:
        """Add with which transfer a piece is on its way."""
        return queryset.prefetch_related("travels__line__transfer__source", "travels__line__transfer__destination")

    def facts(self, request: HttpRequest, obj: SerialNumber) -> Sequence[tuple[Any, Any]]:
        """Return where the piece is."""
        colour = SERIAL_COLOURS.get(obj.state, "grey")
        shown = [
            (_("Where it is"), _place_of(obj)),
            (_("Transfer"), _travel_of(obj)),
            (_("Lot"), obj.lot or ""),
            (_("Shipped for"), _left_for(obj)),
        ]
        return [
            (_("State"), badge_html(obj.get_state_display(), colour)),
            ("SKU", obj.variant.sku),
            *((label, value) for label, value in shown if value),
        ]
