"""The board: columns of cards, refreshed while one looks at it, and the limits of its columns."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.ui.acting import actor
from core.ui.sitepages import register_page, render_page
from staff.admin.asking import asked_filter, choice_of, choices, filter_query, number_of
from staff.admin.board_forms import LimitsForm
from staff.admin.card_html import cards_html
from staff.models import TaskStatus
from staff.policies import can_direct_tasks
from staff.selectors.board import COLUMNS, DELIVERED_DAYS, PER_PAGE, Board, board
from staff.selectors.targets import Viewer, targets_of
from staff.services.assignment.limiting import set_board_limits


@register_page("board/", name="staff_board", permission="staff.view_task")
def board_page(request: HttpRequest) -> HttpResponse:
    """Show the board, or for a refresh only its columns; one column alone with ``column``."""
    user = actor(request)
    wanted = asked_filter(request)
    only = choice_of(request, "column", [str(status) for status in COLUMNS])
    page = min(number_of(request, "page") or 1, 1000)
    viewer = Viewer.of(user)
    shown = board(
        user=user,
        wanted=wanted,
        targets=lambda task: targets_of(viewer, task),
        only=TaskStatus(only) if only else None,
        page=page,
    )
    context = {
        "board": shown,
        "columns": [
            (column, cards_html(column.cards, tasks_url=tasks_url(), board_url=request.path))
            for column in shown.columns
        ],
        "board_url": request.path,
        "query": filter_query(wanted),
        "only": only,
        "days": DELIVERED_DAYS,
        "me": user.pk,
        **_pages(request, wanted, shown, only, page),
    }
    if request.headers.get("HX-Target") == "board-columns":
        return TemplateResponse(request, "staff/components/board_columns.html", context)
    return render_page(
        request,
        "staff/pages/board.html",
        title=_("Board"),
        choices=choices(wanted, shown.people),
        wanted=wanted,
        is_filtered=filter_query(wanted) != "?",
        limits_url=reverse("admin:staff_board_limits") if can_direct_tasks(user) else "",
        request_url=_request_url(request),
        refresh_url=request.get_full_path(),
        **context,
    )


@register_page("board/limits/", name="staff_board_limits", permission="staff.direct_task")
def limits_page(request: HttpRequest) -> HttpResponse:
    """Ask for the limits of the columns, and keep them."""
    form = LimitsForm(request.POST if request.method == "POST" else None)
    back = reverse("admin:staff_board")
    if request.method == "POST" and form.is_valid():
        try:
            set_board_limits(limits=form.limits(), actor=actor(request))
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The limits of the board are changed."))
            if request.headers.get("HX-Request"):
                return HttpResponse(headers={"HX-Redirect": back})
            return redirect(back)
    context = {
        "form": form,
        "dialog_title": _("Limits of the board"),
        "text": _("A column above its limit turns red. Whoever has enough in progress cannot start more."),
        "submit": _("Save"),
        "back": back,
    }
    return dialog(request, context)


def dialog(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """Return a dialog, or the page of it for a browser without JavaScript."""
    context["post_url"] = request.get_full_path()
    if request.headers.get("HX-Request"):
        return TemplateResponse(request, "staff/components/board_dialog.html", context)
    return render_page(request, "staff/pages/board_dialog.html", title=context["dialog_title"], **context)


def tasks_url() -> str:
    """Return the address of the task list, which begins that of each task."""
    return reverse("admin:staff_task_changelist")


def _request_url(request: HttpRequest) -> str:
    return reverse("admin:staff_task_request") if request.user.has_perm("staff.add_task") else ""


def _pages(request: HttpRequest, wanted: Any, shown: Board, only: str, page: int) -> dict[str, str]:
    if not only:
        return {}
    column = shown.columns[0]
    further = page * PER_PAGE < column.count
    return {
        "previous_url": filter_query(wanted, column=only, page=page - 1) if page > 1 else "",
        "next_url": filter_query(wanted, column=only, page=page + 1) if further else "",
        "whole_url": filter_query(wanted) if filter_query(wanted) != "?" else request.path,
    }
