"""How customers buy, on one page: groups, migration, cohorts, intervals, what goes together."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET

from core.ui.sitepages import register_page, render_page
from core.ui.tiles import Kpi, Tile, register_tile
from crm.admin.status import RULES, group_badge
from crm.models import BuyerGroup, PatternRun
from crm.selectors import patterns
from crm.services.patterns.people import FEWEST_PURCHASES
from crm.services.patterns.scoring import FEWEST_BUYERS

HEIGHT, WIDTH = 100, 10  # of the chart and of one bar, in its own units


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the chart of intervals, measured for the drawing."""

    x: int
    y: float
    height: float
    label: str
    count: int


@register_page("customers/patterns/", name="crm_patterns", permission="crm.view_pattern")
@require_GET
def patterns_page(request: HttpRequest) -> HttpResponseBase:
    """Show what the latest finished night found; without one, when the first comes."""
    if set(request.GET) - {"month"}:
        raise SuspiciousOperation("no such parameter")
    run = patterns.latest_run()
    context: dict[str, Any] = {"run": run}
    if run is not None:
        context |= _figures(request, run)
    return render_page(request, "crm/pages/patterns.html", title=_("How customers buy"), **context)


def _figures(request: HttpRequest, run: PatternRun) -> dict[str, Any]:
    sizes = patterns.group_sizes(run)
    most = max((row.count for row in sizes), default=1)
    months = patterns.last_migration_months()
    month = parse_date(request.GET.get("month", "")) if request.GET.get("month") else (months[0] if months else None)
    if request.GET.get("month") and month not in months:
        raise SuspiciousOperation("no such month")
    rows = patterns.cohorts(run)
    bars = _bars(patterns.gaps(run))
    return {
        "kpis": _kpis(run),
        "groups": [(row, group_badge(row.group), RULES[row.group], round(100 * row.count / most, 1)) for row in sizes],
        "goals": [group.label for group in BuyerGroup],
        "months": months,
        "month": month,
        "migration": patterns.migration(month) if month else [],
        "cohorts": rows,
        "steps": range(1, len(rows[0].cells) + 1) if rows else [],
        "bars": bars,
        "chart_width": len(bars) * WIDTH,
        "chart_height": HEIGHT,
        "bar_width": WIDTH - 2,
        "pairs": patterns.basket_pairs(run),
        "category_pairs": patterns.category_pairs(run),
        "replenishments": patterns.replenishments(run),
        "fewest_buyers": FEWEST_BUYERS,
        "fewest_purchases": FEWEST_PURCHASES,
    }


def _kpis(run: PatternRun) -> list[tuple[str, Kpi]]:
    found = patterns.overview(run)
    orders = _("%(count)s orders") % {"count": f"{run.order_count:,}"}
    return [
        (_("Buyers"), Kpi(f"{found.buyers:,}", icon="group", note=orders)),
        (_("Came back"), Kpi(f"{found.again_percent} %", icon="replay", note=_("bought on at least two days"))),
        (_("Regular buyers"), Kpi(f"{found.regular:,}", icon="event_repeat", note=_("an interval is known"))),
        (_("Expected within 30 days"), Kpi(f"{found.due:,}", icon="event_upcoming", note=_("by their own interval"))),
        (
            _("Lapsed"),
            Kpi(f"{found.lapsed:,}", icon="hourglass_disabled", note=_("quiet for twice their interval")),
        ),
    ]  # fmt: skip


def _bars(weeks: list[tuple[int, int]]) -> list[Bar]:
    most = max((count for _days, count in weeks), default=0)
    if not most:
        return []
    bars = []
    for place, (days, count) in enumerate(weeks):
        height = round(HEIGHT * count / most, 1)
        span = (
            _("%(days)s days and more") % {"days": days}
            if days >= 364
            else _("%(first)s–%(last)s days")
            % {
                "first": days,
                "last": days + 6,
            }
        )
        times = ngettext("%(count)s purchase", "%(count)s purchases", count) % {"count": f"{count:,}"}
        bars.append(Bar(place * WIDTH + 1, HEIGHT - height, height, f"{span}: {times}", count))
    return bars


def expected_buyers(_request: HttpRequest) -> Kpi | None:
    """Count who is expected within 30 days, and beside it who lapsed; None before the first night."""
    run = patterns.latest_run()
    if run is None:
        return None
    found = patterns.overview(run)
    note = _("lapsed: %(count)s") % {"count": f"{found.lapsed:,}"}
    return Kpi(f"{found.due:,}", note, reverse("admin:crm_patterns"), icon="event_upcoming")


register_tile(
    Tile(
        "crm.expected", gettext_lazy("Buyers expected within 30 days"), expected_buyers, "crm.view_pattern",
        "customers", 30, cache_seconds=3600,
    )
)  # fmt: skip
