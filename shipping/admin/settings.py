"""What is written down once: senders, tariffs, cut-offs, and how files are written."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.errors import DomainError
from core.ui import ModelAdmin, Panel, Tab, actor, columns, register_panel
from shipping import services
from shipping.models import CarrierTariff, ChannelCutoff, FormatKind, OutFormat, Sender
from shipping.services.files.definitions import read_definition


@admin.register(Sender)
class SenderAdmin(ModelAdmin):
    """Who sends, as labels show it."""

    few_rows = True
    list_display = [
        columns.text("name", pgettext_lazy("sender", "Name")),
        columns.text("warehouse", gettext_lazy("Warehouse")),
        columns.text("carrier", gettext_lazy("Carrier")),
        columns.text("customer_code", gettext_lazy("Customer number")),
    ]
    list_select_related = ("warehouse", "carrier")
    ordering = ["warehouse", "carrier", "id"]
    fields = [
        ("warehouse", "carrier"),
        ("name", "phone"),
        ("postcode", "address", "building"),
        ("customer_code", "freight_code"),
    ]
    empty_title = gettext_lazy("No sender yet")
    empty_text = gettext_lazy("Write down who sends from each warehouse: it stands on every label.")


@admin.register(CarrierTariff)
class CarrierTariffAdmin(ModelAdmin):
    """What carriers ask, by weight and zone; dated."""

    list_display = [
        columns.text("carrier", gettext_lazy("Carrier")),
        columns.text("warehouse", gettext_lazy("Warehouse")),
        columns.text("zone", pgettext_lazy("tariff", "Zone")),
        columns.number("up_to_weight_g", gettext_lazy("Up to (g)"), order=True),
        columns.money("amount", gettext_lazy("Amount"), order=True),
        columns.flag("is_surcharge", gettext_lazy("Surcharge")),
        columns.moment("valid_from", gettext_lazy("Valid from")),
        columns.moment("valid_until", gettext_lazy("Valid until")),
    ]
    list_select_related = ("carrier", "warehouse")
    ordering = ["carrier", "is_surcharge", "zone", "up_to_weight_g", "id"]
    list_filter = ["carrier", "is_surcharge"]
    fields = [
        ("carrier", "warehouse"),
        ("zone", "is_surcharge", "up_to_weight_g"),
        ("amount", "currency"),
        ("valid_from", "valid_until"),
    ]
    empty_title = gettext_lazy("No tariff yet")
    empty_text = gettext_lazy("Write down what each carrier asks: then every parcel knows what it cost.")


@admin.register(ChannelCutoff)
class ChannelCutoffAdmin(ModelAdmin):
    """Until when what is due that day has to leave."""

    few_rows = True
    list_display = [
        columns.text("sales_channel", gettext_lazy("Sales channel")),
        columns.computed("clock", gettext_lazy("Cut-off"), lambda row: f"{row.at:%H:%M}"),
        columns.text("sales_channel.time_zone", gettext_lazy("Time zone")),
    ]
    list_select_related = ("sales_channel",)
    ordering = ["sales_channel", "id"]
    fields = [("sales_channel", "at")]
    empty_title = gettext_lazy("No cut-off yet")
    empty_text = gettext_lazy("Without one a channel’s day ends at midnight of its time zone.")


class FormatForm(forms.ModelForm):  # type: ignore[type-arg]  # generics of Django are not subscripted at run time
    """A definition that says something."""

    class Meta:
        """The definition alone: the rest stands in it."""

        model = OutFormat
        fields = ["source", "is_active"]
        widgets = {"source": forms.Textarea(attrs={"rows": 28, "spellcheck": "false", "class": "mono"})}

    def clean_source(self) -> str:
        """Refuse what cannot be read, in a sentence."""
        source = str(self.cleaned_data["source"])
        try:
            read_definition(source)
        except DomainError as error:
            raise forms.ValidationError(str(error)) from error
        return source


@admin.register(OutFormat)
class OutFormatAdmin(ModelAdmin):
    """How files for carriers and malls are written."""

    form = FormatForm
    list_display = [
        columns.two_lines("name", "code", gettext_lazy("Format")),
        columns.badge("kind", gettext_lazy("Kind"), colours={"carrier": "blue", "channel": "violet"}),
        columns.text("belongs_to", gettext_lazy("Belongs to")),
        columns.text("version", gettext_lazy("Version")),
        columns.flag("is_builtin", gettext_lazy("Delivered")),
        columns.flag("is_active", gettext_lazy("Offered")),
    ]
    ordering = ["kind", "belongs_to", "code", "id"]
    tabs = [
        *[Tab(kind.value, kind.label, Q(kind=kind, is_active=True)) for kind in FormatKind],
        Tab("all", pgettext_lazy("file format", "All"), count=False),
    ]
    search_fields = ["name", "code"]
    show_timeline = False
    fields = ["source", "is_active"]
    empty_title = gettext_lazy("No format here")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Delivered formats are copied, not changed."""
        return super().has_change_permission(request, obj) and not (obj is not None and obj.is_builtin)

    def save_model(self, request: HttpRequest, obj: OutFormat, form: Any, change: Any) -> None:
        """Keep it through the service, which reads it once more."""
        row = services.save_out_format(
            source=form.cleaned_data["source"], format_id=obj.pk if change else None, actor=actor(request)
        )
        obj.pk = row.pk


def columns_of(request: HttpRequest, row: OutFormat) -> dict[str, Any] | None:
    """Give the columns in their order, with what each says."""
    try:
        definition = read_definition(row.source)
    except DomainError:
        return None
    told = [
        (place, header, cell.name + (f":{cell.part}" if cell.part else ""), cell.constant)
        for place, (header, cell) in enumerate(definition.columns, 1)
    ]
    return {"columns": told, "definition": definition}


register_panel(
    OutFormat, Panel("columns", gettext_lazy("Columns"), "shipping/panels/columns.html", columns_of, wide=True)
)
