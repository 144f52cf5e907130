"""What changes on a task's page beside its form, with one press each: ticks, lines, comments, files."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from core.errors import DomainError
from core.ui import actor
from core.ui.panels import panels_for
from staff import services
from staff.admin.flow_parts import FLOW_PARTS
from staff.models import Task


def _tick(request: HttpRequest, task: Task) -> None:
    item = task.checklist.filter(pk=_number(request, "item")).first()
    if item is None:
        raise Http404
    services.tick_item(item_id=item.pk, is_done=request.POST.get("done") == "1", actor=actor(request))


def _add_line(request: HttpRequest, task: Task) -> None:
    services.add_checklist_line(task_id=task.pk, text=request.POST.get("text", ""), actor=actor(request))


def _remove_line(request: HttpRequest, task: Task) -> None:
    if not task.checklist.filter(pk=_number(request, "item")).exists():
        raise Http404
    services.remove_checklist_line(item_id=_number(request, "item"), actor=actor(request))


def _comment(request: HttpRequest, task: Task) -> None:
    services.comment_on_task(task_id=task.pk, text=request.POST.get("text", ""), actor=actor(request))


def _attach(request: HttpRequest, task: Task) -> None:
    for file in request.FILES.getlist("files"):
        services.attach_file(task_id=task.pk, file=file, actor=actor(request))


def _detach(request: HttpRequest, task: Task) -> None:
    if not task.attachments.filter(pk=_number(request, "item")).exists():
        raise Http404
    services.remove_attachment(attachment_id=_number(request, "item"), actor=actor(request))


def _add_deliverable(request: HttpRequest, task: Task) -> None:
    services.add_deliverable(task_id=task.pk, slot_id=_number(request, "slot"), actor=actor(request))


def _remove_deliverable(request: HttpRequest, task: Task) -> None:
    if not task.deliverables.filter(pk=_number(request, "item")).exists():
        raise Http404
    services.remove_deliverable(deliverable_id=_number(request, "item"), actor=actor(request))


# name in the address -> (panel that shows it, what is done)
PARTS: Mapping[str, tuple[str, Callable[[HttpRequest, Task], None]]] = {
    "tick": ("checklist", _tick),
    "add-line": ("checklist", _add_line),
    "remove-line": ("checklist", _remove_line),
    "comment": ("comments", _comment),
    "attach": ("attachments", _attach),
    "detach": ("attachments", _detach),
    "add-deliverable": ("deliverables", _add_deliverable),
    "remove-deliverable": ("deliverables", _remove_deliverable),
    **FLOW_PARTS,
}


def change_part(model_admin: Any, request: HttpRequest, task_id: int, name: str) -> HttpResponse:
    """Do what was pressed and answer with the panel alone (HTMX), or go back to it; a refusal becomes a message."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if name not in PARTS:
        raise Http404
    task = model_admin.get_object(request, str(task_id))
    if task is None:
        raise Http404
    if not model_admin.has_view_permission(request, task):
        raise PermissionDenied
    panel, change = PARTS[name]
    refusal = ""
    try:
        change(request, task)
    except DomainError as error:
        refusal = str(error)
    if request.headers.get("HX-Request"):
        return _panel(request, task, panel, refusal)
    if refusal:
        messages.error(request, refusal)
    return HttpResponseRedirect(f"{reverse('admin:staff_task_change', args=[task.pk])}#panel-{panel}")


def _panel(request: HttpRequest, task: Task, key: str, refusal: str) -> HttpResponse:
    shown = [item for item in panels_for(request, task) if item["panel"].key == key]
    for item in shown:
        item["values"]["refusal"] = refusal
    return TemplateResponse(request, "components/panels.html", {"panels": shown})


def _number(request: HttpRequest, name: str) -> int:
    value = request.POST.get(name, "")
    if not (value.isascii() and value.isdigit() and len(value) <= 18):
        raise Http404
    return int(value)
