"""Carrier files and files for malls: what went out, what of it is still open, and the files themselves."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.display import badge_html, moment_text, register_document
from core.files import register_files
from core.money import format_money
from core.taking import MOST_IDS, note_file_taken
from core.ui import Panel, Tab, actor, columns, link_action, register_panel, service_action
from core.ui.filters import MomentRangeFilter
from core.ui.readonly import ReadOnlyAdmin
from core.ui.timeline import timeline_icon
from shipping import policies, services
from shipping.models import CarrierFile, CarrierSlip, NoticeFile, SlipEnd, SlipKind
from shipping.services.papers import PARCEL_COLUMNS
from staff.login import client_address

MOST_SLIPS = 500
_OPEN = Exists(CarrierSlip.objects.filter(file=OuterRef("pk"), closed_at=None))
_ENDS: Mapping[str, str] = {SlipEnd.SHIPPED: "green", SlipEnd.CANCELLED: "red", SlipEnd.WITHDRAWN: "grey"}


def _state(file: CarrierFile) -> Any:
    if file.withdrawn_at is not None:
        return badge_html(_("Withdrawn"), "grey")
    left = file.open_count  # type: ignore[attr-defined]  # annotated by the list
    return badge_html(_("%(count)s to leave") % {"count": left}, "blue") if left else badge_html(_("All left"), "green")


def _download(file: Any, *, label: str = "") -> Any:
    if not file.file:
        return _("deleted on %(day)s") % {"day": moment_text(file.purged_at.date())} if file.purged_at else "–"
    return format_html('<a href="/files/{}">{}</a>', file.file.name, label or file.filename)


@admin.register(CarrierFile)
class CarrierFileAdmin(ReadOnlyAdmin):
    """What was handed to carriers; files with addresses are kept a month."""

    list_display = [
        columns.two_lines("number", "filename", gettext_lazy("Carrier file")),
        columns.text("carrier", gettext_lazy("Carrier")),
        columns.computed("state", gettext_lazy("Status"), _state, css="fit"),
        columns.number("row_count", pgettext_lazy("purchase", "Orders")),
        columns.moment("ship_on", gettext_lazy("Leaves on")),
        columns.moment("created_at", gettext_lazy("Made")),
        columns.text("made_by", gettext_lazy("Made by")),
    ]
    list_select_related = ("carrier", "made_by")
    ordering = ["-id"]
    tabs = [
        Tab("open", pgettext_lazy("carrier file", "To leave"), Q(_OPEN, withdrawn_at=None)),
        Tab("withdrawn", gettext_lazy("Withdrawn"), Q(withdrawn_at__isnull=False), count=False),
        Tab("all", pgettext_lazy("carrier file", "All"), count=False),
    ]
    list_filter = ["carrier", ("created_at", MomentRangeFilter)]
    exact_search_fields = ["number"]
    search_fields = ["number"]
    empty_title = gettext_lazy("No carrier file here")
    empty_text = gettext_lazy("Tick orders that are ready to leave, or make a file of all of them.")
    fields = ["format_code", "format_version", "row_count", "made_by", "created_at", "withdrawn_at", "purged_at"]

    def for_display(self, request: HttpRequest, queryset: QuerySet[CarrierFile]) -> QuerySet[CarrierFile]:
        """Count what did not leave yet."""
        return queryset.annotate(open_count=Count("slips", filter=Q(slips__closed_at=None)))

    def facts(self, request: HttpRequest, obj: CarrierFile) -> Sequence[tuple[Any, Any]]:
        """Return for whom it is, what is open, and the file for those who may have it."""
        left = obj.slips.filter(closed_at=None).count()
        obj.open_count = left  # type: ignore[attr-defined]
        shown = [(_("Status"), _state(obj)), (_("Carrier"), obj.carrier), (_("Leaves on"), moment_text(obj.ship_on))]
        if policies.can_download_carrier_files(actor(request)):
            shown.append((_("File"), _download(obj)))
        return shown

    download = link_action(
        "download",
        gettext_lazy("Download"),
        permission="shipping.download_carrierfile",
        link=lambda file: f"/files/{file.file.name}",
        icon="download",
        variant="primary",
        available=lambda user, file: bool(file.file),
    )

    @service_action(
        gettext_lazy("Withdraw"),
        permission="shipping.add_carrierfile",
        icon="undo",
        question=gettext_lazy("Let this file not count? What did not leave may stand in another one."),
        available=lambda user, file: file.withdrawn_at is None,
        is_rare=True,
    )
    def withdraw(self, request: HttpRequest, obj: CarrierFile, data: dict[str, Any]) -> str:
        """Free its orders for another file."""
        services.withdraw_carrier_file(file_id=obj.pk, actor=actor(request))
        return _("Withdrawn. Throw its labels away.")


@admin.register(NoticeFile)
class NoticeFileAdmin(ReadOnlyAdmin):
    """Upload files of malls with carriers and tracking numbers."""

    list_display = [
        columns.two_lines("number", "filename", gettext_lazy("File for a channel")),
        columns.text("sales_channel", gettext_lazy("Sales channel")),
        columns.number("row_count", gettext_lazy("Rows")),
        columns.moment("created_at", gettext_lazy("Made")),
        columns.text("made_by", gettext_lazy("Made by")),
    ]
    list_select_related = ("sales_channel", "made_by")
    ordering = ["-id"]
    list_filter = ["sales_channel"]
    exact_search_fields = ["number"]
    search_fields = ["number"]
    show_timeline = False
    empty_title = gettext_lazy("No file was made yet")
    empty_text = gettext_lazy("Choose shipping notices of one channel and make its upload file.")
    fields = ["format_code", "format_version", "row_count", "made_by", "created_at", "purged_at"]

    def facts(self, request: HttpRequest, obj: NoticeFile) -> Sequence[tuple[Any, Any]]:
        """Return for whom it is, and the file."""
        return [(_("Sales channel"), obj.sales_channel), (_("File"), _download(obj))]

    download = link_action(
        "download",
        gettext_lazy("Download"),
        permission="shipping.view_noticefile",
        link=lambda file: f"/files/{file.file.name}",
        icon="download",
        variant="primary",
        available=lambda user, file: bool(file.file),
    )


def slips_of(request: HttpRequest, file: CarrierFile) -> dict[str, Any]:
    """Give the orders of the file."""
    slips = file.slips.select_related("order").order_by("position")[:MOST_SLIPS]
    rows = [
        {
            "slip": slip,
            "money": format_money(slip.cod_amount, slip.currency) if slip.kind == SlipKind.COD else "",
            "badge": badge_html(slip.get_end_display(), _ENDS.get(slip.end, "amber")) if slip.end else "",
        }
        for slip in slips
    ]
    return {"rows": rows}


def notices_of(request: HttpRequest, file: NoticeFile) -> dict[str, Any]:
    """Give the parcels of the file."""
    return {"notices": file.notices.select_related("shipment__order").order_by("pk")[:MOST_SLIPS]}


register_panel(
    CarrierFile,
    Panel("slips", pgettext_lazy("purchase", "Orders"), "shipping/panels/slips.html", slips_of, wide=True, above=True),
)
register_panel(
    NoticeFile,
    Panel("notices", gettext_lazy("Parcels"), "shipping/panels/notices.html", notices_of, wide=True, above=True),
)


def _may_read(user: Any, _path: str) -> bool:
    return bool(user.has_perm("shipping.download_carrierfile"))


def _note_taken(request: HttpRequest, path: str) -> None:
    file = CarrierFile.objects.filter(file=path).first()
    if file is not None:
        whose = file.slips.order_by("position").values_list("order_id", flat=True)[:MOST_IDS]
        note_file_taken(
            subject=file, table=_("Carrier file"), rows=file.row_count, columns=PARCEL_COLUMNS, whose=whose,
            address=client_address(request), actor=actor(request),
        )  # fmt: skip


register_files("carriers", _may_read, on_taken=_note_taken)
register_files("notices", lambda user, _path: bool(user.has_perm("shipping.view_noticefile")))
register_document("CF-", lambda number: f"{reverse('admin:shipping_carrierfile_changelist')}?tab=all&q={number}")
for _name, _icon in {
    "order_handed_to_carrier": "description",
    "carrier_file_made": "description",
    "carrier_file_withdrawn": "undo",
    "tracking_number_set": "pin",
    "parcel_in_trouble": "report",
    "parcel_alert_closed": "task_alt",
}.items():
    timeline_icon(f"shipping.{_name}", _icon)
