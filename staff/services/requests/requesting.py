"""Asking for work: a typed request with its brief, from a template, from any page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import InvalidInput, NotAllowed
from core.events import record
from core.sequences import document_number, next_numbers
from staff.events import TaskRequested, TaskRescheduled
from staff.models import (
    ChecklistItem,
    Deliverable,
    Priority,
    ReviewStep,
    Task,
    TaskGroup,
    TaskKind,
    TaskStatus,
    TaskTemplate,
    TaskWatcher,
    Topic,
    User,
)
from staff.policies import can_request_tasks, may_edit_request
from staff.selectors.briefs import answers_of, missing_fields
from staff.selectors.working_time import working_time
from staff.services.notifications.notifying import notify, people_of
from staff.services.work.moving import lock_task, move_task, open_span, search_text_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked. What is left at None comes from the template, else from the usual of the kind.

    ``slot_ids`` become one deliverable each, ``review_roles`` one approval step each; ``shown_*`` are what the picture
    tells customers (price in minor units). ``subject`` is the row the task is about, in any app.
    """

    kind: str
    title: str
    brief: Mapping[str, str] = field(default_factory=dict)
    template_id: int | None = None
    role: str | None = None
    priority: int | None = None
    estimate_minutes: int | None = None
    go_live_on: date | None = None
    due_at: datetime | None = None
    group_id: int | None = None
    subject: models.Model | None = None
    slot_ids: Sequence[int] | None = None
    review_roles: Sequence[str] | None = None
    checklist: Sequence[str] = ()
    watcher_ids: Sequence[int] = ()
    shown_price: int | None = None
    shown_currency: str = ""
    shown_from: date | None = None
    shown_until: date | None = None
    usage_rights: str = ""
    rights_until: date | None = None
    recurring_id: int | None = None
    occurs_on: date | None = None


HORIZON = timedelta(days=3653)
_FIRST, _LAST = date(2000, 1, 1), date(2999, 12, 31)
_USUAL_ROLE = {
    TaskKind.BANNER: "designer",
    TaskKind.PHOTO: "designer",
    TaskKind.PRODUCT_REGISTRATION: "merchandiser",
    TaskKind.PRODUCT_EDIT: "merchandiser",
    TaskKind.COPY: "merchandiser",
    TaskKind.STOCK_CHECK: "warehouse",
    TaskKind.INFLUENCER_FOLLOW_UP: "ec_manager",
    TaskKind.GENERAL: "ec_manager",
}
# work that yields pictures or words is judged before it is used
_REVIEWED = {TaskKind.BANNER, TaskKind.PHOTO, TaskKind.COPY}


@transaction.atomic
def request_task(*, request: Request, submit: bool = True, actor: User) -> Task:
    """Open a task and return it: in the queue of its role, or a draft.

    Afterwards check list, deliverables and approval steps are there, and the deadline is planned back from the go-live
    date unless one was given. InvalidInput names open questions of the brief, a deadline in the past and a turned
    period; NotAllowed without the right to ask for work.
    """
    if not can_request_tasks(actor):
        raise NotAllowed(_("You may not request tasks."))
    request = _in_group(request)
    template = _template(request)
    values = _values(request, template)
    _check(request, values, submit=submit)
    [number] = next_numbers(series="staff.task")
    now = timezone.now()
    task = Task(
        number=document_number("T", number),
        requester=actor,
        status=TaskStatus.SUBMITTED if submit else TaskStatus.DRAFT,
        submitted_at=now if submit else None,
        status_since=now,
        touched_at=now,
        **values,
    )
    task.search_text = search_text_of(task)
    task.save(force_insert=True)
    open_span(task, now)
    _add_parts(task, request, template)
    if submit:
        record(TaskRequested(task_id=task.pk, kind=task.kind), subject=task, actor=actor)
    return task


@transaction.atomic
def submit_task(*, task_id: int, actor: User) -> Task:
    """Bring a draft into the queue of its role. InvalidInput while required questions of the brief are open."""
    task = lock_task(task_id)
    _check_may_edit(task, actor)
    if missing := missing_fields(task.kind, task.brief):
        raise InvalidInput(_("Please answer first: %(fields)s") % {"fields": ", ".join(missing)})
    move_task(task, TaskStatus.SUBMITTED)
    record(TaskRequested(task_id=task.pk, kind=task.kind), subject=task, actor=actor)
    return task


@transaction.atomic
def reschedule_task(*, task_id: int, due_at: datetime | None, actor: User | None = None) -> Task:
    """Set the deadline; InvalidInput for one in the past, NotAllowed unless requester or director."""
    task = lock_task(task_id)
    _check_may_edit(task, actor)
    set_deadline(task, due_at, actor=actor)
    return task


def set_deadline(task: Task, due_at: datetime | None, *, actor: User | None) -> None:
    """Give a locked task its deadline and tell its people; InvalidInput for one in the past, nothing for the same."""
    check_deadline(due_at)
    if task.due_at == due_at:
        return
    before, task.due_at = task.due_at, due_at
    task.save(update_fields=["due_at", "updated_at"])
    fact = TaskRescheduled(
        task_id=task.pk,
        due_at=due_at.isoformat() if due_at else "",
        before=before.isoformat() if before else "",
    )
    record(fact, subject=task, actor=actor)
    if task.status != TaskStatus.DRAFT:
        notify(
            user_ids=people_of(task),
            topic=Topic.CHANGED,
            task=task,
            key=f"rescheduled:{task.pk}:{timezone.now().isoformat()}",
            data={"change": "due", "due_at": fact.due_at},
            actor=actor,
        )


def usual_role(kind: str) -> str:
    """Return whose queue a kind waits in when no template says otherwise."""
    return _USUAL_ROLE[TaskKind(kind)]


def planned_deadline(go_live_on: date | None, template: TaskTemplate | None) -> datetime | None:
    """Return the deadline planned back from the go-live date: the close of a working day before; None without date."""
    if go_live_on is None:
        return None
    day = min(max(go_live_on, _FIRST), _LAST)  # before the first and after the last day there is none to count to
    return working_time().due_before(day, template.lead_days if template else 1)


def check_deadline(due_at: datetime | None) -> None:
    """Raise InvalidInput for a deadline that has passed, or that lies further away than work is planned."""
    if due_at is None:
        return
    if due_at < timezone.now():
        raise InvalidInput(_("The deadline lies in the past. Choose a later one."))
    check_horizon(due_at.date())


def check_horizon(*days: date | None) -> None:
    """Raise InvalidInput for days so far away that nobody means them: plans are counted day by day."""
    today = timezone.localdate()
    if any(day is not None and abs(day - today) > HORIZON for day in days):
        raise InvalidInput(_("This date lies too far away. Choose one within ten years."))


def check_period(start: date | None, end: date | None) -> None:
    """Raise InvalidInput for a period that ends before it starts."""
    if start and end and end < start:
        raise InvalidInput(_("The period shown ends before it starts."))


def _check_may_edit(task: Task, actor: User | None) -> None:
    if not may_edit_request(actor, task):
        raise NotAllowed(_("Only who requested the task, or who directs the work, may change it."))


def _in_group(request: Request) -> Request:
    """Return the request; asked for from the page of a group, the task becomes one of the group, for its date."""
    about = request.subject if isinstance(request.subject, TaskGroup) else None
    if about is None and request.group_id is None:
        return request
    group = TaskGroup.objects.filter(pk=about.pk if about else request.group_id or 0).first()
    if group is None or group.closed_at is not None:
        raise InvalidInput(_("This group is closed. Open it again first."))
    if about is None:
        return request
    return replace(request, subject=None, group_id=group.pk, go_live_on=request.go_live_on or group.go_live_on)


def _template(request: Request) -> TaskTemplate | None:
    if request.template_id is None:
        return None
    template = TaskTemplate.objects.filter(pk=request.template_id).first()
    if template is None or template.kind != request.kind:
        raise InvalidInput(_("This template is for another kind of task. Choose another one."))
    return template


def _values(request: Request, template: TaskTemplate | None) -> dict[str, Any]:
    """Return the columns of the new task: what was said, else the template's, else the usual."""
    usual: dict[str, Any] = {
        "role": template.role if template else usual_role(request.kind),
        "priority": template.priority if template else Priority.NORMAL,
        "estimate_minutes": template.estimate_minutes if template else 60,
    }
    said = {name: getattr(request, name) for name in usual if getattr(request, name) is not None}
    same = ("go_live_on", "group_id", "shown_price", "shown_currency", "shown_from", "shown_until", "usage_rights")
    subject = request.subject
    return {
        **usual,
        **said,
        **{name: getattr(request, name) for name in same},
        "rights_until": request.rights_until,
        "recurring_id": request.recurring_id,
        "occurs_on": request.occurs_on,
        "kind": TaskKind(request.kind),
        "title": request.title.strip()[:200],
        "brief": answers_of(request.kind, request.brief),
        "template": template,
        "revision_limit": template.revision_limit if template else 3,
        "due_at": request.due_at or planned_deadline(request.go_live_on, template),
        "subject_type": ContentType.objects.get_for_model(subject) if subject is not None else None,
        "subject_id": subject.pk if subject is not None else None,
        "subject_label": str(subject)[:200] if subject is not None else "",
    }


def _check(request: Request, values: dict[str, Any], *, submit: bool) -> None:
    if not values["title"]:
        raise InvalidInput(_("Please give the task a title."))
    if submit and (missing := missing_fields(request.kind, values["brief"])):
        raise InvalidInput(_("Please answer first: %(fields)s") % {"fields": ", ".join(missing)})
    if values["due_at"] and values["due_at"] < timezone.now() and request.due_at is None:
        raise InvalidInput(_("There are too few working days left before going live. Choose a later date."))
    check_deadline(values["due_at"])
    check_horizon(request.go_live_on)
    check_period(request.shown_from, request.shown_until)


def _add_parts(task: Task, request: Request, template: TaskTemplate | None) -> None:
    items = list(template.items.all()) if template else []
    ChecklistItem.objects.bulk_create(
        [
            ChecklistItem(
                task=task, position=place, template_item=item, own_text=item.text, is_required=item.is_required
            )
            for place, item in enumerate(items)
        ]
        + [
            ChecklistItem(task=task, position=len(items) + place, own_text=text[:200])
            for place, text in enumerate(request.checklist)
        ]
    )
    slot_ids = request.slot_ids
    if slot_ids is None:
        slot_ids = list(template.slots.order_by("pk").values_list("pk", flat=True)) if template else []
    roles = request.review_roles
    if roles is None:
        roles = template.review_roles if template else []
    slots: list[int | None] = list(dict.fromkeys(slot_ids))
    if not slots and (roles or task.kind in _REVIEWED):  # who approves needs something to look at
        slots = [None]
    Deliverable.objects.bulk_create(
        [Deliverable(task=task, slot_id=slot, position=place) for place, slot in enumerate(slots)]
    )
    if not roles and slots:
        roles = ["ec_manager"]
    ReviewStep.objects.bulk_create(
        [ReviewStep(task=task, position=place, role=role) for place, role in enumerate(roles)]
    )
    active = User.objects.filter(pk__in=set(request.watcher_ids), is_active=True).values_list("pk", flat=True)
    TaskWatcher.objects.bulk_create([TaskWatcher(task=task, user_id=pk) for pk in active], ignore_conflicts=True)
