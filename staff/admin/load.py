"""Load: who has how much to do in the coming weeks, and what could be given to whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.errors import DomainError
from core.ui import actor
from core.ui.sitepages import register_page, render_page
from staff.admin.asking import number_of
from staff.admin.status import priority_badge
from staff.models import Priority, Role, Task, TaskStatus, User
from staff.policies import can_direct_tasks
from staff.selectors import role_label, users_with_permission
from staff.selectors.cards import due_words, initials
from staff.selectors.load import LoadRow, PersonTime, WeekLoad, hours_text, load_of, load_rows, people_time, week_starts
from staff.selectors.suggesting import Suggester, Suggestion, day_text
from staff.selectors.working_time import WorkingTime, working_time
from staff.services.assignment.distributing import distribute_tasks, give_unclaimed_task

WEEKS = 4
HIGH = 85  # per cent: hardly room for more
WAITING_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Cell:
    """One week of one person, as it is drawn; ``level`` is free, high, over or none (no time at all)."""

    week: WeekLoad
    label: str
    level: str
    width: int
    words: str


@dataclass(frozen=True, slots=True)
class Person:
    """One line of the page."""

    row: LoadRow
    initials: str
    colour: int
    roles: str
    cells: Sequence[Cell]
    task_count: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A task nobody has, and who is suggested for it."""

    task: Task
    priority: Any  # a badge, only where it presses
    due: str
    is_late: bool
    hours: str
    suggestion: Suggestion | None


class GiveForm(forms.Form):
    """Which task goes to whom; without both all that are shown go to those suggested."""

    task = forms.IntegerField(required=False, min_value=1)
    assignee = forms.IntegerField(required=False, min_value=1)


@register_page("load/", name="staff_load", permission="staff.view_task_figures")
def load_page(request: HttpRequest) -> HttpResponse:
    """Show people and weeks beside what waits, or the tasks of one ``person``; a POST gives one task or all of them."""
    role = request.GET.get("role", "")
    role = role if role in Role.values else ""
    if request.method == "POST":
        return _give(request, role)
    if person_id := number_of(request, "person"):
        return _tasks_of(request, person_id)
    people = _people()
    shown = [user for user in people if not role or role in _roles(user)]
    now, shop = timezone.now(), working_time()
    times = people_time([user.pk for user in shown], now=now)
    rows = load_rows(times, week_starts(shop, now, WEEKS), now)
    of_role = {user.pk: ", ".join(role_label(name) for name in _roles(user)) for user in shown}
    directs = can_direct_tasks(actor(request))
    return render_page(
        request,
        "staff/pages/load.html",
        title=_("Load"),
        people=[_person(row, of_role[row.user.pk]) for row in rows],
        weeks=_headings(rows),
        tab_items=_tabs(people, role),
        waiting=_waiting(role, now, shop, times),
        waiting_count=_queue(role).count(),
        waiting_url=f"{reverse('admin:staff_task_changelist')}?tab=unclaimed",
        tasks_url=reverse("admin:staff_task_changelist"),
        users_url=reverse("admin:staff_user_changelist") if request.user.has_perm("staff.view_user") else "",
        directs=directs,
    )


def _tasks_of(request: HttpRequest, user_id: int) -> HttpResponse:
    """Return what one person has to do, for the line that is being opened."""
    rows = load_of([user_id], WEEKS)
    if not rows:
        raise Http404
    context = {"person": _person(rows[0], ""), "tasks_url": reverse("admin:staff_task_changelist")}
    return TemplateResponse(request, "staff/components/load_tasks.html", context)


def _give(request: HttpRequest, role: str) -> HttpResponse:
    if not can_direct_tasks(actor(request)):
        raise PermissionDenied
    form = GiveForm(request.POST)
    if not form.is_valid():
        raise SuspiciousOperation("no such task or person")
    task_id, assignee_id = form.cleaned_data["task"], form.cleaned_data["assignee"]
    try:
        if task_id and assignee_id:
            task = give_unclaimed_task(task_id=task_id, assignee_id=assignee_id, actor=actor(request))
            said = _("%(number)s is given to %(who)s.") % {"number": task.number, "who": task.assignee}
            messages.success(request, said)
        else:
            _give_all(request, role)
    except DomainError as refusal:
        messages.error(request, str(refusal))
    return HttpResponseRedirect(request.get_full_path())


def _give_all(request: HttpRequest, role: str) -> None:
    report = distribute_tasks(task_ids=[task.pk for task in _queue(role)[:WAITING_SHOWN]], actor=actor(request))
    count = len(report.done)
    if count:
        said = ngettext("%(count)s task is given.", "%(count)s tasks are given.", count) % {"count": count}
        messages.success(request, said)
    for refusal in report.refused:
        messages.warning(request, f"{refusal.number}: {refusal.reason}")


def _people() -> list[User]:
    workers = users_with_permission("staff.work_on_task").prefetch_related("groups")
    return list(workers.order_by("pk"))


def _roles(user: User) -> list[str]:
    names = {group.name for group in user.groups.all()}
    return [role.value for role in Role if role.value in names]


def _tabs(people: Sequence[User], chosen: str) -> list[dict[str, Any]]:
    counts = {role: sum(role in _roles(user) for user in people) for role in Role.values}
    tabs = [{"label": _("Everybody"), "url": "?", "active": not chosen, "count": len(people)}]
    for role, count in counts.items():
        if count:
            tabs.append({"label": role_label(role), "url": f"?role={role}", "active": role == chosen, "count": count})
    return tabs


def _headings(rows: Sequence[LoadRow]) -> list[tuple[str, str]]:
    """Return (name, days) of each week."""
    starts = [week.starts_on for week in rows[0].weeks] if rows else []
    # from Friday evening on the first week shown is the next one
    is_running = bool(starts) and starts[0] <= timezone.localdate()
    names = [_("This week"), _("Next week")] if is_running else [_("Next week")]
    found = []
    for place, day in enumerate(starts):
        name = names[place] if place < len(names) else ""
        found.append((name, f"{day_text(day)} – {day_text(day + timedelta(days=6))}"))
    return found


def _person(row: LoadRow, roles: str) -> Person:
    cells = [_cell(week) for week in row.weeks]
    count = sum(len(week.bookings) for week in row.weeks) + len(row.undated)
    return Person(row, initials(row.user), row.user.pk % 6, roles, cells, count)


def _cell(week: WeekLoad) -> Cell:
    percent = week.percent
    words = _("%(booked)s of %(capacity)s h") % {
        "booked": hours_text(week.booked_minutes),
        "capacity": hours_text(week.capacity_minutes),
    }
    if not week.capacity_minutes:
        return Cell(week, "–", "over" if week.is_overload else "none", 100 if week.is_overload else 0, words)
    level = "over" if week.is_overload else "high" if (percent or 0) >= HIGH else "free"
    return Cell(week, f"{percent}%", level, min(percent or 0, 100), words)


def _queue(role: str) -> Any:
    tasks = Task.objects.filter(status=TaskStatus.SUBMITTED)
    return (tasks.filter(role=role) if role else tasks).order_by("-priority", "due_at", "pk")


def _pressing(task: Task) -> Any:
    return priority_badge(task) if task.priority >= Priority.HIGH else ""


def _waiting(role: str, now: datetime, shop: WorkingTime, people: dict[int, PersonTime]) -> list[Waiting]:
    """Return the most pressing tasks nobody has, each with the suggestion as if those before it were given.

    What is given so is booked in ``people``.
    """
    tasks = list(_queue(role).defer("brief", "search_text")[:WAITING_SHOWN])
    suggester = Suggester(tasks, now, shop, people)
    found = []
    for task in tasks:
        first = next(iter(suggester.suggest(task)), None)
        if first is not None:
            suggester.book(task, first.user.pk)
        due, is_late, _is_today = due_words(task, now)
        found.append(Waiting(task, _pressing(task), due, is_late, hours_text(task.estimate_minutes), first))
    return found
