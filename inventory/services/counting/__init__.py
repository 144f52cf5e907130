"""Stocktakes: planned, counted blind, looked into, approved by somebody else, posted."""

from inventory.services.counting.choosing import CountScope
from inventory.services.counting.cycling import plan_cycle_counts
from inventory.services.counting.filing import FileOutcome, count_from_file, read_counts
from inventory.services.counting.judging import (
    approve_stocktake,
    cancel_stocktake,
    investigate_lines,
    leave_out_lines,
    recount_lines,
    review_stocktake,
    start_stocktake,
)
from inventory.services.counting.planning import CountRules, add_to_stocktake, plan_stocktake
from inventory.services.counting.posting import PostOutcome, post_stocktake
from inventory.services.counting.tallying import count_line

__all__ = [
    "CountRules",
    "CountScope",
    "FileOutcome",
    "PostOutcome",
    "add_to_stocktake",
    "approve_stocktake",
    "cancel_stocktake",
    "count_from_file",
    "count_line",
    "investigate_lines",
    "leave_out_lines",
    "plan_cycle_counts",
    "plan_stocktake",
    "post_stocktake",
    "read_counts",
    "recount_lines",
    "review_stocktake",
    "start_stocktake",
]
