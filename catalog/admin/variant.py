"""SKUs and their codes."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from catalog import services
from catalog.admin import resources
from catalog.admin.finding import FormerNamesMixin
from catalog.models import Variant, VariantCode
from core.admin.tables import TableFilesMixin
from core.ui import ModelAdmin, columns


@admin.register(Variant)
class VariantAdmin(FormerNamesMixin, TableFilesMixin, ModelAdmin):
    """SKUs."""

    resource_class = resources.VariantResource

    list_display = [
        columns.two_lines("sku", lambda variant: variant.label, "SKU", order=True),
        columns.text("barcode", gettext_lazy("Barcode")),
        columns.number("weight_g", gettext_lazy("Weight (g)")),
        columns.flag("is_active", gettext_lazy("Active")),
    ]
    list_select_related = ("product",)
    ordering = ["sku", "id"]
    list_filter = ["is_active"]
    exact_search_fields = ["sku", "barcode"]
    autocomplete_fields = ["product"]
    fields = ["product", "sku", "name", "barcode", "weight_g", "is_active"]
    empty_title = gettext_lazy("No variants here")

    def save_model(self, request: HttpRequest, obj: Variant, form: Any, change: Any) -> None:
        """Keep the search text true."""
        super().save_model(request, obj, form, change)
        services.refresh_search_text(product_ids=[obj.product_id])


@admin.register(VariantCode)
class VariantCodeAdmin(TableFilesMixin, ModelAdmin):
    """What the malls call our SKUs."""

    resource_class = resources.VariantCodeResource

    deletable = True
    list_display = [
        columns.text("code", gettext_lazy("Code"), order=True),
        columns.text("sales_channel.name", gettext_lazy("Sales channel")),
        columns.link("variant.sku", "SKU", to="catalog_variant", key="variant_id"),
    ]
    search_fields = ["code"]
    exact_search_fields = ["code", "variant__sku"]
    ordering = ["code", "id"]
    list_filter = ["sales_channel"]
    autocomplete_fields = ["variant"]
    fields = ["code", "sales_channel", "variant"]
