"""Decisions: what an approval step says of versions, and what follows for the task."""

from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.errors import Conflict, InvalidInput, InvalidTransition, NotAllowed
from core.events import record
from staff.events import ChangesRequested, StepApproved, TaskApproved
from staff.models import Decision, Pin, ReviewStep, Revision, Task, TaskStatus, Topic, User, Verdict
from staff.policies import can_review_tasks
from staff.selectors.reviewers import reviewers_of
from staff.selectors.revisions import ReviewState, review_state
from staff.services.notifications.notifying import notify, people_of, settle
from staff.services.proofs.reviewing import ask
from staff.services.work.moving import lock_task, move_task, touched

MAX_NOTE = 4000


@transaction.atomic
def decide(
    *,
    task_id: int,
    verdict: str,
    revision_ids: Collection[int],
    note: str = "",
    over_limit_reason: str = "",
    accept_open_pins: bool = False,
    actor: User,
) -> Task:
    """Say what the current step thinks of these versions and return the task.

    Approved by the step, the next one is told; after the last one the task is approved. Changes requested, the task
    goes back to the assignee; what else was approved stays so, and only the rest is asked about next time.

    1. The task's lock lets one decision through at a time, and no version comes in meanwhile. 2. Only the latest
    versions can be judged: Conflict when there are newer ones, or when a colleague was faster. 3. NotAllowed unless it
    is one's turn (``reviewers_of``); nobody judges his own work. 4. Approval with open pins must be said explicitly;
    changes need a note or a pin; beyond the agreed rounds they need a reason too, which is kept with the note.
    """
    verdict = Verdict(verdict)
    task = lock_task(task_id)
    state = review_state(task.pk)
    step = _step_in_review(task, state)
    stands_in_for = _check_turn(task, step, actor)
    judged = _judged(task, state, step, set(revision_ids))
    note, reason = _words(note), _words(over_limit_reason)
    if verdict == Verdict.APPROVED:
        _check_pins(judged, accept_open_pins=accept_open_pins)
    else:
        note = _wish(task, judged, note, reason)
    Decision.objects.bulk_create(
        [
            Decision(step=step, revision=revision, verdict=verdict, note=note, by=actor, on_behalf_of_id=stands_in_for)
            for revision in judged
        ]
    )
    settle(task=task, topic=Topic.REVIEW_ASKED)  # the next step is asked anew
    if verdict == Verdict.CHANGES_REQUESTED:
        return _send_back(task, note, actor)
    return _go_on(task, step, actor)


def _step_in_review(task: Task, state: ReviewState) -> ReviewStep:
    if task.status != TaskStatus.IN_REVIEW or state.current is None:
        raise InvalidTransition(_("This task is not in review any more. Reload the page to see its state."))
    if state.missing:
        names = ", ".join(str(deliverable) for deliverable in state.missing)
        raise InvalidTransition(
            _("Nothing is uploaded yet for %(names)s. Have the task taken back first.") % {"names": names}
        )
    return state.current


def _check_turn(task: Task, step: ReviewStep, actor: User) -> int | None:
    """Return for whom the actor stands in; NotAllowed when it is not his turn."""
    if task.assignee_id == actor.pk:
        raise NotAllowed(_("Nobody judges his own work. Ask a colleague."))
    if not can_review_tasks(actor):
        raise NotAllowed(_("You may not judge work."))
    reviewers = reviewers_of(step, assignee_id=task.assignee_id)
    if actor.pk not in reviewers:
        raise NotAllowed(_("It is the turn of %(who)s.") % {"who": step})
    return reviewers[actor.pk]


def _judged(task: Task, state: ReviewState, step: ReviewStep, revision_ids: set[int]) -> list[Revision]:
    judged = [revision for revision in state.latest if revision.pk in revision_ids]
    if not revision_ids:
        raise InvalidInput(_("Choose the versions to decide about."))
    if len(judged) < len(revision_ids):
        older = Revision.objects.filter(pk__in=revision_ids, deliverable__task=task).count()
        if older == len(revision_ids):
            raise Conflict(_("A newer version was uploaded. Look at it first."))
        raise InvalidInput(_("These versions belong to another task. Reload the page."))
    if any((step.pk, revision.pk) in state.verdicts for revision in judged):
        raise Conflict(_("This step has decided about it already. Reload the page."))
    return judged


def _words(text: str) -> str:
    text = text.replace("\x00", "").strip()
    if len(text) > MAX_NOTE:
        raise InvalidInput(_("Write a note of at most %(limit)s characters.") % {"limit": f"{MAX_NOTE:,}"})
    return text


def _check_pins(judged: list[Revision], *, accept_open_pins: bool) -> None:
    """Refuse to approve silently over remarks, those on older versions included: they may have been forgotten."""
    deliverables = [revision.deliverable_id for revision in judged]
    count = Pin.objects.filter(revision__deliverable__in=deliverables, resolved_at=None).count()
    if count and not accept_open_pins:
        raise InvalidInput(
            ngettext(
                "%(count)s remark is not resolved. Resolve it, request changes, or approve in spite of it.",
                "%(count)s remarks are not resolved. Resolve them, request changes, or approve in spite of them.",
                count,
            )
            % {"count": count}
        )


def _wish(task: Task, judged: list[Revision], note: str, reason: str) -> str:
    """Return the note of a wish for changes; InvalidInput when nothing says what to change, or why once more."""
    if not note and not Pin.objects.filter(revision__in=judged, resolved_at=None).exists():
        raise InvalidInput(_("Say what should change: write a note, or set a pin on the picture."))
    if task.round_count < task.revision_limit:
        return note
    if not reason:
        raise InvalidInput(
            ngettext(
                "%(count)s round of changes was agreed. Give a reason for another one.",
                "%(count)s rounds of changes were agreed. Give a reason for another one.",
                task.revision_limit,
            )
            % {"count": task.revision_limit}
        )
    return f"{note}\n{reason}".strip()


def _send_back(task: Task, note: str, actor: User) -> Task:
    task.round_count += 1
    move_task(task, TaskStatus.CHANGES_REQUESTED, fields=("round_count",))
    fact = ChangesRequested(
        task_id=task.pk, round=task.round_count, note=note, is_over_limit=task.round_count > task.revision_limit
    )
    record(fact, subject=task, actor=actor)
    notify(
        user_ids=[task.assignee_id],
        topic=Topic.CHANGES_REQUESTED,
        task=task,
        key=f"changes:{task.pk}:{task.round_count}",
        data={"round": task.round_count},
        actor=actor,
    )
    return task


def _go_on(task: Task, step: ReviewStep, actor: User) -> Task:
    """Let what follows an approval happen: nothing while versions of the step are open, else next step or the end."""
    state = review_state(task.pk)
    if state.current is not None:
        touched(task)
        if state.current.pk != step.pk:
            record(StepApproved(task_id=task.pk, step=step.position + 1), subject=task, actor=actor)
            ask(task, state.current, actor=actor)
        return task
    move_task(task, TaskStatus.APPROVED)
    subject = task.subject_type
    fact = TaskApproved(
        task_id=task.pk,
        kind=task.kind,
        subject=f"{subject.app_label}.{subject.model}" if subject else "",
        subject_id=task.subject_id,
        revision_ids=[revision.pk for revision in state.latest],
    )
    record(fact, subject=task, actor=actor)
    key = f"approved:{task.pk}:{task.status_since.isoformat()}"
    notify(user_ids=people_of(task), topic=Topic.APPROVED, task=task, key=key, actor=actor)
    return task
