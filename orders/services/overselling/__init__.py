"""Sold and not there: found by the system, decided by people."""

from orders.services.overselling.deciding import Choice, decide_oversell, mark_sent
from orders.services.overselling.judging import judge_oversells

__all__ = ["Choice", "decide_oversell", "judge_oversells", "mark_sent"]
