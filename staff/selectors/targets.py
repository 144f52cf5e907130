"""Where a person may bring a task: what board and day offer. The services ask again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from staff.models import TASK_TRANSITIONS, Role, Task, TaskStatus, User
from staff.policies import (
    can_direct_tasks,
    can_review_tasks,
    can_work_on_tasks,
    may_cancel_task,
    may_deliver_task,
    may_hold_task,
    may_reopen_task,
    may_work_on,
)
from staff.selectors.roles import roles_of

_S = TaskStatus
_DONE = {_S.APPROVED, _S.DELIVERED, _S.LIVE}


class _Remembered:
    """A person to the policies, whose rights are looked up once each: a board asks them thousands of times."""

    def __init__(self, user: User) -> None:
        self.pk = user.pk
        self.has_perm = lru_cache(maxsize=None)(user.has_perm)


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person and what the person may do to tasks in general, asked once for a whole board."""

    user: Any
    roles: Sequence[Role]
    directs: bool
    works: bool
    reviews: bool

    @classmethod
    def of(cls, user: User) -> "Viewer":
        """Return the viewer (one query for the roles)."""
        return cls(
            _Remembered(user), roles_of(user), can_direct_tasks(user), can_work_on_tasks(user), can_review_tasks(user)
        )


def targets_of(viewer: Viewer, task: Task) -> list[str]:
    """Return the statuses to which the viewer may bring a row of ``cards_of``, in the order of the board."""
    return [to for to, allows in _RULES.items() if allows(viewer, task)]


def _may_queue(viewer: Viewer, task: Task) -> bool:
    if task.status == _S.ON_HOLD:
        return _may_resume(viewer, task, _S.SUBMITTED)
    return task.status in (_S.ASSIGNED, _S.IN_PROGRESS, _S.CHANGES_REQUESTED) and may_work_on(viewer.user, task)


def _may_assign(viewer: Viewer, task: Task) -> bool:
    if task.status == _S.ON_HOLD:
        return _may_resume(viewer, task, _S.ASSIGNED)
    if viewer.directs:
        return task.status == _S.ASSIGNED or TASK_TRANSITIONS.permits(TaskStatus(task.status), _S.ASSIGNED)
    return task.status == _S.SUBMITTED and viewer.works and task.role in viewer.roles


def _may_start(viewer: Viewer, task: Task) -> bool:
    if task.status == _S.ON_HOLD:
        return _may_resume(viewer, task, _S.IN_PROGRESS)
    if task.status in _DONE:
        return may_reopen_task(viewer.user, task)
    if task.status == _S.IN_REVIEW:
        return may_work_on(viewer.user, task)
    if task.is_blocked:  # type: ignore[attr-defined]  # annotated by cards_of
        return False
    if task.status == _S.SUBMITTED:
        return viewer.works and task.role in viewer.roles
    return task.status in (_S.ASSIGNED, _S.CHANGES_REQUESTED) and may_work_on(viewer.user, task)


def _may_send(viewer: Viewer, task: Task) -> bool:
    if task.status == _S.ON_HOLD:
        return _may_resume(viewer, task, _S.IN_REVIEW)
    has_review: bool = task.has_review  # type: ignore[attr-defined]  # annotated by cards_of
    return task.status in (_S.IN_PROGRESS, _S.CHANGES_REQUESTED) and has_review and may_work_on(viewer.user, task)


def _may_send_back(viewer: Viewer, task: Task) -> bool:
    if task.status == _S.ON_HOLD:
        return _may_resume(viewer, task, _S.CHANGES_REQUESTED)
    return _may_decide(viewer, task)


def _may_decide(viewer: Viewer, task: Task) -> bool:
    return task.status == _S.IN_REVIEW and viewer.reviews and task.assignee_id != viewer.user.pk


def _may_deliver(viewer: Viewer, task: Task) -> bool:
    if task.status == _S.IN_PROGRESS:
        return not task.has_review and may_work_on(viewer.user, task)  # type: ignore[attr-defined]
    return task.status == _S.APPROVED and may_deliver_task(viewer.user, task)


def _may_hold(viewer: Viewer, task: Task) -> bool:
    return TASK_TRANSITIONS.permits(TaskStatus(task.status), _S.ON_HOLD) and may_hold_task(viewer.user, task)


def _may_cancel(viewer: Viewer, task: Task) -> bool:
    return TASK_TRANSITIONS.permits(TaskStatus(task.status), _S.CANCELLED) and may_cancel_task(viewer.user, task)


def _may_resume(viewer: Viewer, task: Task, to: TaskStatus) -> bool:
    return task.resume_status == to and may_hold_task(viewer.user, task)


_RULES: Mapping[str, Callable[[Viewer, Task], bool]] = {
    _S.SUBMITTED: _may_queue,
    _S.ASSIGNED: _may_assign,
    _S.IN_PROGRESS: _may_start,
    _S.IN_REVIEW: _may_send,
    _S.CHANGES_REQUESTED: _may_send_back,
    _S.APPROVED: _may_decide,
    _S.DELIVERED: _may_deliver,
    _S.ON_HOLD: _may_hold,
    _S.CANCELLED: _may_cancel,
}
