"""Everything that reviews and the voice of the customer keep."""

from voice.models.review import (
    LOW,
    Hiding,
    HidingGround,
    HidingState,
    ReplyState,
    Review,
    ReviewQuerySet,
    ReviewReply,
    ReviewState,
)
from voice.models.signal import Alert, AlertRule, AlertState, Grain, MatterCell, SoldCell, Source

__all__ = [
    "LOW",
    "Alert",
    "AlertRule",
    "AlertState",
    "Grain",
    "Hiding",
    "HidingGround",
    "HidingState",
    "MatterCell",
    "ReplyState",
    "Review",
    "ReviewQuerySet",
    "ReviewReply",
    "ReviewState",
    "SoldCell",
    "Source",
]
