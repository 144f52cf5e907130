"""The stock list, and the page that answers "why is it 47?"."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.admin.tables import TableFilesMixin
from core.display import badge_html, document_html, signed
from core.search import matching
from core.ui import ActionForm, ModelAdmin, Tab, actor, columns, service_action
from core.ui.countries import CountryMixin
from core.ui.readonly import ReadOnlyAdmin
from inventory import services
from inventory.admin import resources
from inventory.models import EntryKind, StockEntry, StockItem, StockMovement, Warehouse

LOW = Q(low_at__gt=0, on_hand__lte=F("low_at") + F("reserved") + F("held"))
SOLD_OUT = Q(on_hand__lte=F("reserved") + F("held"))


class CountForm(ActionForm):
    """What is on the shelf now."""

    counted = forms.IntegerField(
        label=gettext_lazy("Counted pieces"),
        min_value=0,
        max_value=10_000_000,
        help_text=gettext_lazy("All pieces on the shelf, reserved ones too."),
    )
    reason = forms.CharField(label=gettext_lazy("reason"), max_length=200, required=False)


class ReceiveForm(ActionForm):
    """How many came in."""

    quantity = forms.IntegerField(label=gettext_lazy("Pieces received"), min_value=1, max_value=10_000_000)
    reference = forms.CharField(label=gettext_lazy("Delivery note"), max_length=80, required=False)


class AdjustForm(ActionForm):
    """A difference with its reason."""

    change = forms.IntegerField(
        label=pgettext_lazy("pieces", "Change"),
        min_value=-10_000_000,
        max_value=10_000_000,
        help_text=gettext_lazy("For example −2 for two broken pieces."),
    )
    reason = forms.CharField(label=gettext_lazy("reason"), max_length=200)


def _available(item: StockItem) -> Any:
    return badge_html(
        item.available, "red" if item.available <= 0 else "amber" if item.available <= item.low_at else "green"
    )


@admin.register(StockItem)
class StockItemAdmin(TableFilesMixin, ModelAdmin):
    """One variant in one warehouse; numbers change by buttons only."""

    resource_class = resources.StockItemResource

    list_display = [
        columns.two_lines("variant.sku", lambda item: item.variant.label, "SKU", order="variant__sku"),
        columns.text("warehouse.name", gettext_lazy("Warehouse")),
        columns.number("on_hand", gettext_lazy("On hand"), order=True),
        columns.number("reserved", gettext_lazy("Reserved"), order=True),
        columns.computed("available", gettext_lazy("Available"), _available, css="num"),
        columns.number("low_at", gettext_lazy("Low at")),
    ]
    ordering = ["id"]
    tabs = [
        Tab("all", pgettext_lazy("stock", "All"), count=False),
        Tab("low", pgettext_lazy("stock", "Low"), LOW, empty=gettext_lazy("Nothing runs low. Well done."), alert=True),
        Tab("sold_out", gettext_lazy("Sold out"), SOLD_OUT, empty=gettext_lazy("Nothing is sold out.")),
    ]
    list_filter = ["warehouse"]
    search_fields = ["variant__search_text"]
    fields = ["low_at"]
    show_timeline = False
    empty_title = gettext_lazy("No stock here")
    empty_text = gettext_lazy("Stock appears when a product is counted or received.")

    def scope(self, request: HttpRequest, queryset: QuerySet[StockItem]) -> QuerySet[StockItem]:
        """Select what every row shows."""
        return queryset.select_related("variant__product", "warehouse")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A stock item is made by its first count or receipt."""
        return False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[StockItem], search_term: str
    ) -> tuple[QuerySet[StockItem], bool]:
        """Find by SKU or barcode first, else by words of SKU, product and options."""
        term = search_term.strip()
        exact = queryset.filter(Q(variant__sku=term) | Q(variant__barcode=term)) if term else queryset
        if not term or "\x00" in term or exact.exists():
            return exact if "\x00" not in term else queryset.none(), False
        return queryset.filter(matching(term, field="variant__search_text")), False

    def facts(self, request: HttpRequest, obj: StockItem) -> Sequence[tuple[Any, Any]]:
        """Return the three numbers people ask for."""
        return [
            ("SKU", obj.variant.sku),
            (_("Product"), obj.variant.label),
            (_("Warehouse"), obj.warehouse),
            (_("On hand"), obj.on_hand),
            (_("Reserved"), obj.reserved),
            (_("Available"), _available(obj)),
        ]

    @service_action(
        gettext_lazy("Receive"),
        permission="inventory.adjust_stock",
        form=ReceiveForm,
        icon="move_to_inbox",
        variant="primary",
    )
    def receive(self, request: HttpRequest, obj: StockItem, data: dict[str, Any]) -> str:
        """Add pieces that came in."""
        return self._post(request, obj, EntryKind.RECEIPT, data["quantity"], reference=data["reference"])

    @service_action(gettext_lazy("Count"), permission="inventory.adjust_stock", form=CountForm, icon="checklist")
    def count(self, request: HttpRequest, obj: StockItem, data: dict[str, Any]) -> str:
        """Set what was counted; the difference becomes a movement."""
        return self._post(request, obj, EntryKind.COUNT, data["counted"], reason=data["reason"])

    @service_action(gettext_lazy("Adjust"), permission="inventory.adjust_stock", form=AdjustForm, icon="tune")
    def adjust(self, request: HttpRequest, obj: StockItem, data: dict[str, Any]) -> str:
        """Change by a difference with its reason."""
        return self._post(request, obj, EntryKind.ADJUSTMENT, data["change"], reason=data["reason"])

    def _post(self, request: HttpRequest, obj: StockItem, kind: EntryKind, quantity: int, **words: str) -> str:
        line = services.EntryLine(variant_id=obj.variant_id, warehouse_id=obj.warehouse_id, quantity=quantity)
        entry = services.post_entry(kind=kind, lines=[line], actor=actor(request), **words)
        obj.refresh_from_db()
        return _("%(kind)s %(number)s: %(on_hand)s on hand, %(available)s available.") % {
            "kind": entry.get_kind_display(),
            "number": entry.number,
            "on_hand": obj.on_hand,
            "available": obj.available,
        }


@admin.register(Warehouse)
class WarehouseAdmin(TableFilesMixin, CountryMixin, ModelAdmin):
    """Places from which orders are shipped."""

    resource_class = resources.WarehouseResource

    few_rows = True
    list_display = [
        columns.two_lines("name", "code", gettext_lazy("Warehouse"), order=True),
        columns.country("country", gettext_lazy("Country")),
        columns.number("rank", gettext_lazy("Rank"), order=True),
        columns.flag("is_active", gettext_lazy("Active")),
    ]
    search_fields = ["name", "code"]
    ordering = ["rank", "id"]
    fields = ["code", "name", "country", "rank", "is_active"]


def _signed(path: str, label: Any) -> columns.Column:
    return columns.computed(path, label, lambda row: signed(getattr(row, path)), css="num")


@admin.register(StockMovement)
class StockMovementAdmin(ReadOnlyAdmin):
    """Every change of stock, newest first."""

    list_display = [
        columns.moment("at", pgettext_lazy("moment", "At")),
        columns.link("stock_item.variant.sku", "SKU", to="inventory_stockitem", key="stock_item_id"),
        columns.text("stock_item.warehouse.name", gettext_lazy("Warehouse")),
        columns.computed("kind", gettext_lazy("Kind"), lambda row: row.get_kind_display()),
        columns.computed(
            "cause",
            gettext_lazy("Document"),
            lambda row: document_html(row.reservation or row.entry),
            related=("reservation", "entry"),
        ),
        _signed("on_hand_change", gettext_lazy("On hand")),
        _signed("reserved_change", gettext_lazy("Reserved")),
        columns.number("on_hand_after", gettext_lazy("On hand after")),
    ]
    ordering = ["-id"]
    list_filter = ["kind"]
    search_fields = ["stock_item__variant__sku"]
    exact_search_fields = [
        "stock_item__variant__sku",
        "reservation__reference",
        "entry__number",
    ]
    empty_title = gettext_lazy("No movements yet")


@admin.register(StockEntry)
class StockEntryAdmin(ReadOnlyAdmin):
    """Counts, receipts, returns and adjustments, newest first."""

    list_display = [
        columns.two_lines("number", "reference", gettext_lazy("Stock entry")),
        columns.computed("kind", gettext_lazy("Kind"), lambda row: row.get_kind_display()),
        columns.text("reason", gettext_lazy("Reason")),
        columns.computed(
            "by", pgettext_lazy("person", "By"), lambda row: str(row.created_by or ""), related=("created_by",)
        ),
        columns.moment("created_at", pgettext_lazy("moment", "At")),
    ]
    ordering = ["-id"]
    list_filter = ["kind"]
    search_fields = ["number"]
    exact_search_fields = ["number", "reference"]
    empty_title = gettext_lazy("No stock entries yet")
