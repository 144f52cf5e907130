"""Every write to stock. One statement changes counters and writes the movements that explain them (``ledger``)."""

from inventory.services.alerting import set_alert_levels
from inventory.services.classing import set_stock_classes
from inventory.services.entries import post_document, post_entry, take_back_stock, write_off_stock
from inventory.services.entry_lines import EntryCause, EntryLine, LotGiven
from inventory.services.incidents import close_incident, note_findings, restate_counters
from inventory.services.judging import judge_held
from inventory.services.picturing import check_pictured_stock
from inventory.services.pieces.expiring import hold_expiring_lots
from inventory.services.pieces.lots import correct_lot
from inventory.services.pieces.placing import move_between_bins, put_away
from inventory.services.pieces.stopping import LotStopped, stop_lot
from inventory.services.reservations.asking import Need, Shortage, StockAnswer, StockRequest, Take
from inventory.services.reservations.consuming import Portion, release_stock, ship_stock
from inventory.services.reservations.reserving import reserve_stock
from inventory.services.reservations.sets import ReservedSet, reserved_sets
from inventory.services.setting_aside import (
    HoldWish,
    dispose_held,
    hold_stock,
    release_ended_holds,
    release_held_for,
    release_hold,
)
from inventory.services.stock_policies import FIELDS as POLICY_FIELDS
from inventory.services.stock_policies import set_stock_policy
from inventory.services.watching import settle_alerts, settle_expiring
from inventory.services.withdrawing import LeavingLine, withdraw_stock

__all__ = [
    "POLICY_FIELDS",
    "EntryCause",
    "EntryLine",
    "HoldWish",
    "LeavingLine",
    "LotGiven",
    "LotStopped",
    "Need",
    "Portion",
    "ReservedSet",
    "Shortage",
    "StockAnswer",
    "StockRequest",
    "Take",
    "check_pictured_stock",
    "close_incident",
    "correct_lot",
    "dispose_held",
    "hold_expiring_lots",
    "hold_stock",
    "judge_held",
    "move_between_bins",
    "note_findings",
    "post_document",
    "post_entry",
    "put_away",
    "release_ended_holds",
    "release_held_for",
    "release_hold",
    "release_stock",
    "reserve_stock",
    "reserved_sets",
    "restate_counters",
    "set_alert_levels",
    "set_stock_classes",
    "set_stock_policy",
    "settle_alerts",
    "settle_expiring",
    "ship_stock",
    "stop_lot",
    "take_back_stock",
    "withdraw_stock",
    "write_off_stock",
]
