"""Every write to orders. Read ``confirming`` first: the others follow its shape."""

from orders.services.accepting import accept_order, accept_orders, match_line
from orders.services.allocating import allocate_orders, allocate_waiting_orders
from orders.services.batches import BatchReport, Refusal
from orders.services.cancelling import cancel_order, cancel_orders
from orders.services.changing.applying import change_order, preview_change
from orders.services.changing.correcting import edit_order
from orders.services.changing.edits import LineEdit, OrderEdit
from orders.services.confirming import ConfirmReport, confirm_order, confirm_orders
from orders.services.counting import refresh_totals
from orders.services.dispatching import DispatchReport
from orders.services.legal import (
    Delivered,
    WithdrawalRefusal,
    accept_withdrawal,
    record_deliveries,
    record_withdrawal,
    refuse_withdrawal,
    start_heard_clocks,
)
from orders.services.manual import GiftWish, WantedLine, WantedOrder, place_manual_order
from orders.services.manual.drafts import drop_draft, place_draft, save_draft
from orders.services.numbering import ChosenLots
from orders.services.overselling import Choice, decide_oversell, judge_oversells, mark_sent
from orders.services.parcels.combining import combine_by_itself, combine_orders
from orders.services.parcels.dividing import PiecesOf, divide_order
from orders.services.parcels.leaving import leave_parcels
from orders.services.parcels.sending import ship_parcel
from orders.services.parcels.undoing import undo_parcels
from orders.services.payments import record_payment, record_refund
from orders.services.returns import record_return
from orders.services.searching import order_search_text
from orders.services.shipping import ship_from_warehouse, ship_order, ship_orders
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
    "GiftWish",
    "LineEdit",
    "OrderEdit",
    "PiecesOf",
    "Refusal",
    "RuleDraft",
    "TriageReport",
    "WantedLine",
    "WantedOrder",
    "WithdrawalRefusal",
    "accept_order",
    "accept_orders",
    "accept_withdrawal",
    "allocate_orders",
    "allocate_waiting_orders",
    "apply_changed_rules",
    "cancel_order",
    "cancel_orders",
    "change_order",
    "combine_by_itself",
    "combine_orders",
    "confirm_by_itself",
    "confirm_order",
    "confirm_orders",
    "decide_oversell",
    "divide_order",
    "drop_draft",
    "edit_order",
    "hold_orders",
    "judge_oversells",
    "leave_parcels",
    "mark_sent",
    "match_line",
    "order_search_text",
    "place_draft",
    "place_manual_order",
    "preview_change",
    "record_deliveries",
    "record_payment",
    "record_refund",
    "record_return",
    "record_withdrawal",
    "refresh_totals",
    "refuse_withdrawal",
    "release_orders",
    "save_draft",
    "save_handling",
    "save_hold_rule",
    "ship_from_warehouse",
    "ship_order",
    "ship_orders",
    "ship_parcel",
    "start_heard_clocks",
    "triage_open_orders",
    "triage_orders",
    "undo_parcels",
]
