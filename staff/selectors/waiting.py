"""Which tasks wait for a person’s decision: the rule of ``staff.selectors.reviewers`` for all tasks at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from staff.models import Decision, Deliverable, Leave, ReviewStep, Revision, Role, Task, TaskStatus, User, Verdict
from staff.policies import can_direct_tasks, can_review_tasks
from staff.selectors.roles import users_with_permission


def tasks_waiting_for(user: User, *, roles: Sequence[Role]) -> "QuerySet[Task]":
    """Return the tasks in review whose current step this person may decide now; ``roles`` are the person's.

    The same rule as ``reviewers_of``: 1. the named reviewer, or everybody of the role. 2. When none of them is here
    today, their delegates who are. 3. When those are not here either, whoever directs the work. Never the assignee.
    One statement says who is here: asked within, the statement would take longer to plan than to answer.
    """
    if not can_review_tasks(user):
        return Task.objects.none()
    people = _presence()
    may_decide = Q(reviewer=user) | Q(reviewer=None, role__in=roles)
    if user.pk in people.here:
        may_decide |= people.asks(user.pk) & people.nobody()
    if can_direct_tasks(user):
        may_decide |= people.nobody() & people.no_delegate()
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


@dataclass
class _Presence:
    """Who may review and is here today, of which roles, and who stands in for whom."""

    here: set[int] = field(default_factory=set)
    members: dict[str, set[int]] = field(default_factory=dict)  # open accounts by role
    delegates: dict[int, int] = field(default_factory=dict)

    def asks(self, delegate: int) -> Q:
        """Return the steps of those for whom this person stands in."""
        absent = {pk for pk, other in self.delegates.items() if other == delegate}
        roles = [role for role, members in self.members.items() if members & absent]
        return Q(reviewer__in=absent) | Q(reviewer=None, role__in=roles)

    def nobody(self) -> Q:
        """Return the steps of which nobody who is asked is here, but for the assignee."""
        named = ~Q(reviewer__in=self.here) | Q(reviewer=F("task__assignee"))
        return (Q(reviewer__isnull=False) & named) | self._no_member(self.members)

    def no_delegate(self) -> Q:
        """Return the steps of which no delegate of those who are asked is here, but for the assignee."""
        covered = {pk for pk, delegate in self.delegates.items() if delegate in self.here}
        named = ~Q(reviewer__in=covered) | Q(reviewer__work_profile__delegate=F("task__assignee"))
        stand_ins = {
            role: {self.delegates[pk] for pk in members if pk in self.delegates}
            for role, members in self.members.items()
        }
        return (Q(reviewer__isnull=False) & named) | self._no_member(stand_ins)

    def _no_member(self, people: dict[str, set[int]]) -> Q:
        """Return the steps of roles whose ``people`` are not here, or of which the assignee is the only one."""
        present = {role: found & self.here for role, found in people.items() if found & self.here}
        condition = ~Q(role__in=present)
        for role, found in present.items():
            if len(found) == 1:
                condition |= Q(role=role, task__assignee__in=found)
        return Q(reviewer=None) & condition


def _presence() -> _Presence:
    """Return who is here today (one statement)."""
    today = timezone.localdate()
    able = Q(is_superuser=True) | Q(pk__in=users_with_permission("staff.review_task").values("pk"))
    rows = (
        User.objects.filter(Q(is_active=True) | Q(work_profile__delegate__isnull=False))
        .annotate(
            is_able=ExpressionWrapper(Q(able, is_active=True), BooleanField()),
            is_away=Exists(Leave.objects.filter(user=OuterRef("pk"), starts_on__lte=today, ends_on__gte=today)),
        )
        .values_list("pk", "is_active", "is_able", "is_away", "work_profile__delegate", "groups__name")
    )
    found = _Presence()
    for pk, is_active, is_able, is_away, delegate, role in rows:
        if is_able and not is_away:
            found.here.add(pk)
        if is_active and role:
            found.members.setdefault(role, set()).add(pk)
        if delegate:
            found.delegates[pk] = delegate
    return found
