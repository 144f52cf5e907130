"""Changing what is asked while the work is not done: the request itself, its check list, who watches it."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import InvalidInput, NotAllowed
from core.events import record
from staff.events import TaskEdited
from staff.models import ChecklistItem, Priority, Role, Task, TaskStatus, TaskWatcher, User
from staff.policies import can_view_tasks, may_edit_request, may_work_on
from staff.selectors.briefs import answers_of, missing_fields
from staff.services.requests.requesting import check_horizon, check_period, planned_deadline, set_deadline
from staff.services.work.moving import lock_task, search_text_of

EDITABLE = (
    "title",
    "brief",
    "priority",
    "role",
    "estimate_minutes",
    "go_live_on",
    "shown_price",
    "shown_currency",
    "shown_from",
    "shown_until",
    "usage_rights",
    "rights_until",
)
_FOUND_BY = {"title", "brief"}


@transaction.atomic
def edit_task(
    *, task_id: int, changes: Mapping[str, Any], watcher_ids: Collection[int] | None = None, actor: User | None = None
) -> Task:
    """Change the columns named in ``changes`` (of ``EDITABLE``) and, when given, who watches; return the task.

    A deadline that was planned back from the go-live date moves with it; one set by hand stays. NotAllowed unless one
    requested the task or directs, or the work is done. InvalidInput for an empty title, open questions of the brief
    (a draft may have them), a turned period, a price without currency, another role once somebody has the task.
    """
    task = lock_task(task_id)
    if not may_edit_request(actor, task):
        raise NotAllowed(_("Only who requested the task, or who directs the work, may change it."))
    before = planned_deadline(task.go_live_on, task.template)
    changed = _apply(task, changes)
    _check(task, changed)
    if changed:
        if _FOUND_BY & set(changed):
            task.search_text = search_text_of(task)
            changed = [*changed, "search_text"]
        task.save(update_fields=[*changed, "updated_at"])
        named = [name for name in changed if name != "search_text"]
        record(TaskEdited(task_id=task.pk, fields=named), subject=task, actor=actor)
    if "go_live_on" in changed and task.go_live_on and task.due_at == before:
        set_deadline(task, planned_deadline(task.go_live_on, task.template), actor=actor)
    if watcher_ids is not None:
        _set_watchers(task, set(watcher_ids))
    return task


@transaction.atomic
def change_priority(*, task_id: int, priority: int, actor: User | None = None) -> Task:
    """Say how much the task presses. NotAllowed unless one requested it or directs."""
    return edit_task(task_id=task_id, changes={"priority": priority}, actor=actor)


@transaction.atomic
def watch_task(*, task_id: int, actor: User) -> Task:
    """Let ``actor`` hear of the task from now on; repeating changes nothing. NotAllowed without the right to see it."""
    if not can_view_tasks(actor):
        raise NotAllowed(_("You may not see tasks."))
    task = lock_task(task_id)
    TaskWatcher.objects.get_or_create(task=task, user=actor)
    return task


@transaction.atomic
def unwatch_task(*, task_id: int, actor: User) -> Task:
    """Let ``actor`` hear of the task no longer as a watcher; repeating changes nothing."""
    task = lock_task(task_id)
    TaskWatcher.objects.filter(task=task, user=actor).delete()
    return task


@transaction.atomic
def add_checklist_line(
    *, task_id: int, text: str, is_required: bool = True, actor: User | None = None
) -> ChecklistItem:
    """Add a line at the end of the check list. NotAllowed unless one requested, directs or has the task."""
    text = text.replace("\x00", "").strip()  # NUL: no database keeps it
    if not text or len(text) > 200:
        raise InvalidInput(_("Write a line of at most 200 characters."))
    task = lock_task(task_id)
    _check_may_change_list(task, actor)
    last = task.checklist.order_by("-position").values_list("position", flat=True).first()
    position = 0 if last is None else last + 1
    item = ChecklistItem.objects.create(task=task, own_text=text, is_required=is_required, position=position)
    record(TaskEdited(task_id=task.pk, fields=["checklist"]), subject=task, actor=actor)
    return item


@transaction.atomic
def remove_checklist_line(*, item_id: int, actor: User | None = None) -> Task:
    """Take a line off the check list. InvalidInput for a ticked one: it is proof of what was done."""
    item = ChecklistItem.objects.filter(pk=item_id).first()
    if item is None:
        raise InvalidInput(_("This line is gone. Reload the page."))
    task = lock_task(item.task_id)
    if not may_edit_request(actor, task):
        raise NotAllowed(_("Only who requested the task, or who directs the work, may change it."))
    item = task.checklist.filter(pk=item_id).first()  # looked up again under the lock
    if item is None:
        raise InvalidInput(_("This line is gone. Reload the page."))
    if item.done_at is not None:
        raise InvalidInput(_("This line is ticked. Untick it first."))
    item.delete()
    record(TaskEdited(task_id=task.pk, fields=["checklist"]), subject=task, actor=actor)
    return task


def _apply(task: Task, changes: Mapping[str, Any]) -> list[str]:
    """Put the new values onto the task and return the names of those that differ."""
    values = dict(changes)
    if unknown := set(values) - set(EDITABLE):
        raise InvalidInput(_("This cannot be changed here: %(names)s") % {"names": ", ".join(sorted(unknown))})
    for name in ("title", "usage_rights"):
        if name in values:
            values[name] = str(values[name]).strip()[:200]
    if "brief" in values:
        values["brief"] = answers_of(task.kind, values["brief"])
    if "shown_price" in values and values["shown_price"] is None:
        values["shown_currency"] = ""
    changed = [name for name in EDITABLE if name in values and getattr(task, name) != values[name]]
    for name in changed:
        setattr(task, name, values[name])
    return changed


def _check(task: Task, changed: list[str]) -> None:
    if not task.title:
        raise InvalidInput(_("Please give the task a title."))
    if "brief" in changed and task.status != TaskStatus.DRAFT and (missing := missing_fields(task.kind, task.brief)):
        raise InvalidInput(_("Please answer first: %(fields)s") % {"fields": ", ".join(missing)})
    if task.priority not in Priority.values or task.role not in Role.values or task.estimate_minutes < 1:
        raise InvalidInput(_("Choose priority, role and estimate from what is offered."))
    if "role" in changed and task.status not in {TaskStatus.DRAFT, TaskStatus.SUBMITTED}:
        raise InvalidInput(_("Somebody has this task already: give it to somebody else instead."))
    check_period(task.shown_from, task.shown_until)
    if "go_live_on" in changed:
        check_horizon(task.go_live_on)
    if task.shown_price is not None and (task.shown_price < 0 or not task.shown_currency):
        raise InvalidInput(_("Write the price shown together with its currency."))


def _check_may_change_list(task: Task, actor: User | None) -> None:
    if not (may_edit_request(actor, task) or (task.is_open and may_work_on(actor, task))):
        raise NotAllowed(_("Only who requested the task, who has it, or who directs the work, may change it."))


def _set_watchers(task: Task, user_ids: set[int]) -> None:
    TaskWatcher.objects.filter(task=task).exclude(user_id__in=user_ids).delete()
    active = User.objects.filter(pk__in=user_ids, is_active=True).values_list("pk", flat=True)
    TaskWatcher.objects.bulk_create([TaskWatcher(task=task, user_id=pk) for pk in active], ignore_conflicts=True)
