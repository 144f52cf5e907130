"""Warehouses with the channels they serve, bins, and how the stock of variants is kept and sold."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from catalog.models import SalesChannel, Variant
from core.admin.tables import TableFilesMixin
from core.display import number_text
from core.ui import (
    ModelAdmin,
    Panel,
    Tab,
    TabularInline,
    actor,
    columns,
    register_action,
    register_panel,
    service_action,
)
from core.ui.countries import CountryMixin
from inventory import services
from inventory.admin import forms, resources
from inventory.models import Bin, ChannelWarehouse, ShelfStock, StockItem, StockPolicy, Warehouse, WhenOut
from inventory.selectors import on_the_way_to

MOST_SHOWN = 200


class ChannelInline(TabularInline):
    """The sales channels that a warehouse serves, and how early it is asked."""

    model = ChannelWarehouse
    fields = ("sales_channel", "rank")
    extra = 0
    hide_title = True
    can_delete = True
    verbose_name_plural = gettext_lazy("Serves these sales channels (none: all)")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As for the warehouse: whom it serves is what it is."""
        return request.user.has_perm("inventory.view_warehouse")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As for the warehouse."""
        return request.user.has_perm("inventory.change_warehouse")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As for the warehouse."""
        return request.user.has_perm("inventory.change_warehouse")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As for the warehouse."""
        return request.user.has_perm("inventory.change_warehouse")


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
    inlines = [ChannelInline]


@admin.register(Bin)
class BinAdmin(TableFilesMixin, ModelAdmin):
    """Shelves with an address, in the order in which pickers walk."""

    resource_class = resources.BinResource

    list_display = [
        columns.two_lines("code", "zone", pgettext_lazy("shelf", "Bin"), order=True),
        columns.text("warehouse.name", gettext_lazy("Warehouse")),
        columns.number("pick_rank", gettext_lazy("Pick rank"), order=True),
        columns.number("item_count", gettext_lazy("Stock items")),
        columns.number("pieces", gettext_lazy("Pieces")),
        columns.flag("is_active", gettext_lazy("Active")),
    ]
    ordering = ["warehouse_id", "pick_rank", "code", "id"]
    list_filter = ["warehouse", "is_active"]
    search_fields = ["code", "zone"]
    exact_search_fields = ["code"]
    fields = ["warehouse", ("code", "zone"), ("pick_rank", "is_active")]
    show_timeline = False
    empty_title = gettext_lazy("No bins yet")
    empty_text = gettext_lazy("Add the shelves of a warehouse, or import them from a table.")

    def for_display(self, request: HttpRequest, queryset: QuerySet[Bin]) -> QuerySet[Bin]:
        """Add what lies there."""
        lying = Q(shelves__quantity__gt=0)
        return queryset.annotate(
            item_count=Count("shelves__stock_item", filter=lying, distinct=True), pieces=Sum("shelves__quantity")
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Bin | None = None) -> Sequence[str]:
        """A bin does not change its warehouse: what lies in it would."""
        return [] if obj is None else ["warehouse"]

    @service_action(
        gettext_lazy("Move pieces"),
        permission="inventory.adjust_stock",
        form=forms.MoveForm,
        icon="move_item",
        available=lambda user, place: place.shelves.filter(quantity__gt=0).exists(),
    )
    def move(self, request: HttpRequest, obj: Bin, data: dict[str, Any]) -> str:
        """Carry pieces to another bin."""
        return _moved(request, data)


def _moved(request: HttpRequest, data: dict[str, Any]) -> str:
    shelf = services.move_between_bins(
        shelf_id=data["shelf"].pk, bin_id=data["bin"].pk, quantity=data["quantity"], actor=actor(request)
    )
    return _("%(count)s pieces lie in %(bin)s now, %(all)s there in all.") % {
        "count": data["quantity"],
        "bin": data["bin"].code,
        "all": shelf.quantity,
    }


@service_action(
    gettext_lazy("Move to another bin"),
    permission="inventory.adjust_stock",
    form=forms.MoveForm,
    icon="move_item",
    is_rare=True,
    available=lambda user, item: item.shelves.filter(quantity__gt=0).exists(),
)
def move_pieces(self: Any, request: HttpRequest, obj: StockItem, data: dict[str, Any]) -> str:
    """Carry pieces to another bin."""
    return _moved(request, data)


@service_action(
    gettext_lazy("Put away"),
    permission="inventory.adjust_stock",
    form=forms.PutAwayForm,
    icon="shelves",
    is_rare=True,
    available=lambda user, item: item.on_hand > 0,
)
def put_away(self: Any, request: HttpRequest, obj: StockItem, data: dict[str, Any]) -> str:
    """Say where unplaced pieces lie."""
    place = forms.place_of(data)
    shelf = services.put_away(
        stock_item_id=obj.pk,
        quantity=data["quantity"],
        bin_id=place["bin_id"],
        lot_id=place["lot_id"],
        actor=actor(request),
    )
    return _("%(count)s pieces lie there: %(place)s.") % {"count": shelf.quantity, "place": shelf}


@admin.register(StockPolicy)
class StockPolicyAdmin(TableFilesMixin, ModelAdmin):
    """How the stock of variants is kept and sold; a variant without a row has the defaults."""

    resource_class = resources.StockPolicyResource

    list_display = [
        columns.two_lines("variant.sku", lambda row: row.variant.label, "SKU", order="variant__sku"),
        columns.flag("tracks_lots", gettext_lazy("Lots")),
        columns.flag("tracks_serials", gettext_lazy("Serial numbers")),
        columns.computed(
            "block_days",
            gettext_lazy("Days before expiry"),
            lambda row: number_text(row.block_days or None) or "–",
            order="block_days",
            css="num",
        ),
        columns.badge("when_out", gettext_lazy("When out"), colours={"backorder": "amber", "preorder": "blue"}),
        columns.number("backorder_limit", gettext_lazy("Most sold ahead")),
        columns.computed(
            "release",
            gettext_lazy("Release"),
            lambda row: date_format(row.release_on, "SHORT_DATE_FORMAT") if row.release_on else "–",
            order="release_on",
        ),
        columns.text("abc", gettext_lazy("ABC")),
        columns.text("xyz", gettext_lazy("XYZ")),
    ]
    list_select_related = ("variant__product",)
    ordering = ["variant__sku", "id"]
    tabs = [
        Tab("all", pgettext_lazy("stock policies", "All"), count=False),
        Tab("lots", gettext_lazy("Lots"), Q(tracks_lots=True)),
        Tab("serials", gettext_lazy("Serial numbers"), Q(tracks_serials=True)),
        Tab("ahead", gettext_lazy("Sold ahead"), ~Q(when_out=WhenOut.REFUSE)),
    ]
    list_filter = ["when_out", "incoming_sold", "abc", "xyz"]
    search_fields = ["variant__search_text"]
    exact_search_fields = ["variant__sku", "variant__barcode"]
    autocomplete_fields = ["variant"]
    fields = [
        "variant", ("tracks_lots", "tracks_serials", "block_days"), ("when_out", "backorder_limit"),
        ("release_on", "incoming_sold"),
    ]  # fmt: skip
    empty_title = gettext_lazy("Every variant has the defaults")
    empty_text = gettext_lazy("Add a policy here or on the variant's page: lots, serial numbers, backorders.")

    def get_readonly_fields(self, request: HttpRequest, obj: StockPolicy | None = None) -> Sequence[str]:
        """A policy stays with its variant."""
        return [] if obj is None else ["variant"]

    def save_model(self, request: HttpRequest, obj: StockPolicy, form: Any, change: Any) -> None:
        """Hand the values to the service, which tells what changed."""
        values = {name: getattr(obj, name) for name in services.POLICY_FIELDS}
        policy = services.set_stock_policy(variant_id=obj.variant_id, values=values, actor=actor(request))
        obj.pk = policy.pk


@service_action(
    gettext_lazy("Stock policy"),
    permission="inventory.change_stockpolicy",
    form=forms.PolicyForm,
    icon="rule_settings",
    initial=lambda request, variant: _values(variant),
)
def decide_policy(self: Any, request: HttpRequest, obj: Variant, data: dict[str, Any]) -> str:
    """Set how the variant's stock is kept and sold."""
    services.set_stock_policy(
        variant_id=obj.pk, values={name: data[name] for name in services.POLICY_FIELDS}, actor=actor(request)
    )
    return _("The stock policy of %(sku)s is set.") % {"sku": obj.sku}


def _policy(variant: Variant) -> StockPolicy:
    return StockPolicy.objects.filter(variant=variant).first() or StockPolicy(variant=variant)


def _values(variant: Variant) -> dict[str, Any]:
    policy = _policy(variant)
    return {name: getattr(policy, name) for name in services.POLICY_FIELDS}


def policy_of(request: HttpRequest, variant: Variant) -> dict[str, Any]:
    """Give how the variant's stock is kept and sold, and its stock by warehouse with what is on its way there."""
    items = list(variant.stock_items.select_related("warehouse").order_by("warehouse__rank", "pk"))
    coming = on_the_way_to(items=items)
    return {"policy": _policy(variant), "rows": [(item, *coming[item.pk]) for item in items]}


def bin_contents(request: HttpRequest, place: Bin) -> dict[str, Any]:
    """Give what lies in a bin."""
    shelves = ShelfStock.objects.filter(bin=place, quantity__gt=0).select_related("stock_item__variant__product", "lot")
    return {"shelves": shelves.order_by("stock_item__variant__sku", "pk")[:MOST_SHOWN]}


def bins_of_warehouse(request: HttpRequest, warehouse: Warehouse) -> dict[str, Any] | None:
    """Give the zones of a warehouse with their bins; None without any."""
    zones = list(
        warehouse.bins.values("zone")
        .annotate(bins=Count("pk", distinct=True), pieces=Sum("shelves__quantity"))
        .order_by("zone")
    )
    more = f"{reverse('admin:inventory_bin_changelist')}?warehouse__id__exact={warehouse.pk}"
    return {"zones": zones, "more": more} if zones else None


def serving(request: HttpRequest, channel: SalesChannel) -> dict[str, Any]:
    """Give the warehouses that serve a channel, in the order in which they are asked."""
    own = list(
        ChannelWarehouse.objects.filter(sales_channel=channel).select_related("warehouse").order_by("rank", "pk")
    )
    every = [] if own else list(Warehouse.objects.filter(is_active=True).order_by("rank", "pk"))
    return {"own": own, "every": every}


register_action(StockItem, put_away)
register_action(StockItem, move_pieces)
register_action(Variant, decide_policy)
register_panel(
    Variant,
    Panel(
        "stock_policy", gettext_lazy("Stock"), "inventory/panels/policy.html", policy_of, "inventory.view_stockitem",
        position=13,
    ),
)  # fmt: skip
register_panel(
    Bin,
    Panel(
        "contents", gettext_lazy("What lies here"), "inventory/panels/bin_contents.html", bin_contents,
        "inventory.view_stockitem", position=10, wide=True, above=True,
    ),
)  # fmt: skip
register_panel(
    Warehouse,
    Panel(
        "bins", pgettext_lazy("shelf", "Bins"), "inventory/panels/zones.html", bins_of_warehouse, "inventory.view_bin"
    ),
)
register_panel(
    SalesChannel,
    Panel(
        "warehouses", gettext_lazy("Served from"), "inventory/panels/serving.html", serving, "inventory.view_warehouse"
    ),
)
