"""Figures about counting: how often the books are right, and what is lost for which reason."""

from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from django.views.decorators.http import require_GET
from unfold.widgets import UnfoldAdminSelectWidget

from core.display import number_text
from core.money import format_money
from core.ui import actor
from core.ui.sitepages import register_page, render_page
from core.ui.tiles import Chart, Kpi, Series
from inventory.models import AdjustReason, CountReason, Warehouse
from inventory.policies import can_see_costs
from inventory.selectors.shrinkage import Accuracy, CountFigures, Loss, count_figures

PERIODS = (("90", gettext_lazy("90 days")), ("365", gettext_lazy("One year")), ("1095", gettext_lazy("Three years")))
GOOD, POOR = 97, 90  # per cent of lines without a difference


class FiguresForm(forms.Form):
    """Which counts are looked at."""

    days = forms.ChoiceField(
        label=gettext_lazy("Period"), choices=PERIODS, required=False, widget=UnfoldAdminSelectWidget
    )
    warehouse = forms.ModelChoiceField(
        label=gettext_lazy("Warehouse"), queryset=Warehouse.objects.order_by("rank", "pk"), required=False,
        empty_label=gettext_lazy("All warehouses"), widget=UnfoldAdminSelectWidget,
    )  # fmt: skip


@register_page("figures/counting/", name="inventory_count_figures", permission="inventory.view_stocktake")
@require_GET
def figures_page(request: HttpRequest) -> HttpResponseBase:
    """Show accuracy and shrinkage of the chosen period; words that are no choice fall back to the usual ones."""
    form = FiguresForm(request.GET or {"days": "365"})
    form.is_valid()
    days, place = int(form.cleaned_data.get("days") or 365), form.cleaned_data.get("warehouse")
    since = timezone.now() - timedelta(days=days)
    figures = count_figures(since=since, warehouse_id=place.pk if place else None)
    shows_costs = can_see_costs(actor(request))
    return render_page(
        request,
        "inventory/pages/count_figures.html",
        title=_("Accuracy and shrinkage"),
        form=form,
        has_figures=bool(figures.total.lines or figures.by_reason),
        kpis=_kpis(figures, shows_costs=shows_costs),
        charts=_charts(figures),
        classes=[(key or pgettext("ABC class", "not classed"), row, percent(row)) for key, row in figures.classes],
        zones=[(key, row, percent(row)) for key, row in figures.zones],
        reasons=[(reason_label(*key), loss, money_words(loss)) for key, loss in figures.by_reason],
        months=[(date_format(month, "YEAR_MONTH_FORMAT"), loss, money_words(loss)) for month, loss in figures.by_month],
        shows_costs=shows_costs,
    )


def percent(row: Accuracy) -> str:
    """Write how many lines were right, a dash when nothing was counted."""
    return "–" if row.percent is None else f"{number_format(row.percent, decimal_pos=1)} %"


def money_words(loss: Loss) -> str:
    """Write what the pieces were worth, one amount for each currency."""
    return " · ".join(format_money(amount, currency) for currency, amount in sorted(loss.values.items()))


def reason_label(kind: str, code: str) -> str:
    """Return the words of a reason, and whether a count or an adjustment gave it."""
    if kind == "count":
        label = str(CountReason(code).label) if code else _("Within the tolerance, no reason asked")
        return f"{label} · {_('Stocktake')}"
    label = str(AdjustReason(code).label) if code else _("No reason code")
    return f"{label} · {_('Adjustment')}"


def _kpis(figures: CountFigures, *, shows_costs: bool) -> list[tuple[Any, Kpi]]:
    total, loss = figures.total, figures.losses
    level = ""
    if total.percent is not None:
        level = "good" if total.percent >= GOOD else "danger" if total.percent < POOR else "warning"
    lines = ngettext("of %(count)s line", "of %(count)s lines", total.lines) % {"count": number_text(total.lines)}
    kpis = [
        (_("Lines without difference"), Kpi(percent(total), lines, level=level, icon="verified")),
        (_("Pieces lost"), Kpi(number_text(loss.lost), icon="trending_down")),
        (_("Pieces found"), Kpi(number_text(loss.found), icon="trending_up")),
    ]
    if shows_costs:
        note = _("where the cost is known")
        kpis.append((_("Value of the difference"), Kpi(money_words(loss) or "–", note, icon="payments")))
    return kpis


def _charts(figures: CountFigures) -> list[tuple[str, Any, Chart]]:
    accuracy = Chart(
        [date_format(month, "YEAR_MONTH_FORMAT") for month, _row in figures.months],
        [Series(_("Lines without difference"), [row.percent for _month, row in figures.months])]
        if figures.months
        else [],
        unit="%",
        empty=_("No stocktake was posted in this period."),
    )
    losses = Chart(
        [date_format(month, "YEAR_MONTH_FORMAT") for month, _loss in figures.by_month],
        [
            Series(_("Pieces lost"), [loss.lost for _month, loss in figures.by_month]),
            Series(_("Pieces found"), [loss.found for _month, loss in figures.by_month]),
        ]
        if figures.by_month
        else [],
        empty=_("Nothing was lost or found in this period."),
    )
    return [("accuracy", _("Accuracy by month"), accuracy), ("losses", _("Lost and found by month"), losses)]
