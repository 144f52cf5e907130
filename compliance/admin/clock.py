"""Legal deadlines as a work list: what is late, what comes near, what it costs, and what ended it."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy
from unfold.widgets import UnfoldAdminTextInputWidget

from compliance import policies, services
from compliance.admin.rule import PLACES, level_badge
from compliance.admin.term import in_words, percent_text
from compliance.models import Extension, LegalClock, SourceLevel, TermKind
from compliance.selectors.clocks import Standing, duties_of, late, near, running_duties, standing
from compliance.selectors.reckoning import end_of, local_day, zone_of
from core.display import badge_html, moment_text
from core.money import format_money
from core.ui import (
    ActionForm,
    NextAction,
    Panel,
    Tab,
    actor,
    columns,
    register_next_actions,
    register_panel,
    service_action,
)
from core.ui.badges import NavigationBadge, register_badge
from core.ui.readonly import ReadOnlyAdmin
from core.ui.tabs import capped_counts, capped_text
from core.ui.tiles import Kpi, Tile, register_tile
from staff.admin.status import subject_admin
from staff.selectors import roles_of

VIEW = "compliance.view_legalclock"
STOP = "compliance.stop_legalclock"
SEE_COSTS = "compliance.see_clock_costs"


def state_badge(now: Standing) -> SafeString:
    """Return how the clock stands, in words and colour: “4 days late”, “2 days left”, “Done”."""
    if now.clock.stopped_at is not None:
        return _ended_badge(now)
    if now.is_late:
        days = max(-now.days, 0)
        words = ngettext("%(count)s day late", "%(count)s days late", days) % {"count": days}
        return badge_html(words if days else pgettext("deadline", "Late since today"), "red")
    if now.days < 0:
        return badge_html(pgettext("deadline", "Over"), "grey")
    words = ngettext("%(count)s day left", "%(count)s days left", now.days) % {"count": now.days}
    words = words if now.days else pgettext("deadline", "Ends today")
    if now.clock.rule.kind != TermKind.DUTY:
        return badge_html(words, "blue")
    return badge_html(words, "amber" if now.days < 2 else "blue")


def _ended_badge(now: Standing) -> SafeString:
    if not now.is_late:
        return badge_html(pgettext("deadline", "Done in time"), "green")
    days = max(-now.days, 0)
    return badge_html(ngettext("Done %(count)s day late", "Done %(count)s days late", days) % {"count": days}, "amber")


def last_day(clock: LegalClock) -> str:
    """Return the last day in the customer's country; with the time where hours count."""
    return moment_text(local_day(clock.due_at, clock.country))


def cost_text(now: Standing) -> str:
    """Return what lateness costs so far, and each day that is added; empty while it costs nothing."""
    if not now.is_late or now.clock.rule.interest_percent is None:
        return ""
    cost = _("interest of %(amount)s") % {"amount": format_money(now.cost, now.clock.currency)}
    if now.clock.stopped_at is not None:
        return cost
    each = _("%(amount)s more each day") % {"amount": format_money(now.per_day, now.clock.currency)}
    return f"{cost}, {each}"


def clock_rows(request: HttpRequest, clocks: Iterable[LegalClock]) -> list[dict[str, Any]]:
    """Return what a panel shows of each clock: badge, title, last day, cost, its page, whether it is verified."""
    sees_costs, may_open = request.user.has_perm(SEE_COSTS), request.user.has_perm(VIEW)
    rows = []
    for clock in clocks:
        now = standing(clock)
        rows.append(
            {
                "clock": clock,
                "title": clock.rule.name,
                "badge": state_badge(now),
                "last_day": last_day(clock),
                "owed": format_money(now.owed, clock.currency) if sees_costs and now.owed else "",
                "cost": cost_text(now) if sees_costs else "",
                "url": reverse("admin:compliance_legalclock_change", args=[clock.pk]) if may_open else "",
                "is_unverified": clock.rule.source_level == SourceLevel.UNVERIFIED,
            }
        )
    return rows


def subject_html(request: HttpRequest, clock: LegalClock) -> Any:
    """Return what the clock runs for: a link for who may open it, else its number."""
    page = subject_admin(clock.subject_type_id)
    if page is None or not page.has_view_or_change_permission(request):
        return clock.subject_label
    url = reverse(f"admin:{page.opts.app_label}_{page.opts.model_name}_change", args=[clock.subject_id])
    return format_html('<a href="{}">{}</a>', url, clock.subject_label)


class StopForm(ActionForm):
    """What proves that it is done, and when it was."""

    evidence = forms.CharField(
        label=pgettext_lazy("clock", "evidence"),
        max_length=300,
        help_text=gettext_lazy("A number, a document, a link: “cancelled at the card company, no. 4711”."),
        widget=UnfoldAdminTextInputWidget,
    )
    at = forms.SplitDateTimeField(
        label=gettext_lazy("done on"),
        widget=forms.SplitDateTimeWidget(date_attrs={"type": "date"}, time_attrs={"type": "time"}),
    )


class ExtendForm(ActionForm):
    """Why it may end later, and on which day where that is agreed."""

    reason = forms.CharField(
        label=gettext_lazy("reason"),
        max_length=300,
        help_text=gettext_lazy("With what proves it: the mail, the date of the call."),
        widget=UnfoldAdminTextInputWidget,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.obj.rule.extension == Extension.AGREED:
            self.fields["until"] = forms.DateField(
                label=gettext_lazy("agreed day"), widget=forms.DateInput(attrs={"type": "date"})
            )


class RestartForm(ActionForm):
    """Why it begins anew, and when."""

    reason = forms.CharField(
        label=gettext_lazy("reason"),
        max_length=300,
        help_text=gettext_lazy("For example: our address was missing; the customer was hindered until that day."),
        widget=UnfoldAdminTextInputWidget,
    )
    on = forms.DateField(label=gettext_lazy("begins anew on"), widget=forms.DateInput(attrs={"type": "date"}))


def _mine(queryset: QuerySet[LegalClock], request: HttpRequest) -> QuerySet[LegalClock]:
    return queryset.filter(
        stopped_at=None, rule__kind=TermKind.DUTY, rule__duty__in=duties_of(roles_of(actor(request)))
    )


def _late(queryset: QuerySet[LegalClock], _request: HttpRequest) -> QuerySet[LegalClock]:
    return queryset.filter(late())


def _near(queryset: QuerySet[LegalClock], _request: HttpRequest) -> QuerySet[LegalClock]:
    return queryset.filter(near())


def _open_windows(queryset: QuerySet[LegalClock], _request: HttpRequest) -> QuerySet[LegalClock]:
    return queryset.filter(stopped_at=None, rule__kind=TermKind.WINDOW, due_at__gte=timezone.now())


def _due(clock: LegalClock) -> Any:
    return format_html("{}<small>{}</small>", state_badge(standing(clock)), last_day(clock))


def _cost(clock: LegalClock) -> Any:
    now = standing(clock)
    if not clock.amount:
        return ""
    return format_html("{}<small>{}</small>", format_money(clock.amount, clock.currency), cost_text(now))


def _title(clock: LegalClock) -> Any:
    return format_html("{}<small>{}</small>", clock.rule.name, clock.rule.article)


@admin.register(LegalClock)
class LegalClockAdmin(ReadOnlyAdmin):
    """What has to be done by when: the most urgent first."""

    list_display = [
        columns.computed("title", gettext_lazy("Legal deadline"), _title, related=("rule",)),
        columns.badge("rule.jurisdiction", gettext_lazy("Jurisdiction"), colours=PLACES),
        columns.computed("due", pgettext_lazy("clock", "Last day"), _due, order="due_at", css="fit"),
        columns.computed("cost", gettext_lazy("Amount"), _cost, css="num"),
        columns.moment("started_at", pgettext_lazy("clock", "Started")),
    ]
    list_select_related = ("rule",)
    ordering = ["due_at", "id"]
    tabs = [
        Tab("late", pgettext_lazy("deadline", "Late"), _late, alert=True,
            empty=gettext_lazy("No legal deadline is missed. Well done.")),
        Tab("near", pgettext_lazy("deadline", "Within two days"), _near,
            empty=gettext_lazy("Nothing has to be done within two days.")),
        Tab("mine", pgettext_lazy("deadline", "Mine"), _mine, count=False,
            empty=gettext_lazy("No deadline waits for your role.")),
        Tab("duties", pgettext_lazy("deadline", "All to be done"), Q(stopped_at=None, rule__kind=TermKind.DUTY),
            count=False),
        Tab("windows", pgettext_lazy("deadline", "Customers may still act"), _open_windows, count=False),
        Tab("done", pgettext_lazy("deadline", "Done"), Q(stopped_at__isnull=False), count=False),
    ]  # fmt: skip
    list_filter = ["rule__jurisdiction", "rule__duty"]
    exact_search_fields = ["subject_label"]
    search_fields = ["subject_label"]
    show_timeline = False
    empty_title = gettext_lazy("No legal deadlines here")
    empty_text = gettext_lazy("They start by themselves: with a payment, a delivery, a return, a cancellation.")
    fields = ["started_at", "due_at", "stopped_at", "evidence", "moved_because", "breached_at", "contract_on"]

    def scope(self, request: HttpRequest, queryset: QuerySet[LegalClock]) -> QuerySet[LegalClock]:
        """Bring the rule along."""
        return queryset.select_related("rule")

    def get_list_display(self, request: HttpRequest) -> Sequence[Any]:
        """Link what it runs for to who may open it; leave amounts out for who may not see them."""
        about = columns.computed("about", pgettext_lazy("clock", "About"), lambda clock: subject_html(request, clock))
        shown = [one for one in self.list_display if one.name != "cost" or request.user.has_perm(SEE_COSTS)]
        return [shown[0], about, *shown[1:]]

    def facts(self, request: HttpRequest, obj: LegalClock) -> Sequence[tuple[Any, Any]]:
        """Return how it stands first, then what it is about."""
        now = standing(obj)
        shown = [
            (pgettext("clock", "State"), state_badge(now)),
            (pgettext("clock", "Last day"), last_day(obj)),
            (pgettext("clock", "About"), subject_html(request, obj)),
            (_("Quality of the source"), level_badge(obj.rule)),
        ]
        if obj.amount and request.user.has_perm(SEE_COSTS):
            shown.append((_("Amount"), format_money(obj.amount, obj.currency)))
            if text := cost_text(now):
                shown.append((_("Cost of the delay"), text))
        return shown

    @service_action(
        gettext_lazy("Note as done"),
        permission=STOP,
        icon="task_alt",
        variant="primary",
        form=StopForm,
        initial=lambda request, obj: {"at": timezone.now()},
        available=lambda user, clock: policies.is_stoppable(clock),
    )
    def stop(self, request: HttpRequest, obj: LegalClock, data: dict[str, Any]) -> str:
        """End it with what proves it."""
        services.stop_clock(clock_id=obj.pk, evidence=data["evidence"], at=data["at"], actor=actor(request))
        return _("Noted as done.")

    @service_action(
        gettext_lazy("Extend"),
        permission=STOP,
        icon="more_time",
        form=ExtendForm,
        available=lambda user, clock: policies.is_extendable(clock),
    )
    def extend(self, request: HttpRequest, obj: LegalClock, data: dict[str, Any]) -> str:
        """Let it end later."""
        day = data.get("until")
        until = end_of(day, obj.country) if day else None
        clock = services.extend_clock(clock_id=obj.pk, reason=data["reason"], until=until, actor=actor(request))
        return _("It runs until %(day)s now.") % {"day": last_day(clock)}

    @service_action(
        gettext_lazy("Start anew"),
        permission=STOP,
        icon="restart_alt",
        form=RestartForm,
        available=lambda user, clock: policies.is_restartable(clock),
    )
    def restart(self, request: HttpRequest, obj: LegalClock, data: dict[str, Any]) -> str:
        """Let it begin anew."""
        at = datetime.combine(data["on"], time(), tzinfo=zone_of(obj.country))
        clock = services.restart_clock(clock_id=obj.pk, at=at, reason=data["reason"], actor=actor(request))
        return _("It runs until %(day)s now.") % {"day": last_day(clock)}


def rule_words(request: HttpRequest, clock: LegalClock) -> dict[str, Any]:
    """Give the rule as it is said."""
    return {"sentences": [str(clock.rule), *in_words(clock.rule)]}


def warn(request: HttpRequest, clock: LegalClock) -> list[NextAction]:
    """Say what a missed deadline means, and that an unverified rule is one."""
    now = standing(clock)
    said = []
    if now.is_late and clock.stopped_at is None:
        percent = clock.rule.interest_percent
        sentence = _("The deadline is missed. Do it now; each day counts.")
        if percent is not None:
            sentence = _("The deadline is missed, and %(percent)s %% interest a year runs. Do it now.") % {
                "percent": percent_text(percent)
            }
        said.append(NextAction(sentence, level="danger"))
    if clock.rule.source_level == SourceLevel.UNVERIFIED:
        said.append(NextAction(_("Nobody has verified this rule. Do not rely on it alone."), level="warning"))
    return said


def late_deadlines(request: HttpRequest) -> Kpi | None:
    """Count what is missed, and what comes within two days; nothing when there is neither."""
    missed, soon = capped_counts([LegalClock.objects.filter(late()), LegalClock.objects.filter(near())])
    if not missed and not soon:
        return None
    note = _("%(count)s within two days") % {"count": capped_text(soon)} if soon else ""
    url = f"{reverse('admin:compliance_legalclock_changelist')}?tab={'late' if missed else 'near'}"
    return Kpi(capped_text(missed), note, url, "danger" if missed else "", "gavel")


register_panel(
    LegalClock,
    Panel("words", pgettext_lazy("term", "In words"), "compliance/panels/words.html", rule_words, position=10),
)
register_next_actions(LegalClock, warn)
register_tile(Tile("compliance.late", gettext_lazy("Legal deadlines missed"), late_deadlines, VIEW, "orders", 6))
register_badge(NavigationBadge("late_law", lambda: running_duties().filter(late()), "danger"))
