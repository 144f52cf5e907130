"""Every scan on the packing table: mistakes first, because they tell where people are led astray."""

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from core.ui import Tab, columns
from core.ui.filters import MomentRangeFilter
from core.ui.readonly import ReadOnlyAdmin
from core.ui.tiles import Kpi
from shipping.models import COUNTED_SCANS, GOOD_SCANS, MISTAKES, STOPPING_SCANS, PackingCheck, ScanOutcome
from shipping.selectors.packing import scan_figures

COLOURS = {
    **dict.fromkeys((one.value for one in GOOD_SCANS), "green"),
    **dict.fromkeys((one.value for one in MISTAKES), "amber"),
    **dict.fromkeys((one.value for one in STOPPING_SCANS), "red"),
    ScanOutcome.REFUSED.value: "red",
}
KINDS_SHOWN = 3


@admin.register(PackingCheck)
class PackingCheckAdmin(ReadOnlyAdmin):
    """Scans, newest first."""

    list_display = [
        columns.moment("at", pgettext_lazy("scan", "When")),
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
    change_list_template = "shipping/scans_list.html"

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Show above the rows how often scans of the last 30 days were wrong, and how."""
        figures = {"figures": _figures()} if self.has_view_permission(request) else {}
        return super().changelist_view(request, {**figures, **(extra_context or {})})


def _figures() -> list[tuple[Any, Kpi]]:
    """Return the share of wrong scans, the kinds that happen most, and the parcels; nothing without scans."""
    found = scan_figures()
    whole = found.right + found.mistake_count
    if not whole:
        return []
    url = reverse("admin:shipping_packingcheck_changelist")
    share = number_format(100 * found.mistake_count / whole, decimal_pos=1)
    of = ngettext("of %(count)s scan in 30 days", "of %(count)s scans in 30 days", whole) % {"count": _number(whole)}
    kinds = [
        (kind.label, Kpi(_number(count), _("last 30 days"), f"{url}?tab=mistakes&outcome__exact={kind.value}"))
        for kind, count in found.mistakes[:KINDS_SHOWN]
    ]
    return [
        (_("Wrong scans"), Kpi(f"{share} %", of, f"{url}?tab=mistakes", icon="barcode_scanner")),
        *kinds,
        (_("Parcels packed"), Kpi(_number(found.parcels), _("last 30 days"), icon="package_2")),
    ]


def _number(count: int) -> str:
    return number_format(count, force_grouping=True)
