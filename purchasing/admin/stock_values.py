"""What stock is worth: by variant, by product, by supplier; and what one variant's pieces cost."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET

from core.admin.tables import TableFilesMixin
from core.display import badge_html, number_text
from core.money import format_money, parse_amount, whole_minor
from core.ui import ActionForm, Panel, Tab, actor, columns, register_panel, service_action
from core.ui.readonly import ReadOnlyAdmin
from core.ui.sitepages import register_page, render_page
from core.ui.tiles import Kpi, Tile, register_tile
from purchasing import services
from purchasing.admin.value_resources import StockValueResource
from purchasing.models import VariantValue
from purchasing.policies import can_set_costs
from purchasing.selectors.costs import cost_story, open_layers, stock_worth, worth_by
from purchasing.selectors.late_rates import receipts_with_late_rates

VIEW = "purchasing.view_variantvalue"


def shop_money(amount: Decimal) -> str:
    """Return decimal minor units of the shop's currency as people read them, rounded to whole ones."""
    return format_money(whole_minor(amount), settings.SHOP_CURRENCY)


def _amount(path: str, label: Any, *, order: bool = False) -> columns.Column:
    return columns.Column(path, label, lambda row: shop_money(getattr(row, path)), path if order else None, "num")


class CostForm(ActionForm):
    """What one piece cost."""

    unit_cost = forms.CharField(label=gettext_lazy("Cost of one piece"), max_length=20)
    reason = forms.CharField(label=gettext_lazy("Where you know it from"), max_length=120)


def _is_unknown(user: Any, row: VariantValue) -> bool:
    return not row.is_complete and can_set_costs(user)


def _known(row: VariantValue) -> Any:
    return badge_html(_("Known"), "green") if row.is_complete else badge_html(_("Partly unknown"), "amber")


@admin.register(VariantValue)
class VariantValueAdmin(TableFilesMixin, ReadOnlyAdmin):
    """Stock values by variant."""

    resource_class = StockValueResource
    list_display = [
        columns.two_lines("variant.sku", lambda row: row.variant.label, "SKU", order="variant__sku"),
        columns.number("quantity", gettext_lazy("Pieces"), order=True),
        _amount("average_cost", gettext_lazy("Average cost")),
        _amount("average_value", gettext_lazy("Value at average cost"), order=True),
        _amount("fifo_value", gettext_lazy("Value first in, first out"), order=True),
        columns.computed("known", gettext_lazy("Cost"), _known),
    ]
    ordering = ["id"]
    tabs = [
        Tab("all", pgettext_lazy("stock values", "All"), Q(quantity__gt=0), count=False),
        Tab(
            "unknown",
            gettext_lazy("Cost unknown"),
            Q(is_complete=False),
            empty=gettext_lazy("The cost of every piece is known."),
            alert=True,
        ),
    ]
    search_fields = ["variant__search_text"]
    exact_search_fields = ["variant__sku"]
    fields = ["updated_at"]
    show_timeline = False
    empty_title = gettext_lazy("Nothing is valued yet")
    empty_text = gettext_lazy("Stock is valued every minute, from its movements.")

    def scope(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Show costs to those who may see them only."""
        if not request.user.has_perm("purchasing.view_costs"):
            return queryset.none()
        return queryset.select_related("variant__product")

    def facts(self, request: HttpRequest, obj: VariantValue) -> Sequence[tuple[Any, Any]]:
        """Return the values both ways."""
        return [
            ("SKU", obj.variant.sku),
            (_("Product"), obj.variant.label),
            (_("Pieces"), number_text(obj.quantity)),
            (_("Average cost"), shop_money(obj.average_cost)),
            (_("Value at average cost"), shop_money(obj.average_value)),
            (_("Value first in, first out"), shop_money(obj.fifo_value)),
            (_("Cost"), _known(obj)),
        ]

    @service_action(
        gettext_lazy("Say what it cost"),
        permission="purchasing.change_variantvalue",
        form=CostForm,
        icon="edit",
        variant="primary",
        available=_is_unknown,
    )
    def set_cost(self, request: HttpRequest, obj: VariantValue, data: dict[str, Any]) -> str:
        """Give the pieces their cost whose cost nobody knew."""
        row = services.set_unknown_cost(
            variant_id=obj.variant_id,
            unit_cost=Decimal(parse_amount(data["unit_cost"], settings.SHOP_CURRENCY)),
            reason=data["reason"],
            actor=actor(request),
        )
        return _("%(sku)s is worth %(value)s now.") % {"sku": obj.variant.sku, "value": shop_money(row.average_value)}


def layers(_request: HttpRequest, row: VariantValue) -> dict[str, Any]:
    """Give the layers that are left and the latest entries."""
    return {
        "layers": [
            (layer, shop_money(layer.unit_cost), shop_money(layer.remaining * layer.unit_cost))
            for layer in open_layers(variant_id=row.variant_id)
        ],
        "entries": [
            (entry, shop_money(entry.average_value), shop_money(entry.fifo_value))
            for entry in cost_story(variant_id=row.variant_id)
        ],
    }


GROUPS = {"product": gettext_lazy("By product"), "supplier": gettext_lazy("By supplier")}


@register_page("purchasing/stock-value/", name="purchasing_stock_value", permission="purchasing.view_variantvalue")
@require_GET
def stock_value(request: HttpRequest) -> HttpResponseBase:
    """Show what all stock is worth both ways, by product or by supplier, the most first."""
    if not request.user.has_perm("purchasing.view_costs"):
        raise PermissionDenied
    chosen = request.GET.get("by", "product")
    chosen = chosen if chosen in GROUPS else "product"
    worth = stock_worth()
    return render_page(
        request,
        "purchasing/pages/stock_value.html",
        title=_("Stock value"),
        worth=worth,
        average=shop_money(worth.average),
        fifo=shop_money(worth.fifo),
        groups=[(key, label, key == chosen) for key, label in GROUPS.items()],
        rows=[
            (row.name, row.pieces, shop_money(row.average), shop_money(row.fifo), row.share)
            for row in worth_by(group=chosen, limit=100)
        ],
        by_variant=reverse("admin:purchasing_variantvalue_changelist"),
        late=receipts_with_late_rates().count(),
    )


def total(request: HttpRequest) -> Kpi:
    """Tell what all stock is worth at average cost."""
    worth = stock_worth()
    note = _("%(count)s with unknown cost") % {"count": worth.unknown} if worth.unknown else ""
    return Kpi(shop_money(worth.average), note, reverse("admin:purchasing_stock_value"), icon="savings")


register_panel(
    VariantValue,
    Panel("layers", gettext_lazy("Pieces left, and what they cost"), "purchasing/panels/layers.html", layers, VIEW,
          position=10, wide=True, above=True),
)  # fmt: skip
register_tile(Tile("stock_value", gettext_lazy("Stock value"), total, "purchasing.view_variantvalue", position=45))
