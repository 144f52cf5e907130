"""Every write to orders. Read ``confirming`` first: the others follow its shape."""

from orders.services.accepting import accept_order, accept_orders, match_line
from orders.services.allocating import allocate_orders, allocate_waiting_orders
from orders.services.batches import BatchReport, Refusal
from orders.services.cancelling import cancel_order, cancel_orders
from orders.services.confirming import ConfirmReport, confirm_order, confirm_orders
from orders.services.counting import refresh_totals
from orders.services.dispatching import DispatchReport
from orders.services.editing import edit_order
from orders.services.legal import (
    Delivered,
    WithdrawalRefusal,
    accept_withdrawal,
    record_deliveries,
    record_withdrawal,
    refuse_withdrawal,
)
from orders.services.numbering import ChosenLots
from orders.services.overselling import Choice, decide_oversell, judge_oversells, mark_sent
from orders.services.payments import record_payment, record_refund
from orders.services.returns import record_return
from orders.services.searching import order_search_text
from orders.services.shipping import ship_order, ship_orders
from orders.services.triage import (
    RuleDraft,
    TriageReport,
    apply_changed_rules,
    confirm_by_itself,
    hold_orders,
    release_orders,
    save_handling,
    save_hold_rule,
    triage_open_orders,
    triage_orders,
)

__all__ = [
    "BatchReport",
    "Choice",
    "ChosenLots",
    "ConfirmReport",
    "Delivered",
    "DispatchReport",
    "Refusal",
    "RuleDraft",
    "TriageReport",
    "WithdrawalRefusal",
    "accept_order",
    "accept_orders",
    "accept_withdrawal",
    "allocate_orders",
    "allocate_waiting_orders",
    "apply_changed_rules",
    "cancel_order",
    "cancel_orders",
    "confirm_by_itself",
    "confirm_order",
    "confirm_orders",
    "decide_oversell",
    "edit_order",
    "hold_orders",
    "judge_oversells",
    "mark_sent",
    "match_line",
    "order_search_text",
    "record_deliveries",
    "record_payment",
    "record_refund",
    "record_return",
    "record_withdrawal",
    "refresh_totals",
    "refuse_withdrawal",
    "release_orders",
    "save_handling",
    "save_hold_rule",
    "ship_order",
    "ship_orders",
    "triage_open_orders",
    "triage_orders",
]
