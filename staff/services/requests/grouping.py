"""Groups of tasks with one go-live date: a campaign, a launch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.errors import Conflict, InvalidInput, InvalidTransition, NotAllowed
from core.events import record
from staff.events import TaskEdited, TaskGroupClosed, TaskGroupMoved, TaskGroupOpened, TaskGroupReopened
from staff.models import OPEN_STATUSES, Task, TaskGroup, TaskStatus, User
from staff.policies import can_direct_tasks
from staff.selectors.working_time import working_time
from staff.services.requests.requesting import check_horizon, set_deadline
from staff.services.work.many import TaskBatch, for_each_task
from staff.services.work.moving import lock_task

_OPEN = [TaskStatus.DRAFT, *OPEN_STATUSES]


@dataclass(slots=True)
class GroupMove:
    """What moving a go-live date did: tasks whose deadline moved with it, and open ones whose deadline stayed."""

    group: TaskGroup
    replanned: list[Task] = field(default_factory=list)
    kept: list[Task] = field(default_factory=list)


@transaction.atomic
def create_group(
    *, name: str, go_live_on: date, note: str = "", owner_id: int | None = None, actor: User | None = None
) -> TaskGroup:
    """Open a group for a go-live date and return it; its owner is ``owner_id``, else the actor.

    InvalidInput without a name or owner and for a date in the past; NotAllowed without the right to direct work.
    """
    _check_right(actor)
    owner = _responsible(owner_id or (actor.pk if actor else 0))
    _check_to_come(go_live_on)
    group = TaskGroup.objects.create(name=_named(name), go_live_on=go_live_on, note=note.strip(), owner=owner)
    fact = TaskGroupOpened(group_id=group.pk, go_live_on=go_live_on.isoformat())
    record(fact, subject=group, actor=actor)
    return group


@transaction.atomic
def edit_group(
    *,
    group_id: int,
    name: str | None = None,
    note: str | None = None,
    owner_id: int | None = None,
    actor: User | None = None,
) -> TaskGroup:
    """Change what is given and return the group. InvalidInput for an empty name or a closed account as the owner.

    NotAllowed without the right to direct work. The date moves by ``move_go_live``.
    """
    _check_right(actor)
    group = _lock_group(group_id)
    group.name = group.name if name is None else _named(name)
    group.note = group.note if note is None else note.strip()
    if owner_id is not None:
        group.owner = _responsible(owner_id)
    group.save(update_fields=["name", "note", "owner"])
    return group


@transaction.atomic
def move_go_live(*, group_id: int, go_live_on: date, actor: User | None = None) -> GroupMove:
    """Give the group another go-live date; what was planned back from the old one is planned back from the new one.

    Open tasks of the old date get the new date. Their deadline moves when it was the planned one (its people are told),
    and stays when somebody set it by hand. InvalidInput for a date in the past, and, naming the tasks, when there are
    too few working days left for some: then nothing has changed. NotAllowed without the right to direct work;
    InvalidTransition when the group is closed.
    """
    _check_right(actor)
    group = _lock_group(group_id)
    _check_running(group)
    if group.go_live_on == go_live_on:
        return GroupMove(group)
    _check_to_come(go_live_on)
    tasks = _lock_open_tasks(group)
    plan = _plan(tasks, group.go_live_on, go_live_on)
    before, group.go_live_on = group.go_live_on, go_live_on
    group.save(update_fields=["go_live_on"])
    move = GroupMove(group)
    for task in tasks:
        if task.go_live_on == before:
            task.go_live_on = go_live_on
            task.save(update_fields=["go_live_on", "updated_at"])
        if task.pk in plan:
            set_deadline(task, plan[task.pk], actor=actor)
        (move.replanned if task.pk in plan else move.kept).append(task)
    fact = TaskGroupMoved(
        group_id=group.pk,
        go_live_on=go_live_on.isoformat(),
        before=before.isoformat(),
        replanned=[task.pk for task in move.replanned],
    )
    record(fact, subject=group, actor=actor)
    return move


@transaction.atomic
def add_tasks_to_group(*, group_id: int, task_ids: Sequence[int], actor: User | None = None) -> TaskBatch:
    """Bring tasks into the group, from another one if need be; those in it already count as done.

    A task without go-live date gets the group's, and a deadline planned back when it has none and there is time left.
    Refused: cancelled tasks. NotAllowed without the right to direct work; InvalidTransition when the group is closed.
    """
    _check_right(actor)
    group = _lock_group(group_id)
    _check_running(group)
    return for_each_task(task_ids, lambda pk: _join(pk, group, actor))


@transaction.atomic
def remove_tasks_from_group(*, group_id: int, task_ids: Sequence[int], actor: User | None = None) -> TaskBatch:
    """Take tasks out of the group; their dates stay. Refused: tasks of another group. NotAllowed as above."""
    _check_right(actor)
    group = _lock_group(group_id)
    return for_each_task(task_ids, lambda pk: _leave(pk, group, actor))


@transaction.atomic
def close_group(*, group_id: int, actor: User | None = None) -> TaskGroup:
    """Take the group from the list of running ones. InvalidTransition while tasks are open, naming them."""
    _check_right(actor)
    group = _lock_group(group_id)
    _check_running(group)
    still_open = list(group.tasks.filter(status__in=_OPEN).order_by("pk").values_list("number", flat=True)[:5])
    if still_open:
        raise InvalidTransition(_("Still open: %(tasks)s") % {"tasks": ", ".join(still_open)})
    group.closed_at = timezone.now()
    group.save(update_fields=["closed_at"])
    record(TaskGroupClosed(group_id=group.pk), subject=group, actor=actor)
    return group


@transaction.atomic
def reopen_group(*, group_id: int, actor: User | None = None) -> TaskGroup:
    """Bring a closed group back among the running ones; repeating changes nothing."""
    _check_right(actor)
    group = _lock_group(group_id)
    if group.closed_at is not None:
        group.closed_at = None
        group.save(update_fields=["closed_at"])
        record(TaskGroupReopened(group_id=group.pk), subject=group, actor=actor)
    return group


def _plan(tasks: Sequence[Task], before: date, after: date) -> Mapping[int, datetime]:
    """Return the new deadline of each task whose deadline was planned back from ``before``."""
    hours, now = working_time(), timezone.now()
    plan, late = {}, []
    for task in tasks:
        lead_days = task.template.lead_days if task.template else 1
        if task.go_live_on != before or task.due_at != hours.due_before(before, lead_days):
            continue
        plan[task.pk] = hours.due_before(after, lead_days)
        if plan[task.pk] < now:
            late.append(task.number)
    if late:
        sentence = _(
            "Too few working days are left for %(tasks)s. Choose a later date, or change their deadlines first."
        )
        raise InvalidInput(sentence % {"tasks": ", ".join(late)})
    return plan


def _join(task_id: int, group: TaskGroup, actor: User | None) -> None:
    task = lock_task(task_id)
    if task.group_id == group.pk:
        return
    if task.status == TaskStatus.CANCELLED:
        raise InvalidTransition(_("This task is cancelled."))
    task.group = group
    changed = ["group"]
    if task.go_live_on is None:
        task.go_live_on = group.go_live_on
        changed.append("go_live_on")
    task.save(update_fields=[*changed, "updated_at"])
    record(TaskEdited(task_id=task.pk, fields=changed), subject=task, actor=actor)
    if task.due_at is None and task.status in _OPEN:
        lead_days = task.template.lead_days if task.template else 1
        due_at = working_time().due_before(task.go_live_on, lead_days)
        if due_at >= timezone.now():
            set_deadline(task, due_at, actor=actor)


def _leave(task_id: int, group: TaskGroup, actor: User | None) -> None:
    task = lock_task(task_id)
    if task.group_id != group.pk:
        raise Conflict(_("This task is not in the group. Reload the page."))
    task.group = None
    task.save(update_fields=["group", "updated_at"])
    record(TaskEdited(task_id=task.pk, fields=["group"]), subject=task, actor=actor)


def _lock_group(group_id: int) -> TaskGroup:
    group = TaskGroup.objects.select_for_update(no_key=True).filter(pk=group_id).first()
    if group is None:
        raise Conflict(_("This group is gone. Reload the list."))
    return group


def _lock_open_tasks(group: TaskGroup) -> list[Task]:
    rows = group.tasks.select_for_update(of=("self",)).select_related("template").filter(status__in=_OPEN)
    return list(rows.order_by("pk"))


def _responsible(user_id: int) -> User:
    owner = User.objects.filter(pk=user_id, is_active=True).first()
    if owner is None:
        raise InvalidInput(_("Say who is responsible for the group."))
    return owner


def _check_right(actor: User | None) -> None:
    if not can_direct_tasks(actor):
        raise NotAllowed(_("Only who directs the work may change groups of tasks."))


def _check_running(group: TaskGroup) -> None:
    if group.closed_at is not None:
        raise InvalidTransition(_("This group is closed. Open it again first."))


def _check_to_come(day: date) -> None:
    check_horizon(day)
    if day < timezone.localdate():
        raise InvalidInput(_("%(date)s lies in the past. Choose a later date.") % {"date": date_format(day)})


def _named(name: str) -> str:
    name = name.strip()[:120]
    if not name:
        raise InvalidInput(_("Please give the group a name."))
    return name
