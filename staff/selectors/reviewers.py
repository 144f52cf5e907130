"""Whose decision an approval step asks for today: a person, a role, a delegate."""

from collections.abc import Iterable

from django.db.models import Q
from django.utils import timezone

from staff.models import Leave, ReviewStep, User
from staff.selectors.roles import users_with_permission

REVIEW, DIRECT = "staff.review_task", "staff.direct_task"


def reviewers_of(step: ReviewStep, *, assignee_id: int | None) -> dict[int, int | None]:
    """Return who may decide the step now, by user id: the id of whom they stand in for, None for themselves.

    1. The named reviewer, or everybody of the role, who may review and is not the assignee. 2. When none of them is
    here today (leave, closed account), their delegates too. 3. When those are not here either, whoever directs the
    work: a step never waits for nobody. At most six queries.
    """
    asked = _asked(step)
    able = _able([user.pk for user in asked], assignee_id)
    away = _away([user.pk for user in asked])
    found: dict[int, int | None] = dict.fromkeys(able)
    if able - away:
        return found
    stand_ins = {delegate: user.pk for user in asked if (delegate := _delegate_of(user)) is not None}
    here = _able(stand_ins, assignee_id) - _away(stand_ins)
    found.update({pk: stand_ins[pk] for pk in sorted(here - able)})
    if not here:
        found.update(dict.fromkeys(_directors(assignee_id) - able, step.reviewer_id))
    return found


def _asked(step: ReviewStep) -> list[User]:
    people = User.objects.select_related("work_profile").order_by("pk")
    if step.reviewer_id is not None:
        return list(people.filter(pk=step.reviewer_id))
    return list(people.filter(is_active=True, groups__name=step.role))


def _able(user_ids: Iterable[int], assignee_id: int | None) -> set[int]:
    allowed = Q(is_superuser=True) | Q(pk__in=users_with_permission(REVIEW))
    people = User.objects.filter(allowed, pk__in=list(user_ids), is_active=True)
    return set(people.values_list("pk", flat=True)) - {assignee_id}


def _directors(assignee_id: int | None) -> set[int]:
    allowed = Q(pk__in=users_with_permission(REVIEW)) & Q(pk__in=users_with_permission(DIRECT))
    people = User.objects.filter(allowed | Q(is_superuser=True), is_active=True)
    return set(people.values_list("pk", flat=True)) - {assignee_id}


def _away(user_ids: Iterable[int]) -> set[int]:
    today = timezone.localdate()
    leaves = Leave.objects.filter(user__in=list(user_ids), starts_on__lte=today, ends_on__gte=today)
    return set(leaves.values_list("user_id", flat=True))


def _delegate_of(user: User) -> int | None:
    profile = getattr(user, "work_profile", None)
    return profile.delegate_id if profile else None
