"""Orders sort themselves: what holds them, from which day on they leave, which are confirmed without a person."""

from orders.services.triage.automatic import confirm_by_itself
from orders.services.triage.handling import save_handling
from orders.services.triage.holding import end_holds, hold_orders, release_orders
from orders.services.triage.rules import RuleDraft, apply_changed_rules, save_hold_rule
from orders.services.triage.sorting import TriageReport, triage_open_orders, triage_orders

__all__ = [
    "RuleDraft",
    "TriageReport",
    "apply_changed_rules",
    "confirm_by_itself",
    "end_holds",
    "hold_orders",
    "release_orders",
    "save_handling",
    "save_hold_rule",
    "triage_open_orders",
    "triage_orders",
]
