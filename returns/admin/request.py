"""Cases: the list with its tabs, and the page with its facts."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from core.display import badge_html, document_html, moment_text
from core.money import format_money
from core.ui import Tab, actor, columns
from core.ui.badges import NavigationBadge, register_badge
from core.ui.readonly import ReadOnlyAdmin
from core.ui.tiles import Kpi, Tile, register_tile
from orders.policies import can_see_money
from orders.services.legal.deadlines import law_of
from returns.admin.buttons import CaseButtons
from returns.admin.status import STATE_COLOURS, state_badge
from returns.models import AWAITED, Finding, RequestKind, RequestState, Resolution, ReturnRequest, late_condition
from returns.policies import COSTS_BY_LAW
from returns.selectors.standing import standing_of

_S = RequestState
VIEW = "returns.view_returnrequest"


def _to_send_back(queryset: QuerySet[Any], _request: HttpRequest) -> QuerySet[Any]:
    owed = Finding.objects.filter(resolution__in=[Resolution.REJECT, Resolution.REPAIR], sent_back_at=None)
    return queryset.filter(pk__in=owed.values("line__request"), state=_S.RESOLVED)


def _due(row: ReturnRequest) -> Any:
    if row.due_at is None or row.state not in AWAITED:
        return ""
    return badge_html(moment_text(row.due_at.date()), "red" if row.due_at < timezone.now() else "grey")


def _borne(case: ReturnRequest) -> Any:
    """Return what the customer bears, and where the law says so: nobody has compared that with its words."""
    money = format_money(case.return_shipping + case.fee, case.currency)
    mark, source = badge_html(pgettext("source", "Unverified"), "amber"), COSTS_BY_LAW.get(law_of(case.order), "")
    return format_html("{} {}<small>{}</small>", money, mark, source)


def _what(row: ReturnRequest) -> Any:
    goods = ", ".join(f"{line.order_line.name} × {line.quantity}" for line in row.lines.all())
    why = ", ".join(dict.fromkeys(str(line.reason) for line in row.lines.all()))
    return format_html("{}<small>{} · {}</small>", goods, why, row.order.sales_channel)


@admin.register(ReturnRequest)
class ReturnRequestAdmin(CaseButtons, ReadOnlyAdmin):
    """What customers want to give back, the newest first."""

    list_display = [
        columns.two_lines("number", lambda row: row.get_kind_display(), gettext_lazy("Case"), order=True),
        columns.badge("state", gettext_lazy("State"), colours=STATE_COLOURS),
        columns.link("order.number", pgettext_lazy("purchase", "Order"), to="orders_order", key="order_id"),
        columns.computed("what", pgettext_lazy("goods", "Goods"), _what),
        columns.computed("due", gettext_lazy("Goods expected until"), _due, css="fit"),
        columns.moment("asked_at", pgettext_lazy("return request", "Asked")),
    ]
    list_select_related = ("order__sales_channel",)
    ordering = ["-id"]
    list_filter = ["kind", "asked_through", "order__sales_channel"]
    exact_search_fields = ["number", "tracking_number", "order__number", "order__external_number"]
    search_fields = ["number"]
    empty_title = gettext_lazy("No return cases yet")
    empty_text = gettext_lazy("Open one on the page of an order.")
    fields = ["customer_note", "asked_through", "asked_at", "opened_by", "decided_by", "created_at"]

    def get_tabs(self, request: HttpRequest) -> Sequence[Tab]:
        """Return what waits for whom; what is late is so now."""
        return [
            Tab("to_decide", pgettext_lazy("return cases", "To decide"), Q(state=_S.REQUESTED), alert=True,
                empty=_("No customer waits for an answer.")),
            Tab("under_way", pgettext_lazy("return cases", "Under way"), Q(state__in=AWAITED),
                empty=_("No goods are on their way back.")),
            Tab("late", pgettext_lazy("return cases", "Overdue"), late_condition(), alert=True,
                empty=_("All goods came in time.")),
            Tab("to_inspect", pgettext_lazy("return cases", "To inspect"), Q(state=_S.RECEIVED),
                empty=_("Everything that came is inspected.")),
            Tab("to_resolve", pgettext_lazy("return cases", "To resolve"), Q(state=_S.INSPECTED),
                empty=_("Everybody got what they were promised.")),
            Tab("to_send_back", pgettext_lazy("return cases", "To send back"), _to_send_back,
                empty=_("Nothing has to go back to customers.")),
            Tab("closed", pgettext_lazy("return cases", "Closed"),
                Q(state__in=[_S.RESOLVED, _S.REFUSED, _S.CALLED_OFF]), count=False),
            Tab("all", pgettext_lazy("return cases", "All"), count=False),
        ]  # fmt: skip

    def scope(self, request: HttpRequest, queryset: QuerySet[ReturnRequest]) -> QuerySet[ReturnRequest]:
        """Bring the order along."""
        return queryset.select_related("order__sales_channel", "warehouse", "opened_by", "decided_by", "withdrawal")

    def for_display(self, request: HttpRequest, queryset: QuerySet[ReturnRequest]) -> QuerySet[ReturnRequest]:
        """Bring goods and reasons of one page along."""
        return queryset.prefetch_related("lines__order_line", "lines__reason")

    def facts(self, request: HttpRequest, obj: ReturnRequest) -> Sequence[tuple[Any, Any]]:
        """Return where the case stands, whose it is, and until when what is awaited."""
        shown: list[tuple[Any, Any]] = [
            (_("State"), state_badge(obj)),
            (_("Kind"), obj.get_kind_display()),
            (pgettext_lazy("purchase", "Order"), document_html(obj.order.number)),
        ]
        in_time = standing_of(obj.order).in_time(obj.asked_at) if obj.kind == RequestKind.RETURN else None
        if in_time is not None:
            words = badge_html(_("In time"), "green") if in_time else badge_html(_("Too late"), "red")
            shown.append((_("By law"), words))
        if obj.due_at:
            shown.append((_("Goods expected until"), moment_text(obj.due_at)))
        if obj.warehouse:
            shown.append((_("Goes back to"), obj.warehouse.name))
        if obj.tracking_number or obj.carrier:
            shown.append((_("Carrier"), f"{obj.carrier} {obj.tracking_number}".strip()))
        if can_see_money(actor(request)) and (obj.return_shipping or obj.fee):
            shown.append((_("Borne by the customer"), _borne(obj)))
        if obj.refusal:
            shown.append((_("Refused"), obj.refusal))
        return shown


def cases_to_work_on(request: HttpRequest) -> Kpi | None:
    """Count what waits for us; nothing when nothing does."""
    count = ReturnRequest.objects.filter(state__in=[_S.REQUESTED, _S.RECEIVED, _S.INSPECTED]).count()
    url = reverse("admin:returns_returnrequest_changelist")
    return Kpi(str(count), _("to decide, inspect or resolve"), url, "warning", "assignment_return") if count else None


register_tile(Tile("returns.cases", gettext_lazy("Return cases"), cases_to_work_on, VIEW, "returns", 5))
register_badge(NavigationBadge("return_cases", lambda: ReturnRequest.objects.filter(state=_S.REQUESTED).order_by("pk")))
