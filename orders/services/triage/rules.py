"""Hold rules are written here, and carried to the orders that are open already."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import InvalidInput
from core.events import record
from core.schedule import wake
from inventory.selectors import shop_day
from orders.conditions import Conditions, condition_of
from orders.events import HoldRuleSaved
from orders.models import HoldRule
from orders.policies import can_write_hold_rules
from orders.services.batches import check_right
from orders.services.triage.sorting import triage_open_orders
from staff.models import User

TASK = "orders.apply_hold_rules"


@dataclass(frozen=True, kw_only=True)
class RuleDraft:
    """A rule as somebody writes it; ``conditions`` by kind (orders.conditions)."""

    name: str
    conditions: Conditions
    takes_stock: bool = False
    rank: int = 100
    valid_from: date | None = None
    valid_until: date | None = None
    is_active: bool = True


@transaction.atomic
def save_hold_rule(*, draft: RuleDraft, rule_id: int | None = None, actor: User | None = None) -> HoldRule:
    """Write a new rule or change one, and return it; open orders follow within a minute (``apply_changed_rules``).

    InvalidInput for a name that another rule has, for no or meaningless conditions and for an end before the start.
    """
    check_right(can_write_hold_rules, actor)
    values = _checked(draft, rule_id)
    rule = HoldRule.objects.select_for_update().get(pk=rule_id) if rule_id else HoldRule()
    changed = [name for name, value in values.items() if rule.pk is None or getattr(rule, name) != value]
    if not changed:
        return rule
    for name, value in values.items():
        setattr(rule, name, value)
    rule.applied_at = None
    rule.save(update_fields=[*changed, "applied_at", "updated_at"] if rule.pk else None)
    record(HoldRuleSaved(rule_id=rule.pk, changed=changed), subject=rule, actor=actor)
    transaction.on_commit(lambda: wake(TASK), robust=True)
    return rule


def apply_changed_rules() -> int:
    """Sort all open orders by the rules that changed, began or ended since the last time; return how many rules.

    A rule that is changed meanwhile is carried to the orders by the next call; twice is harmless.
    """
    today = shop_day()
    now = timezone.now()
    stale = {
        rule.pk: rule.updated_at
        for rule in HoldRule.objects.all()
        if rule.applied_at is None or _turned(rule, shop_day(rule.applied_at), today)
    }
    if not stale:
        return 0
    triage_open_orders()
    for pk, seen in stale.items():
        HoldRule.objects.filter(pk=pk, updated_at=seen).update(applied_at=now)
    return len(stale)


def _turned(rule: HoldRule, then: date, today: date) -> bool:
    """Tell whether the rule began or ended between two days."""
    begun = rule.valid_from is not None and then < rule.valid_from <= today
    ended = rule.valid_until is not None and then <= rule.valid_until < today
    return rule.is_active and (begun or ended)


def _checked(draft: RuleDraft, rule_id: int | None) -> dict[str, Any]:
    name = draft.name.strip()
    if not name:
        raise InvalidInput(_("Give the rule a name."))
    if HoldRule.objects.filter(name=name).exclude(pk=rule_id or 0).exists():
        raise InvalidInput(_("Another rule is called “%(name)s”.") % {"name": name})
    if draft.valid_from and draft.valid_until and draft.valid_until < draft.valid_from:
        raise InvalidInput(_("The rule must end after it starts."))
    condition_of(draft.conditions)
    return {
        "name": name,
        "conditions": dict(draft.conditions),
        "takes_stock": draft.takes_stock,
        "rank": draft.rank,
        "valid_from": draft.valid_from,
        "valid_until": draft.valid_until,
        "is_active": draft.is_active,
    }
