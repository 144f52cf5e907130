"""What is kept about the handling of personal data."""

from privacy.models.access import Access, AccessKind, AccessReason, AccessReview
from privacy.models.consent import Channel, ConsentAct, ConsentEvent, ConsentSource, Purpose
from privacy.models.request import (
    REQUEST_TRANSITIONS,
    DataRequest,
    Outcome,
    RecordDecision,
    RequestKind,
    RequestState,
    RestrictedRecord,
)

__all__ = [
    "REQUEST_TRANSITIONS",
    "Access",
    "AccessKind",
    "AccessReason",
    "AccessReview",
    "Channel",
    "ConsentAct",
    "ConsentEvent",
    "ConsentSource",
    "DataRequest",
    "Outcome",
    "Purpose",
    "RecordDecision",
    "RequestKind",
    "RequestState",
    "RestrictedRecord",
]
