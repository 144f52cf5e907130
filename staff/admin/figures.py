"""Figures about tasks: on time, right at once, who waits for whom."""

from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from unfold.widgets import UnfoldAdminSelectWidget

from core.ui.sitepages import register_page, render_page
from core.ui.tiles import Chart, Kpi, Series
from staff.models import Role, TaskKind
from staff.selectors import role_label
from staff.selectors.figures import Figures, Share, WorkFigures, task_figures

PERIODS = (("30", gettext_lazy("30 days")), ("90", gettext_lazy("90 days")), ("365", gettext_lazy("One year")))
GOOD, POOR = 90, 70  # per cent on time


class FiguresForm(forms.Form):
    """Which work is looked at."""

    days = forms.ChoiceField(
        label=gettext_lazy("Period"), choices=PERIODS, required=False, widget=UnfoldAdminSelectWidget
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=[("", gettext_lazy("All kinds")), *TaskKind.choices],
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    role = forms.ChoiceField(
        label=gettext_lazy("Role"),
        choices=[("", gettext_lazy("All roles")), *Role.choices],
        required=False,
        widget=UnfoldAdminSelectWidget,
    )


@register_page("figures/tasks/", name="staff_task_figures", permission="staff.view_task_figures")
def figures_page(request: HttpRequest) -> HttpResponseBase:
    """Show the figures of the chosen period; words that are no choice fall back to the usual ones."""
    form = FiguresForm(request.GET or {"days": "90"})
    form.is_valid()
    chosen = form.cleaned_data
    days = int(chosen.get("days") or 90)
    until = timezone.now()
    figures = task_figures(
        since=until - timedelta(days=days),
        until=until,
        kind=chosen.get("kind", ""),
        role=chosen.get("role", ""),
    )
    return render_page(
        request,
        "staff/pages/figures.html",
        title=_("Figures about tasks"),
        form=form,
        has_work=bool(figures.total.delivered),
        kpis=_kpis(figures),
        charts=_charts(figures),
        people=[(figures.users.get(row.key), row, row.on_time.percent) for row in figures.people],
        kinds=[(TaskKind(row.key).label, row) for row in figures.kinds],
        requesters=[(figures.users[row.requester_id], row) for row in figures.requesters],
        queues=[(role_label(row.role), row) for row in figures.queues],
    )


def _kpis(figures: Figures) -> list[tuple[Any, Kpi]]:
    total = figures.total
    return [
        (pgettext("task", "Delivered"), Kpi(number_format(total.delivered, force_grouping=True), icon="task_alt")),
        (_("On time"), Kpi(percent(total.on_time), _of(total.on_time), level=_level(total.on_time), icon="schedule")),
        (
            _("Approved at once"),
            Kpi(percent(total.first_pass), _of(total.first_pass), icon="verified"),
        ),
        (
            _("Rounds of changes"),
            Kpi(_number(total.mean_rounds), _("on average, for judged work"), icon="replay"),
        ),
        (
            _("Waiting for decisions"),
            Kpi(
                percent(_waiting(total)),
                _("of the time of delivered work; the rest was working time"),
                level="warning" if (_waiting(total).percent or 0) > 50 else "",
                icon="hourglass_top",
            ),
        ),
    ]


def _charts(figures: Figures) -> list[tuple[str, Any, Chart]]:
    weeks = Chart(
        [date_format(week, "MONTH_DAY_FORMAT") for week, _share in figures.weeks],
        [Series(_("On time"), [share.percent or 0 for _week, share in figures.weeks])] if figures.weeks else [],
        unit="%",
        empty=_("Nothing with a deadline was delivered in this period."),
    )
    waiting = Chart(
        [str(TaskKind(row.key).label) for row in figures.kinds],
        [
            Series(_("Working"), [_per_task(row.working_hours, row) for row in figures.kinds]),
            Series(_("Waiting for a decision"), [_per_task(row.waiting_hours, row) for row in figures.kinds]),
        ]
        if figures.kinds
        else [],
        stacked=True,
        unit=pgettext("unit", "h"),
        empty=_("Nothing was delivered in this period."),
    )
    return [
        ("weeks", _("On time, by week"), weeks),
        ("waiting", _("Hours for one task, nights included"), waiting),
    ]


def percent(share: Share) -> str:
    """Write a share, a dash when nothing was counted."""
    return "–" if share.percent is None else f"{share.percent} %"


def _of(share: Share) -> str:
    if not share.whole:
        return ""
    return ngettext("of %(count)s task", "of %(count)s tasks", share.whole) % {
        "count": number_format(share.whole, force_grouping=True)
    }


def _level(share: Share) -> str:
    if share.percent is None:
        return ""
    return "good" if share.percent >= GOOD else "danger" if share.percent < POOR else "warning"


def _waiting(row: WorkFigures) -> Share:
    minutes = round(row.waiting_hours * 60)
    return Share(minutes, minutes + round(row.working_hours * 60))


def _per_task(hours: float, row: WorkFigures) -> float:
    return round(hours / row.delivered, 1)


def _number(value: float | None) -> str:
    return "–" if value is None else number_format(value, decimal_pos=1)
