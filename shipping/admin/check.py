"""Every scan on the packing table: mistakes first, because they tell where people are led astray."""

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.ui import Tab, columns
from core.ui.filters import MomentRangeFilter
from core.ui.readonly import ReadOnlyAdmin
from shipping.models import COUNTED_SCANS, GOOD_SCANS, MISTAKES, STOPPING_SCANS, PackingCheck, ScanOutcome

COLOURS = {
    **dict.fromkeys((one.value for one in GOOD_SCANS), "green"),
    **dict.fromkeys((one.value for one in MISTAKES), "amber"),
    **dict.fromkeys((one.value for one in STOPPING_SCANS), "red"),
    ScanOutcome.REFUSED.value: "red",
}


@admin.register(PackingCheck)
class PackingCheckAdmin(ReadOnlyAdmin):
    """Scans, newest first."""

    list_display = [
        columns.moment("at", gettext_lazy("When")),
        columns.text("code", gettext_lazy("Scanned")),
        columns.badge("outcome", pgettext_lazy("scan", "Outcome"), colours=COLOURS),
        columns.link("order.number", pgettext_lazy("purchase", "Order"), to="orders_order", key="order_id"),
        columns.text("variant.sku", "SKU"),
        columns.text("scanned_by", gettext_lazy("By")),
    ]
    list_select_related = ["order", "variant", "scanned_by"]
    ordering = ["-id"]
    tabs = [
        Tab("mistakes", gettext_lazy("Mistakes"), Q(outcome__in=MISTAKES), count=False),
        Tab("stopped", gettext_lazy("Stopped while packing"), Q(outcome__in=STOPPING_SCANS), count=False),
        Tab("pieces", gettext_lazy("Right pieces"), Q(outcome__in=COUNTED_SCANS), count=False),
        Tab("all", pgettext_lazy("scans", "All"), count=False),
    ]
    list_filter: Any = ["outcome", ("at", MomentRangeFilter)]
    exact_search_fields = ["order__number", "code"]
    search_fields = ["code"]
    empty_title = gettext_lazy("Nothing was scanned")
    empty_text = gettext_lazy("Every scan at the packing table is kept here, wrong ones too.")
    fields = ["code", "outcome", "serial", "note", "at"]
