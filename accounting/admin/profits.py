"""What was earned: on the page of an order, line by line, and summed up."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from accounting import services
from accounting.admin.profit_files import ProfitResource, profit_workbook
from accounting.models import PARTS, LineProfit
from accounting.selectors.profits import (
    FINAL,
    GROUPS,
    ProfitSum,
    lines_between,
    orders_waiting,
    profit_sums,
    profits_of_order,
)
from catalog.models import SalesChannel
from core.admin.tables import TableFilesMixin
from core.display import badge_html, document_html, moment_text
from core.errors import DomainError
from core.money import format_money
from core.ui import Panel, Tab, actor, columns, register_panel
from core.ui.readonly import ReadOnlyAdmin
from core.ui.sitepages import register_page, render_page
from core.ui.tabs import capped_counts, capped_text
from core.ui.tiles import Kpi, Tile, register_tile
from orders.models import Order

VIEW = "accounting.view_lineprofit"
SHOWN = 200
DAYS = 90
RECENT = 30  # days of the tile


def part_labels() -> list[tuple[str, Any]]:
    """Return the parts of a profit with their names, in the order in which they are added up."""
    return [(name, LineProfit._meta.get_field(name).verbose_name) for name in PARTS]  # type: ignore[union-attr]


def unsure(row: LineProfit) -> list[str]:
    """Return in words what is estimated or not known of a line."""
    told = [
        (row.is_fee_settled, _("fee estimated")),
        (row.is_cost_known, _("cost unknown")),
        (row.is_cost_final or not row.is_cost_known, _("cost estimated")),
        (row.is_shipping_known, _("carriage unknown")),
        (row.is_refund_final, _("refund estimated")),
        (row.is_tax_known, _("tax unknown")),
    ]
    return [words for is_sure, words in told if not is_sure]


def percent(row: Any) -> str:
    """Return what is left of a line's revenue, as people read it."""
    if row.revenue <= 0:
        return "–"
    tenths = row.profit * 1000 // row.revenue
    return f"{tenths / 10:.1f} %"


def _sure(row: LineProfit) -> Any:
    return badge_html(_("Final"), "green") if row.is_final else badge_html(_("Estimate"), "grey")


@admin.register(LineProfit)
class LineProfitAdmin(TableFilesMixin, ReadOnlyAdmin):
    """What each sold line earned."""

    resource_class = ProfitResource
    list_display = [
        columns.two_lines("order_line.name", "order.number", gettext_lazy("Line")),
        columns.text("sales_channel.name", gettext_lazy("Channel")),
        columns.text("day", pgettext_lazy("profit", "Ordered"), order=True),
        columns.number("quantity", gettext_lazy("Pieces")),
        columns.money("revenue", gettext_lazy("Revenue without tax")),
        columns.money("profit", gettext_lazy("Profit"), order=True),
        columns.computed("margin", gettext_lazy("Margin"), percent, css="num"),
        columns.computed("sure", gettext_lazy("Status"), _sure),
    ]
    ordering = ["-id"]
    tabs = [
        Tab("losses", gettext_lazy("Sold at a loss"), Q(profit__lt=0), count=False,
            empty=gettext_lazy("Nothing was sold at a loss.")),
        Tab("estimates", gettext_lazy("Not final"), ~FINAL, count=False),
        Tab("final", gettext_lazy("Final"), FINAL, count=False),
        Tab("all", pgettext_lazy("profits", "All"), count=False),
    ]  # fmt: skip
    list_filter = ["sales_channel", "currency"]
    filter_lookups = ["product__id__exact", "day__gte", "day__lte"]
    search_fields: Sequence[str] = ["order__number"]
    exact_search_fields = ["order__number"]
    fields: Sequence[str] = []
    show_timeline = False
    empty_title = gettext_lazy("Nothing is worked out yet")
    empty_text = gettext_lazy("What orders earned is worked out every five minutes.")

    def facts(self, request: HttpRequest, obj: LineProfit) -> Sequence[tuple[Any, Any]]:
        """Return the parts and what they come to."""
        parts = [(label, getattr(obj, name)) for name, label in part_labels() if getattr(obj, name)]
        return [
            (pgettext_lazy("purchase", "Order"), document_html(obj.order.number)),
            (_("Line"), obj.order_line.name),
            *((str(label).capitalize(), format_money(amount, obj.currency)) for label, amount in parts),
            (_("Profit"), format_money(obj.profit, obj.currency)),
            (_("Margin"), percent(obj)),
            (_("Not final"), ", ".join(unsure(obj)) or "–"),
        ]

    def for_display(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Read what a page shows at once."""
        return queryset.select_related("order_line", "order", "sales_channel")


def order_profit(_request: HttpRequest, order: Order) -> dict[str, Any] | None:
    """Give what the lines of the order earned, folded behind the sum; None before anything is worked out."""
    rows = profits_of_order(order.pk)
    if not rows:
        return None
    profit, revenue = sum(row.profit for row in rows), sum(row.revenue for row in rows)
    margin = f" · {profit * 1000 // revenue / 10:.1f} %" if revenue > 0 else ""
    doubts = list(dict.fromkeys(words for row in rows for words in unsure(row)))
    table = [
        (label, [getattr(row, name) for row in rows], sum(getattr(row, name) for row in rows))
        for name, label in part_labels()
        if any(getattr(row, name) for row in rows)
    ]
    return {
        "rows": rows, "table": table, "profit": profit, "currency": order.currency, "doubts": doubts,
        "gist": f"{format_money(profit, order.currency)}{margin}", "is_folded": True,
    }  # fmt: skip


register_panel(
    Order,
    Panel(
        "profit", gettext_lazy("Profit"), "accounting/panels/profit.html", order_profit, VIEW, position=70, wide=True
    ),
)


def losses_tile(_request: HttpRequest) -> Kpi | None:
    """Count what was sold at a loss in the last 30 days; nothing lost is no tile."""
    since = timezone.localdate() - timedelta(days=RECENT)
    [count] = capped_counts([LineProfit.objects.filter(profit__lt=0, day__gte=since)])
    if not count:
        return None
    url = f"{reverse('admin:accounting_lineprofit_changelist')}?tab=losses&day__gte={since}"
    note = _("lines of the last %(days)s days") % {"days": RECENT}
    return Kpi(capped_text(count), note, url, level="warning", icon="trending_down")


register_tile(
    Tile("accounting.losses", gettext_lazy("Sold at a loss"), losses_tile, VIEW, "orders", 28, cache_seconds=300)
)


def _day(text: str, default: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return default


class _Asked:
    """What a person asked the report for; what cannot be read is the default."""

    def __init__(self, request: HttpRequest) -> None:
        today = timezone.localdate()
        asked = request.GET
        self.until = _day(asked.get("until", ""), today)
        self.since = _day(asked.get("since", ""), self.until - timedelta(days=DAYS))
        self.by = asked.get("by", "") if asked.get("by", "") in GROUPS else "product"
        self.channels = list(SalesChannel.objects.order_by("name").values_list("pk", "name"))
        told = asked.get("channel", "")
        self.channel = next((pk for pk, _name in self.channels if str(pk) == told), None)

    def rows(self) -> "QuerySet[LineProfit]":
        """Return the lines it is about."""
        return lines_between(self.since, self.until, self.channel)


def _links(asked: _Asked, row: ProfitSum) -> str:
    """Return the list of the lines of one row of the report."""
    query = f"tab=all&day__gte={asked.since}&day__lte={asked.until}"
    if asked.by == "month":
        return ""
    key = "product__id__exact" if asked.by == "product" else "sales_channel__id__exact"
    return f"{reverse('admin:accounting_lineprofit_changelist')}?{query}&{key}={row.key}" if row.key else ""


def _name(asked: _Asked, row: ProfitSum) -> str:
    if asked.by == "month" and isinstance(row.key, date):
        return row.key.strftime("%Y-%m")
    return row.name or _("Unknown goods")


@register_page("accounting/profit/", name="accounting_profit", permission=VIEW)
@require_http_methods(["GET", "POST"])
def profit_page(request: HttpRequest) -> HttpResponseBase:
    """Show what was earned by product, channel or month; a POST has the days worked out anew."""
    asked = _Asked(request)
    if request.method == "POST":
        return _recompute(request, asked)
    sums = profit_sums(asked.rows(), by=asked.by, limit=SHOWN)
    totals = profit_sums(asked.rows(), by="channel") if asked.by != "channel" else sums
    by_currency: dict[str, list[int]] = {}
    for one in totals:
        total = by_currency.setdefault(one.currency, [0, 0, 0, 0])
        for place, amount in enumerate((one.revenue, one.profit, one.lines, one.estimates)):
            total[place] += amount
    groups = [("product", _("By product")), ("channel", _("By channel")), ("month", _("By month"))]
    query = f"since={asked.since}&until={asked.until}&channel={asked.channel or ''}"
    return render_page(
        request,
        "accounting/pages/profit.html",
        title=_("Profit"),
        asked=asked,
        query=query,
        groups=[(key, label, key == asked.by) for key, label in groups],
        rows=[(_name(asked, one), _links(asked, one), one, _tenths(one.margin)) for one in sums],
        totals=[
            (currency, revenue, profit, lines, estimates, _tenths(profit * 1000 // revenue if revenue > 0 else None))
            for currency, (revenue, profit, lines, estimates) in by_currency.items()
        ],
        is_more=len(sums) == SHOWN,
        waiting=orders_waiting(),
        may_compute=request.user.has_perm("accounting.compute_profit"),
        losses=f"{reverse('admin:accounting_lineprofit_changelist')}?tab=losses",
    )


def _tenths(margin: int | None) -> str:
    return "–" if margin is None else f"{margin / 10:.1f} %"


def _recompute(request: HttpRequest, asked: _Asked) -> HttpResponseBase:
    channels = [asked.channel] if asked.channel else [pk for pk, _name in asked.channels]
    try:
        count = services.queue_channels(
            channel_ids=channels, since=asked.since, until=asked.until, actor=actor(request)
        )
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Orders to be worked out anew: %(count)s") % {"count": count})
    return HttpResponseRedirect(request.get_full_path())


@register_page("accounting/profit.xlsx", name="accounting_profit_file", permission="accounting.view_lineprofit")
@require_GET
def profit_file(request: HttpRequest) -> HttpResponse:
    """Answer with the report as a workbook: all groups, not only those that the page shows."""
    if not request.user.has_perm("core.export_data"):
        raise PermissionDenied
    asked = _Asked(request)
    rows = [(_name(asked, one), one) for one in profit_sums(asked.rows(), by=asked.by)]
    content = profit_workbook(rows, title=f"{moment_text(asked.since)} – {moment_text(asked.until)}")
    answer = HttpResponse(content, content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    answer["Content-Disposition"] = f'attachment; filename="profit-{asked.by}-{asked.since}-{asked.until}.xlsx"'
    answer["Cache-Control"] = "private, no-store"
    return answer
