"""Which deadlines run, which are near or missed, for whom, and what lateness costs so far."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils import timezone

from compliance.models import ClockQuerySet, Duty, LegalClock, LegalRule, TermKind
from compliance.models.rule import holds
from compliance.selectors.reckoning import country_in, days_late, interest, local_day
from staff.models import Role

SOON = timedelta(days=2)
_D = Duty
# whose work keeps a term; managers see them all
ROLES_OF: Mapping[str, frozenset[Role]] = {
    _D.SHIP_PREPAID: frozenset({Role.WAREHOUSE}),
    _D.SHIP_ORDERED: frozenset({Role.WAREHOUSE}),
    _D.REFUND_RETURN: frozenset({Role.ACCOUNTANT, Role.CS_LEAD}),
    _D.REFUND_STATEMENT: frozenset({Role.ACCOUNTANT, Role.CS_LEAD}),
    _D.REFUND_UNSUPPLIED: frozenset({Role.ACCOUNTANT, Role.CS_LEAD}),
    _D.SUPPLY_NOTICE: frozenset({Role.CS_AGENT, Role.CS_LEAD}),
    _D.COMPLAINT_PROGRESS: frozenset({Role.CS_AGENT, Role.CS_LEAD}),
    _D.COMPLAINT_RESULT: frozenset({Role.CS_AGENT, Role.CS_LEAD}),
    _D.WITHDRAWAL_RECEIPT: frozenset({Role.CS_AGENT, Role.CS_LEAD}),
    _D.DATA_REQUEST: frozenset({Role.CS_LEAD}),
}
_ALL = frozenset({Role.EC_MANAGER, Role.QUALITY_MANAGER, Role.ADMINISTRATOR})


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a clock stands at a moment: days until or after its last day there, and the interest so far and each day.

    ``days`` is negative for days late; ``cost`` and ``per_day`` are minor units.
    """

    clock: LegalClock
    days: int
    is_late: bool
    cost: int
    per_day: int

    @property
    def owed(self) -> int:
        """What is not yet settled, minor units."""
        return (self.clock.amount or 0) - self.clock.settled


def standing(clock: LegalClock, now: datetime | None = None) -> Standing:
    """Return how a clock stands now, or how it stood when it was stopped; no query when its rule is there."""
    moment = clock.stopped_at or now or timezone.now()
    late = days_late(clock.due_at, moment, clock.country)
    percent = clock.rule.interest_percent
    owed = 0 if clock.amount is None else clock.amount - clock.settled
    days = (local_day(clock.due_at, clock.country) - local_day(moment, clock.country)).days
    return Standing(
        clock=clock,
        days=days,
        is_late=clock.rule.kind == TermKind.DUTY and moment > clock.due_at,
        cost=interest(int(clock.late_amount_days) + owed * late, percent),
        per_day=interest(owed, percent),
    )


def running_duties(roles: Collection[Role] | None = None) -> ClockQuerySet:
    """Return what the shop still has to do by law, the most urgent first; of these roles only, where some are given."""
    rows = LegalClock.objects.running().duties().order_by("due_at", "pk")
    return rows if roles is None else rows.filter(rule__duty__in=duties_of(roles))


def late(now: datetime | None = None) -> Q:
    """Return the condition of duties that are missed and not yet done."""
    return Q(stopped_at=None, rule__kind=TermKind.DUTY, due_at__lt=now or timezone.now())


def near(now: datetime | None = None) -> Q:
    """Return the condition of duties whose last moment comes within two days."""
    moment = now or timezone.now()
    return Q(stopped_at=None, rule__kind=TermKind.DUTY, due_at__gte=moment, due_at__lte=moment + SOON)


def duties_of(roles: Collection[Role]) -> list[str]:
    """Return what people of these roles have to keep."""
    held = frozenset(roles)
    return [duty for duty, keepers in ROLES_OF.items() if held & (keepers | _ALL)]


def clocks_of(subjects: Mapping[type[models.Model], Collection[int]]) -> list[LegalClock]:
    """Return the clocks of these rows (model → ids) with their rules, those that run first, then by their end."""
    wanted = Q(pk__in=[])
    for model, ids in subjects.items():
        wanted |= Q(subject_type=ContentType.objects.get_for_model(model), subject_id__in=list(ids))
    rows = LegalClock.objects.filter(wanted).select_related("rule").order_by("due_at", "pk")
    return sorted(rows, key=lambda clock: clock.stopped_at is not None)


def window_of(clocks: Collection[LegalClock], duty: Duty = Duty.WITHDRAWAL) -> LegalClock | None:
    """Return the customer's window among the clocks of one order, None while it has not begun."""
    return next((clock for clock in clocks if clock.rule.duty == duty), None)


def is_in_time(clock: LegalClock | None, stated_at: datetime) -> bool:
    """Tell whether a statement is in time: its own moment counts; a window that has not begun is not over."""
    return clock is None or stated_at <= clock.due_at


def withdrawal_rule(jurisdiction: str, contract_on: datetime, country: str) -> LegalRule | None:
    """Return the rule by which customers may withdraw from a contract made then, None where we know of none."""
    if not jurisdiction:
        return None
    day = local_day(contract_on, country_in(jurisdiction, country))
    rules = LegalRule.objects.filter(jurisdiction=jurisdiction, duty=Duty.WITHDRAWAL)
    return next((rule for rule in rules if holds(rule, day)), None)
