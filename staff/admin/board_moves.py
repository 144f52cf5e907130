"""One card moves: by a drop (answered in JSON), by the menu of the card, from the own day."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.errors import DomainError
from core.ui.acting import actor
from core.ui.sitepages import register_page
from staff.admin.board import dialog
from staff.admin.board_forms import PersonForm, ReasonForm
from staff.admin.status import proof_url, task_url
from staff.models import Task, TaskStatus, User
from staff.policies import can_direct_tasks
from staff.selectors.cards import cards_of
from staff.selectors.targets import Viewer, targets_of
from staff.services.assignment.limiting import LimitReached, limit_sentence
from staff.services.work.boarding import CardMove, move_card, question_of

_FORMS: dict[str, type[forms.Form]] = {"reason": ReasonForm, "person": PersonForm}
_TARGETS = {str(status) for status in TaskStatus}


@register_page("board/<int:task_id>/move/", name="staff_board_move", permission="staff.view_task")
def move_view(request: HttpRequest, task_id: int) -> HttpResponse:
    """GET shows where the task may go, or what a move asks; POST moves it and answers with a sentence."""
    task = cards_of(Task.objects.filter(pk=task_id)).first()
    if task is None:
        raise Http404
    user = actor(request)
    to = request.POST.get("to") or request.GET.get("to", "")
    if to and to not in _TARGETS:
        raise SuspiciousOperation("no such column")
    if request.method != "POST":
        return _ask(request, task, to, user) if to else _menu(request, task, user)
    if not to:
        raise SuspiciousOperation("no column")
    return _move(request, task, to, user)


def _move(request: HttpRequest, task: Task, to: str, user: User) -> HttpResponse:
    question = question_of(task, to, user)
    if question == "person" and request.POST.get("for_me") == "1":
        question = ""  # whoever directs may also take it, with one press
    form = _FORMS[question](request.POST) if question in _FORMS and "asked" in request.POST else None
    if _was_moved(request, task):
        question, form = "", None  # the service says where it is by now
    if (question and form is None) or (form is not None and not form.is_valid()):
        return _wants(request, task, to) if form is None else _ask(request, task, to, user, form=form)
    data = form.cleaned_data if form else {}
    move = CardMove(
        task_id=task.pk,
        to=to,
        seen_status=_seen(request)[0],
        seen_assignee=_seen(request)[1],
        reason=data.get("reason", ""),
        assignee_id=data["person"].pk if "person" in data else None,
        is_confirmed=request.POST.get("confirmed") == "1",
    )
    try:
        moved = move_card(move=move, actor=user)
    except LimitReached as error:
        return _wants(request, task, to) if can_direct_tasks(user) else _answer(request, str(error), done=False)
    except DomainError as error:
        return _answer(request, str(error), done=False)
    return _answer(request, _moved_sentence(moved), done=True)


def _seen(request: HttpRequest) -> tuple[str, int | None]:
    status, _colon, person = request.POST.get("seen", "").partition(":")
    if status and (
        status not in _TARGETS or (person and not (person.isascii() and person.isdigit() and len(person) <= 18))
    ):
        raise SuspiciousOperation("no such state")
    return status, int(person) if person else None


def _was_moved(request: HttpRequest, task: Task) -> bool:
    status, person = _seen(request)
    return bool(status) and (status, person) != (task.status, task.assignee_id)


# --- answers


def _is_drop(request: HttpRequest) -> bool:
    return request.headers.get("X-Requested-With") == "board"


def _answer(request: HttpRequest, sentence: str, *, done: bool) -> HttpResponse:
    if _is_drop(request):
        return JsonResponse({"sentence": sentence}, status=200 if done else 409)
    (messages.success if done else messages.error)(request, sentence)
    back = _back(request)
    return HttpResponse(headers={"HX-Redirect": back}) if request.headers.get("HX-Request") else redirect(back)


def _wants(request: HttpRequest, task: Task, to: str) -> HttpResponse:
    """Say where the question of this move is asked."""
    url = reverse("admin:staff_board_move", args=[task.pk]) + f"?to={to}"
    if _is_drop(request):
        return JsonResponse({"ask": url}, status=422)
    return HttpResponse(headers={"HX-Redirect": url}) if request.headers.get("HX-Request") else redirect(url)


def _moved_sentence(task: Task) -> str:
    words = {"number": task.number, "column": task.get_status_display(), "who": task.assignee}
    if task.assignee is None:
        return _("%(number)s is in “%(column)s” now.") % words
    return _("%(number)s is in “%(column)s” now, with %(who)s.") % words


def _back(request: HttpRequest) -> str:
    """Return the page the move was made from: the board or the day as it was filtered, the calendar, the task."""
    url = request.POST.get("next") or request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    fits = url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
    return url if fits and "/move/" not in url else reverse("admin:staff_board")


# --- dialogs


def _menu(request: HttpRequest, task: Any, user: User) -> HttpResponse:
    targets = targets_of(Viewer.of(user), task)
    return dialog(
        request,
        {
            "dialog_title": task.title,
            "subject": _about(task),
            "moves": [(to, move_label(task, to, user), to == TaskStatus.CANCELLED) for to in targets],
            "task": task,
            "task_url": task_url(task),
            "back": _back(request),
        },
    )


def _ask(request: HttpRequest, task: Task, to: str, user: User, form: forms.Form | None = None) -> HttpResponse:
    question = question_of(task, to, user)
    context: dict[str, Any] = {
        "dialog_title": move_label(task, to, user),
        "subject": _about(task),
        "to": to,
        "task": task,
        "back": _back(request),
        "submit": move_label(task, to, user),
        "danger": to == TaskStatus.CANCELLED,
    }
    if question == "decision":
        context["text"] = _("Decide on the page of the versions, where you see what you decide about.")
        context["link"] = (proof_url(task) or task_url(task), _("Open the versions"))
    elif question:
        context["form"] = form or _FORMS[question]()
    elif sentence := _limit(task, to, user):
        context |= {"text": sentence, "is_confirmed": True, "submit": _("Start all the same")}
    return dialog(request, context)


def _limit(task: Task, to: str, user: User) -> str:
    begins = to == TaskStatus.IN_PROGRESS and can_direct_tasks(user)
    return limit_sentence(task.assignee or user, besides=task.pk) if begins else ""


def _about(task: Task) -> str:
    return f"{task.number} · {task.get_status_display()}" + (f" · {task.assignee}" if task.assignee else "")


def move_label(task: Task, to: str, user: User) -> str:
    """Return what the move is called for this task."""
    if task.status == TaskStatus.ON_HOLD and to != TaskStatus.CANCELLED:
        return pgettext("task", "Go on: %(column)s") % {"column": TaskStatus(to).label}
    labels = {
        TaskStatus.SUBMITTED: _("Back to the queue"),
        TaskStatus.ASSIGNED: _("Give to a colleague …") if user.has_perm("staff.direct_task") else _("Claim"),
        TaskStatus.IN_PROGRESS: _start_label(task),
        TaskStatus.IN_REVIEW: _("Send to review"),
        TaskStatus.CHANGES_REQUESTED: _("Request changes …"),
        TaskStatus.APPROVED: _("Approve …"),
        TaskStatus.DELIVERED: _("Complete") if task.status == TaskStatus.IN_PROGRESS else _("Deliver"),
        TaskStatus.ON_HOLD: _("Put on hold …"),
        TaskStatus.CANCELLED: _("Cancel the task …"),
    }
    return str(labels.get(TaskStatus(to), TaskStatus(to).label))


def _start_label(task: Task) -> str:
    return {
        str(TaskStatus.SUBMITTED): _("Claim and start"),
        str(TaskStatus.IN_REVIEW): _("Take back from review"),
        str(TaskStatus.APPROVED): _("Take up again …"),
        str(TaskStatus.DELIVERED): _("Take up again …"),
        str(TaskStatus.LIVE): _("Take up again …"),
    }.get(task.status, _("Start"))
