"""Everything that writes rules, and the deadlines that run by them."""

from compliance.services.clocks import (
    Start,
    Stop,
    extend_clock,
    judge_clocks,
    restart_clock,
    settle_clocks,
    start_clock,
    start_clocks,
    stop_clock,
    stop_clocks,
    warn_of_clocks,
)
from compliance.services.seeding import sync_rules
from compliance.services.verifying import verify_rule

__all__ = [
    "Start",
    "Stop",
    "extend_clock",
    "judge_clocks",
    "restart_clock",
    "settle_clocks",
    "start_clock",
    "start_clocks",
    "stop_clock",
    "stop_clocks",
    "sync_rules",
    "verify_rule",
    "warn_of_clocks",
]
