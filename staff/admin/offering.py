"""Asking for work from any page: upper apps call ``offer_tasks``, their pages get the button and the list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.exceptions import NotRegistered
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db.models import F, Model
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.ui import Panel, link_action, register_action, register_panel
from staff.admin.status import task_badge
from staff.models import OPEN_STATUSES, TaskKind
from staff.selectors.subjects import tasks_about

SHOWN = 8
_offered: dict[str, tuple[TaskKind, ...]] = {}


@dataclass(frozen=True)
class About:
    """What a request is about: the row, its words for the address, the kinds its page offers."""

    row: Model
    key: str
    kinds: tuple[TaskKind, ...]


def offer_tasks(model: type[Model], kinds: Sequence[TaskKind]) -> None:
    """Give the pages of ``model`` the button “Request work” and the panel of tasks about the row.

    ``kinds`` are what makes sense to ask there, the most usual first; with one kind the button leads to its form.
    """
    _offered[model._meta.label_lower] = tuple(kinds)
    register_action(
        model,
        link_action(
            "request_work",
            gettext_lazy("Request work"),
            permission="staff.add_task",
            icon="add_task",
            link=request_url,
        ),
    )
    register_panel(
        model,
        Panel(
            "tasks",
            pgettext_lazy("work", "Tasks"),
            "staff/panels/about.html",
            tasks_panel,
            "staff.view_task",
            position=150,
        ),
    )


def request_url(row: Model) -> str:
    """Return the address of the request page about ``row``."""
    kinds = _offered.get(row._meta.label_lower, ())
    query = {"about": about_key(row), **({"kind": kinds[0].value} if len(kinds) == 1 else {})}
    return f"{reverse('admin:staff_task_request')}?{urlencode(query)}"


def about_key(row: Model) -> str:
    """Return ``app.model:id``."""
    return f"{row._meta.label_lower}:{row.pk}"


def about_of(request: HttpRequest, key: str) -> About | None:
    """Return the row that ``app.model:id`` names, None for an empty key.

    Only rows of models that offer tasks, and that this person may meet: 404 for others, 403 without the right to view.
    """
    if not key:
        return None
    label, _colon, number = key.partition(":")
    if label not in _offered or not (number.isascii() and number.isdigit() and len(number) <= 18):
        raise Http404
    try:
        model_admin: Any = admin.site.get_model_admin(apps.get_model(label))
    except NotRegistered:
        raise Http404 from None
    if not model_admin.has_view_or_change_permission(request):
        raise PermissionDenied
    row = model_admin.get_object(request, number)
    if row is None:
        raise Http404
    return About(row, key, _offered[label])


def tasks_panel(request: HttpRequest, row: Model) -> dict[str, Any]:
    """Give the tasks about this row, those that are open first."""
    tasks = tasks_about(type(row), [row.pk]).select_related("assignee").defer("brief", "search_text")
    open_first = tasks.order_by(F("closed_at").asc(nulls_first=True), "-id")[: SHOWN + 1]
    found = sorted(open_first, key=lambda task: (task.status not in OPEN_STATUSES, -task.pk))
    type_id = ContentType.objects.get_for_model(type(row)).pk
    query = urlencode({"tab": "all", "subject_type__id__exact": type_id, "subject_id__exact": row.pk})
    return {
        "tasks": [(task, task_badge(task)) for task in found[:SHOWN]],
        "more": f"{reverse('admin:staff_task_changelist')}?{query}" if len(found) > SHOWN else "",
        "request_url": request_url(row) if request.user.has_perm("staff.add_task") else "",
    }
