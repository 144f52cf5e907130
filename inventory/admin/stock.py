"""The stock list, and the page that answers "why is it 47?"."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import F, Q, QuerySet, Sum
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from core.admin.tables import TableFilesMixin
from core.display import badge_html, document_html, number_text, signed
from core.search import matching
from core.ui import ModelAdmin, Tab, actor, columns, service_action
from core.ui.readonly import ReadOnlyAdmin
from inventory import selectors, services
from inventory.admin import forms, resources
from inventory.models import EntryKind, HoldKind, StockEntry, StockItem, StockMovement

LOW = Q(low_at__gt=0, on_hand__lte=F("low_at") + F("reserved") + F("held"))
HELD = Q(held__gt=0)
SOLD_OUT = Q(on_hand__lte=F("reserved") + F("held"))


def _available(item: StockItem) -> Any:
    return badge_html(
        item.available, "red" if item.available <= 0 else "amber" if item.available <= item.low_at else "green"
    )


def _held(item: StockItem) -> str:
    """Return e.g. "7: Damaged 4, Display 3"."""
    kinds = item.holds.filter(quantity__gt=F("released")).order_by("kind").values_list("kind")
    parts = kinds.annotate(pieces=Sum(F("quantity") - F("released"))).values_list("kind", "pieces")
    return f"{item.held}: " + ", ".join(f"{HoldKind(kind).label} {pieces}" for kind, pieces in parts)


def _incoming(item: StockItem) -> str:
    return number_text(getattr(item, "incoming_count", 0) or None)


def _in_transit(item: StockItem) -> str:
    return number_text(getattr(item, "in_transit_count", 0) or None)


@admin.register(StockItem)
class StockItemAdmin(TableFilesMixin, ModelAdmin):
    """One variant in one warehouse; numbers change by buttons only."""

    resource_class = resources.StockItemResource

    list_display = [
        columns.two_lines("variant.sku", lambda item: item.variant.label, "SKU", order="variant__sku"),
        columns.text("warehouse.name", gettext_lazy("Warehouse")),
        columns.number("on_hand", gettext_lazy("On hand"), order=True),
        columns.number("reserved", gettext_lazy("Reserved"), order=True),
        columns.number("held", pgettext_lazy("stock", "Held"), order=True),
        columns.computed("available", gettext_lazy("Available"), _available, css="num"),
        columns.computed("incoming", gettext_lazy("Incoming"), _incoming, css="num"),
        columns.computed("in_transit", gettext_lazy("In transit"), _in_transit, css="num"),
        columns.number("low_at", gettext_lazy("Low at")),
    ]
    ordering = ["id"]
    tabs = [
        Tab("all", pgettext_lazy("stock", "All"), count=False),
        Tab("low", pgettext_lazy("stock", "Low"), LOW, empty=gettext_lazy("Nothing runs low. Well done."), alert=True),
        Tab("sold_out", gettext_lazy("Sold out"), SOLD_OUT, empty=gettext_lazy("Nothing is sold out.")),
        Tab("held", pgettext_lazy("stock", "Held back"), HELD, empty=gettext_lazy("Nothing is held back.")),
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

    def complete_rows(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        """Add what is on its way to each: from suppliers, and from our other warehouses."""
        found = selectors.on_the_way_to(items=rows)
        for item in rows:
            item.incoming_count, item.in_transit_count = found[item.pk]

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
        """Return the numbers people ask for; what is held back by its kinds, and what is on its way."""
        [(incoming, in_transit)] = selectors.on_the_way_to(items=[obj]).values()
        return [
            ("SKU", obj.variant.sku),
            (_("Product"), obj.variant.label),
            (_("Warehouse"), obj.warehouse),
            (_("On hand"), obj.on_hand),
            (_("Reserved"), obj.reserved),
            *([(pgettext("stock", "Held"), _held(obj))] if obj.held else []),
            (_("Available"), _available(obj)),
            *([(_("Incoming"), number_text(incoming))] if incoming else []),
            *([(_("In transit"), number_text(in_transit))] if in_transit else []),
        ]

    @service_action(
        gettext_lazy("Receive"),
        permission="inventory.adjust_stock",
        form=forms.ReceiveForm,
        icon="move_to_inbox",
        variant="primary",
    )
    def receive(self, request: HttpRequest, obj: StockItem, data: dict[str, Any]) -> str:
        """Add pieces that came in."""
        place = {**forms.place_of(data), "lot": data.get("given"), "hold_kind": data["hold_kind"]}
        return self._post(request, obj, EntryKind.RECEIPT, data["quantity"], place, reference=data["reference"])

    @service_action(gettext_lazy("Count"), permission="inventory.adjust_stock", form=forms.CountForm, icon="checklist")
    def count(self, request: HttpRequest, obj: StockItem, data: dict[str, Any]) -> str:
        """Set what was counted; the difference becomes a movement."""
        return self._post(request, obj, EntryKind.COUNT, data["counted"], {}, reason=data["reason"])

    @service_action(gettext_lazy("Adjust"), permission="inventory.adjust_stock", form=forms.AdjustForm, icon="tune")
    def adjust(self, request: HttpRequest, obj: StockItem, data: dict[str, Any]) -> str:
        """Change by a difference with its reason."""
        words = {"reason": data["reason"], "reason_code": data["reason_code"]}
        return self._post(request, obj, EntryKind.ADJUSTMENT, data["change"], forms.place_of(data), **words)

    def _post(
        self, request: HttpRequest, obj: StockItem, kind: EntryKind, quantity: int, place: dict[str, Any], **words: str
    ) -> str:
        line = services.EntryLine(variant_id=obj.variant_id, warehouse_id=obj.warehouse_id, quantity=quantity, **place)
        entry = services.post_entry(kind=kind, lines=[line], actor=actor(request), **words)
        obj.refresh_from_db()
        return _("%(kind)s %(number)s: %(on_hand)s on hand, %(available)s available.") % {
            "kind": entry.get_kind_display(),
            "number": entry.number,
            "on_hand": obj.on_hand,
            "available": obj.available,
        }


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
            lambda row: document_html(row.reservation or row.entry or row.hold),
            related=("reservation", "entry", "hold"),
        ),
        _signed("on_hand_change", gettext_lazy("On hand")),
        _signed("reserved_change", gettext_lazy("Reserved")),
        _signed("held_change", pgettext_lazy("stock", "Held")),
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
        columns.computed("cause", gettext_lazy("Cause"), lambda row: row.get_reason_code_display() or "–"),
        columns.text("reason", gettext_lazy("Reason")),
        columns.computed(
            "by", pgettext_lazy("person", "By"), lambda row: str(row.created_by or ""), related=("created_by",)
        ),
        columns.moment("created_at", pgettext_lazy("moment", "At")),
    ]
    ordering = ["-id"]
    list_filter = ["kind", "reason_code"]
    search_fields = ["number"]
    exact_search_fields = ["number", "reference"]
    empty_title = gettext_lazy("No stock entries yet")
