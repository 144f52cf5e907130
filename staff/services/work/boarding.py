"""Moving cards on the board: each move is the one service that belongs to it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import Conflict, InvalidTransition
from staff.models import Task, TaskStatus, User
from staff.policies import can_direct_tasks
from staff.services.assignment.assigning import assign_task, claim_task, release_task
from staff.services.assignment.limiting import LimitReached, limit_sentence
from staff.services.proofs.delivering import deliver_task, reopen_task
from staff.services.proofs.reviewing import send_to_review, take_back
from staff.services.work.moving import lock_task
from staff.services.work.pausing import cancel_task, hold_task, resume_task
from staff.services.work.working import complete_task, start_task

_S = TaskStatus
_DONE = {_S.APPROVED, _S.DELIVERED, _S.LIVE}
_DECIDED = {_S.APPROVED, _S.CHANGES_REQUESTED}


@dataclass(frozen=True, slots=True, kw_only=True)
class CardMove:
    """A wish to move a card. ``seen_status`` and ``seen_assignee`` are what the person saw when deciding.

    ``reason`` for going on hold, cancelling and taking up again, ``assignee_id`` for giving it to somebody,
    ``is_confirmed`` for more in progress than agreed.
    """

    task_id: int
    to: str
    seen_status: str = ""
    seen_assignee: int | None = None
    reason: str = ""
    assignee_id: int | None = None
    is_confirmed: bool = False


@transaction.atomic
def move_card(*, move: CardMove, actor: User) -> Task:
    """Bring the task to the column by the service that belongs to the move, and return it.

    Conflict tells where it is when somebody else moved it since it was seen; LimitReached when the assignee has enough
    in progress (whoever directs confirms it with ``is_confirmed``); whatever the service refuses.
    """
    task = lock_task(move.task_id)
    if move.seen_status and (task.status, task.assignee_id) != (move.seen_status, move.seen_assignee):
        raise Conflict(moved_sentence(task))
    if move.to not in _STEPS:
        raise InvalidTransition(_("A task cannot be brought there by hand."))
    if task.status == _S.ON_HOLD and move.to not in (task.resume_status, _S.CANCELLED):
        back = TaskStatus(task.resume_status).label
        raise InvalidTransition(_("A task on hold goes on where it stood: “%(column)s”.") % {"column": back})
    if _begins(task, move) and not move.is_confirmed:
        _check_limit(task, actor)
    step = resume_from_hold if task.status == _S.ON_HOLD and move.to != _S.CANCELLED else _STEPS[move.to]
    step(task, move, actor)
    task.refresh_from_db()
    return task


def question_of(task: Task, to: str, actor: User) -> str:
    """Return what has to be asked before the move: "reason", "person", "decision", or nothing."""
    if to in (_S.ON_HOLD, _S.CANCELLED):
        return "reason"
    if task.status == _S.ON_HOLD:
        return ""
    if to == _S.ASSIGNED and can_direct_tasks(actor):
        return "person"
    if to == _S.IN_PROGRESS and task.status in _DONE:
        return "reason"
    return "decision" if to in _DECIDED else ""


def moved_sentence(task: Task) -> str:
    """Return where the task is by now."""
    words = {"number": task.number, "column": task.get_status_display(), "who": task.assignee}
    if task.assignee is None:
        return _("%(number)s was moved meanwhile: it is in “%(column)s” now.") % words
    return _("%(number)s was moved meanwhile: it is in “%(column)s” now, with %(who)s.") % words


# --- what each move is


def resume_from_hold(task: Task, _move: CardMove, actor: User) -> None:
    """Let it go on where it stood."""
    resume_task(task_id=task.pk, actor=actor)


def _queue(task: Task, _move: CardMove, actor: User) -> None:
    release_task(task_id=task.pk, actor=actor)


def _assign(task: Task, move: CardMove, actor: User) -> None:
    if move.assignee_id is None:
        claim_task(task_id=task.pk, actor=actor)
    else:
        assign_task(task_id=task.pk, assignee_id=move.assignee_id, actor=actor)


def _work(task: Task, move: CardMove, actor: User) -> None:
    if task.status == _S.IN_REVIEW:
        take_back(task_id=task.pk, actor=actor)
    elif task.status in _DONE:
        reopen_task(task_id=task.pk, reason=move.reason, actor=actor)
    else:
        if task.status == _S.SUBMITTED:
            claim_task(task_id=task.pk, actor=actor)
        start_task(task_id=task.pk, actor=actor)


def _review(task: Task, _move: CardMove, actor: User) -> None:
    send_to_review(task_id=task.pk, actor=actor)


def _decide(_task: Task, _move: CardMove, _actor: User) -> None:
    raise InvalidTransition(_("Decide on the page of the versions, where you see what you decide about."))


def _deliver(task: Task, _move: CardMove, actor: User) -> None:
    (complete_task if task.status == _S.IN_PROGRESS else deliver_task)(task_id=task.pk, actor=actor)


def _hold(task: Task, move: CardMove, actor: User) -> None:
    hold_task(task_id=task.pk, reason=move.reason, actor=actor)


def _cancel(task: Task, move: CardMove, actor: User) -> None:
    cancel_task(task_id=task.pk, reason=move.reason, actor=actor)


_STEPS: Mapping[str, Callable[[Task, CardMove, User], None]] = {
    _S.SUBMITTED: _queue,
    _S.ASSIGNED: _assign,
    _S.IN_PROGRESS: _work,
    _S.IN_REVIEW: _review,
    _S.CHANGES_REQUESTED: _decide,
    _S.APPROVED: _decide,
    _S.DELIVERED: _deliver,
    _S.ON_HOLD: _hold,
    _S.CANCELLED: _cancel,
}


def _begins(task: Task, move: CardMove) -> bool:
    return move.to == _S.IN_PROGRESS and task.status in (_S.SUBMITTED, _S.ASSIGNED, _S.CHANGES_REQUESTED)


def _check_limit(task: Task, actor: User) -> None:
    """Ask who directs to confirm; others are refused by ``start_task``."""
    person = task.assignee or actor
    if can_direct_tasks(actor) and (sentence := limit_sentence(person, besides=task.pk)):
        raise LimitReached(sentence)
