"""By when we answer: policies with a preview, deadlines of channels, steps of escalation."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.display import moment_text
from core.ui import ModelAdmin, Tab, columns
from service.models import EscalationStep, InletKind, MallDeadline, SlaPolicy
from service.services.terms.reckoning import dues_of, mall_due
from staff.models import Language


def _chosen(label: Any, choices: Any) -> forms.TypedMultipleChoiceField:
    return forms.TypedMultipleChoiceField(
        label=label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple, empty_value=[],
        help_text=gettext_lazy("None chosen: all."),
    )  # fmt: skip


class SlaPolicyForm(forms.ModelForm):  # type: ignore[type-arg]
    """Kinds and languages as boxes to tick."""

    inlet_kinds = _chosen(gettext_lazy("Kinds of inlets"), InletKind.choices)
    languages = _chosen(gettext_lazy("Languages"), Language.choices)


def _minutes(name: str) -> Any:
    return lambda policy: "–" if (value := getattr(policy, name)) is None else value


@admin.register(SlaPolicy)
class SlaPolicyAdmin(ModelAdmin):
    """Within how many working minutes we answer whom."""

    few_rows = True
    form = SlaPolicyForm
    list_display = [
        columns.text("name", gettext_lazy("Policy"), order=True),
        columns.number("position", gettext_lazy("Position")),
        columns.computed("first", gettext_lazy("First answer"), _minutes("first_reply_minutes")),
        columns.computed("next", gettext_lazy("Next answer"), _minutes("next_reply_minutes")),
        columns.computed("resolve", gettext_lazy("Resolution"), _minutes("resolve_minutes")),
        columns.text("calendar", gettext_lazy("Work calendar")),
        columns.flag("is_active", gettext_lazy("Active")),
    ]
    list_select_related = ("calendar",)
    tabs = [
        Tab("active", pgettext_lazy("policy", "Active"), Q(is_active=True)),
        Tab("all", pgettext_lazy("policy", "All"), count=False),
    ]
    ordering = ["position", "id"]
    search_fields = ["name"]
    fields = [
        ("name", "position"),
        "inlet_kinds",
        "languages",
        ("least_priority", "tag"),
        ("calendar", "time_zone"),
        ("first_reply_minutes", "next_reply_minutes", "resolve_minutes"),
        "is_active",
    ]
    empty_title = gettext_lazy("No policies yet")
    empty_text = gettext_lazy("Say within how many working minutes which tickets are answered and resolved.")

    def facts(self, request: HttpRequest, obj: SlaPolicy) -> Sequence[tuple[Any, Any]]:
        """Return what the policy makes of a message of now, and of one at the end of a Friday."""
        now = timezone.now()
        return [
            (_("Written now"), _preview(obj, now)),
            (_("Written on a Friday at 17:45"), _preview(obj, _friday(obj))),
        ]


def _friday(policy: SlaPolicy) -> datetime:
    today = timezone.now().astimezone(ZoneInfo(policy.time_zone)).date()
    day = today + timedelta(days=(4 - today.weekday()) % 7)
    return datetime.combine(day, time(17, 45), tzinfo=ZoneInfo(policy.time_zone))


def _preview(policy: SlaPolicy, moment: datetime) -> str:
    dues = dues_of(policy, moment)
    named = [(_("first answer"), dues.first_reply), (_("next answer"), dues.next_reply), (_("resolved"), dues.resolve)]
    return " · ".join(f"{name} {moment_text(due)}" for name, due in named if due is not None) or "–"


@admin.register(MallDeadline)
class MallDeadlineAdmin(ModelAdmin):
    """By when the channels want their inquiries answered."""

    few_rows = True
    list_display = [
        columns.text("sales_channel", gettext_lazy("Sales channel"), order=True),
        columns.computed("kind", gettext_lazy("Kind of inlet"), lambda rule: rule.get_inlet_kind_display()),
        columns.computed("term", gettext_lazy("Within"), lambda rule: f"{rule.length} {rule.get_unit_display()}"),
        columns.flag("is_verified", gettext_lazy("Verified")),
        columns.flag("is_active", gettext_lazy("Active")),
    ]
    list_select_related = ("sales_channel",)
    ordering = ["sales_channel", "id"]
    fields = [
        ("sales_channel", "inlet_kind"),
        ("length", "unit"),
        "calendar",
        ("source", "is_verified"),
        "is_active",
    ]
    empty_title = gettext_lazy("No deadlines yet")
    empty_text = gettext_lazy("Enter what each mall’s manual says. Without a source a deadline is not verified.")

    def facts(self, request: HttpRequest, obj: MallDeadline) -> Sequence[tuple[Any, Any]]:
        """Return when what is written now is due, and whether anybody has read the source."""
        state = _("Verified") if obj.is_verified else _("Unverified: nobody has entered where the channel says so.")
        return [(_("Written now"), moment_text(mall_due(obj, timezone.now()))), (_("Source"), state)]


@admin.register(EscalationStep)
class EscalationStepAdmin(ModelAdmin):
    """Who hears of it before a ticket is late."""

    few_rows = True
    list_display = [
        columns.computed("term", gettext_lazy("Clock"), lambda step: step.get_term_display()),
        columns.number("minutes_before", gettext_lazy("Minutes before")),
        columns.flag("tells_assignee", gettext_lazy("Who has it")),
        columns.flag("tells_leads", gettext_lazy("Who directs")),
        columns.flag("raises_priority", gettext_lazy("Priority rises")),
        columns.flag("is_active", gettext_lazy("Active")),
    ]
    ordering = ["term", "-minutes_before", "id"]
    fields = [
        ("term", "minutes_before"),
        ("tells_assignee", "tells_leads", "raises_priority"),
        "is_active",
    ]
    empty_title = gettext_lazy("No steps yet")
    empty_text = gettext_lazy("Say who hears of a ticket that will be late. A step is taken once for each deadline.")
