"""Carriers and which one takes what."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.countries import country_name
from core.display import badge_html
from core.ui import ModelAdmin, Tab, columns
from core.ui.countries import CountryFilter, CountryMixin
from shipping.models import Carrier, CarrierRule


def _widths(widths: Sequence[int]) -> str:
    return " + ".join(map(str, widths)) or "–"


def _digits(carrier: Carrier) -> str:
    least, most = carrier.least_digits, carrier.most_digits
    count = str(most) if least == most else f"{least}–{most}"
    words = _("%(count)s digits") if carrier.digits_only else _("%(count)s characters")
    said = words % {"count": count}
    return f"{said}, {_('check digit')}" if carrier.check_digit else said


def _weight(rule: CarrierRule) -> str:
    if not rule.from_weight_g and rule.up_to_weight_g is None:
        return "–"
    return f"{rule.from_weight_g}–{rule.up_to_weight_g or '∞'} g"


@admin.register(Carrier)
class CarrierAdmin(CountryMixin, ModelAdmin):
    """Who carries parcels, what its labels hold and how its numbers look."""

    few_rows = True
    list_display = [
        columns.two_lines("name", "code", gettext_lazy("Carrier"), order=True),
        columns.computed("local", gettext_lazy("Own name"), lambda carrier: carrier.name_ja or carrier.name_ko),
        columns.country("country", gettext_lazy("Country")),
        columns.computed("widths", gettext_lazy("Address lines"), lambda carrier: _widths(carrier.address_widths)),
        columns.computed("digits", gettext_lazy("Tracking number"), _digits),
        columns.number("transit_days", gettext_lazy("Days on the way")),
        columns.flag("is_active", gettext_lazy("Active")),
    ]
    tabs = [
        Tab("active", pgettext_lazy("carrier", "Active"), Q(is_active=True)),
        Tab("inactive", pgettext_lazy("carrier", "Not active"), Q(is_active=False), count=False),
        Tab("all", pgettext_lazy("carrier", "All"), count=False),
    ]
    ordering = ["country", "code", "id"]
    list_filter = [("country", CountryFilter)]
    search_fields = ["name", "name_ko", "name_ja", "code"]
    exact_search_fields = ["code"]
    empty_title = gettext_lazy("No carriers here")
    empty_text = gettext_lazy("The usual carriers of Japan and Korea come with the installation; add your own.")
    fieldsets = [
        (None, {"fields": [("code", "country"), ("name", "name_ko", "name_ja"), "words", ("is_active",)]}),
        (gettext_lazy("Label"), {"fields": [("address_widths", "name_widths"), "encoding"]}),
        (
            gettext_lazy("Tracking"),
            {"fields": [("least_digits", "most_digits"), ("digits_only", "check_digit"), "tracking_url"]},
        ),
        (gettext_lazy("On the way"), {"fields": ["transit_days", "note"]}),
    ]

    def facts(self, request: HttpRequest, obj: Carrier) -> Sequence[tuple[Any, Any]]:
        """Return who it is and how its numbers look."""
        state = badge_html(_("Active"), "green") if obj.is_active else badge_html(_("Not active"), "grey")
        return [
            (_("Status"), state),
            (_("Country"), country_name(obj.country)),
            (_("Tracking number"), _digits(obj)),
        ]


@admin.register(CarrierRule)
class CarrierRuleAdmin(CountryMixin, ModelAdmin):
    """Which carrier takes what leaves a warehouse; the first that fits counts."""

    few_rows = True
    list_display = [
        columns.number("rank", gettext_lazy("Rank"), order=True),
        columns.text("carrier", gettext_lazy("Carrier")),
        columns.text("warehouse", gettext_lazy("Warehouse")),
        columns.text("sales_channel", gettext_lazy("Sales channel")),
        columns.country("country", gettext_lazy("Country of delivery")),
        columns.computed("weight", gettext_lazy("Weight"), _weight),
        columns.flag("is_active", gettext_lazy("Active")),
    ]
    list_select_related = ("carrier", "warehouse", "sales_channel")
    ordering = ["rank", "id"]
    list_filter = ["carrier"]
    empty_title = gettext_lazy("No default carriers")
    empty_text = gettext_lazy("Say which carrier takes what leaves a warehouse: the first line that fits counts.")
    fields = [
        ("carrier", "rank"),
        ("warehouse", "sales_channel", "country"),
        ("from_weight_g", "up_to_weight_g"),
        "is_active",
    ]
