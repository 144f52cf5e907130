"""Lists of shipments, payments and returns: read-only, each leads to its order."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.admin.tables import TableFilesMixin
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
    ]
    ordering = ["-shipped_at", "-id"]
    list_filter = ["warehouse", ("shipped_at", MomentRangeFilter)]
    search_fields = ["number"]
    exact_search_fields = ["number", "tracking_number"]
    empty_title = _("No shipments yet")
    empty_text = _("Ship an order: its parcel appears here with its tracking number.")


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
    ordering = ["-id"]
    list_filter = ["kind"]
    exact_search_fields = ["order__number"]
    search_fields = ["order__number"]
    empty_title = _("No payments yet")


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

    def get_list_display(self, request: HttpRequest) -> Sequence[Any]:
        """Leave values out for people who may not see money."""
        sees_money = policies.can_see_money(actor(request))
        return [column for column in self.list_display if column.name != "total" or sees_money]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Sequence[str]:
        """Leave values out for people who may not see money."""
        fields = super().get_readonly_fields(request, obj)
        return [name for name in fields if name != "total" or policies.can_see_money(actor(request))]

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> Any:
        """The same for the fields that a page without a form shows."""
        return None if policies.can_see_money(actor(request)) else ["total"]
