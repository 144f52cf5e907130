"""Orders sort themselves by the hold rules and by the days before which they do not leave."""

import logging
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import BooleanField, ExpressionWrapper, Q
from django.utils import timezone

from core.errors import InvalidInput
from core.events import Event, record_many
from inventory.selectors import shop_day
from orders.conditions import condition_of
from orders.events import OrderHeld, OrderReleased
from orders.models import OPEN_STATUSES, HoldReason, HoldRule, Order, OrderHold
from orders.services.batches import lock_orders
from orders.services.triage.holding import mark_free, mark_held
from orders.services.triage.waiting import set_days

BATCH = 1000
logger = logging.getLogger(__name__)


@dataclass(slots=True)
class TriageReport:
    """Orders that a rule holds now, those that nothing holds any more, and those whose day changed."""

    held: list[int] = field(default_factory=list)
    freed: list[int] = field(default_factory=list)
    moved: list[int] = field(default_factory=list)


@transaction.atomic
def triage_orders(*, order_ids: Sequence[int]) -> TriageReport:
    """Sort open orders anew: hold those that rules mean, end holds that no rule means any more, set their days.

    What a person held stays held; what a person released is not held by the same rule again. Closed orders are left
    alone; twice is harmless. A fixed number of statements, whatever the batch.

    1. Lock the orders by primary key. 2. Ask one statement which rule means which order. 3. Compare with the holds.
    """
    orders = [order for order in lock_orders(order_ids) if order.status in OPEN_STATUSES]
    if not orders:
        return TriageReport()
    rules, broken = _running_rules()
    meant = _meant_by([order.pk for order in orders], rules)
    held, facts = _hold(orders, rules, meant)
    freed, ended = _end(orders, meant, broken)
    waits = set_days(orders)
    record_many([*facts, *ended, *waits], model=Order)
    return TriageReport(held=held, freed=freed, moved=[pk for _fact, pk in waits])


def triage_open_orders(*, condition: Q | None = None, batch: int = BATCH) -> TriageReport:
    """Sort all open orders (that fulfil ``condition``) anew, batch by batch, each in a transaction of its own."""
    report, last = TriageReport(), 0
    wanted = Order.objects.open().filter(condition or Q()).order_by("pk")
    while ids := list(wanted.filter(pk__gt=last).values_list("pk", flat=True)[:batch]):
        part = triage_orders(order_ids=ids)
        report.held += part.held
        report.freed += part.freed
        report.moved += part.moved
        last = ids[-1]
    return report


Conditions = Mapping[int, tuple[HoldRule, Q]]


def _running_rules() -> tuple[Conditions, set[int]]:
    """Return the rules of today with their conditions, and those whose condition has lost its meaning."""
    today = shop_day()
    rows = HoldRule.objects.filter(
        Q(valid_from=None) | Q(valid_from__lte=today), Q(valid_until=None) | Q(valid_until__gte=today), is_active=True
    )
    rules, broken = {}, set()
    for rule in rows:
        try:
            rules[rule.pk] = (rule, condition_of(rule.conditions))
        except InvalidInput:
            logger.warning("hold rule cannot be read rule=%s", rule.pk)
            broken.add(rule.pk)
    return rules, broken


def _meant_by(order_ids: Sequence[int], rules: Conditions) -> dict[int, list[int]]:
    """Return order id -> the rules that mean it, by rank."""
    if not rules:
        return {}
    columns = {
        f"rule_{pk}": ExpressionWrapper(condition, output_field=BooleanField())
        for pk, (_rule, condition) in rules.items()
    }
    rows = Order.objects.filter(pk__in=order_ids).order_by().annotate(**columns).values_list("pk", *columns)
    return {row[0]: [pk for pk, is_so in zip(rules, row[1:], strict=True) if is_so] for row in rows if any(row[1:])}


def _hold(
    orders: Sequence[Order], rules: Conditions, meant: Mapping[int, Collection[int]]
) -> tuple[list[int], list[tuple[Event, int]]]:
    if not meant:
        return [], []
    # open ones, and those that a person has released: a rule does not argue
    known = set(
        OrderHold.objects.filter(Q(released_at=None) | Q(released_by__isnull=False), order__in=meant)
        .exclude(rule=None)
        .values_list("order_id", "rule_id")
    )
    now = timezone.now()
    new: dict[int, list[HoldRule]] = defaultdict(list)
    for order in orders:
        for pk in meant.get(order.pk, ()):
            if (order.pk, pk) not in known:
                new[order.pk].append(rules[pk][0])
    OrderHold.objects.bulk_create(
        OrderHold(order_id=pk, rule=rule, reason=HoldReason.RULE, takes_stock=rule.takes_stock, held_at=now)
        for pk, found in new.items()
        for rule in found
    )
    mark_held(list(new))
    return list(new), [(OrderHeld(order_id=pk, rules=[rule.name for rule in found]), pk) for pk, found in new.items()]


def _end(
    orders: Sequence[Order], meant: Mapping[int, Collection[int]], broken: Collection[int]
) -> tuple[list[int], list[tuple[Event, int]]]:
    """End the holds of rules that do not mean their order any more, or hold no order any more."""
    held = [order.pk for order in orders if order.is_held]
    if not held:
        return [], []
    rows = OrderHold.objects.filter(order__in=held, released_at=None, rule__isnull=False).exclude(rule__in=broken)
    over: dict[int, list[OrderHold]] = defaultdict(list)
    for hold in rows.select_related("rule"):
        if hold.rule_id not in meant.get(hold.order_id, ()):
            over[hold.order_id].append(hold)
    if not over:
        return [], []
    ids = [hold.pk for holds in over.values() for hold in holds]
    OrderHold.objects.filter(pk__in=ids).update(released_at=timezone.now())
    free = mark_free(list(over))
    facts: list[tuple[Event, int]] = [
        (
            OrderReleased(
                order_id=pk, holds=[str(hold.rule) for hold in holds], by_itself=True, is_free=pk in free
            ),
            pk,
        )
        for pk, holds in over.items()
    ]  # fmt: skip
    return sorted(free), facts
