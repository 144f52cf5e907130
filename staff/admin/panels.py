"""What a task's page shows around its form, and what should be done next with it."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.display import register_document
from core.ui import NextAction, Panel, actor, register_next_actions, register_panel
from core.ui.timeline import timeline_icon
from staff import policies
from staff.admin.status import proof_url
from staff.models import CreativeSlot, Task, TaskKind, TaskStatus
from staff.selectors.briefs import brief_rows, missing_fields
from staff.selectors.reviewers import reviewers_of
from staff.selectors.revisions import latest_of, review_state
from staff.services.assignment.assigning import serves_queue
from staff.services.work.working import waiting_for

S = TaskStatus
_PICTURE_KINDS = {TaskKind.BANNER, TaskKind.PHOTO, TaskKind.PRODUCT_REGISTRATION}


def _part_url(task: Task, name: str) -> str:
    return reverse("admin:staff_task_part", args=[task.pk, name])


def brief(request: HttpRequest, task: Task) -> dict[str, Any]:
    """Give the answers in the order of the questions."""
    return {"rows": brief_rows(task.kind, task.brief), "missing": missing_fields(task.kind, task.brief)}


def checklist(request: HttpRequest, task: Task) -> dict[str, Any] | None:
    """Give the lines, and what this person may do with them."""
    user = actor(request)
    items = list(task.checklist.select_related("template_item", "done_by"))
    may_tick = task.is_open and policies.may_work_on(user, task)
    may_edit = policies.may_edit_request(user, task)
    if not items and not (may_tick or may_edit):
        return None
    return {
        "items": items,
        "done": sum(item.done_at is not None for item in items),
        "may_tick": may_tick,
        "may_edit": may_edit,
        "may_add": may_edit or may_tick,
        "tick_url": _part_url(task, "tick"),
        "add_url": _part_url(task, "add-line"),
        "remove_url": _part_url(task, "remove-line"),
    }


def deliverables(request: HttpRequest, task: Task) -> dict[str, Any] | None:
    """Give each picture or text with its latest version; who may change the request asks for more or fewer."""
    rows = list(task.deliverables.select_related("slot"))
    may_edit = policies.may_change_deliverables(actor(request), task)
    if not rows and not (may_edit and task.kind in _PICTURE_KINDS):
        return None
    latest = {revision.deliverable_id: revision for revision in latest_of(rows)}
    others = CreativeSlot.objects.filter(is_active=True).exclude(pk__in={row.slot_id for row in rows if row.slot_id})
    return {
        "rows": [(row, latest.get(row.pk)) for row in rows],
        "url": proof_url(task),
        "slots": list(others.order_by("platform", "code")) if may_edit else [],
        "may_remove": may_edit and len(rows) > 1,
        "add_url": _part_url(task, "add-deliverable"),
        "remove_url": _part_url(task, "remove-deliverable"),
    }


def comments(request: HttpRequest, task: Task) -> dict[str, Any]:
    """Give what was said, oldest first."""
    return {"comments": task.comments.select_related("author"), "url": _part_url(task, "comment")}


def attachments(request: HttpRequest, task: Task) -> dict[str, Any] | None:
    """Give the files of the brief."""
    files = list(task.attachments.select_related("uploaded_by"))
    may_attach = policies.may_attach(actor(request), task)
    if not files and not may_attach:
        return None
    return {
        "files": files,
        "may_attach": may_attach,
        "url": _part_url(task, "attach"),
        "remove_url": _part_url(task, "detach"),
    }


def watchers(request: HttpRequest, task: Task) -> dict[str, Any] | None:
    """Give who hears of it beside requester and assignee."""
    people = [str(watcher.user) for watcher in task.watchers.select_related("user")]
    return {"people": people} if people else None


# --- what should be done next


def next_for_task(request: HttpRequest, task: Task) -> list[NextAction]:
    """Say what the task waits for, and what about it needs a look."""
    return [*_alarms(task), *_step(request, task)]


def _alarms(task: Task) -> list[NextAction]:
    found = []
    if task.stale_at:
        reason = task.get_stale_reason_display()
        sentence = _("What customers see is no longer true: %(reason)s") % {"reason": reason}
        found.append(NextAction(sentence, level="danger"))
    if task.is_overdue:
        found.append(NextAction(_("The deadline has passed."), level="danger"))
    waits = waiting_for(task) if task.is_open else []
    if waits:
        found.append(NextAction(_("Waits for %(tasks)s.") % {"tasks": ", ".join(waits)}, level="warning"))
    return found


def _step(request: HttpRequest, task: Task) -> list[NextAction]:
    user = actor(request)
    rule = {
        S.DRAFT: _next_for_draft,
        S.SUBMITTED: _next_in_queue,
        S.ASSIGNED: _next_for_worker,
        S.IN_PROGRESS: _next_for_worker,
        S.CHANGES_REQUESTED: _next_for_worker,
        S.IN_REVIEW: _next_in_review,
    }.get(S(task.status))
    return rule(user, task) if rule else []


def _next_for_draft(user: Any, task: Task) -> list[NextAction]:
    if missing := missing_fields(task.kind, task.brief):
        return [NextAction(_("Please answer first: %(fields)s") % {"fields": ", ".join(missing)}, level="warning")]
    return [NextAction(_("This is a draft that nobody works on. Submit it."))]


def _next_in_queue(user: Any, task: Task) -> list[NextAction]:
    if policies.can_direct_tasks(user):
        return [NextAction(_("Nobody has this task yet. Give it to somebody, or wait for a claim."))]
    if policies.may_claim(user, task) and serves_queue(user, task):
        return [NextAction(_("Nobody has this task yet. Claim it to work on it."))]
    return []


def _next_for_worker(user: Any, task: Task) -> list[NextAction]:
    if task.assignee_id != user.pk:
        return []
    if task.status == S.ASSIGNED:
        return [NextAction(_("This is your task. Press “Start” when you begin."))]
    if task.status == S.CHANGES_REQUESTED:
        sentence = _("Changes were requested. Read the remarks, then upload a new version.")
        return [NextAction(sentence, proof_url(task), "warning")]
    state = review_state(task.pk)
    if state.missing:
        names = ", ".join(str(row) for row in state.missing[:3])
        return [NextAction(_("Upload a version of: %(names)s") % {"names": names}, proof_url(task))]
    if state.steps:
        return [NextAction(_("Everything is uploaded. Send it to review."))]
    return []


def _next_in_review(user: Any, task: Task) -> list[NextAction]:
    step = review_state(task.pk).current
    if step is None:
        return []
    if policies.can_review_tasks(user) and user.pk in reviewers_of(step, assignee_id=task.assignee_id):
        return [NextAction(_("Your decision is asked."), proof_url(task), "warning")]
    return [NextAction(_("Waits for the decision of: %(who)s") % {"who": step})]


for panel in [
    Panel("brief", gettext_lazy("Brief"), "staff/panels/brief.html", brief, position=10, above=True),
    Panel("checklist", gettext_lazy("Check list"), "staff/panels/checklist.html", checklist, position=20, above=True),
    Panel(
        "deliverables",
        gettext_lazy("Deliverables"),
        "staff/panels/deliverables.html",
        deliverables,
        position=30,
        wide=True,
        above=True,
    ),
    Panel("comments", gettext_lazy("Comments"), "staff/panels/comments.html", comments, position=40),
    Panel("attachments", pgettext_lazy("task", "Files"), "staff/panels/attachments.html", attachments, position=50),
    Panel("watchers", gettext_lazy("Watchers"), "staff/panels/watchers.html", watchers, position=80),
]:
    register_panel(Task, panel)
register_next_actions(Task, next_for_task)
register_document("T-", lambda number: f"{reverse('admin:staff_task_changelist')}?tab=all&q={number}")

for name, icon in {
    "task_requested": "add_task",
    "task_assigned": "person_add",
    "task_released": "keyboard_return",
    "task_started": "play_arrow",
    "revision_uploaded": "upload_file",
    "task_sent_to_review": "rate_review",
    "task_taken_back": "undo",
    "changes_requested": "edit_note",
    "step_approved": "check",
    "task_approved": "verified",
    "task_delivered": "move_to_inbox",
    "task_went_live": "rocket_launch",
    "task_retired": "visibility_off",
    "task_put_on_hold": "pause",
    "task_resumed": "resume",
    "task_cancelled": "cancel",
    "task_reopened": "restart_alt",
    "task_rescheduled": "event",
    "task_edited": "edit",
    "task_commented": "chat",
    "task_escalated": "campaign",
    "creative_went_stale": "running_with_errors",
    "creative_came_true": "task_alt",
}.items():
    timeline_icon(f"staff.{name}", icon)
