"""What pictures tell customers stays true, or somebody hears of it: price, stock, period, usage rights."""

from collections.abc import Collection
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from core.events import record
from staff.events import CreativeCameTrue, CreativeWentStale
from staff.models import StaleReason, Task, TaskStatus, Topic, User
from staff.selectors import users_with_permission
from staff.services.notifications.notifying import notify
from staff.services.work.moving import lock_tasks

SHOWN_STATUSES = [TaskStatus.DELIVERED, TaskStatus.LIVE]  # customers see the result, or will as it is
RIGHTS_NOTICE_DAYS = 14
# the last is the gravest: it cannot become true again by itself
_GRAVITY = {reason: place for place, reason in enumerate(StaleReason)}


@transaction.atomic
def mark_stale(*, task_ids: Collection[int], reason: StaleReason, actor: User | None = None) -> list[Task]:
    """Keep that these delivered or live pictures tell something untrue, and return those that do so since now.

    Requester and everybody who directs are told. Left alone: tasks in other states, and those stale already for this
    reason or a graver one (in the order of ``StaleReason``), so that each reason is told once.
    """
    fresh = [
        task
        for task in lock_tasks(list(task_ids))
        if task.status in SHOWN_STATUSES and not _is_known(task, StaleReason(reason))
    ]
    directors = _directors() if fresh else []
    for task in fresh:
        task.stale_at, task.stale_reason = timezone.now(), StaleReason(reason)
        task.save(update_fields=["stale_at", "stale_reason", "updated_at"])
        record(CreativeWentStale(task_id=task.pk, reason=reason), subject=task, actor=actor)
        notify(
            user_ids=[task.requester_id, *directors],
            topic=Topic.STALE,
            task=task,
            key=f"stale:{task.pk}:{task.stale_at.isoformat()}",
            data={"reason": str(reason)},
            actor=actor,
        )
    return fresh


@transaction.atomic
def clear_stale(
    *, task_ids: Collection[int], reason: StaleReason | None = None, actor: User | None = None
) -> list[Task]:
    """Keep that these pictures are true again (of ``reason``; without one, of any), and return those that were stale.

    Who clears one reason looks itself whether another one holds: only the gravest was kept.
    """
    stale = [
        task for task in lock_tasks(list(task_ids)) if task.stale_at is not None and reason in (None, task.stale_reason)
    ]
    for task in stale:
        before, task.stale_at, task.stale_reason = task.stale_reason, None, ""
        task.save(update_fields=["stale_at", "stale_reason", "updated_at"])
        record(CreativeCameTrue(task_id=task.pk, reason=before), subject=task, actor=actor)
    return stale


def mark_outdated(*, today: date | None = None) -> list[Task]:
    """Mark delivered and live pictures whose period shown, or whose usage rights, ended before ``today``."""
    today = today or timezone.localdate()
    shown = Task.objects.filter(status__in=SHOWN_STATUSES)
    periods = shown.filter(shown_until__lt=today).exclude(stale_reason__in=_at_least(StaleReason.PERIOD_OVER))
    rights = shown.filter(rights_until__lt=today).exclude(stale_reason=StaleReason.RIGHTS_OVER)
    return [
        *mark_stale(task_ids=list(periods.values_list("pk", flat=True)), reason=StaleReason.PERIOD_OVER),
        *mark_stale(task_ids=list(rights.values_list("pk", flat=True)), reason=StaleReason.RIGHTS_OVER),
    ]


@transaction.atomic
def warn_of_rights(*, today: date | None = None) -> int:
    """Tell requester and directors of usage rights that end within 14 days, and again on the last day; each once.

    Returns how many people were told now. Missed days are made up for; other dates given later are told anew.
    """
    today = today or timezone.localdate()
    ending = Task.objects.filter(
        status__in=[*SHOWN_STATUSES, TaskStatus.APPROVED],
        rights_until__range=(today, today + timedelta(days=RIGHTS_NOTICE_DAYS)),
    ).order_by("rights_until", "pk")
    directors, told = _directors(), 0
    for task in ending:
        if task.rights_until is None:
            continue
        occasion = "today" if task.rights_until == today else "soon"
        told += notify(
            user_ids=[task.requester_id, *directors],
            topic=Topic.RIGHTS_EXPIRE,
            task=task,
            key=f"rights:{task.pk}:{task.rights_until.isoformat()}:{occasion}",
            data={"until": task.rights_until.isoformat()},
        )
    return told


def _is_known(task: Task, reason: StaleReason) -> bool:
    return task.stale_at is not None and _GRAVITY[StaleReason(task.stale_reason)] >= _GRAVITY[reason]


def _at_least(reason: StaleReason) -> list[StaleReason]:
    return [other for other in StaleReason if _GRAVITY[other] >= _GRAVITY[reason]]


def _directors() -> list[int]:
    return list(users_with_permission("staff.direct_task").order_by("pk").values_list("pk", flat=True))
