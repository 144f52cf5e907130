"""Promotions and seasons: what people know that the past does not tell."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.ui import ModelAdmin, Tab, columns
from purchasing.models import DemandEvent


def _coming(queryset: QuerySet[DemandEvent], request: HttpRequest) -> QuerySet[DemandEvent]:
    return queryset.filter(ends_on__gte=timezone.localdate(timezone=timezone.get_default_timezone()))


def _percent(row: DemandEvent) -> str:
    return f"{row.percent} %"


@admin.register(DemandEvent)
class DemandEventAdmin(ModelAdmin):
    """When demand is another than on ordinary days, and by how much; tonight's forecasts know it."""

    list_display = [
        columns.text("name", pgettext_lazy("goods", "Name"), order=True),
        columns.text("starts_on", pgettext_lazy("moment", "From"), order=True),
        columns.text("ends_on", gettext_lazy("Until")),
        columns.computed("percent", gettext_lazy("Expected demand"), _percent, css="num"),
        columns.text("sales_channel.name", gettext_lazy("Sales channel")),
    ]
    list_select_related = ("sales_channel",)
    tabs = [
        Tab("coming", gettext_lazy("Now and coming"), _coming, empty=gettext_lazy("Nothing special is planned.")),
        Tab("all", gettext_lazy("All"), Q(), count=False),
    ]
    ordering = ["-starts_on", "id"]
    list_filter = ["sales_channel"]
    search_fields = ["name"]
    autocomplete_fields = ["variants"]
    fields = ["name", ("starts_on", "ends_on"), ("percent", "sales_channel"), "variants"]
    empty_title = gettext_lazy("No promotions or seasons")
    empty_text = gettext_lazy(
        "Enter a sale or a closed season: forecasts leave it out of history and count on it ahead."
    )

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002 Django's signature
        """Say what is wrong with the days in words."""
        form = super().get_form(request, obj, change, **kwargs)

        class Checked(form):  # type: ignore[misc, valid-type]
            def clean(self) -> Any:
                values = super().clean() or self.cleaned_data
                first, last = values.get("starts_on"), values.get("ends_on")
                if first and last and last < first:
                    self.add_error("ends_on", _("It ends before it begins."))
                if (values.get("percent") or 0) < 0:
                    self.add_error("percent", _("Demand cannot be less than nothing."))
                return values

        return Checked
