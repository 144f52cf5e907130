"""By what segments choose customers: kinds of conditions, and trees of them."""

from crm.conditions.kinds import KINDS
from crm.conditions.registry import Choice, Input, SegmentKind, register_segment_kind, segment_kind, segment_kinds
from crm.conditions.trees import MOST_LEAVES, customers_in, tree_condition, tree_sentence

for _kind in KINDS:
    register_segment_kind(_kind)

__all__ = [
    "MOST_LEAVES",
    "Choice",
    "Input",
    "SegmentKind",
    "customers_in",
    "register_segment_kind",
    "segment_kind",
    "segment_kinds",
    "tree_condition",
    "tree_sentence",
]
