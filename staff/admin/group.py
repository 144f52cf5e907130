"""Groups of tasks with one go-live date: can it be kept, and what decides that?"""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from core.display import badge_html, moment_text
from core.ui import (
    ActionForm,
    BulkOutcome,
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
from core.ui.changelist import ChangeList
from staff import services
from staff.admin.durations import minutes_text
from staff.admin.forms import DayInput
from staff.admin.offering import offer_tasks
from staff.admin.people import PersonField
from staff.admin.status import COLOURS, task_url
from staff.models import Task, TaskGroup, TaskKind
from staff.selectors.gantt import gantt_of
from staff.selectors.group_plans import GroupPlan, GroupTask, group_plan, group_plans
from staff.selectors.working_time import working_time

DIRECT = "staff.direct_task"


class GroupForm(forms.ModelForm):  # type: ignore[type-arg] # Django's own class takes no parameter
    """What a group is called, and who is responsible."""

    owner = PersonField(label=gettext_lazy("Owner"))

    class Meta:
        model = TaskGroup
        fields: ClassVar[list[str]] = []


class GoLiveForm(ActionForm):
    """The new date."""

    go_live_on = forms.DateField(label=gettext_lazy("Goes live on"), widget=DayInput)


class NumbersForm(ActionForm):
    """Tasks by their numbers."""

    numbers = forms.CharField(
        label=gettext_lazy("Numbers of the tasks"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2, "autofocus": True}),
        help_text=gettext_lazy("Such as T-12, T-15: separated by commas, spaces or lines."),
    )

    def clean_numbers(self) -> list[int]:
        """Return the ids of the tasks; name the numbers that nobody knows."""
        wanted = list(dict.fromkeys(self.cleaned_data["numbers"].replace(",", " ").upper().split()))
        known = dict(Task.objects.filter(number__in=wanted).values_list("number", "pk"))
        unknown = [number for number in wanted if number not in known]
        if unknown:
            raise forms.ValidationError(_("There is no task %(numbers)s.") % {"numbers": ", ".join(unknown[:5])})
        return [known[number] for number in wanted]


def plan_of_group(group: TaskGroup) -> GroupPlan:
    """Return the plan, computed once for a row of a page."""
    known: GroupPlan | None = group.__dict__.get("plan")
    if known is None:
        known = group.__dict__["plan"] = group_plan(group)
    return known


def risk_badge(plan: GroupPlan) -> SafeString:
    """Return in words and colour whether the go-live date can be kept."""
    if plan.group.closed_at is not None:
        return badge_html(_("Closed"), "grey")
    if not plan.total_count:
        return badge_html(_("No tasks yet"), "grey")
    if plan.is_done:
        return badge_html(_("All done"), "green")
    if not plan.plan.is_kept:
        return badge_html(_("Too late"), "red")
    return badge_html(_("Tight"), "amber") if plan.is_tight else badge_html(_("On time"), "green")


def progress_html(plan: GroupPlan) -> SafeString:
    """Return how many tasks are done, in numbers and as a bar."""
    total = plan.total_count
    return format_html(
        '<span class="share"><i class="progress"><i style="width: {}%"></i></i>{} / {}</span>',
        round(100 * plan.done_count / total) if total else 0,
        plan.done_count,
        total,
    )


class GroupChangeList(ChangeList):
    """Computes the plans of all groups on the page at once."""

    def get_results(self, request: HttpRequest) -> None:
        """Fetch the page, then give each group its plan."""
        super().get_results(request)
        groups = [row for row in self.result_list if isinstance(row, TaskGroup)]
        plans = group_plans(groups)
        for group in groups:
            group.__dict__["plan"] = plans[group.pk]


def _running(rows: QuerySet[TaskGroup], request: HttpRequest) -> QuerySet[TaskGroup]:
    return rows.filter(closed_at=None)


def _closed(rows: QuerySet[TaskGroup], request: HttpRequest) -> QuerySet[TaskGroup]:
    return rows.exclude(closed_at=None)


@admin.register(TaskGroup)
class TaskGroupAdmin(ModelAdmin):
    """Follow groups, move their date, bring tasks in."""

    form = GroupForm

    list_display = [
        columns.two_lines("name", "owner", gettext_lazy("Task group")),
        columns.moment("go_live_on", gettext_lazy("Goes live on"), order=True),
        columns.computed("progress", pgettext_lazy("tasks", "Done"), lambda group: progress_html(plan_of_group(group))),
        columns.computed(
            "risk", gettext_lazy("Go-live date"), lambda group: risk_badge(plan_of_group(group)), css="fit"
        ),
    ]
    list_select_related = ["owner"]
    ordering = ["go_live_on", "id"]
    search_fields = ["name"]
    tabs = [
        Tab("running", pgettext_lazy("groups", "Running"), _running, empty=gettext_lazy("No group is running.")),
        Tab("closed", pgettext_lazy("groups", "Closed"), _closed, empty=gettext_lazy("No group was closed yet.")),
        Tab("all", pgettext_lazy("groups", "All"), count=False),
    ]
    empty_title = gettext_lazy("No groups here")
    empty_text = gettext_lazy(
        "A group gathers the tasks of a campaign or launch and shows whether its date can be kept."
    )

    class Media:
        css = {"all": ["backoffice/tasks.css", "backoffice/flow.css"]}

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Return the list that knows the plans."""
        return GroupChangeList

    def get_fieldsets(self, request: HttpRequest, obj: TaskGroup | None = None) -> Any:
        """Ask for the date when the group is made; later it moves by its button."""
        if obj is None:
            return [(None, {"fields": ["name", "go_live_on", "owner", "note"]})]
        return [(_("Name, owner, note"), {"classes": ["collapse"], "fields": ["name", "owner", "note"]})]

    def get_readonly_fields(self, request: HttpRequest, obj: TaskGroup | None = None) -> Sequence[str]:
        """Offer people by name also to who may not see their accounts."""
        return [name for name in super().get_readonly_fields(request, obj) if name != "owner"]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Propose oneself as the owner."""
        return {"owner": actor(request).pk, **super().get_changeform_initial_data(request)}

    def save_model(self, request: HttpRequest, obj: TaskGroup, form: Any, change: Any) -> None:
        """Make or change the group through its service."""
        if change:
            said = {name: form.cleaned_data[name] for name in ("name", "note") if name in form.changed_data}
            owner_id = obj.owner_id if "owner" in form.changed_data else None
            services.edit_group(group_id=obj.pk, owner_id=owner_id, actor=actor(request), **said)
            return
        made = services.create_group(
            name=obj.name, go_live_on=obj.go_live_on, note=obj.note, owner_id=obj.owner_id, actor=actor(request)
        )
        obj.pk = made.pk

    def facts(self, request: HttpRequest, obj: TaskGroup) -> Sequence[tuple[Any, Any]]:
        """Return the date, whether it can be kept, how far the work is."""
        plan = plan_of_group(obj)
        shown: list[tuple[Any, Any]] = [
            (_("Goes live on"), moment_text(obj.go_live_on)),
            (_("Go-live date"), risk_badge(plan)),
            (pgettext_lazy("tasks", "Done"), f"{plan.done_count} / {plan.total_count}"),
        ]
        if not plan.is_done:
            shown.append((_("Done at the earliest"), moment_text(plan.plan.ends_at)))
            shown.append((_("Time to spare") if plan.slack >= 0 else _("Too late by"), minutes_text(abs(plan.slack))))
        return [*shown, (_("Owner"), obj.owner)]

    @service_action(
        gettext_lazy("Move the date"),
        permission=DIRECT,
        form=GoLiveForm,
        icon="event_upcoming",
        variant="primary",
        submit=gettext_lazy("Move"),
        question=gettext_lazy("Deadlines planned back from the old date move with it; those set by hand stay."),
        initial=lambda request, group: {"go_live_on": group.go_live_on},
        available=lambda user, group: group.closed_at is None,
    )
    def move(self, request: HttpRequest, obj: TaskGroup, data: dict[str, Any]) -> str:
        """Give it another go-live date."""
        moved = services.move_go_live(group_id=obj.pk, go_live_on=data["go_live_on"], actor=actor(request))
        count = len(moved.replanned)
        sentence = ngettext("%(count)s deadline moved", "%(count)s deadlines moved", count) % {"count": count}
        stayed = len(moved.kept)
        if stayed:
            sentence += ", " + ngettext("%(count)s stayed", "%(count)s stayed", stayed) % {"count": stayed}
        return f"{sentence}."

    @service_action(
        gettext_lazy("Bring tasks in"),
        permission=DIRECT,
        form=NumbersForm,
        icon="playlist_add",
        submit=gettext_lazy("Bring in"),
        available=lambda user, group: group.closed_at is None,
    )
    def bring_in(self, request: HttpRequest, obj: TaskGroup, data: dict[str, Any]) -> Any:
        """Bring existing tasks in."""
        report = services.add_tasks_to_group(group_id=obj.pk, task_ids=data["numbers"], actor=actor(request))
        return BulkOutcome(len(report.done), [(row.number, row.reason) for row in report.refused]).answer()

    @service_action(
        gettext_lazy("Take tasks out"),
        permission=DIRECT,
        form=NumbersForm,
        icon="playlist_remove",
        submit=gettext_lazy("Take out"),
        available=lambda user, group: group.closed_at is None,
    )
    def take_out(self, request: HttpRequest, obj: TaskGroup, data: dict[str, Any]) -> Any:
        """Take tasks out."""
        report = services.remove_tasks_from_group(group_id=obj.pk, task_ids=data["numbers"], actor=actor(request))
        return BulkOutcome(len(report.done), [(row.number, row.reason) for row in report.refused]).answer()

    @service_action(
        pgettext_lazy("group", "Close"),
        permission=DIRECT,
        icon="archive",
        question=gettext_lazy("Take the group from the list of running ones?"),
        available=lambda user, group: group.closed_at is None,
    )
    def close(self, request: HttpRequest, obj: TaskGroup, data: dict[str, Any]) -> str:
        """Close what is done."""
        services.close_group(group_id=obj.pk, actor=actor(request))
        return _("%(name)s is closed.") % {"name": obj.name}

    @service_action(
        pgettext_lazy("group", "Open again"),
        permission=DIRECT,
        icon="unarchive",
        question=gettext_lazy("Let the group run again?"),
        available=lambda user, group: group.closed_at is not None,
    )
    def reopen(self, request: HttpRequest, obj: TaskGroup, data: dict[str, Any]) -> str:
        """Let it run again."""
        services.reopen_group(group_id=obj.pk, actor=actor(request))
        return _("%(name)s is running again.") % {"name": obj.name}


def _words(row: GroupTask) -> str:
    """Return what is left of a task, and how much later it may end."""
    if row.planned is None:
        return ""
    sentence = (
        _("%(left)s left, %(slack)s to spare") if row.planned.slack >= 0 else _("%(left)s left, %(slack)s too late")
    )
    return sentence % {"left": minutes_text(row.minutes_left), "slack": minutes_text(abs(row.planned.slack))}


def gantt_panel(request: HttpRequest, group: TaskGroup) -> dict[str, Any]:
    """Give the tasks in order along the days."""
    plan, shop = plan_of_group(group), working_time()
    chart = gantt_of(plan, shop, now=timezone.now())
    rows = [
        {
            "bar": bar,
            "task": bar.row.task,
            "url": task_url(bar.row.task),
            "badge": badge_html(bar.row.task.get_status_display(), COLOURS[bar.row.task.status]),
            "words": _words(bar.row),
        }
        for bar in chart.bars
    ]
    return {"chart": chart, "rows": rows}


def next_for_group(request: HttpRequest, group: TaskGroup) -> list[NextAction]:
    """Say when the date cannot be kept, and which tasks decide that."""
    if group.closed_at is not None:
        return []
    plan = plan_of_group(group)
    if plan.is_done or plan.plan.is_kept:
        return []
    sentence = _("Going on like this, everything is done %(end)s: too late by %(minutes)s of working time.") % {
        "end": moment_text(plan.plan.ends_at),
        "minutes": minutes_text(-plan.slack),
    }
    numbers = ", ".join(row.task.number for row in plan.critical)
    first = plan.critical[0].task if plan.critical else None
    url = task_url(first) if first else reverse("admin:staff_taskgroup_changelist")
    return [NextAction(f"{sentence} " + _("What decides it: %(tasks)s.") % {"tasks": numbers}, url, "danger")]


offer_tasks(TaskGroup, list(TaskKind))
# instead of the list of tasks about the row: its own tasks, as a plan
register_panel(
    TaskGroup,
    Panel("tasks", gettext_lazy("Plan"), "staff/panels/gantt.html", gantt_panel, wide=True, above=True, position=10),
)
register_next_actions(TaskGroup, next_for_group)
