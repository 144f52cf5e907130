"""State and priority of a task as badges, and links to what it is about: the same wherever they are shown."""

from typing import Any

from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.display import badge_html
from staff.models import Priority, Task, TaskStatus

COLOURS: dict[str, str] = {
    TaskStatus.DRAFT: "grey",
    TaskStatus.SUBMITTED: "violet",
    TaskStatus.ASSIGNED: "blue",
    TaskStatus.IN_PROGRESS: "blue",
    TaskStatus.IN_REVIEW: "amber",
    TaskStatus.CHANGES_REQUESTED: "red",
    TaskStatus.APPROVED: "green",
    TaskStatus.DELIVERED: "green",
    TaskStatus.LIVE: "green",
    TaskStatus.RETIRED: "grey",
    TaskStatus.ON_HOLD: "amber",
    TaskStatus.CANCELLED: "grey",
}
PRIORITY_COLOURS: dict[int, str] = {
    Priority.LOW: "grey",
    Priority.NORMAL: "grey",
    Priority.HIGH: "amber",
    Priority.URGENT: "red",
}


def task_badge(task: Task) -> SafeString:
    """Return the task's state in words, in its colour."""
    return badge_html(TaskStatus(task.status).label, COLOURS[task.status])


def priority_badge(task: Task) -> SafeString:
    """Return how much the task presses, in its colour."""
    return badge_html(Priority(task.priority).label, PRIORITY_COLOURS[task.priority])


def task_url(task: Task) -> str:
    """Return the address of the task's page."""
    return reverse("admin:staff_task_change", args=[task.pk])


def proof_url(task: Task) -> str:
    """Return the address of the page where its versions are uploaded and judged, empty when there is none."""
    try:
        return reverse("admin:staff_proof", args=[task.pk])
    except NoReverseMatch:
        return ""


def subject_admin(subject_type_id: int | None) -> Any:
    """Return the admin of what tasks of this type are about, None when it has no page."""
    model = ContentType.objects.get_for_id(subject_type_id).model_class() if subject_type_id else None
    return admin.site._registry.get(model) if model else None  # noqa: SLF001 by model, without an exception


def about_html(request: HttpRequest, task: Task) -> SafeString | str:
    """Return what the task is about: a link for who may open it, else its words."""
    model_admin = subject_admin(task.subject_type_id)
    if model_admin is None or not model_admin.has_view_or_change_permission(request):
        return task.subject_label
    opts = model_admin.opts
    url = reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[task.subject_id])
    return format_html('<a href="{}">{}</a>', url, task.subject_label)
