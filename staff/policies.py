"""Who may manage whom, and who may do what to a task: nobody raises himself, nobody grants what he does not hold."""

from collections.abc import Collection

from staff.models import Pin, Task, TaskStatus, User


def may_manage_users(actor: User | None) -> bool:
    """Tell whether ``actor`` may change accounts at all; None is the system itself."""
    return actor is None or actor.has_perm("staff.change_user")


def may_manage_user(actor: User | None, user: User) -> bool:
    """Tell whether ``actor`` may change roles or access of ``user``: never his own; a superuser's only as one."""
    if actor is None:
        return True
    return may_manage_users(actor) and actor.pk != user.pk and (actor.is_superuser or not user.is_superuser)


def may_grant(actor: User | None, permissions: Collection[str]) -> bool:
    """Tell whether ``actor`` holds every one of ``permissions``, so that handing them on raises nobody above him."""
    return actor is None or actor.is_superuser or actor.has_perms(list(permissions))


def can_direct_tasks(user: User | None) -> bool:
    """Tell whether the user may give tasks to others, hold, cancel and reprioritise them; None is the system."""
    return user is None or user.has_perm("staff.direct_task")


def can_view_tasks(user: User | None) -> bool:
    """Tell whether the user may see tasks at all."""
    return user is None or user.has_perm("staff.view_task")


def can_request_tasks(user: User | None) -> bool:
    """Tell whether the user may ask for work."""
    return user is None or user.has_perm("staff.add_task")


def can_work_on_tasks(user: User | None) -> bool:
    """Tell whether the user may have tasks at all."""
    return user is None or user.has_perm("staff.work_on_task")


def can_review_tasks(user: User | None) -> bool:
    """Tell whether the user may judge work; whose turn it is decides the approval step."""
    return user is None or user.has_perm("staff.review_task")


def may_edit_request(user: User | None, task: Task) -> bool:
    """Tell whether the user may change what is asked: the requester, or who directs, while the work is not done."""
    if user is None:
        return True
    return (task.is_open or task.status == TaskStatus.DRAFT) and (
        task.requester_id == user.pk or can_direct_tasks(user)
    )


def may_change_deliverables(user: User | None, task: Task) -> bool:
    """Tell whether the user may ask for more or fewer pictures: not while somebody judges those that are there."""
    if not (task.is_open or task.status == TaskStatus.DRAFT):
        return False
    return may_edit_request(user, task) and TaskStatus.IN_REVIEW not in (task.status, task.resume_status)


def may_work_on(user: User | None, task: Task) -> bool:
    """Tell whether the user may do the work: the assignee, or who directs."""
    if user is None:
        return True
    return can_work_on_tasks(user) and (task.assignee_id == user.pk or can_direct_tasks(user))


def may_attach(user: User | None, task: Task) -> bool:
    """Tell whether the user may add files to the brief: requester, assignee, or who directs, while it is not done."""
    return may_edit_request(user, task) or (task.is_open and may_work_on(user, task))


def may_claim(user: User, task: Task) -> bool:
    """Tell whether the user may take it from the queue; the role is asked by the service (one query)."""
    return can_work_on_tasks(user) and task.status == TaskStatus.SUBMITTED


def may_cancel_task(user: User | None, task: Task) -> bool:
    """Tell whether the user may call it off: the requester, or who directs."""
    return user is None or task.requester_id == user.pk or can_direct_tasks(user)


def may_hold_task(user: User | None, task: Task) -> bool:
    """Tell whether the user may let it wait and go on again: the requester, or who directs."""
    return may_cancel_task(user, task)


def may_reopen_task(user: User | None, task: Task) -> bool:
    """Tell whether the user may want another version of work that is done: the requester, or who directs."""
    return may_cancel_task(user, task)


def may_deliver_task(user: User | None, task: Task) -> bool:
    """Tell whether the user may say that the result is in place, live, or gone: who is concerned, or who directs."""
    return user is None or user.pk in (task.requester_id, task.assignee_id) or can_direct_tasks(user)


def may_resolve_pin(user: User, pin: Pin, task: Task) -> bool:
    """Tell whether the user may say that a remark is dealt with: author, assignee, who judges or directs."""
    return pin.author_id == user.pk or may_work_on(user, task) or can_review_tasks(user)


def may_change_pin(user: User, pin: Pin, *, has_decision: bool) -> bool:
    """Tell whether the user may correct or remove a remark: his own, while it is open and no decision followed it."""
    return pin.author_id == user.pk and pin.resolved_at is None and not has_decision


def may_enter_leave_of(user: User | None, person_id: int) -> bool:
    """Tell whether the user may enter, move and remove leave of this person: one's own, or with ``change_leave``."""
    if user is None or user.has_perm("staff.change_leave"):
        return True
    return user.pk == person_id and user.has_perm("staff.add_leave")
