"""Kits: the buttons that pack and unpack them on the pages of bundles, and the list of what was done."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from catalog.models import BundleComponent, Variant
from core.display import register_document
from core.ui import ActionForm, Panel, Tab, actor, columns, register_action, register_panel, service_action
from core.ui.readonly import ReadOnlyAdmin
from core.ui.timeline import timeline_icon
from inventory.models import Assembly, AssemblyKind, StockItem, StockMovement, Warehouse
from inventory.selectors import bundle_stock
from inventory.services import moving

ASSEMBLE = "inventory.assemble_kits"
MOST = 1_000_000
COLOURS = {AssemblyKind.KIT.value: "green", AssemblyKind.UNKIT.value: "amber", AssemblyKind.REGRADE.value: "blue"}


class KitsForm(ActionForm):
    """How many kits."""

    quantity = forms.IntegerField(label=gettext_lazy("Kits"), min_value=1, max_value=MOST, initial=1)


class PackForm(KitsForm):
    """How many kits are packed; says how many could be."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if isinstance(self.obj, StockItem):
            rows = [row for row in bundle_stock(variant_id=self.obj.variant_id) if row.warehouse == self.obj.warehouse]
            count = rows[0].count if rows else 0
            self.fields["quantity"].help_text = _("There are components for %(count)s kits.") % {"count": count}


class PackSomewhereForm(KitsForm):
    """Where kits are packed, and how many."""

    warehouse = forms.ModelChoiceField(
        label=gettext_lazy("warehouse"), queryset=Warehouse.objects.filter(is_active=True), empty_label=None
    )
    field_order = ("warehouse", "quantity")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = [f"{row.warehouse} {row.count}" for row in bundle_stock(variant_id=self.obj.pk)]
        self.fields["quantity"].help_text = _("Can be packed: %(counts)s") % {"counts": ", ".join(found) or "0"}


def _is_bundle(variant_id: int) -> bool:
    return BundleComponent.objects.filter(bundle=variant_id).exists()


@service_action(
    gettext_lazy("Pack kits"),
    permission=ASSEMBLE,
    form=PackSomewhereForm,
    icon="package_2",
    question=gettext_lazy("The components leave the stock, the kits come into it."),
    available=lambda _user, variant: _is_bundle(variant.pk),
)
def pack_kits(admin_: Any, request: HttpRequest, obj: Variant, data: dict[str, Any]) -> str:
    """Pack kits of this bundle in a warehouse."""
    return _packed(request, obj.pk, data["warehouse"].pk, data["quantity"])


@service_action(
    gettext_lazy("Pack kits"),
    permission=ASSEMBLE,
    form=PackForm,
    icon="package_2",
    question=gettext_lazy("The components leave the stock, the kits come into it."),
    available=lambda _user, item: _is_bundle(item.variant_id),
)
def pack_kits_here(admin_: Any, request: HttpRequest, obj: StockItem, data: dict[str, Any]) -> str:
    """Pack kits of this bundle in this warehouse."""
    return _packed(request, obj.variant_id, obj.warehouse_id, data["quantity"])


@service_action(
    gettext_lazy("Take kits apart"),
    permission=ASSEMBLE,
    form=KitsForm,
    icon="unarchive",
    question=gettext_lazy("The kits leave the stock, what a bundle contains today comes into it."),
    available=lambda _user, item: item.available > 0 and _is_bundle(item.variant_id),
    is_rare=True,
)
def unpack_kits_here(admin_: Any, request: HttpRequest, obj: StockItem, data: dict[str, Any]) -> str:
    """Take kits of this bundle apart in this warehouse."""
    made = moving.unpack_kits(
        bundle_id=obj.variant_id, warehouse_id=obj.warehouse_id, quantity=data["quantity"], actor=actor(request)
    )
    return _("%(number)s: %(count)s kits taken apart.") % {"number": made.number, "count": made.quantity}


def _packed(request: HttpRequest, bundle_id: int, warehouse_id: int, quantity: int) -> str:
    made = moving.assemble_kits(bundle_id=bundle_id, warehouse_id=warehouse_id, quantity=quantity, actor=actor(request))
    return _("%(number)s: %(count)s kits packed.") % {"number": made.number, "count": made.quantity}


@admin.register(Assembly)
class AssemblyAdmin(ReadOnlyAdmin):
    """Kits packed and taken apart, pieces of another grade; newest first."""

    list_display = [
        columns.text("number", gettext_lazy("Assembly")),
        columns.badge("kind", gettext_lazy("Kind"), colours=COLOURS),
        columns.link("bundle.sku", gettext_lazy("Bundle or grade"), to="catalog_variant", key="bundle_id"),
        columns.number("quantity", gettext_lazy("Pieces")),
        columns.text("warehouse.name", gettext_lazy("Warehouse")),
        columns.computed(
            "by", pgettext_lazy("person", "By"), lambda row: str(row.created_by or ""), related=("created_by",)
        ),
        columns.moment("created_at", pgettext_lazy("moment", "At")),
    ]
    ordering = ["-id"]
    tabs = [
        Tab("all", pgettext_lazy("assembly", "All"), count=False),
        Tab("kit", AssemblyKind.KIT.label, lambda rows, _request: rows.filter(kind=AssemblyKind.KIT), count=False),
        Tab(
            "unkit", AssemblyKind.UNKIT.label, lambda rows, _request: rows.filter(kind=AssemblyKind.UNKIT), count=False
        ),
        Tab(
            "regrade",
            AssemblyKind.REGRADE.label,
            lambda rows, _request: rows.filter(kind=AssemblyKind.REGRADE),
            count=False,
        ),
    ]
    list_filter = ["warehouse"]
    search_fields = ["number"]
    exact_search_fields = ["number", "bundle__sku"]
    empty_title = gettext_lazy("No kits were packed yet")
    empty_text = gettext_lazy("Kits are packed on the page of a bundle.")


def assembly_pieces(request: HttpRequest, assembly: Assembly) -> dict[str, Any]:
    """Give what left and what came: (variant, pieces)."""
    moved = StockMovement.objects.filter(entry__assembly=assembly).select_related("stock_item__variant__product")
    return {"rows": [(row.stock_item, row.on_hand_change) for row in moved.order_by("pk")]}


register_action(Variant, pack_kits)
register_action(StockItem, pack_kits_here)
register_action(StockItem, unpack_kits_here)
register_panel(
    Assembly,
    Panel(
        "pieces",
        gettext_lazy("Pieces"),
        "inventory/panels/assembly.html",
        assembly_pieces,
        "inventory.view_stockmovement",
        wide=True,
        above=True,
    ),
)
register_document("K-", lambda number: f"{reverse('admin:inventory_assembly_changelist')}?tab=all&q={number}")
timeline_icon("inventory.kits_assembled", "package_2")
