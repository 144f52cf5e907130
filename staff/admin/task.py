"""The task list with its work tabs, and the page of one task."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.display import badge_html, moment_text
from core.money import format_money
from core.ui import ModelAdmin, Tab, actor, columns
from staff import policies, services
from staff.admin.buttons import BulkButtons, DirectButtons, WorkButtons
from staff.admin.editing import TaskForm
from staff.admin.parts import change_part
from staff.admin.status import COLOURS, about_html, priority_badge, task_badge
from staff.models import OPEN_STATUSES, Task, TaskKind, TaskStatus
from staff.selectors import roles_of
from staff.selectors.waiting import tasks_waiting_for


def _mine(rows: QuerySet[Task], request: HttpRequest) -> QuerySet[Task]:
    return rows.filter(assignee=actor(request), status__in=OPEN_STATUSES)


def _unclaimed(rows: QuerySet[Task], request: HttpRequest) -> QuerySet[Task]:
    """Return the queue: all of it for who directs, else what waits for one's own roles."""
    user, waiting = actor(request), rows.filter(status=TaskStatus.SUBMITTED)
    return waiting if policies.can_direct_tasks(user) else waiting.filter(role__in=roles_of(user))


def _to_decide(rows: QuerySet[Task], request: HttpRequest) -> QuerySet[Task]:
    user = actor(request)
    return rows & tasks_waiting_for(user, roles=roles_of(user))  # a subquery of keys would be planned as a scan


def _drafts(rows: QuerySet[Task], request: HttpRequest) -> QuerySet[Task]:
    return rows.filter(status=TaskStatus.DRAFT, requester=actor(request))


def _requested(rows: QuerySet[Task], request: HttpRequest) -> QuerySet[Task]:
    return rows.filter(requester=actor(request), status__in=[*OPEN_STATUSES, TaskStatus.APPROVED])


def _overdue(rows: Any, request: HttpRequest) -> QuerySet[Task]:
    found: QuerySet[Task] = rows.overdue()
    return found


def _open(rows: Any, request: HttpRequest) -> QuerySet[Task]:
    found: QuerySet[Task] = rows.open()
    return found


MINE = Tab("mine", _("Mine"), _mine, empty=_("You have no open task. Look at the unclaimed ones."))
UNCLAIMED = Tab("unclaimed", TaskStatus.SUBMITTED.label, _unclaimed, empty=_("Every task is taken. Well done."))
TABS = [
    Tab("decide", _("For my decision"), _to_decide, empty=_("Nothing waits for your decision.")),
    Tab("overdue", _("Overdue"), _overdue, empty=_("Nothing is overdue. Well done."), alert=True),
    Tab("requested", _("Requested by me"), _requested, empty=_("You have no open request.")),
    Tab("open", pgettext_lazy("tasks", "Open"), _open, empty=_("No task is open.")),
    Tab("drafts", _("My drafts"), _drafts, empty=_("You have no draft.")),
    Tab("all", pgettext_lazy("tasks", "All"), count=False),
]


@admin.register(Task)
class TaskAdmin(BulkButtons, DirectButtons, WorkButtons, ModelAdmin):
    """Find, take, give and follow tasks; a new one is asked for on the request page."""

    form = TaskForm
    list_display = [
        columns.two_lines("title", "number", pgettext_lazy("work", "Task")),
        columns.computed("kind", pgettext_lazy("task", "Kind"), lambda task: TaskKind(task.kind).label),
        columns.badge("status", _("Status"), colours=COLOURS),
        columns.computed("priority", pgettext_lazy("task", "Priority"), priority_badge, order="priority", css="fit"),
        columns.computed(
            "assignee", pgettext_lazy("task", "Assignee"), lambda task: task.assignee or "–", related=("assignee",)
        ),
        columns.moment("due_at", pgettext_lazy("deadline", "Due"), order=True, late=lambda task: bool(task.is_overdue)),
    ]
    ordering = ["-priority", "due_at", "-id"]
    list_filter = ["kind", "role", "priority", "status", "assignee"]
    filter_lookups = [
        "requester__id__exact",
        "group__id__exact",
        "recurring__id__exact",
        "subject_type__id__exact",
        "subject_id__exact",
    ]
    exact_search_fields = ["number"]
    tabs = [MINE, UNCLAIMED, *TABS]
    empty_title = _("No tasks here")
    empty_text = _("Request work, or choose another tab or filter.")

    class Media:
        css = {"all": ["backoffice/tasks.css", "backoffice/flow.css"]}

    def get_tabs(self, request: HttpRequest) -> Sequence[Tab]:
        """Return the queue first for who directs, one's own work first for everybody else."""
        first = [UNCLAIMED, MINE] if policies.can_direct_tasks(actor(request)) else [MINE, UNCLAIMED]
        return [*first, *TABS]

    def get_ordering(self, request: HttpRequest) -> Sequence[str]:
        """Return the newest first where everything is listed: the most pressing of all times is of no use, and slow."""
        return ["-id"] if request.GET.get("tab") == "all" or request.GET.get("q") else self.ordering

    def get_list_display(self, request: HttpRequest) -> Sequence[Any]:
        """Add what the task is about: a link for who may open it."""
        about = columns.computed("about", pgettext_lazy("task", "About"), lambda task: about_html(request, task))
        return [*self.list_display, about]

    def for_display(self, request: HttpRequest, queryset: QuerySet[Task]) -> QuerySet[Task]:
        """Leave out what no column shows."""
        return queryset.defer("brief", "search_text")

    # --- asking for work

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Lead to the request page."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        return HttpResponseRedirect(reverse("admin:staff_task_request"))

    # --- one task

    def has_change_permission(self, request: HttpRequest, obj: Task | None = None) -> bool:
        """Tell whether this person may change what is asked."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or policies.may_edit_request(actor(request), obj))

    def get_fieldsets(self, request: HttpRequest, obj: Task | None = None) -> Any:
        """Return the form, folded up, for who may change the request; others read it above."""
        if obj is None or not self.has_change_permission(request, obj):
            return []
        asked = ["title", "brief", ("priority", "role"), ("estimate_minutes", "go_live_on"), "watcher_ids"]
        told = [("shown_price", "shown_currency"), ("shown_from", "shown_until"), ("usage_rights", "rights_until")]
        return [
            (_("Change the request"), {"classes": ["collapse"], "fields": asked}),
            (_("What customers are told"), {"classes": ["collapse"], "fields": told}),
        ]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Leave out the button that would open a plain form."""
        context = {**(extra_context or {}), "show_save_and_add_another": False}
        return super().changeform_view(request, object_id, form_url, context)

    def facts(self, request: HttpRequest, obj: Task) -> Sequence[tuple[Any, Any]]:
        """Return the state first, then who, until when, about what."""
        due = columns.moment("due_at", "", late=lambda task: bool(task.is_overdue))(obj)
        shown: list[tuple[Any, Any]] = [
            (_("Status"), task_badge(obj)),
            (pgettext_lazy("task", "Kind"), obj.get_kind_display()),
            (pgettext_lazy("task", "Priority"), priority_badge(obj)),
            (pgettext_lazy("task", "Assignee"), obj.assignee or badge_html(obj.get_role_display(), "violet")),
            (_("Requester"), obj.requester),
        ]
        optional = [
            (pgettext_lazy("deadline", "Due"), due),
            (_("Goes live"), moment_text(obj.go_live_on) if obj.go_live_on else ""),
            (pgettext_lazy("task", "About"), about_html(request, obj)),
            (_("Price shown"), format_money(obj.shown_price, obj.shown_currency)),
            (_("Shown"), _period(obj.shown_from, obj.shown_until)),
            (_("Usage rights"), _rights(obj)),
        ]
        return [*shown, *((label, value) for label, value in optional if value)]

    def save_model(self, request: HttpRequest, obj: Task, form: Any, change: Any) -> None:
        """Change the request through the service, so that the timeline tells it."""
        changes = {name: form.cleaned_data[name] for name in form.changed_data if name in form.cleaned_data}
        watchers = changes.pop("watcher_ids", None)
        if {"shown_price", "shown_currency"} & set(changes):  # one makes no sense without the other
            changes |= {name: form.cleaned_data[name] for name in ("shown_price", "shown_currency")}
        if changes or watchers is not None:
            services.edit_task(task_id=obj.pk, changes=changes, watcher_ids=watchers, actor=actor(request))

    def get_urls(self) -> list[URLPattern]:
        """Add the address of what is changed beside the form: ticks, comments, files."""
        view = self.admin_site.admin_view(self.part_view)
        return [path("<int:task_id>/part/<slug:name>/", view, name="staff_task_part"), *super().get_urls()]

    def part_view(self, request: HttpRequest, task_id: int, name: str) -> HttpResponse:
        """Change one part of a task that this person may meet."""
        return change_part(self, request, task_id, name)


def _period(start: Any, end: Any) -> Any:
    if not start and not end:
        return ""
    return format_html("{} – {}", moment_text(start) if start else "", moment_text(end) if end else "")


def _rights(task: Task) -> str:
    until = _("until %(day)s") % {"day": moment_text(task.rights_until)} if task.rights_until else ""
    return " · ".join(text for text in (task.usage_rights, until) if text)
