"""Tasks that come back: each occurrence is opened once, whoever runs the clock twice."""

import logging
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import Conflict, DomainError, InvalidInput, InvalidTransition, NotAllowed
from core.events import record
from staff.events import RecurringTaskOpened, RecurringTaskPaused, RecurringTaskResumed
from staff.models import RecurringTask, Task, User
from staff.policies import can_direct_tasks, can_work_on_tasks
from staff.selectors.briefs import missing_fields
from staff.selectors.occurrences import next_occurrence, occurrences
from staff.selectors.working_time import WorkingTime, working_time
from staff.services.assignment.assigning import assign_task
from staff.services.requests.requesting import Request, request_task

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class OpeningReport:
    """What opening the due occurrences did: tasks made, and (recurring task id, sentence) of those refused."""

    opened: list[Task] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)


def open_recurring(*, today: date | None = None) -> OpeningReport:
    """Open what is due up to ``today``, each recurring task in a transaction of its own.

    Of days that were missed only the latest is opened. Afterwards the next day lies beyond ``today``, so that running
    twice, or after a kill, opens nothing twice. What cannot be opened (the requester left, the brief is open) keeps its
    day and says why in ``problem``.
    """
    today = today or timezone.localdate()
    report = OpeningReport()
    due = RecurringTask.objects.filter(is_active=True, next_on__lte=today).order_by("next_on", "pk")
    for pk in list(due.values_list("pk", flat=True)):
        try:
            task = _open_due(pk, today)
        except DomainError as refusal:
            report.refused.append((pk, str(refusal)))
            RecurringTask.objects.filter(pk=pk).update(problem=str(refusal)[:300])
            logger.warning("recurring task not opened recurring=%s", pk)
        else:
            report.opened += [task] if task is not None else []
    return report


@transaction.atomic
def open_now(*, recurring_id: int, actor: User | None = None) -> Task:
    """Open today's occurrence by hand, also when it is another day's turn or paused, and return the task.

    The rhythm stays; a day that was due is done with it. Conflict when today's is open already; NotAllowed without the
    right to direct work; refuses what ``request_task`` refuses.
    """
    recurring, hours, today = _lock(recurring_id, actor), working_time(), timezone.localdate()
    known = Task.objects.filter(recurring=recurring, occurs_on=today).first()
    if known is not None:
        raise Conflict(_("%(number)s was opened today already.") % {"number": known.number})
    task = _open(recurring, today, hours, actor)
    _latest, recurring.next_on = occurrences(recurring, today, hours)
    recurring.save(update_fields=["next_on", "problem"])
    return task


@transaction.atomic
def pause_recurring(*, recurring_id: int, actor: User | None = None) -> RecurringTask:
    """Open no more of it until it is resumed. InvalidTransition when it is paused; NotAllowed unless one directs."""
    recurring = _lock(recurring_id, actor)
    if not recurring.is_active:
        raise InvalidTransition(_("It is paused already. Reload the page."))
    recurring.is_active = False
    recurring.save(update_fields=["is_active"])
    record(RecurringTaskPaused(recurring_id=recurring.pk), subject=recurring, actor=actor)
    return recurring


@transaction.atomic
def resume_recurring(*, recurring_id: int, actor: User | None = None) -> RecurringTask:
    """Open it again from today on; days that passed meanwhile are left out.

    InvalidInput while questions of the brief are open or the requester's account is closed; InvalidTransition when it
    runs; NotAllowed unless one directs.
    """
    recurring = _lock(recurring_id, actor)
    if recurring.is_active:
        raise InvalidTransition(_("It runs already. Reload the page."))
    if missing := missing_fields(recurring.template.kind, recurring.brief):
        raise InvalidInput(_("Please answer first: %(fields)s") % {"fields": ", ".join(missing)})
    if not recurring.requester.is_active:
        raise InvalidInput(_("The requester’s account is closed. Choose somebody else."))
    plan_recurring(recurring)
    recurring.is_active, recurring.problem = True, ""
    recurring.save(update_fields=["is_active", "next_on", "problem"])
    fact = RecurringTaskResumed(recurring_id=recurring.pk, next_on=recurring.next_on.isoformat())
    record(fact, subject=recurring, actor=actor)
    return recurring


def plan_recurring(recurring: RecurringTask) -> None:
    """Set the next day by the rule, from today on, or from tomorrow when today's is open; the caller saves the row."""
    today = timezone.localdate()
    is_done = recurring.pk is not None and Task.objects.filter(recurring=recurring, occurs_on=today).exists()
    recurring.next_on = next_occurrence(recurring, today + timedelta(days=1) if is_done else today, working_time())


@transaction.atomic
def _open_due(recurring_id: int, today: date) -> Task | None:
    # 1. whoever comes second waits here and then finds a later day
    recurring = _lock(recurring_id, None)
    if not recurring.is_active or recurring.next_on > today:
        return None
    # 2. the task and the next day are committed together, or neither is
    hours = working_time()
    latest, coming = occurrences(recurring, today, hours)
    task = None
    if latest is not None and not Task.objects.filter(recurring=recurring, occurs_on=latest).exists():
        task = _open(recurring, latest, hours, None)
    recurring.next_on, recurring.problem = coming, ""
    recurring.save(update_fields=["next_on", "problem"])
    return task


def _open(recurring: RecurringTask, occurs_on: date, hours: WorkingTime, actor: User | None) -> Task:
    template = recurring.template
    task = request_task(
        request=Request(
            kind=template.kind,
            title=recurring.title,
            brief=recurring.brief,
            template_id=template.pk,
            due_at=_due(recurring, occurs_on, hours),
            recurring_id=recurring.pk,
            occurs_on=occurs_on,
        ),
        actor=recurring.requester,
    )
    assignee = recurring.assignee
    # whoever may no longer have tasks gets none: the queue of the role has it
    if assignee is not None and assignee.is_active and can_work_on_tasks(assignee):
        assign_task(task_id=task.pk, assignee_id=assignee.pk)
    fact = RecurringTaskOpened(
        recurring_id=recurring.pk, task_id=task.pk, number=task.number, occurs_on=occurs_on.isoformat()
    )
    record(fact, subject=recurring, actor=actor)
    recurring.problem = ""
    return task


def _due(recurring: RecurringTask, occurs_on: date, hours: WorkingTime) -> datetime:
    """Return the close of the working day it is due on, counted from today when the day was missed."""
    start = max(occurs_on, timezone.localdate())
    due = hours.closes(hours.shift(start, recurring.due_after_days))
    if due < timezone.now():  # due the same day, opened after its close
        due = hours.closes(hours.shift(start, recurring.due_after_days + 1))
    return due


def _lock(recurring_id: int, actor: User | None) -> RecurringTask:
    if not can_direct_tasks(actor):
        raise NotAllowed(_("Only who directs the work may change recurring tasks."))
    rows = RecurringTask.objects.select_for_update(of=("self",)).select_related("template", "requester", "assignee")
    recurring = rows.filter(pk=recurring_id).first()
    if recurring is None:
        raise Conflict(_("This recurring task is gone. Reload the list."))
    return recurring
