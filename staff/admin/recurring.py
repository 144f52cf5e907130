"""Tasks that come back: how often, when next, with which brief."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget

from core.display import badge_html, moment_text
from core.ui import (
    ModelAdmin,
    NextAction,
    Panel,
    Tab,
    actor,
    columns,
    register_next_actions,
    register_panel,
    service_action,
)
from staff import policies, services
from staff.admin.editing import BriefAnswers
from staff.admin.people import PersonField
from staff.admin.status import task_badge, task_url
from staff.models import RecurringTask, Repeat, Task
from staff.selectors.briefs import missing_fields

DIRECT = "staff.direct_task"
RULE = {"repeat", "weekday", "day_of_month"}
PEOPLE = {"requester", "assignee"}
SHOWN = 6


class RecurringForm(forms.ModelForm):  # type: ignore[type-arg] # Django's own class takes no parameter
    """What comes back, and when; the questions of its kind once the template is known."""

    weekday = forms.TypedChoiceField(
        label=gettext_lazy("Weekday"),
        choices=[("", "–"), *WEEKDAYS.items()],
        coerce=int,
        empty_value=None,
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text=gettext_lazy("For every week."),
    )

    requester = PersonField(label=gettext_lazy("Requester"))
    assignee = PersonField(
        label=pgettext_lazy("task", "Assignee"),
        required=False,
        help_text=gettext_lazy("Empty: it waits in the queue of the template’s role."),
    )

    class Meta:
        model = RecurringTask
        fields: ClassVar[list[str]] = []
        help_texts: ClassVar[dict[str, Any]] = {
            "day_of_month": gettext_lazy("For every month; 31 is the last day, also of shorter months."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "brief" in self.fields:
            self.fields["brief"] = BriefAnswers(self.instance.template.kind, may_be_open=not self.instance.is_active)
        if "day_of_month" in self.fields:
            self.fields["day_of_month"].widget.attrs |= {"min": 1, "max": 31}

    def clean(self) -> dict[str, Any]:
        """Ask for the day that the rule needs."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("repeat") == Repeat.WEEKLY and data.get("weekday") is None:
            self.add_error("weekday", _("Choose the weekday."))
        day = data.get("day_of_month")
        if data.get("repeat") == Repeat.MONTHLY and day is None:
            self.add_error("day_of_month", _("Write the day of the month."))
        if day is not None and not 1 <= day <= 31:
            self.add_error("day_of_month", _("Write a day from 1 to 31."))
        return data


def rhythm_sentence(recurring: RecurringTask) -> str:
    """Return such as “Every Monday, next on 9 March”."""
    return _("%(rhythm)s, next on %(date)s") % {"rhythm": recurring.rhythm, "date": moment_text(recurring.next_on)}


def state_badge(recurring: RecurringTask) -> SafeString:
    """Return in words and colour whether it is opened by itself."""
    if recurring.problem and recurring.is_active:
        return badge_html(_("Not opened"), "red")
    return badge_html(_("Runs"), "green") if recurring.is_active else badge_html(_("Paused"), "grey")


def _running(rows: QuerySet[RecurringTask], request: HttpRequest) -> QuerySet[RecurringTask]:
    return rows.filter(is_active=True)


def _paused(rows: QuerySet[RecurringTask], request: HttpRequest) -> QuerySet[RecurringTask]:
    return rows.filter(is_active=False)


@admin.register(RecurringTask)
class RecurringTaskAdmin(ModelAdmin):
    """Set up what comes back; it is opened by the clock, or by hand."""

    form = RecurringForm
    list_display = [
        columns.two_lines("title", "template", gettext_lazy("Recurring task")),
        columns.text("rhythm", gettext_lazy("How often")),
        columns.computed(
            "assignee",
            pgettext_lazy("task", "Assignee"),
            lambda row: row.assignee or row.template.get_role_display(),
            related=("assignee", "template"),
        ),
        columns.moment(
            "next_on",
            gettext_lazy("Next on"),
            order=True,
            late=lambda row: row.is_active and row.next_on < timezone.localdate(),
        ),
        columns.computed("state", gettext_lazy("Status"), state_badge, css="fit"),
    ]
    list_select_related = ["template", "assignee"]
    ordering = ["next_on", "id"]
    search_fields = ["title"]
    list_filter = ["repeat", "template"]
    tabs = [
        Tab("running", pgettext_lazy("recurring", "Running"), _running, empty=gettext_lazy("Nothing comes back yet.")),
        Tab("paused", pgettext_lazy("recurring", "Paused"), _paused, empty=gettext_lazy("Nothing is paused.")),
        Tab(
            "problem",
            pgettext_lazy("recurring", "Not opened"),
            Q(is_active=True, problem__gt=""),
            empty=gettext_lazy("Everything was opened in time."),
            alert=True,
        ),
        Tab("all", pgettext_lazy("recurring", "All"), count=False),
    ]
    empty_title = gettext_lazy("No recurring tasks here")
    empty_text = gettext_lazy("Stock checks, weekly banners, monthly figures: what comes back is opened by itself.")

    class Media:
        css = {"all": ["backoffice/tasks.css", "backoffice/flow.css"]}

    def get_fieldsets(self, request: HttpRequest, obj: RecurringTask | None = None) -> Any:
        """Ask for the template first: its kind decides the questions of the brief."""
        who, when = ("requester", "assignee"), ("repeat", ("weekday", "day_of_month"), "due_after_days")
        if obj is None:
            return [(None, {"fields": ["title", "template", who, *when]})]
        return [(None, {"fields": ["title", "brief", who, *when]})]

    def get_readonly_fields(self, request: HttpRequest, obj: RecurringTask | None = None) -> Sequence[str]:
        """Offer people by name also to who may not see their accounts."""
        return [name for name in super().get_readonly_fields(request, obj) if name not in PEOPLE]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Propose oneself as the requester."""
        return {"requester": actor(request).pk, "repeat": Repeat.WEEKLY, **super().get_changeform_initial_data(request)}

    def save_model(self, request: HttpRequest, obj: RecurringTask, form: Any, change: Any) -> None:
        """Plan the next day by the rule; a new one is paused until its brief is answered."""
        if not change:
            obj.is_active = False
            services.plan_recurring(obj)
        super().save_model(request, obj, form, change)
        if change and RULE & set(form.changed_data):
            services.plan_recurring(obj)
            obj.save(update_fields=["next_on"])

    def response_add(self, request: HttpRequest, obj: RecurringTask, post_url_continue: Any = None) -> HttpResponse:
        """Go on with the questions of the brief."""
        response: HttpResponse = super().response_add(request, obj, post_url_continue)
        if "_popup" in request.POST or "_addanother" in request.POST:
            return response
        return HttpResponseRedirect(reverse("admin:staff_recurringtask_change", args=[obj.pk]))

    def facts(self, request: HttpRequest, obj: RecurringTask) -> Sequence[tuple[Any, Any]]:
        """Say how often, when next, and who gets it."""
        return [
            (_("Status"), state_badge(obj)),
            (_("How often"), rhythm_sentence(obj) if obj.is_active else obj.rhythm),
            (pgettext_lazy("task", "Kind"), obj.template.get_kind_display()),
            (pgettext_lazy("task", "Template"), obj.template),
            (pgettext_lazy("task", "Assignee"), obj.assignee or obj.template.get_role_display()),
        ]

    @service_action(
        pgettext_lazy("recurring", "Let it run"),
        permission=DIRECT,
        icon="play_arrow",
        variant="primary",
        question=gettext_lazy("Open it by itself from today on?"),
        available=lambda user, row: not row.is_active and policies.can_direct_tasks(user),
    )
    def resume(self, request: HttpRequest, obj: RecurringTask, data: dict[str, Any]) -> str:
        """Let the clock open it."""
        return f"{rhythm_sentence(services.resume_recurring(recurring_id=obj.pk, actor=actor(request)))}."

    @service_action(
        pgettext_lazy("recurring", "Open now"),
        permission=DIRECT,
        icon="bolt",
        question=gettext_lazy("Open one today, whatever day it is? The rhythm stays."),
        available=lambda user, row: policies.can_direct_tasks(user),
    )
    def open_now(self, request: HttpRequest, obj: RecurringTask, data: dict[str, Any]) -> str:
        """Open today's."""
        return _("%(number)s is open.") % {
            "number": services.open_now(recurring_id=obj.pk, actor=actor(request)).number
        }

    @service_action(
        pgettext_lazy("recurring", "Pause"),
        permission=DIRECT,
        icon="pause",
        question=gettext_lazy("Open no more of it until somebody lets it run again?"),
        available=lambda user, row: row.is_active and policies.can_direct_tasks(user),
    )
    def pause(self, request: HttpRequest, obj: RecurringTask, data: dict[str, Any]) -> str:
        """Let it rest."""
        services.pause_recurring(recurring_id=obj.pk, actor=actor(request))
        return _("It is paused.")


def opened_panel(request: HttpRequest, recurring: RecurringTask) -> dict[str, Any]:
    """Give the latest tasks that it opened."""
    tasks = Task.objects.filter(recurring=recurring).select_related("assignee").defer("brief", "search_text")
    latest = tasks.order_by("-occurs_on")[:SHOWN]
    return {"tasks": [(task, task_badge(task), task_url(task)) for task in latest]}


def next_for_recurring(request: HttpRequest, recurring: RecurringTask) -> list[NextAction]:
    """Say why it is not opened."""
    found = []
    if recurring.problem:
        found.append(NextAction(_("It could not be opened: %(why)s") % {"why": recurring.problem}, level="danger"))
    missing = missing_fields(recurring.template.kind, recurring.brief)
    if missing:
        sentence = _("Answer first, then let it run: %(fields)s.") % {"fields": ", ".join(missing)}
        found.append(NextAction(sentence, level="warning"))
    elif not recurring.is_active:
        found.append(NextAction(_("It is paused: nothing is opened by itself.")))
    return found


register_panel(
    RecurringTask,
    Panel("opened", gettext_lazy("Opened last"), "staff/panels/opened.html", opened_panel, "staff.view_task"),
)
register_next_actions(RecurringTask, next_for_recurring)
