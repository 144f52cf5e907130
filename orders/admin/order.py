"""The order list with its work tabs, and the page of one order."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.admin.tables import TableFilesMixin
from core.display import badge_html, moment_text
from core.masking import mask_name
from core.money import format_money
from core.ui import ModelAdmin, Tab, actor, columns
from core.ui.countries import CountryMixin
from core.ui.filters import MomentRangeFilter
from inventory.selectors import shop_day
from orders import policies, services
from orders.admin.buttons import OrderButtons
from orders.admin.resources import OrderLineResource, OrderResource
from orders.admin.status import work_badges
from orders.models import TO_CHECK, UNHELD, Order, OrderQuerySet, OrderStatus
from orders.selectors.promising import promised_for_orders


def _late(queryset: QuerySet[Order], request: HttpRequest) -> QuerySet[Order]:
    return queryset & Order.objects.late()


def _going_on(status: OrderStatus, empty: Any) -> Tab:
    return Tab(status.value, status.label, UNHELD & Q(status=status), empty=empty)


def _dated(
    key: str, label: Any, queue: Callable[[OrderQuerySet, date], OrderQuerySet], empty: Any, *, alert: bool = False
) -> Tab:
    """Return the tab of a queue that depends on what day it is in the shop."""

    def rows(queryset: QuerySet[Order], request: HttpRequest) -> QuerySet[Order]:
        return queryset & queue(Order.objects.all(), shop_day())

    return Tab(key, label, rows, empty=empty, alert=alert)


def _due(order: Order) -> Any:
    """Return what is still to be paid, in red, or that everything is paid."""
    due = order.total - order.paid_total
    if due > 0:
        return badge_html(_("%(amount)s due") % {"amount": format_money(due, order.currency)}, "amber")
    return badge_html(pgettext_lazy("order", "Paid"), "green")


def _sees_money(request: HttpRequest) -> bool:
    return policies.can_see_money(actor(request))


def _money_facts(order: Order) -> list[tuple[Any, Any]]:
    return [
        (_("Total"), format_money(order.total, order.currency)),
        (pgettext_lazy("money", "Payment"), _due(order)),
    ]


def _waits(request: HttpRequest) -> bool:
    return request.GET.get("tab") == OrderStatus.AWAITING_STOCK.value


def _can_leave(order: Order) -> Any:
    """Return the day on which the last waiting line can leave: red where nobody knows, or later than it should."""
    found = getattr(order, "can_leave", None)
    if found is None:
        return "–"
    day, is_overdue = found
    if day is None:
        return badge_html(pgettext_lazy("order", "no day is known"), "red")
    is_late = is_overdue or (order.ship_by is not None and day > shop_day(order.ship_by))
    return badge_html(moment_text(day), "red" if is_late else "blue")


@admin.register(Order)
class OrderAdmin(OrderButtons, TableFilesMixin, CountryMixin, ModelAdmin):
    """Find, check, confirm, ship and cancel orders."""

    class Media:
        js = ("backoffice/postcode.js",)

    resource_class = OrderResource
    detail_tables = {"lines": (OrderLineResource, "order")}

    list_display = [
        columns.two_lines("number", "external_number", pgettext_lazy("purchase", "Order")),
        columns.computed("status", _("Status"), work_badges),
        columns.text("sales_channel.name", _("Channel")),
        columns.text("recipient_name", _("Recipient")),
        columns.number("line_count", _("Lines")),
        columns.money("total", _("Total"), order=True),
        columns.moment("placed_at", _("Ordered"), order=True),
        columns.moment("ship_by", _("Ship by"), late=policies.is_late),
    ]
    ordering = ["-placed_at", "-id"]
    # each open order is in one of the first eight; what is held is in the first one only
    tabs = [
        Tab("new", pgettext_lazy("order", "To check"), TO_CHECK, empty=_("No order needs checking."), alert=True),
        _going_on(OrderStatus.AWAITING_PAYMENT, _("No order waits for its payment.")),
        _going_on(
            OrderStatus.TO_CONFIRM, _("Nothing to confirm. New orders appear here as soon as they are imported.")
        ),
        _dated(
            "awaiting_stock",
            OrderStatus.AWAITING_STOCK.label,
            OrderQuerySet.awaiting_stock,
            _("No order waits for stock."),
            alert=True,
        ),
        _dated(
            "release",
            pgettext_lazy("order", "Waiting for release"),
            OrderQuerySet.awaiting_release,
            _("No order waits for a release date."),
        ),
        _dated(
            "delivery",
            pgettext_lazy("order", "Waiting for delivery date"),
            OrderQuerySet.awaiting_delivery_date,
            _("No order waits for its delivery date."),
        ),
        _dated(
            "to_ship",
            pgettext_lazy("order", "Ready to pick"),
            OrderQuerySet.ready_to_pick,
            _("Nothing to ship. Well done."),
        ),
        _going_on(OrderStatus.PARTLY_SHIPPED, _("No order is shipped in part.")),
        Tab("late", pgettext_lazy("order", "Late"), _late, empty=_("No order is late. Well done."), alert=True),
        Tab(
            "shipped",
            OrderStatus.SHIPPED.label,
            Q(status=OrderStatus.SHIPPED),
            count=False,
            empty=_("Nothing has been shipped yet."),
        ),
        Tab(
            "cancelled",
            OrderStatus.CANCELLED.label,
            Q(status=OrderStatus.CANCELLED),
            count=False,
            empty=_("No order was cancelled."),
        ),
        Tab("all", pgettext_lazy("order", "All"), count=False),
    ]
    list_filter = ["sales_channel", ("placed_at", MomentRangeFilter)]
    exact_search_fields = ["number", "external_number"]
    filter_lookups = ["customer__id__exact"]
    empty_title = _("No orders here")
    empty_text = _("Import an order file, or choose another tab or filter.")
    fieldsets = [
        (
            _("Recipient"),
            {
                "fields": [
                    ("recipient_name", "recipient_kana"),
                    ("recipient_phone", "country"),
                    ("postcode", "region", "city"),
                    ("address_1", "address_2"),
                    ("customs_code",),
                ]
            },
        ),
        (_("Wishes"), {"fields": [("delivery_on", "delivery_slot")]}),
        (_("Notes"), {"fields": ["customer_note", "staff_note"]}),
    ]
    readonly_fields = ["customer_note"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Orders come in through files and connectors."""
        return False

    def get_fieldsets(self, request: HttpRequest, obj: Order | None = None) -> Any:
        """Leave the address out for people who may not see contact data."""
        if request.user.has_perm("customers.see_contact_data"):
            return super().get_fieldsets(request, obj)
        return [
            (_("Wishes"), {"fields": [("delivery_on", "delivery_slot")]}),
            (_("Notes"), {"fields": ["staff_note"]}),
        ]

    def may_search_text(self, request: HttpRequest) -> bool:
        """Names and e-mail addresses are in it."""
        return request.user.has_perm("customers.see_contact_data")

    def get_list_display(self, request: HttpRequest) -> Sequence[Any]:
        """Mask names for people who may not see contact data, leave totals out for those who may not see money."""
        shown = [column for column in self.list_display if column.name != "total" or _sees_money(request)]
        if _waits(request):
            shown.append(columns.computed("can_leave", _("Can leave"), _can_leave))
        if request.user.has_perm("customers.see_contact_data"):
            return shown
        masked = columns.computed("recipient_name", _("Recipient"), lambda order: mask_name(order.recipient_name))
        return [masked if column.name == "recipient_name" else column for column in shown]

    def complete_rows(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        """Add when what waits for stock can leave."""
        if _waits(request):
            found = promised_for_orders(order_ids=[order.pk for order in rows])
            for order in rows:
                order.can_leave = found.get(order.pk)

    def facts(self, request: HttpRequest, obj: Order) -> Sequence[tuple[Any, Any]]:
        """Return the state first, then what one asks about an order."""
        shown = [
            (_("Status"), work_badges(obj)),
            (_("Channel"), f"{obj.sales_channel} {obj.external_number}".strip()),
            *(_money_facts(obj) if _sees_money(request) else ()),
            (_("Ordered"), moment_text(obj.placed_at)),
        ]
        if obj.ship_by and obj.status in policies.OPEN:
            shown.append((_("Ship by"), columns.moment("ship_by", "", late=policies.is_late)(obj)))
        return shown

    def save_model(self, request: HttpRequest, obj: Order, form: Any, change: Any) -> None:
        """Change address and notes through the service, so that the timeline tells it."""
        changes = {name: form.cleaned_data[name] for name in form.changed_data if name in form.cleaned_data}
        if changes:
            services.edit_order(order_id=obj.pk, changes=changes, actor=actor(request))
