"""The proofing page: upload, check, remarks on the picture, comparison, approval; the same page for both sides."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.errors import DomainError
from core.ui.acting import actor
from core.ui.sitepages import register_page, render_page
from core.ui.timeline import timeline
from staff.admin.proof_commands import COMMANDS, Pressed, typed_of
from staff.admin.proof_shown import ShownVersion, address, older_pins, shown_steps, shown_version, shown_works
from staff.admin.status import about_html, task_badge, task_url
from staff.models import Revision, Task, User
from staff.policies import can_review_tasks
from staff.selectors import roles_of
from staff.selectors.briefs import brief_rows
from staff.selectors.proofs import Proof, proof_of
from staff.selectors.waiting import tasks_waiting_for

VIEWS = {"side", "slider"}
_READ = "staff.view_task"


@register_page("staff/task/<int:task_id>/proof/", name="staff_proof", permission=_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def proof_page(request: HttpRequest, task_id: int) -> HttpResponseBase:
    """GET shows deliverables and versions; POST does one thing (``do``) and leads back, or says why not."""
    task = _task(task_id)
    if request.method != "POST":
        return _page(request, task)
    command = COMMANDS.get(request.POST.get("do", ""))
    if command is None:
        raise SuspiciousOperation("no such command")
    typed = typed_of(request.POST)
    try:
        pressed = command(request, task_id)
    except DomainError as error:
        if _wants_json(request):
            return JsonResponse({"error": str(error)}, status=422)
        # nothing is lost: the same page with what was typed, and why it was refused
        return _page(request, _task(task_id), {**typed, "refusal": str(error)})
    return _answer(request, task_id, pressed)


@register_page("staff/task/<int:task_id>/proof/check/<int:revision_id>/", name="staff_proof_check", permission=_READ)
@require_safe
def check_progress(request: HttpRequest, task_id: int, revision_id: int) -> HttpResponse:
    """Answer with the progress line of a version that is being checked; it asks again until the check has ended."""
    proof = proof_of(_task(task_id), actor(request))
    for unit in proof.deliverables:
        for version in unit.versions:
            if version.id == revision_id:
                url = address(task_id, deliverable=unit.id, number=version.number)
                context = {"version": version, "task": proof.task, "url": url}
                return TemplateResponse(request, "staff/components/proof_check_progress.html", context)
    raise Http404


@register_page("staff/task/<int:task_id>/proof/history/", name="staff_proof_history", permission=_READ)
@require_safe
def history(request: HttpRequest, task_id: int) -> HttpResponse:
    """Answer with what happened to the task; asked for when somebody unfolds it."""
    context = {"timeline": timeline(_task(task_id), user=actor(request))}
    return TemplateResponse(request, "components/timeline.html", context)


def _task(task_id: int) -> Task:
    related = ("requester", "assignee", "subject_type", "group")
    task = Task.objects.select_related(*related).filter(pk=task_id).first()
    if task is None:
        raise Http404
    return task


def _page(request: HttpRequest, task: Task, typed: Mapping[str, Any] | None = None) -> HttpResponse:
    reader = actor(request)
    proof = proof_of(task, reader)
    # after a refused decision there may be a newer version, and that is the one to look at
    number = None if typed and typed["do"] == "decide" else request.GET.get("v")
    works, work = shown_works(proof, number, request.GET.get("d"))
    version = shown_version(work, number)
    other = shown_version(work, request.GET.get("with")) if "with" in request.GET else None
    view = request.GET.get("view", "")
    following = _next(proof, reader)
    context = {
        "proof": proof,
        "task": task,
        "works": works,
        "work": work,
        "version": version,
        "other": other if other is not version else None,
        "view": view if view in VIEWS else "side",
        "here": request.get_full_path(),
        "steps": shown_steps(proof),
        "asked": [row for row in works if row.is_asked],
        "typed": typed or {},
        "kept": _homeless(typed, proof, version) if typed else "",
        "brief": brief_rows(task.kind, task.brief),
        "attachments": list(task.attachments.all()),
        "checklist": list(task.checklist.select_related("template_item")) if proof.may_send else [],
        "is_mine": task.assignee_id == reader.pk,
        "ready": proof.may_send and not proof.obstacles,
        "open_remarks": sum(row.open_pins for row in works if row.is_asked),
        "older_pins": older_pins(work, version),
        "compared": [version, other],
        "status": task_badge(task),
        "about": about_html(request, task),
        "task_url": task_url(task),
        "next_task": following,
        "next_url": address(following.pk) if following else "",
    }
    if request.headers.get("HX-Request"):
        return TemplateResponse(request, "staff/pages/proof_body.html", context)
    return render_page(request, "staff/pages/proof.html", title=task.title, **context)


def _homeless(typed: Mapping[str, Any], proof: Proof, version: ShownVersion | None) -> str:
    """Return what was typed into a form that is not on the page any more, so that it can be copied from there."""
    if typed["do"] == "decide":
        return "" if proof.may_decide else f"{typed['note']}\n{typed['over_limit_reason']}".strip()
    if typed["do"] == "upload":
        return "" if proof.may_upload else typed["text"]
    takes_pins = proof.may_pin and version is not None and version.view.is_latest and version.picture_url
    return "" if typed["do"] == "pin" and takes_pins else typed["text"]


def _answer(request: HttpRequest, task_id: int, pressed: Pressed) -> HttpResponseBase:
    if request.headers.get("HX-Request"):
        return _page(request, _task(task_id))
    if pressed.sentence:
        messages.add_message(request, pressed.level, _with_next(request, task_id, pressed))
    url = _way_back(request, task_id, pressed)
    if _wants_json(request):
        return JsonResponse({"url": url})
    return HttpResponseRedirect(f"{url}#{pressed.anchor}" if pressed.anchor else url)


def _way_back(request: HttpRequest, task_id: int, pressed: Pressed) -> str:
    revision = Revision.objects.filter(pk=pressed.revision_id).first() if pressed.revision_id else None
    if revision is not None:
        return address(task_id, deliverable=revision.deliverable_id, number=revision.number)
    shown = request.GET.get("d", "")
    return address(
        task_id, deliverable=int(shown) if shown.isascii() and shown.isdigit() and len(shown) <= 18 else None
    )


def _with_next(request: HttpRequest, task_id: int, pressed: Pressed) -> str:
    """Return the answer; after a decision it leads to the next one that waits for this person."""
    if request.POST.get("do") != "decide":
        return pressed.sentence
    reader = actor(request)
    following = _next(proof_of(_task(task_id), reader), reader)
    if following is None:
        return pressed.sentence
    link = _("Next decision: %(task)s") % {"task": following}
    return format_html('{} <a href="{}">{}</a>', pressed.sentence, address(following.pk), link)


def _next(proof: Proof, reader: User) -> Task | None:
    """Return the task whose decision the reader should make next; None while his decision is asked here."""
    if proof.may_decide or not can_review_tasks(reader):
        return None
    waiting = tasks_waiting_for(reader, roles=roles_of(reader)).exclude(pk=proof.task.pk)
    return waiting.order_by("-priority", "due_at", "pk").first()


def _wants_json(request: HttpRequest) -> bool:
    """Tell whether the page's own script asks (an upload with a progress bar)."""
    return request.headers.get("X-Requested-With") == "XMLHttpRequest"
