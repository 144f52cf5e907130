"""What tasks put on the home page, into the search box and beside the navigation."""

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from core.display import moment_text
from core.ui import actor
from core.ui.badges import NavigationBadge, register_badge
from core.ui.finding import Finder, Found, admin_finder, register_finder
from core.ui.tabs import capped_counts, capped_text
from core.ui.tiles import Kpi, Row, Rows, Tile, register_tile
from staff.admin.status import task_badge, task_url
from staff.models import OPEN_STATUSES, Task, TaskStatus

VIEW, DIRECT = "staff.view_task", "staff.direct_task"
SHOWN = 6


def list_url(tab: str) -> str:
    """Return the address of one tab of the task list."""
    return f"{reverse('admin:staff_task_changelist')}?tab={tab}"


def my_tasks(request: HttpRequest) -> Rows | None:
    """List one's own open tasks, what is due first on top; nothing for who directs and has none."""
    mine = Task.objects.filter(assignee=actor(request), status__in=OPEN_STATUSES).exclude(status=TaskStatus.ON_HOLD)
    tasks = list(mine.defer("brief", "search_text").order_by("due_at", "-priority", "id")[:SHOWN])
    rows = [
        Row(task.title, task_url(task), format_html("{} {}", task.number, task_badge(task)), _due(task))
        for task in tasks
    ]
    if not rows and request.user.has_perm(DIRECT):
        return None
    return Rows(rows, gettext_lazy("You have no open task."), list_url("mine"))


def _due(task: Task) -> str:
    if task.due_at is None:
        return ""
    shown = moment_text(task.due_at)
    return format_html('<em class="late">{}</em>', shown) if task.is_overdue else shown


def unclaimed(request: HttpRequest) -> Kpi:
    """Count what nobody has, and say since when the oldest waits."""
    waiting = Task.objects.filter(status=TaskStatus.SUBMITTED)
    count = capped_counts([waiting])[0]
    oldest = waiting.order_by("status_since").values_list("status_since", flat=True).first()
    days = (timezone.now() - oldest).days if oldest else 0
    waits = ngettext("The oldest waits for %(days)s day", "The oldest waits for %(days)s days", days)
    note = waits % {"days": days} if days else ""
    return Kpi(capped_text(count), note, list_url("unclaimed"), "warning" if count else "good", "front_hand")


def overdue(request: HttpRequest) -> Kpi:
    """Count open tasks whose time has passed."""
    count = capped_counts([Task.objects.overdue()])[0]
    return Kpi(capped_text(count), "", list_url("overdue"), "danger" if count else "good", "alarm")


def find_tasks(request: HttpRequest, query: str, limit: int) -> list[Found]:
    """Find tasks by number, title, what they are about, words of the brief."""
    tasks = admin_finder(admin.site.get_model_admin(Task), request, query, limit)
    return [Found(task.title, task_url(task), f"{task.number} · {task.get_status_display()}") for task in tasks]


for tile in [
    Tile("staff.my_tasks", gettext_lazy("My tasks"), my_tasks, VIEW, "work", 40),
    Tile("staff.unclaimed", gettext_lazy("Unclaimed tasks"), unclaimed, DIRECT, "work", 10, cache_seconds=30),
    Tile("staff.overdue", gettext_lazy("Overdue tasks"), overdue, DIRECT, "work", 11, cache_seconds=30),
]:
    register_tile(tile)
register_badge(NavigationBadge("unclaimed_tasks", lambda: Task.objects.filter(status=TaskStatus.SUBMITTED)))
register_finder(Finder("tasks", pgettext_lazy("work", "Tasks"), find_tasks, VIEW, "task_alt", 40))
