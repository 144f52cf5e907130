"""Forecasts: a list to look through, a panel on the variant's page, a page to have them made at once."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.decorators.http import require_http_methods

from catalog.models import Variant
from core.display import badge_html
from core.errors import DomainError
from core.models import Job
from core.ui import Panel, Tab, actor, columns, register_panel
from core.ui.listlinks import ListLink, register_list_link
from core.ui.readonly import ReadOnlyAdmin
from core.ui.sitepages import register_page, render_page
from core.ui.tiles import Chart, Series
from purchasing.models import Forecast, ForecastMethod
from purchasing.policies import can_make_forecasts
from purchasing.selectors.forecasts import (
    VariantOutlook,
    forecast_figures,
    methods_of,
    pieces_off,
    variant_outlook,
)
from purchasing.services.demand.running import KIND, start_forecasts

WEEKS_SUMMED = 4
GOOD, POOR = 0.8, 1.0  # scaled errors: at 1 it is no better than the mean step from week to week


def pieces_text(value: Any) -> str:
    """Write pieces as people say them: small numbers with a decimal, others whole."""
    return number_format(value, 1 if value < 10 else 0, force_grouping=True)


def _class(row: Forecast) -> str:
    policy = getattr(row.variant, "stock_policy", None)
    return f"{policy.abc}{policy.xyz}" if policy else ""


def _method(row: Forecast) -> Any:
    return badge_html(row.get_method_display(), "grey" if row.method == ForecastMethod.NONE else "blue")


def _expected(row: Forecast) -> str:
    return pieces_text(sum(row.weekly[:WEEKS_SUMMED])) if row.weekly else "–"


def _error(row: Forecast) -> Any:
    if row.error is None:
        return "–"
    colour = "green" if row.error < GOOD else "amber" if row.error < POOR else "red"
    return badge_html(number_format(row.error, 2), colour)


def _off(row: Forecast) -> str:
    return "–" if row.error is None else f"{pieces_text(pieces_off(row)[0])} ({pieces_text(pieces_off(row)[1])})"


@admin.register(Forecast)
class ForecastAdmin(ReadOnlyAdmin):
    """What is expected of every variant, of all channels and of each."""

    list_display = [
        columns.two_lines("variant.sku", lambda row: row.variant.label, "SKU", order="variant__sku"),
        columns.computed("class", pgettext_lazy("stock", "Class"), _class),
        columns.text("sales_channel.name", gettext_lazy("Sales channel")),
        columns.computed("method", pgettext_lazy("forecast", "Method"), _method),
        columns.computed("expected", gettext_lazy("Next 4 weeks"), _expected, css="num"),
        columns.computed("error", gettext_lazy("Error (MASE)"), _error, css="num", order="error"),
        columns.computed("off", gettext_lazy("Off by, a week (as last season)"), _off, css="num"),
        columns.number("sold_days", gettext_lazy("Days with sales"), order=True),
    ]
    ordering = ["-daily_mean", "id"]
    tabs = [
        Tab("all", pgettext_lazy("forecast", "All channels together"), Q(sales_channel=None), count=False),
        Tab("channels", gettext_lazy("By channel"), Q(sales_channel__isnull=False), count=False),
        Tab("none", gettext_lazy("Not enough data"), Q(method=ForecastMethod.NONE)),
        Tab("poor", gettext_lazy("Hard to foresee"), Q(error__gt=POOR, sales_channel=None)),
    ]
    list_filter = ["method", "sales_channel", "variant__stock_policy__abc", "variant__stock_policy__xyz"]
    search_fields = ["variant__search_text"]
    show_timeline = False
    empty_title = gettext_lazy("No forecasts yet")
    empty_text = gettext_lazy("They are made every night from what was ordered in the last three years.")

    def scope(self, request: HttpRequest, queryset: QuerySet[Forecast]) -> QuerySet[Forecast]:
        """Select what every row shows."""
        return queryset.select_related("variant__product", "variant__stock_policy", "sales_channel")

    def get_fields(self, request: HttpRequest, obj: Forecast | None = None) -> list[Any]:
        """Show what the panel does not."""
        return [("variant", "sales_channel"), ("method", "error"), ("history_days", "sold_days"), "made_at"]


def outlook(request: HttpRequest, variant: Variant) -> dict[str, Any]:
    """Give the chart of a variant and what is to be said about its forecast."""
    found = variant_outlook(variant_id=variant.pk)
    whole = found.whole if found.whole and found.whole.weekly else None
    return {
        "found": found,
        "whole": whole,
        "chart": _chart(found),
        "methods": methods_of(whole) if whole else [],
        "believed": pgettext("forecast", "believed"),
        "lumps": sum(whole.sizes.values()) if whole else 0,
        "error": _error_words(whole) if whole else "",
        "week": pieces_text(whole.daily_mean * 7) if whole else "",
        "rows": [(row, pieces_text(row.daily_mean * 7), pieces_text(pieces_off(row)[0])) for row in found.channels],
        "out": sum(week.days_out > 0 for week in found.weeks),
    }


def of_forecast(request: HttpRequest, row: Forecast) -> dict[str, Any]:
    """Give the same on the page of a forecast."""
    return outlook(request, row.variant)


def _error_words(row: Forecast) -> str:
    own, naive = pieces_off(row)
    numbers = {"own": pieces_text(own), "naive": pieces_text(naive)}
    if row.method == ForecastMethod.NAIVE:
        return _("Off by %(own)s pieces a week on average; no other method would be clearly better.") % numbers
    return _("Off by %(own)s pieces a week on average; as last season would be off by %(naive)s.") % numbers


def _chart(found: VariantOutlook) -> Chart:
    whole = found.whole if found.whole and found.whole.weekly else None
    starts = [week.day for week in found.weeks]
    ahead = [whole.starts_on + timedelta(days=week * 7) for week in range(len(whole.weekly))] if whole else []
    sold: list[Any] = [week.pieces for week in found.weeks]
    series = [Series(pgettext("pieces", "Sold"), [*sold, *(None for _day in ahead)])]
    if any(week.days_out for week in found.weeks):
        marks = [week.pieces if week.days_out else None for week in found.weeks]
        series.append(Series(_("Out of stock for days"), [*marks, *(None for _day in ahead)], "marks"))
    if whole:
        gap: list[Any] = [*(None for _week in found.weeks[1:]), *sold[-1:]]  # what is expected begins where it stands
        series += [
            Series(_("Low"), [*gap, *map(float, whole.low)], "edge"),
            Series(_("Eight of ten weeks"), [*gap, *map(float, whole.high)], "band"),
            Series(pgettext("forecast", "Expected"), [*gap, *map(float, whole.weekly)], "dashed"),
        ]
    days = [*starts, *ahead]
    bent = [_falls_on(day, [(event.starts_on, event.ends_on) for event in found.events]) for day in days]
    if any(value is not None for value in bent):
        series.append(Series(_("Promotion or season"), bent, "events"))
    closed = [_falls_on(day, [(one, one) for one, _name in found.holidays]) for day in days]
    if any(value is not None for value in closed):
        series.append(Series(_("Holiday ahead"), closed, "holidays"))
    labels = [date_format(day, "MONTH_DAY_FORMAT") for day in days]
    return Chart(labels, series if starts else [], type="line")


def _falls_on(week: date, spans: Iterable[tuple[date, date]]) -> int | None:
    """Return 0, the foot of the chart, when one of the spans touches the week; None draws nothing."""
    return 0 if any(first < week + timedelta(days=7) and last >= week for first, last in spans) else None


@register_page("forecasts/now/", name="purchasing_forecasts_now", permission="purchasing.view_forecast")
@require_http_methods(["GET", "HEAD", "POST"])
def now_page(request: HttpRequest) -> HttpResponseBase:
    """Show how the forecasts stand; POST has them made anew in the background."""
    user = actor(request)
    if request.method == "POST":
        try:
            start_forecasts(actor=user)
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("Forecasts are being made; this page shows how far they are."))
        return redirect("admin:purchasing_forecasts_now")
    figures = forecast_figures()
    return render_page(
        request,
        "purchasing/pages/forecasts_now.html",
        title=_("How forecasts stand"),
        figures=figures,
        share=round(100 * figures.better / figures.made) if figures.made else 0,
        job=Job.objects.filter(kind=KIND).order_by("-pk").first(),
        may_start=can_make_forecasts(user),
        list_url=reverse("admin:purchasing_forecast_changelist"),
    )


for _model, _give in ((Variant, outlook), (Forecast, of_forecast)):
    register_panel(
        _model,
        Panel(
            "forecast",
            pgettext_lazy("demand", "Forecast"),
            "purchasing/panels/forecast.html",
            _give,
            "purchasing.view_forecast",
            position=12,
            wide=True,
        ),
    )
register_list_link(
    Forecast,
    ListLink(
        gettext_lazy("How forecasts stand"),
        "query_stats",
        "purchasing_forecasts_now",
        "forecasts",
        "purchasing.view_forecast",
        of_rows=False,
    ),
)
