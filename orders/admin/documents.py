"""Lists of shipments, payments and returns: read-only, each leads to its order."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.admin.tables import TableFilesMixin
from core.display import document_html
from core.money import format_money
from core.ui import actor, columns
from core.ui.filters import MomentRangeFilter
from core.ui.readonly import ReadOnlyAdmin
from orders import policies
from orders.admin.resources import PaymentResource, ShipmentResource
from orders.models import Payment, PaymentKind, Return, Shipment


@admin.register(Shipment)
class ShipmentAdmin(TableFilesMixin, ReadOnlyAdmin):
    """Parcels, newest first."""

    resource_class = ShipmentResource

    list_display = [
        columns.text("number", _("Shipment")),
        columns.link("order.number", pgettext_lazy("purchase", "Order"), to="orders_order", key="order_id"),
        columns.text("warehouse.name", _("Warehouse")),
        columns.two_lines("carrier", "tracking_number", _("Carrier")),
        columns.moment("shipped_at", _("Shipped"), order=True),
        columns.moment("delivered_at", pgettext_lazy("moment", "Delivered")),
    ]
    ordering = ["-shipped_at", "-id"]
    list_filter = ["warehouse", ("shipped_at", MomentRangeFilter)]
    search_fields = ["number"]
    exact_search_fields = ["number", "tracking_number"]
    empty_title = _("No shipments yet")
    empty_text = _("Ship an order: its parcel appears here with its tracking number.")
    fields = ["carrier", "tracking_number", "shipped_at", "delivered_at", "delivery_source", "created_at"]

    def facts(self, request: HttpRequest, obj: Shipment) -> Sequence[tuple[Any, Any]]:
        """Return whose parcel it is."""
        return [
            (_("Shipment"), obj.number),
            (pgettext_lazy("purchase", "Order"), document_html(obj.order.number)),
            (_("Warehouse"), obj.warehouse or "–"),
        ]


@admin.register(Payment)
class PaymentAdmin(TableFilesMixin, ReadOnlyAdmin):
    """Money in and out, newest first."""

    resource_class = PaymentResource

    list_display = [
        columns.link("order.number", pgettext_lazy("purchase", "Order"), to="orders_order", key="order_id"),
        columns.badge("kind", _("Kind"), colours={PaymentKind.CAPTURE: "green", PaymentKind.REFUND: "amber"}),
        columns.two_lines("method", "external_id", _("Method")),
        columns.money("amount", _("Amount")),
        columns.moment("paid_at", pgettext_lazy("moment", "Paid")),
    ]
    list_display_links = None
    fields = ["method", "external_id", "paid_at", "created_at"]
    ordering = ["-id"]
    list_filter = ["kind"]
    exact_search_fields = ["order__number"]
    search_fields = ["order__number"]
    empty_title = _("No payments yet")

    def facts(self, request: HttpRequest, obj: Payment) -> Sequence[tuple[Any, Any]]:
        """Return which order it pays, and how much."""
        return [
            (pgettext_lazy("purchase", "Order"), document_html(obj.order.number)),
            (_("Kind"), obj.get_kind_display()),
            (_("Amount"), format_money(obj.amount, obj.currency)),
        ]


@admin.register(Return)
class ReturnAdmin(ReadOnlyAdmin):
    """Goods that came back, newest first."""

    list_display = [
        columns.two_lines("number", "external_number", pgettext_lazy("goods", "Return")),
        columns.link("order.number", pgettext_lazy("purchase", "Order"), to="orders_order", key="order_id"),
        columns.text("sales_channel.name", _("Channel")),
        columns.text("reason", _("Reason")),
        columns.number("line_count", _("Lines")),
        columns.money("total", _("Value")),
        columns.moment("returned_at", _("Returned"), order=True),
    ]
    ordering = ["-returned_at", "-id"]
    list_filter = ["sales_channel", ("returned_at", MomentRangeFilter)]
    exact_search_fields = ["number", "external_number"]
    search_fields = ["number"]
    empty_title = _("Nothing has come back")
    fields = ["external_number", "reason", "returned_at", "created_at"]

    def get_list_display(self, request: HttpRequest) -> Sequence[Any]:
        """Leave values out for people who may not see money."""
        sees_money = policies.can_see_money(actor(request))
        return [column for column in self.list_display if column.name != "total" or sees_money]

    def facts(self, request: HttpRequest, obj: Return) -> Sequence[tuple[Any, Any]]:
        """Return from which order it came, and its value for those who may see money."""
        shown = [
            (pgettext_lazy("goods", "Return"), obj.number),
            (pgettext_lazy("purchase", "Order"), document_html(obj.order.number) if obj.order else "–"),
            (_("Channel"), obj.sales_channel),
        ]
        if policies.can_see_money(actor(request)):
            shown.append((_("Value"), format_money(obj.total, obj.currency)))
        return shown
