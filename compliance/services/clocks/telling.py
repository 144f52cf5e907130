"""The bell: who keeps a duty hears of it when it is missed, and before it is."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from compliance.models import LegalClock
from compliance.selectors.clocks import ROLES_OF
from staff.models import Role, Topic
from staff.selectors.roles import users_with_permission
from staff.services.notifications.notifying import Telling, notify_many

APART = 5  # more of one duty at once are told as a number
VIEW = "compliance.view_legalclock"


def tell_missed(clocks: Sequence[LegalClock]) -> int:
    """Tell who keeps these duties, and the managers, that they are missed; each clock once. Return how much is news."""
    return notify_many(
        tellings=[
            Telling(user_id=pk, topic=Topic.OVERDUE, key=f"clock-missed:{group[0].pk}", data=_data(group))
            for duty, of_duty in _by_duty(clocks).items()
            for group in _apart(of_duty)
            for pk in _people(duty, Role.EC_MANAGER)
        ]
    )


def tell_near(clocks: Sequence[LegalClock]) -> int:
    """Tell who keeps these duties how many end within two days: one line for each duty. Return how much is news."""
    return notify_many(
        tellings=[
            Telling(user_id=pk, topic=Topic.DUE_SOON, key=f"clock-near:{group[0].pk}", data=_data(group))
            for duty, group in _by_duty(clocks).items()
            for pk in _people(duty)
        ]
    )


def _by_duty(clocks: Sequence[LegalClock]) -> dict[str, list[LegalClock]]:
    found: dict[str, list[LegalClock]] = defaultdict(list)
    for clock in clocks:
        found[clock.rule.duty].append(clock)
    return found


def _apart(clocks: Sequence[LegalClock]) -> Sequence[Sequence[LegalClock]]:
    return [[clock] for clock in clocks] if len(clocks) <= APART else [clocks]


def _data(clocks: Sequence[LegalClock]) -> dict[str, Any]:
    """Return what the sentence needs: the duty as each language calls it, and the page of the clock or of the list."""
    first = clocks[0]
    names = {"en": first.rule.name_en, "ko": first.rule.name_ko, "ja": first.rule.name_ja}
    data = {"reason": "law", "names": names, "count": len(clocks)}
    if len(clocks) > 1:
        return {**data, "page": "compliance_legalclock_changelist"}
    return {**data, "about": f"compliance.legalclock:{first.pk}", "number": first.subject_label}


def _people(duty: str, *more: Role) -> list[int]:
    roles = {*ROLES_OF.get(duty, ()), *more}
    people = users_with_permission(VIEW).filter(groups__name__in=roles)
    return list(people.order_by("pk").values_list("pk", flat=True).distinct())
