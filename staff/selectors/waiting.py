"""Which tasks wait for a person’s decision: the rule of ``staff.selectors.reviewers`` for all tasks at once."""

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from staff.models import (
    Decision,
    Deliverable,
    Leave,
    ReviewStep,
    Revision,
    Role,
    Task,
    TaskStatus,
    User,
    Verdict,
    WorkProfile,
)
from staff.policies import can_direct_tasks, can_review_tasks
from staff.selectors.roles import users_with_permission


def tasks_waiting_for(user: User, *, roles: Sequence[Role]) -> "QuerySet[Task]":
    """Return the tasks in review whose current step this person may decide now; ``roles`` are the person's.

    The same rule as ``reviewers_of``: 1. the named reviewer, or everybody of the role. 2. When none of them is here
    today, their delegates who are. 3. When those are not here either, whoever directs the work. Never the assignee.
    """
    if not can_review_tasks(user):
        return Task.objects.none()
    mine = Q(reviewer=user) | Q(reviewer=None, role__in=roles)
    stood_in = WorkProfile.objects.filter(delegate=user, user__is_active=True).values("user__groups__name")
    delegated = Q(reviewer__work_profile__delegate=user) | Q(reviewer=None, role__in=stood_in)
    may_decide = mine | (delegated & Exists(_here().filter(pk=user.pk)) & _nobody_here())
    if can_direct_tasks(user):
        may_decide |= _nobody_here() & _no_delegate_here()
    steps = current_steps().filter(may_decide, task=OuterRef("pk"))
    return Task.objects.filter(Exists(steps), status=TaskStatus.IN_REVIEW).exclude(assignee=user)


def current_steps() -> "QuerySet[ReviewStep]":
    """Return the step of each task that is next: the first that has not approved every latest version."""
    earlier = ReviewStep.objects.filter(_is_pending(), task=OuterRef("task"), position__lt=OuterRef("position"))
    return ReviewStep.objects.filter(_is_pending(), ~Exists(earlier))


def _is_pending() -> Exists:
    latest = Revision.objects.filter(deliverable=OuterRef("pk")).order_by("-number").values("pk")[:1]
    approved = Decision.objects.filter(
        step=OuterRef(OuterRef("pk")), revision=OuterRef("latest"), verdict=Verdict.APPROVED
    )
    shown = Deliverable.objects.filter(task=OuterRef("task")).annotate(latest=Subquery(latest))
    return Exists(shown.filter(~Exists(approved), latest__isnull=False))


def _here() -> "QuerySet[User]":
    """Return who may review and is not away today."""
    today = timezone.localdate()
    away = Leave.objects.filter(starts_on__lte=today, ends_on__gte=today).values("user")
    able = Q(is_superuser=True) | Q(pk__in=users_with_permission("staff.review_task").values("pk"))
    return User.objects.filter(able, is_active=True).exclude(pk__in=away)


def _nobody_here() -> Q:
    here = _here().filter(~Q(pk=OuterRef("task__assignee")))
    person = Exists(here.filter(pk=OuterRef("reviewer")))
    somebody = Exists(here.filter(groups__name=OuterRef("role")))
    return (Q(reviewer__isnull=False) & ~person) | (Q(reviewer=None) & ~somebody)


def _no_delegate_here() -> Q:
    profiles = WorkProfile.objects.filter(delegate__in=_here().values("pk"))
    profiles = profiles.filter(~Q(delegate=OuterRef("task__assignee")))
    person = Exists(profiles.filter(user=OuterRef("reviewer")))
    somebody = Exists(profiles.filter(user__is_active=True, user__groups__name=OuterRef("role")))
    return (Q(reviewer__isnull=False) & ~person) | (Q(reviewer=None) & ~somebody)
