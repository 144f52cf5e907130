"""My day: the page people have open."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.ui.acting import actor
from core.ui.sitepages import register_page, render_page
from staff.admin.board import tasks_url
from staff.models import TaskStatus
from staff.selectors.day import Day, Section, my_day
from staff.selectors.targets import Viewer, targets_of


@dataclass(frozen=True, slots=True)
class Part:
    """A section as it is shown; ``act`` is the one thing done there: (status, words), ``empty`` is said without one."""

    key: str
    title: str
    icon: str
    section: Section
    empty: str = ""
    act: tuple[str, str] | None = None
    is_bad: bool = False
    url: str = ""


@register_page("my-day/", name="staff_my_day", permission="staff.view_task")
def my_day_page(request: HttpRequest) -> HttpResponse:
    """Show what waits for this person, what waits for others, and what could be taken."""
    user = actor(request)
    viewer = Viewer.of(user)
    day = my_day(user=user, roles=viewer.roles, targets=lambda task: targets_of(viewer, task))
    parts = _main(day)
    return render_page(
        request,
        "staff/pages/my_day.html",
        title=_("My day"),
        today=timezone.localdate(),
        day=day,
        main=[part for part in parts if part.section.count or part.empty],
        side=_side(day, viewer),
        tasks_url=tasks_url(),
        board_url=reverse("admin:staff_board"),
        request_url=reverse("admin:staff_task_request") if request.user.has_perm("staff.add_task") else "",
    )


def _main(day: Day) -> list[Part]:
    start = (str(TaskStatus.IN_PROGRESS), _("Start"))
    due = Part("due", _("Due and overdue"), "event_busy", day.due, _nothing_due(day), start, is_bad=day.late_count > 0)
    returned = Part("returned", _("Returned to me"), "undo", day.returned, act=start, is_bad=True)
    return [
        returned,
        due,
        Part("decisions", _("Waiting for my decision"), "rate_review", day.decisions),
        Part("in_progress", pgettext("task", "In progress"), "play_circle", day.in_progress),
        Part("next", pgettext("task", "Next"), "upcoming", day.next, act=start),
        Part("in_review", _("Others decide about it"), "hourglass_top", day.in_review),
    ]


def _nothing_due(day: Day) -> str:
    if not day.is_free:
        return _("Nothing of yours is due today.")
    if day.queue.count:
        return _("Nothing waits for you. Take something from your queue.")
    return _("Nothing waits for you, and the queues of your roles are empty.")


def _side(day: Day, viewer: Viewer) -> list[Part]:
    parts = []
    if viewer.works:
        claim = (str(TaskStatus.ASSIGNED), pgettext("task", "Claim"))
        empty = _("No task waits for your roles.") if viewer.roles else _("You have no role, so no queue is yours.")
        url = reverse("admin:staff_board") + "?column=submitted"
        parts.append(Part("queue", _("My queue"), "inbox", day.queue, empty, claim, url=url))
    requested = Part(
        "requested",
        _("What I asked for"),
        "outgoing_mail",
        day.requested,
        _("You have asked for nothing that is still open."),
    )
    return [*parts, requested]
