"""My day: the page people have open."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST

from core.errors import DomainError
from core.ui.acting import actor
from core.ui.sitepages import register_page, render_page
from staff.admin.board import tasks_url
from staff.models import TaskStatus
from staff.selectors.cards import Card
from staff.selectors.day import Day, Section, my_day
from staff.selectors.targets import Viewer, targets_of
from staff.selectors.time_spent import running_entry
from staff.services.work.timing import stop_timer


@dataclass(frozen=True, slots=True)
class Act:
    """The one thing to do with a task from here: a move of its card (``to``), or its page of versions."""

    label: str
    to: str = ""
    is_primary: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A section as it is shown; ``empty`` is said when it has nothing, a part without it is left out then."""

    key: str
    title: str
    icon: str
    section: Section
    act: Callable[[Card], Act | None] = field(default=lambda _card: None)
    empty: str = ""
    is_bad: bool = False
    url: str = ""

    @property
    def rows(self) -> list[tuple[Card, Act | None]]:
        """Return each card with what to do about it."""
        return [(card, self.act(card)) for card in self.section.cards]


@register_page("my-day/", name="staff_my_day", permission="staff.view_task")
def my_day_page(request: HttpRequest) -> HttpResponse:
    """Show what waits for this person, what waits for others, and what could be taken."""
    user = actor(request)
    viewer = Viewer.of(user)
    day = my_day(user=user, roles=viewer.roles, targets=lambda task: targets_of(viewer, task))
    return render_page(
        request,
        "staff/pages/my_day.html",
        title=_("My day"),
        today=timezone.localdate(),
        day=day,
        timer=running_entry(user),
        main=[part for part in _main(day) if part.section.count or part.empty],
        side=_side(day, viewer),
        tasks_url=tasks_url(),
        board_url=reverse("admin:staff_board"),
        request_url=reverse("admin:staff_task_request") if request.user.has_perm("staff.add_task") else "",
    )


@register_page("my-day/stop-timer/", name="staff_my_day_stop_timer", permission="staff.view_task")
@require_POST
def stop_timer_view(request: HttpRequest) -> HttpResponse:
    """Stop the timer that runs for this person, and lead back to the day."""
    try:
        entry = stop_timer(actor=actor(request))
    except DomainError as error:
        messages.error(request, str(error))
    else:
        sentence = _("The timer of %(task)s is stopped.") % {"task": entry.task} if entry else _("No timer runs.")
        messages.success(request, sentence)
    return redirect("admin:staff_my_day")


def _main(day: Day) -> list[Part]:
    title = _("Due and overdue")
    return [
        Part("returned", _("Returned to me"), "undo", day.returned, _go_on, is_bad=True),
        Part("due", title, "event_busy", day.due, _next_act, _nothing_due(day), is_bad=day.late_count > 0),
        Part("decisions", _("Waiting for my decision"), "rate_review", day.decisions, _decide),
        Part("in_progress", pgettext("task", "In progress"), "play_circle", day.in_progress, _next_act),
        Part("next", pgettext("task", "Next"), "upcoming", day.next, _next_act),
        Part("in_review", _("Others decide about it"), "hourglass_top", day.in_review),
    ]


def _side(day: Day, viewer: Viewer) -> list[Part]:
    parts = []
    if viewer.works:
        empty = _("No task waits for your roles.") if viewer.roles else _("You have no role, so no queue is yours.")
        url = reverse("admin:staff_board") + "?column=submitted"
        parts.append(Part("queue", _("My queue"), "inbox", day.queue, _claim, empty, url=url))
    empty = _("You have asked for nothing that is still open.")
    url = f"{tasks_url()}?tab=requested"
    return [*parts, Part("requested", _("What I asked for"), "outgoing_mail", day.requested, empty=empty, url=url)]


def _nothing_due(day: Day) -> str:
    if not day.is_free:
        return _("Nothing of yours is due today.")
    if day.queue.count:
        return _("Nothing waits for you. Take something from your queue.")
    return _("Nothing waits for you, and the queues of your roles are empty.")


def _next_act(card: Card) -> Act | None:
    """Begin what has not begun, go on with versions, complete what needs no approval."""
    if card.task.status == TaskStatus.ASSIGNED:
        return Act(_("Start"), TaskStatus.IN_PROGRESS) if TaskStatus.IN_PROGRESS in card.target_list else None
    if card.has_review:
        return Act(pgettext("task", "Versions"))
    return Act(_("Complete"), TaskStatus.DELIVERED) if TaskStatus.DELIVERED in card.target_list else None


def _go_on(card: Card) -> Act | None:
    if card.has_review:
        return Act(_("See remarks"), is_primary=True)
    return Act(_("Start"), TaskStatus.IN_PROGRESS, is_primary=True)


def _decide(_card: Card) -> Act:
    return Act(pgettext("task", "Decide"), is_primary=True)


def _claim(_card: Card) -> Act:
    return Act(pgettext("task", "Claim"), TaskStatus.ASSIGNED)
