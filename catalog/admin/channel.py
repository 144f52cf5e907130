"""Shops and malls."""

from django.contrib import admin
from django.utils.translation import gettext_lazy

from catalog.admin import resources
from catalog.models import SalesChannel
from core.admin.tables import TableFilesMixin
from core.ui import ModelAdmin, columns
from core.ui.countries import CountryMixin


@admin.register(SalesChannel)
class SalesChannelAdmin(TableFilesMixin, CountryMixin, ModelAdmin):
    """Shops and malls."""

    resource_class = resources.SalesChannelResource

    few_rows = True
    list_display = [
        columns.two_lines("name", "code", gettext_lazy("Sales channel"), order=True),
        columns.computed("kind", gettext_lazy("Kind"), lambda channel: channel.get_kind_display()),
        columns.text("currency", gettext_lazy("Currency")),
        columns.country("country", gettext_lazy("Country")),
        columns.number("ship_within_days", gettext_lazy("Ships within (days)")),
        columns.flag("is_active", gettext_lazy("Active")),
    ]
    search_fields = ["name", "code"]
    ordering = ["name", "id"]
    fields = [
        "code",
        "name",
        "kind",
        "currency",
        "country",
        "time_zone",
        "language",
        "margin_floor",
        "ship_within_days",
        "is_active",
    ]
