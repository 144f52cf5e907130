"""Lots: the list, when they end and where the pieces are; who got them, orders tell."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Exists, IntegerField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from core.display import badge_html
from core.ui import Panel, Tab, actor, columns, register_panel, service_action
from core.ui.readonly import ReadOnlyAdmin
from inventory import services
from inventory.admin import forms
from inventory.models import Lot, ShelfStock, StockItem
from inventory.selectors.lots import lot_shelves
from inventory.selectors.shelves import racks_of, shop_day

SOON = 30


def expiry_badge(lot: Lot) -> Any:
    """Return when a lot ends: red when it has, amber within a month."""
    if lot.expires_on is None:
        return "–"
    left = (lot.expires_on - shop_day()).days
    day = date_format(lot.expires_on, "SHORT_DATE_FORMAT")
    if left < 0:
        return badge_html(_("%(day)s, expired") % {"day": day}, "red")
    said = ngettext("%(day)s, %(count)s day left", "%(day)s, %(count)s days left", left) % {"day": day, "count": left}
    return badge_html(said, "amber" if left <= SOON else "grey")


def _lying() -> QuerySet[ShelfStock]:
    return ShelfStock.objects.filter(lot=OuterRef("pk"), quantity__gt=0)


def _in_stock(queryset: QuerySet[Lot], request: HttpRequest) -> QuerySet[Lot]:
    return queryset.filter(Exists(_lying()))


def _expired(queryset: QuerySet[Lot], request: HttpRequest) -> QuerySet[Lot]:
    return _in_stock(queryset.filter(expires_on__lt=shop_day()), request)


def _ending(queryset: QuerySet[Lot], request: HttpRequest) -> QuerySet[Lot]:
    days = (shop_day(), shop_day() + timedelta(days=SOON))
    return _in_stock(queryset.filter(expires_on__range=days), request)


@admin.register(Lot)
class LotAdmin(ReadOnlyAdmin):
    """Pieces that were made together, the first to end first."""

    list_display = [
        columns.two_lines("number", lambda lot: lot.variant.label, gettext_lazy("Lot"), order=True),
        columns.link("variant.sku", "SKU", to="catalog_variant", key="variant_id"),
        columns.computed("expires", gettext_lazy("Expires"), expiry_badge, order="expires_on"),
        columns.number("pieces", gettext_lazy("In stock")),
        columns.moment("created_at", gettext_lazy("Since")),
    ]
    list_select_related = ("variant__product",)
    ordering = ["expires_on", "id"]
    tabs = [
        Tab("stock", gettext_lazy("In stock"), _in_stock, empty=gettext_lazy("No lot is in stock.")),
        Tab(
            "expired",
            gettext_lazy("Expired"),
            _expired,
            empty=gettext_lazy("Nothing has expired. Well done."),
            alert=True,
        ),
        Tab("ending", gettext_lazy("Ends within 30 days"), _ending, empty=gettext_lazy("Nothing ends within 30 days.")),
        Tab("all", pgettext_lazy("lots", "All"), count=False),
    ]
    fields = ["variant", "number", "expires_on", "made_on"]
    exact_search_fields = ["number", "variant__sku"]
    search_fields = ["number", "variant__sku"]
    empty_title = gettext_lazy("No lots yet")
    empty_text = gettext_lazy("A lot appears with the first receipt that names it; a stock policy asks for it.")

    def for_display(self, request: HttpRequest, queryset: QuerySet[Lot]) -> QuerySet[Lot]:
        """Add how many pieces lie anywhere."""
        sums = _lying().order_by().values("lot").annotate(pieces=Sum("quantity")).values("pieces")
        return queryset.annotate(pieces=Coalesce(Subquery(sums, output_field=IntegerField()), 0))

    def facts(self, request: HttpRequest, obj: Lot) -> Sequence[tuple[Any, Any]]:
        """Return whose lot it is, when it ends and how much of it is left."""
        pieces = obj.shelves.aggregate(pieces=Sum("quantity"))["pieces"] or 0
        return [
            ("SKU", obj.variant.sku),
            (_("Product"), obj.variant.label),
            (_("Expires"), expiry_badge(obj)),
            (_("In stock"), pieces),
        ]

    @service_action(
        gettext_lazy("Correct dates"),
        permission="inventory.adjust_stock",
        form=forms.LotForm,
        icon="edit_calendar",
        initial=lambda request, lot: {"expires_on": lot.expires_on, "made_on": lot.made_on},
    )
    def correct(self, request: HttpRequest, obj: Lot, data: dict[str, Any]) -> str:
        """Set the dates as they stand on the box."""
        services.correct_lot(
            lot_id=obj.pk, expires_on=data["expires_on"], made_on=data["made_on"], actor=actor(request)
        )
        return _("The dates of lot %(lot)s are corrected.") % {"lot": obj.number}


def lot_places(request: HttpRequest, lot: Lot) -> dict[str, Any]:
    """Give where the pieces of a lot lie."""
    return {"shelves": lot_shelves(lot_id=lot.pk)}


def shelves_of_item(request: HttpRequest, item: StockItem) -> dict[str, Any] | None:
    """Give where the pieces of a stock item lie, in the order of picking; None when nobody said."""
    rack = racks_of(stock_item_ids=[item.pk])[item.pk]
    if not rack.shelves:
        return None
    rows = ShelfStock.objects.select_related("lot", "bin").in_bulk([shelf.shelf_id for shelf in rack.shelves])
    return {
        "rows": [
            (rows[s.shelf_id], s, expiry_badge(lot) if (lot := rows[s.shelf_id].lot) else "") for s in rack.shelves
        ],
        "unplaced": max(rack.unplaced, 0),
    }


register_panel(
    StockItem,
    Panel(
        "shelves", gettext_lazy("Lots and bins"), "inventory/panels/shelves.html", shelves_of_item,
        "inventory.view_stockitem", position=17, wide=True,
    ),
)  # fmt: skip
register_panel(
    Lot,
    Panel("where", gettext_lazy("Where it lies"), "inventory/panels/lot_places.html", lot_places, position=10),
)
