"""Work-in-progress limits: whoever has enough in progress finishes something first."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.errors import InvalidInput, InvalidTransition, NotAllowed
from staff.models import LIMITED_STATUSES, BoardLimit, Task, TaskStatus, User
from staff.policies import can_direct_tasks
from staff.selectors.limits import person_limit

MOST = 999


class LimitReached(InvalidTransition):
    """The person has as much in progress as agreed."""


@dataclass(frozen=True, slots=True)
class ColumnLimit:
    """The limits of one column of the board; None is none."""

    column: int | None = None
    person: int | None = None


@transaction.atomic
def set_board_limits(*, limits: Mapping[str, ColumnLimit], actor: User | None = None) -> None:
    """Make ``limits`` (by status) the limits of these columns; others stay.

    NotAllowed without the right to direct; InvalidInput for a column without limits and for numbers not in 1 to 999.
    """
    if not can_direct_tasks(actor):
        raise NotAllowed(_("Only who directs the work may change the limits of the board."))
    for status, limit in limits.items():
        _check(status, limit)
    for status, limit in sorted(limits.items()):
        BoardLimit.objects.update_or_create(
            status=status, defaults={"column_limit": limit.column, "person_limit": limit.person}
        )


def check_wip_limit(task: Task, actor: User | None) -> None:
    """Raise LimitReached when the assignee of a locked task may begin nothing more; who directs may exceed it.

    The assignee's row is locked until the transaction ends, so that two tasks started at once are counted one by one.
    """
    if can_direct_tasks(actor) or task.assignee_id is None:
        return
    person = User.objects.select_for_update(no_key=True).get(pk=task.assignee_id)
    if sentence := limit_sentence(person, besides=task.pk):
        raise LimitReached(sentence)


def limit_sentence(person: User, *, besides: int) -> str:
    """Return why this person should not begin another task, nothing when they may; ``besides`` is not counted."""
    limit = person_limit(person.pk)
    running = Task.objects.filter(assignee=person, status=TaskStatus.IN_PROGRESS).exclude(pk=besides)
    count = running.count()
    if limit is None or count < limit:
        return ""
    return ngettext(
        "%(who)s has %(count)s task in progress (limit %(limit)s). Finish it first, or give it back.",
        "%(who)s has %(count)s tasks in progress (limit %(limit)s). Finish one first, or give one back.",
        count,
    ) % {"who": person, "count": count, "limit": limit}


def _check(status: str, limit: ColumnLimit) -> None:
    if status not in LIMITED_STATUSES or (limit.person is not None and status != TaskStatus.IN_PROGRESS):
        raise InvalidInput(_("This column has no such limit."))
    for number in (limit.column, limit.person):
        if number is not None and not 1 <= number <= MOST:
            raise InvalidInput(_("A limit is a number from 1 to %(most)s.") % {"most": MOST})
