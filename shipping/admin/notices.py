"""What malls have to be told: late ones first, told by their own upload file, answered."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.display import badge_html
from core.ui import ActionForm, Answer, BulkOutcome, Tab, actor, bulk_action, columns
from core.ui.badges import NavigationBadge, register_badge
from core.ui.readonly import ReadOnlyAdmin
from core.ui.tiles import Kpi, Tile, register_tile
from shipping import services
from shipping.models import ChannelNotice, FormatKind, NoticeState, OutFormat

_OPEN = Q(state__in=[NoticeState.OWED, NoticeState.REFUSED])
_COLOURS: Mapping[str, str] = {
    NoticeState.OWED: "amber",
    NoticeState.SENT: "blue",
    NoticeState.ACCEPTED: "green",
    NoticeState.REFUSED: "red",
}


class NoticeFileForm(ActionForm):
    """In which layout the file is written."""

    format = forms.ModelChoiceField(
        label=gettext_lazy("Layout of the mall"),
        queryset=OutFormat.objects.filter(kind=FormatKind.CHANNEL, is_active=True),
        required=False,
        empty_label=gettext_lazy("The mall’s own"),
    )


class AnswerForm(ActionForm):
    """What the mall said."""

    answer = forms.CharField(label=gettext_lazy("What the channel said"), max_length=300)


def _late(queryset: QuerySet[ChannelNotice], request: HttpRequest) -> QuerySet[ChannelNotice]:
    return queryset.filter(_OPEN, due_at__lt=timezone.now())


def _number(notice: ChannelNotice) -> Any:
    number = notice.shipment.tracking_number
    return number or badge_html(_("no number yet"), "red")


def _is_late(notice: ChannelNotice) -> bool:
    return (
        notice.state in {NoticeState.OWED, NoticeState.REFUSED}
        and notice.due_at is not None
        and notice.due_at < timezone.now()
    )


@admin.register(ChannelNotice)
class ChannelNoticeAdmin(ReadOnlyAdmin):
    """Parcels whose channel has to be told."""

    list_display = [
        columns.two_lines(
            "shipment.order.number", "shipment.order.external_number", pgettext_lazy("purchase", "Order")
        ),
        columns.text("sales_channel", gettext_lazy("Sales channel")),
        columns.badge("state", gettext_lazy("Status"), colours=_COLOURS),
        columns.text("shipment.carrier", gettext_lazy("Carrier")),
        columns.computed("number", gettext_lazy("Tracking number"), _number),
        columns.moment("due_at", gettext_lazy("To be told by"), late=_is_late),
        columns.text("answer", gettext_lazy("Answer of the channel")),
    ]
    list_select_related = ("shipment__order", "sales_channel")
    ordering = [F("due_at").asc(nulls_last=True), "id"]
    tabs = [
        Tab("late", pgettext_lazy("notice", "Late"), _late, empty=gettext_lazy("No channel waits."), alert=True),
        Tab("owed", pgettext_lazy("notice", "To be told"), Q(state=NoticeState.OWED),
            empty=gettext_lazy("Every channel knows what left.")),
        Tab("refused", NoticeState.REFUSED.label, Q(state=NoticeState.REFUSED), alert=True,
            empty=gettext_lazy("No channel refused anything.")),
        Tab("sent", NoticeState.SENT.label, Q(state=NoticeState.SENT), count=False),
        Tab("accepted", NoticeState.ACCEPTED.label, Q(state=NoticeState.ACCEPTED), count=False),
        Tab("all", pgettext_lazy("notice", "All"), count=False),
    ]  # fmt: skip
    list_filter = ["sales_channel"]
    exact_search_fields = ["shipment__number", "shipment__tracking_number", "shipment__order__number"]
    search_fields = ["shipment__number"]
    show_timeline = False
    empty_title = gettext_lazy("Nothing to tell")
    empty_text = gettext_lazy("Each parcel of a mall comes here when it leaves.")
    fields = ["due_at", "told_number", "sent_at", "answer", "answered_at", "created_at"]

    @bulk_action(
        gettext_lazy("Make the upload file"),
        permission="shipping.tell_channelnotice",
        form=NoticeFileForm,
        icon="upload_file",
        variant="primary",
    )
    def make_file(self, request: HttpRequest, ids: Any, data: dict[str, Any]) -> Answer:
        """Write the mall's own file and lead to it."""
        chosen = data["format"] or _own_format(ids)
        if chosen is None:
            return Answer(_("Choose the layout of the mall."), level="error")
        report = services.make_notice_file(
            notice_ids=list(ids), format_id=chosen.pk, key=request.POST["_key"], actor=actor(request)
        )
        outcome = BulkOutcome(
            report.file.row_count if report.file else 0, [(one.number, one.reason) for one in report.refused]
        ).answer()
        url = reverse("admin:shipping_noticefile_change", args=[report.file.pk]) if report.file else ""
        return Answer(outcome.sentence, url, outcome.level)

    @bulk_action(pgettext_lazy("notice", "Accepted"), permission="shipping.tell_channelnotice", icon="done_all")
    def accept(self, request: HttpRequest, ids: Any, data: dict[str, Any]) -> BulkOutcome:
        """Note that the channel took them."""
        report = services.answer_notices(notice_ids=list(ids), is_accepted=True, actor=actor(request))
        return BulkOutcome(len(report.done), [(one.number, one.reason) for one in report.refused])

    @bulk_action(
        pgettext_lazy("notice", "Refused"), permission="shipping.tell_channelnotice", form=AnswerForm, icon="block"
    )
    def refuse(self, request: HttpRequest, ids: Any, data: dict[str, Any]) -> BulkOutcome:
        """Note that the channel refused them, and why."""
        report = services.answer_notices(
            notice_ids=list(ids), is_accepted=False, answer=data["answer"], actor=actor(request)
        )
        return BulkOutcome(len(report.done), [(one.number, one.reason) for one in report.refused])

    @bulk_action(gettext_lazy("Tell again"), permission="shipping.tell_channelnotice", icon="replay")
    def tell_again(self, request: HttpRequest, ids: Any, data: dict[str, Any]) -> BulkOutcome:
        """Let what was refused be told once more, by its connector or the next file."""
        report = services.tell_notices_again(notice_ids=list(ids), actor=actor(request))
        return BulkOutcome(len(report.done), [(one.number, one.reason) for one in report.refused])


def _own_format(ids: Any) -> OutFormat | None:
    """Return the layout of the notices' mall, else the plain one."""
    kinds = list(
        ChannelNotice.objects.filter(pk__in=ids).order_by().values_list("sales_channel__kind", flat=True).distinct()[:2]
    )
    offered = OutFormat.objects.filter(kind=FormatKind.CHANNEL, is_active=True, belongs_to__in=[*kinds, ""])
    return offered.exclude(belongs_to="other").order_by("-belongs_to", "is_builtin", "-version").first()


def late_notices() -> QuerySet[ChannelNotice]:
    """Return what should have been told by now."""
    return ChannelNotice.objects.filter(_OPEN, due_at__lt=timezone.now()).order_by("pk")


def late_tile(request: HttpRequest) -> Kpi | None:
    """Count what channels should know by now; nothing when they do."""
    count = late_notices().count()
    url = f"{reverse('admin:shipping_channelnotice_changelist')}?tab=late"
    return Kpi(str(count), _("parcels no channel knows of"), url, "danger", "campaign") if count else None


register_tile(
    Tile("shipping.notices", gettext_lazy("Channels to tell"), late_tile, "shipping.view_channelnotice", "orders", 24)
)
register_badge(NavigationBadge("notices", late_notices, "danger"))
