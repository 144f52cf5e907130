"""Prices with their periods."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from catalog.admin import resources
from catalog.models import Price
from core.admin.tables import TableFilesMixin
from core.ui import ModelAdmin, columns


@admin.register(Price)
class PriceAdmin(TableFilesMixin, ModelAdmin):
    """Prices with their periods; a new price is set with the button of the variant."""

    resource_class = resources.PriceResource

    list_display = [
        columns.link("variant.sku", "SKU", to="catalog_variant", key="variant_id"),
        columns.text("sales_channel.name", gettext_lazy("Sales channel")),
        columns.money("amount", gettext_lazy("Price")),
        columns.money("compare_at", gettext_lazy("Price before")),
        columns.moment("starts_at", gettext_lazy("From")),
        columns.moment("ends_at", gettext_lazy("Until")),
    ]
    list_display_links = None
    search_fields = ["variant__sku"]
    exact_search_fields = ["variant__sku"]
    ordering = ["-id"]
    list_filter = ["sales_channel"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Prices follow one another without gaps or overlaps: services set them."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A price that was shown stays as it was."""
        return False
