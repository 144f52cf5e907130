"""Snapshots of purchase patterns, notes and tags, duplicates and merges, segments."""

from crm.models.merging import DuplicateProposal, DuplicateReason, Merge, MergeMove, ProposalState
from crm.models.pattern import (
    BasketPair,
    BuyerGroup,
    CategoryPair,
    CohortCell,
    CustomerPattern,
    GapCell,
    MigrationCell,
    MonthlyGroup,
    PatternRun,
    Replenishment,
)
from crm.models.person import CustomerNote, CustomerTag, Tag
from crm.models.segment import Segment, SegmentMember, SegmentSnapshot

__all__ = [
    "BasketPair",
    "BuyerGroup",
    "CategoryPair",
    "CohortCell",
    "CustomerNote",
    "CustomerPattern",
    "CustomerTag",
    "DuplicateProposal",
    "DuplicateReason",
    "GapCell",
    "Merge",
    "MergeMove",
    "MigrationCell",
    "MonthlyGroup",
    "PatternRun",
    "ProposalState",
    "Replenishment",
    "Segment",
    "SegmentMember",
    "SegmentSnapshot",
    "Tag",
]
