"""Places that are dearer to reach: which postcodes they have, and what is charged for them from when on."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from addresses.models import RemoteRange, RemoteSurcharge, RemoteZone
from addresses.selectors import remote_surcharges
from addresses.spelling import postcode_key
from core.money import format_money
from core.ui import ModelAdmin, TabularInline, columns
from core.ui.countries import CountryMixin

DIGITS = {"JP": 7, "KR": 5}


class RangeForm(forms.ModelForm):  # type: ignore[type-arg] # Django's own class takes no parameter
    """Postcodes from the first to the last, typed in any way."""

    first = forms.CharField(label=gettext_lazy("first postcode"), max_length=16)  # with its hyphen
    last = forms.CharField(label=gettext_lazy("last postcode"), max_length=16)

    def clean_first(self) -> str:
        """Keep digits only."""
        return postcode_key(self.cleaned_data["first"])

    def clean_last(self) -> str:
        """Keep digits only."""
        return postcode_key(self.cleaned_data["last"])

    def clean(self) -> dict[str, Any]:
        """Refuse codes of another country, and ranges and times that end before they begin."""
        data: dict[str, Any] = super().clean() or {}
        first, last = data.get("first", ""), data.get("last", "")
        zone = data.get("zone") or getattr(self.instance, "zone", None)
        if zone is not None and {len(first), len(last)} != {DIGITS.get(zone.country)}:
            self.add_error("first", _("Postcodes of this country have %(count)s digits.") % {"count": _digits(zone)})
        elif last < first:
            self.add_error("last", _("The last postcode is before the first one."))
        if data.get("valid_from") and data.get("valid_until") and data["valid_until"] < data["valid_from"]:
            self.add_error("valid_until", _("The last day is before the first one."))
        return data


def _digits(zone: RemoteZone) -> int:
    return DIGITS.get(zone.country, 0)


class SurchargeInline(TabularInline):
    """What is charged from when on; a new amount is a new row."""

    model = RemoteSurcharge
    fields = ("amount", "currency", "valid_from", "note")
    extra = 0
    hide_title = True


class RangeInline(TabularInline):
    """Which postcodes belong to it; one that does no longer is ended by its last day."""

    model = RemoteRange
    form = RangeForm
    fields = ("first", "last", "place", "is_verified", "valid_from", "valid_until", "source")
    extra = 0
    hide_title = True


@admin.register(RemoteZone)
class RemoteZoneAdmin(CountryMixin, ModelAdmin):
    """Islands and other places that are dearer to reach."""

    few_rows = True
    list_display = [
        columns.two_lines("name", "code", pgettext_lazy("zone", "Zone")),
        columns.country("country", gettext_lazy("Country")),
        columns.number("range_count", gettext_lazy("Ranges")),
        columns.number("unverified_count", gettext_lazy("Not verified")),
        columns.computed("amounts", gettext_lazy("Surcharge today"), lambda zone: zone.amounts),
    ]
    ordering = ["country", "code", "id"]
    fields = [("name", "country", "code"), "note"]
    inlines = [SurchargeInline, RangeInline]
    empty_title = gettext_lazy("No remote zones")
    empty_text = gettext_lazy("Add one with its postcodes, and what a parcel there costs more.")

    def get_readonly_fields(self, request: HttpRequest, obj: RemoteZone | None = None) -> list[str]:
        """A zone stays in its country: its postcodes are of there."""
        return ["country"] if obj is not None else []

    def for_display(self, request: HttpRequest, queryset: QuerySet[RemoteZone]) -> QuerySet[RemoteZone]:
        """Count the ranges of the page's rows."""
        return queryset.annotate(
            range_count=Count("ranges"), unverified_count=Count("ranges", filter=Q(ranges__is_verified=False))
        )

    def complete_rows(self, request: HttpRequest, rows: Any) -> None:
        """Add what is charged today."""
        charged = remote_surcharges(on=timezone.localdate())
        for zone in rows:
            amounts = charged.get(zone.pk, {})
            zone.amounts = ", ".join(format_money(amount, currency) for currency, amount in amounts.items()) or "–"
