"""How the orders of each channel go on by themselves."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.ui import ModelAdmin, actor, columns
from orders import services
from orders.models import ChannelHandling


@admin.register(ChannelHandling)
class ChannelHandlingAdmin(ModelAdmin):
    """Channels that confirm by themselves, and how long their parcels are on the way."""

    list_display = [
        columns.text("sales_channel.name", _("Sales channel")),
        columns.flag("confirms_itself", _("Confirms by itself")),
        columns.number("transit_days", _("Days on the way")),
    ]
    list_select_related = ("sales_channel",)
    ordering = ["sales_channel__name", "id"]
    fields = ["sales_channel", "confirms_itself", "transit_days"]
    empty_title = _("Every channel waits for a person")
    empty_text = _("Add a channel here to let its orders be confirmed by themselves.")

    def get_readonly_fields(self, request: HttpRequest, obj: ChannelHandling | None = None) -> list[str]:
        """A row stays with its channel."""
        return ["sales_channel"] if obj is not None else []

    def save_model(self, request: HttpRequest, obj: ChannelHandling, form: Any, change: Any) -> None:
        """Write through the service: open orders with a wished day follow."""
        row = services.save_handling(
            sales_channel_id=obj.sales_channel_id,
            confirms_itself=obj.confirms_itself,
            transit_days=obj.transit_days,
            actor=actor(request),
        )
        obj.pk = row.pk
