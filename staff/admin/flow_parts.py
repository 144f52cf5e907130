"""The panels of a task's page about time and about what it waits for, and what is pressed there."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.errors import InvalidInput
from core.ui import Panel, actor, register_panel
from staff import policies, services
from staff.admin.durations import minutes_text
from staff.admin.status import task_badge, task_url
from staff.models import Task, TaskDependency, TaskStatus
from staff.selectors.time_spent import timers_for
from staff.services.work.moving import TIMED_STATUSES

SHOWN = 12  # time entries


class TimeForm(forms.Form):
    """When one worked on it, and how long."""

    started_at = forms.DateTimeField()
    minutes = forms.IntegerField(min_value=1, max_value=1440)


def time_panel(request: HttpRequest, task: Task) -> dict[str, Any] | None:
    """Give the timer, the sum against the estimate, and the latest entries; own ones may be put right."""
    user = actor(request)
    entries = list(task.time_entries.select_related("user").order_by("-started_at")[:SHOWN])
    may_work = policies.may_work_on(user, task) and task.status not in {TaskStatus.DRAFT, TaskStatus.SUBMITTED}
    if not entries and not may_work:
        return None
    timer = timers_for(user, [task])[task.pk]
    return {
        "timer": timer,
        "may_start": may_work and task.status in TIMED_STATUSES,
        "may_add": may_work,
        "spent": minutes_text(timer.minutes_spent),
        "estimate": minutes_text(timer.estimate_minutes),
        "entries": [(entry, minutes_text(entry.minutes), entry.user_id == user.pk) for entry in entries],
        "now": timezone.localtime(),
        **_urls(task, "start-timer", "stop-timer", "add-time", "change-time", "remove-time"),
    }


def waiting_panel(request: HttpRequest, task: Task) -> dict[str, Any] | None:
    """Give what this task waits for and what waits for it; who may edit the request changes the first."""
    may_edit = policies.may_edit_request(actor(request), task)
    before = _rows(TaskDependency.objects.filter(task=task), "depends_on")
    after = _rows(TaskDependency.objects.filter(depends_on=task), "task")
    if not before and not after and not may_edit:
        return None
    return {
        "before": before,
        "after": after,
        "may_edit": may_edit,
        **_urls(task, "add-dependency", "remove-dependency"),
    }


def _rows(edges: "QuerySet[TaskDependency]", side: str) -> list[tuple[Task, Any, str]]:
    tasks = [getattr(edge, side) for edge in edges.select_related(side).order_by(f"{side}__number")[:50]]
    return [(task, task_badge(task), task_url(task)) for task in tasks]


def _urls(task: Task, *names: str) -> dict[str, str]:
    return {f"{name.replace('-', '_')}_url": reverse("admin:staff_task_part", args=[task.pk, name]) for name in names}


# --- what is pressed


def _start(request: HttpRequest, task: Task) -> None:
    services.start_timer(task_id=task.pk, actor=actor(request))


def _stop(request: HttpRequest, task: Task) -> None:
    services.stop_timer(actor=actor(request))


def _add(request: HttpRequest, task: Task) -> None:
    services.add_time(task_id=task.pk, actor=actor(request), **_time(request))


def _change(request: HttpRequest, task: Task) -> None:
    services.change_time(entry_id=_entry(request, task), actor=actor(request), **_time(request))


def _remove(request: HttpRequest, task: Task) -> None:
    services.remove_time(entry_id=_entry(request, task), actor=actor(request))


def _add_dependency(request: HttpRequest, task: Task) -> None:
    services.add_dependency(task_id=task.pk, depends_on_id=_other(request), actor=actor(request))


def _remove_dependency(request: HttpRequest, task: Task) -> None:
    services.remove_dependency(task_id=task.pk, depends_on_id=_other(request), actor=actor(request))


def _time(request: HttpRequest) -> dict[str, Any]:
    form = TimeForm(request.POST)
    if not form.is_valid():
        raise InvalidInput(_("Write when it started and how many minutes it took, from 1 to 1440."))
    return form.cleaned_data


def _entry(request: HttpRequest, task: Task) -> int:
    value = request.POST.get("item", "")
    known = value.isascii() and value.isdigit() and len(value) <= 18
    if not known or not task.time_entries.filter(pk=int(value)).exists():
        raise Http404
    return int(value)


def _other(request: HttpRequest) -> int:
    if not request.user.has_perm("staff.view_task"):
        raise PermissionDenied
    number = request.POST.get("number", "").strip().upper()[:20]
    other = None if "\x00" in number else Task.objects.filter(number=number).first()
    if other is None:
        raise InvalidInput(_("There is no task %(numbers)s.") % {"numbers": number or "–"})
    return int(other.pk)


# name in the address -> (panel that shows it, what is done); served by staff.admin.parts
FLOW_PARTS: Mapping[str, tuple[str, Callable[[HttpRequest, Task], None]]] = {
    "start-timer": ("time", _start),
    "stop-timer": ("time", _stop),
    "add-time": ("time", _add),
    "change-time": ("time", _change),
    "remove-time": ("time", _remove),
    "add-dependency": ("waiting", _add_dependency),
    "remove-dependency": ("waiting", _remove_dependency),
}

register_panel(
    Task,
    Panel("time", pgettext_lazy("task", "Time"), "staff/panels/time.html", time_panel, position=45),
)
register_panel(
    Task,
    Panel("waiting", gettext_lazy("Order of work"), "staff/panels/waiting.html", waiting_panel, position=55),
)
