"""The calendar of tasks: a month or a week of deadlines, go-live dates, holidays and people away."""

from calendar import monthrange
from datetime import date, datetime, timedelta

from django import forms
from django.contrib import messages
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminDateWidget

from core.errors import DomainError
from core.ui.acting import actor
from core.ui.sitepages import register_page, render_page
from staff.admin.asking import asked_filter, choice_of, choices, filter_query
from staff.admin.board import dialog, tasks_url
from staff.admin.card_html import entries_html
from staff.models import Task
from staff.policies import may_edit_request
from staff.selectors.agenda import ALL_OF_A_DAY, PER_DAY, CalendarDay, agenda
from staff.selectors.board import people_with_tasks
from staff.selectors.cards import TaskFilter
from staff.services.requests.requesting import reschedule_task

FIRST, LAST = date(2000, 1, 3), date(2100, 12, 31)
VIEWS = ["month", "week", "day"]


class DayForm(forms.Form):
    """The day on which a task is due from now on."""

    on = forms.DateField(label=gettext_lazy("Due on"), widget=UnfoldAdminDateWidget)


@register_page("task-calendar/", name="staff_task_calendar", permission="staff.view_task")
def calendar_page(request: HttpRequest) -> HttpResponse:
    """Show a month, a week or all of one day (``view``) around ``on``."""
    user = actor(request)
    wanted = asked_filter(request)
    view = choice_of(request, "view", VIEWS) or "month"
    on = _asked_day(request)
    first, last = span_of(view, on)
    days = agenda(
        user=user, first=first, last=last, wanted=wanted, per_day={"month": PER_DAY, "week": 20}.get(view, ALL_OF_A_DAY)
    )
    for day in days:
        day.is_outside = view == "month" and day.on.month != on.month
    movable = _movable(request, days)
    return render_page(
        request,
        "staff/pages/task_calendar.html",
        title=_("Task calendar"),
        cells=[
            (
                day,
                entries_html(day.cards, tasks_url=tasks_url(), calendar_url=request.path, movable=movable),
            )
            for day in days
        ],
        heading=heading_of(view, first, last, on),
        days=days,
        view=view,
        on=on,
        weekdays=[(WEEKDAYS_ABBR if view == "month" else WEEKDAYS)[number] for number in range(7)],
        views=[(label, _query(wanted, key, on), key == view) for key, label in _view_labels()],
        previous_url=_query(wanted, view, _step(view, on, -1)),
        next_url=_query(wanted, view, _step(view, on, 1)),
        today_url=_query(wanted, view, timezone.localdate()),
        choices=choices(wanted, people_with_tasks()),
        wanted=wanted,
        is_filtered=filter_query(wanted) != "?",
        clear_url=_query(TaskFilter(), view, on),
        kept=[("view", view), ("on", on.isoformat())],
        query=filter_query(wanted),
        is_empty=_is_empty(days),
        tasks_url=tasks_url(),
        calendar_url=request.path,
        movable=movable,
    )


@register_page("task-calendar/<int:task_id>/move/", name="staff_task_calendar_move", permission="staff.view_task")
def move_view(request: HttpRequest, task_id: int) -> HttpResponse:
    """Ask for another day, or bring the deadline there (at the same time of day), and answer with a sentence."""
    task = Task.objects.filter(pk=task_id).first()
    if task is None:
        raise Http404
    is_drop = request.headers.get("X-Requested-With") == "board"
    form = DayForm(request.POST) if request.method == "POST" else DayForm(initial={"on": _local_day(task)})
    if request.method == "POST" and form.is_valid():
        try:
            moved = reschedule_task(task_id=task.pk, due_at=_at(task, form.cleaned_data["on"]), actor=actor(request))
        except DomainError as error:
            if is_drop:
                return JsonResponse({"sentence": str(error)}, status=409)
            form.add_error(None, str(error))
        else:
            return _moved(request, moved, is_drop=is_drop)
    if is_drop:
        return JsonResponse({"sentence": _("This is no day.")}, status=409)
    return dialog(
        request,
        {
            "dialog_title": _("Due on another day"),
            "subject": str(task),
            "form": form,
            "submit": _("Move"),
            "back": reverse("admin:staff_task_calendar"),
        },
    )


def span_of(view: str, on: date) -> tuple[date, date]:
    """Return the first and last day shown; weeks begin on Monday."""
    if view == "day":
        return on, on
    if view == "week":
        monday = on - timedelta(days=on.weekday())
        return monday, monday + timedelta(days=6)
    first = on.replace(day=1)
    last = on.replace(day=monthrange(on.year, on.month)[1])
    return first - timedelta(days=first.weekday()), last + timedelta(days=6 - last.weekday())


def heading_of(view: str, first: date, last: date, on: date) -> str:
    """Return what is shown, in the words of the language."""
    if view == "month":
        return date_format(on, "YEAR_MONTH_FORMAT")
    if view == "day":
        return date_format(on, "DATE_FORMAT")
    return f"{date_format(first, 'MONTH_DAY_FORMAT')} – {date_format(last, 'MONTH_DAY_FORMAT')}"


def _asked_day(request: HttpRequest) -> date:
    text = request.GET.get("on", "")
    if not text:
        return timezone.localdate()
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None or not FIRST <= day <= LAST:
        raise SuspiciousOperation("no such day")
    return day


def _step(view: str, on: date, direction: int) -> date:
    if view == "month":
        edge = on.replace(day=1) - timedelta(days=1) if direction < 0 else on.replace(day=28) + timedelta(days=4)
        day = edge.replace(day=1)
    else:
        day = on + timedelta(days=direction * (7 if view == "week" else 1))
    return min(max(day, FIRST), LAST)


def _query(wanted: TaskFilter, view: str, on: date) -> str:
    return filter_query(wanted, view=view, on=on.isoformat())


def _view_labels() -> list[tuple[str, str]]:
    return [("month", _("Month")), ("week", _("Week")), ("day", _("Day"))]


def _is_empty(days: list[CalendarDay]) -> bool:
    return not any(day.count or day.live_count for day in days if not day.is_outside)


def _movable(request: HttpRequest, days: list[CalendarDay]) -> set[int]:
    user = actor(request)
    return {card.task.pk for day in days for card in day.cards if may_edit_request(user, card.task)}


def _local_day(task: Task) -> date:
    return timezone.localtime(task.due_at).date() if task.due_at else timezone.localdate()


def _at(task: Task, on: date) -> datetime:
    """Return the same time of day on another day, six in the evening where there was none."""
    zone = timezone.get_current_timezone()
    clock = timezone.localtime(task.due_at).time() if task.due_at else datetime.min.time().replace(hour=18)
    return datetime.combine(on, clock, tzinfo=zone)


def _moved(request: HttpRequest, task: Task, *, is_drop: bool) -> HttpResponse:
    words = {"number": task.number, "day": date_format(_local_day(task), "DATE_FORMAT")}
    sentence = _("%(number)s is due on %(day)s now.") % words
    if is_drop:
        return JsonResponse({"sentence": sentence})
    messages.success(request, sentence)
    back = reverse("admin:staff_task_calendar") + f"?on={_local_day(task).isoformat()}"
    return HttpResponse(headers={"HX-Redirect": back}) if request.headers.get("HX-Request") else redirect(back)
