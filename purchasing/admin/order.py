"""The list of purchase orders with its work tabs, and the page of one order."""

from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Count, F, Q, QuerySet, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.admin.tables import TableFilesMixin
from core.display import moment_text
from core.money import format_money
from core.ui import ModelAdmin, Tab, actor, columns
from purchasing import policies, services
from purchasing.admin.buttons import PurchaseOrderButtons
from purchasing.admin.resources import PurchaseOrderLineResource, PurchaseOrderResource
from purchasing.admin.status import COLOURS, purchase_badge, share_html
from purchasing.models import EXPECTED_STATES, PurchaseOrder, PurchaseState

_S = PurchaseState


def _overdue(queryset: QuerySet[PurchaseOrder], request: HttpRequest) -> QuerySet[PurchaseOrder]:
    return queryset.filter(state__in=EXPECTED_STATES, expected_on__lt=timezone.localdate())


def is_late(order: PurchaseOrder) -> bool:
    """Tell whether goods should have come by now."""
    due: date | None = order.expected_on
    return order.state in EXPECTED_STATES and due is not None and due < timezone.localdate()


def _progress(order: Any) -> Any:
    """Return what came of what is expected, nothing before the order went out."""
    return share_html(order.came, order.wanted) if order.sent_at else ""


def _sees_costs(request: HttpRequest) -> bool:
    return policies.can_see_costs(actor(request))


@admin.register(PurchaseOrder)
class PurchaseOrderAdmin(PurchaseOrderButtons, TableFilesMixin, ModelAdmin):
    """Draft, approve, send and follow purchase orders."""

    resource_class = PurchaseOrderResource
    detail_tables = {"lines": (PurchaseOrderLineResource, "order")}

    list_display = [
        columns.two_lines("number", "supplier_reference", _("Purchase order"), order=True),
        columns.badge("state", _("Status"), colours=COLOURS),
        columns.text("supplier.name", _("Supplier")),
        columns.text("warehouse.name", _("Warehouse")),
        columns.number("line_count", _("Lines")),
        columns.money("total", _("Total"), order=True),
        columns.computed("progress", _("Received"), _progress, css="fit"),
        columns.moment("expected_on", pgettext_lazy("purchase order", "Expected"), order=True, late=is_late),
    ]
    ordering = ["-id"]
    tabs = [
        Tab("draft", _S.DRAFT.label, Q(state=_S.DRAFT), empty=_("No draft. Start a new order, or order proposals.")),
        Tab("to_approve", _S.TO_APPROVE.label, Q(state=_S.TO_APPROVE), empty=_("Nothing to approve."), alert=True),
        Tab(
            "to_send", pgettext_lazy("purchase order", "To send"), Q(state=_S.APPROVED),
            empty=_("Every approved order is sent. Well done."), alert=True,
        ),
        Tab(
            "on_its_way", pgettext_lazy("purchase order", "On its way"), Q(state__in=EXPECTED_STATES),
            empty=_("Nothing is on its way."),
        ),
        Tab(
            "late", pgettext_lazy("purchase order", "Late"), _overdue, empty=_("Nothing is late. Well done."),
            alert=True,
        ),
        Tab("received", _S.RECEIVED.label, Q(state=_S.RECEIVED), count=False),
        Tab(
            "closed", pgettext_lazy("purchase order", "Closed"), Q(state__in=[_S.CLOSED, _S.CANCELLED]), count=False
        ),
        Tab("all", pgettext_lazy("purchase order", "All"), count=False),
    ]  # fmt: skip
    list_filter = ["supplier", "warehouse"]
    search_fields = ["number", "supplier_reference", "supplier__name"]
    exact_search_fields = ["number", "supplier_reference"]
    filter_lookups = ["supplier__id__exact"]
    fields = [("warehouse", "expected_on"), "note"]
    empty_title = _("No purchase orders here")
    empty_text = _("Start a new order, or choose another tab.")

    class Media:
        """Bars and tables of orders."""

        css: ClassVar = {"all": ["backoffice/purchasing.css"]}

    def for_display(self, request: HttpRequest, queryset: QuerySet[PurchaseOrder]) -> QuerySet[PurchaseOrder]:
        """Count the lines, and what of them came."""
        return queryset.annotate(
            line_count=Count("lines"),
            came=Sum("lines__received", default=0),
            wanted=Sum(F("lines__quantity") - F("lines__given_up"), default=0),
        )

    def get_list_display(self, request: HttpRequest) -> Sequence[Any]:
        """Leave totals out for people who may not see what goods cost."""
        return [column for column in self.list_display if column.name != "total" or _sees_costs(request)]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A draft is begun on the page of new orders, which asks for the supplier first."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: PurchaseOrder | None = None) -> bool:
        """Only a draft has fields to change."""
        if obj is not None and obj.state != _S.DRAFT:
            return False
        return policies.can_write_purchase_orders(actor(request))

    def facts(self, request: HttpRequest, obj: PurchaseOrder) -> Sequence[tuple[Any, Any]]:
        """Return the state first, then what one asks about an order."""
        supplier_page = reverse("admin:purchasing_supplier_change", args=[obj.supplier_id])
        shown: list[tuple[Any, Any]] = [
            (_("Status"), purchase_badge(obj)),
            (_("Supplier"), format_html('<a href="{}">{}</a>', supplier_page, obj.supplier.name)),
            (_("Deliver to"), obj.warehouse.name),
        ]
        if _sees_costs(request):
            shown.append((_("Total"), format_money(obj.total, obj.currency)))
        if obj.expected_on:
            expected = columns.moment("expected_on", "", late=is_late)(obj)
            shown.append((pgettext_lazy("purchase order", "Expected"), expected))
        if obj.supplier_reference:
            shown.append((_("Supplier's order number"), obj.supplier_reference))
        if obj.close_reason:
            shown.append((_("Reason"), obj.close_reason))
        elif obj.sent_at:
            shown.append((_("Sent"), moment_text(obj.sent_at)))
        return shown

    def save_model(self, request: HttpRequest, obj: PurchaseOrder, form: Any, change: Any) -> None:
        """Change a draft through the service, so that the timeline tells it."""
        data = form.cleaned_data
        changes = {name: data[name] for name in form.changed_data if name in data}
        if "warehouse" in changes:
            changes["warehouse_id"] = changes.pop("warehouse").pk
        if changes:
            services.edit_purchase_order(order_id=obj.pk, changes=changes, actor=actor(request))
