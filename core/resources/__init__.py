"""Tables in and out of files: import-export's resources, whole columns at a time. Read ``bulk`` first."""

from core.resources.bulk import BulkResource
from core.resources.columns import PersonalField
from core.resources.merge import Rule
from core.resources.widgets import (
    FlagWidget,
    KeyWidget,
    MomentWidget,
    MoneyWidget,
    TextWidget,
    WholeNumberWidget,
)

__all__ = [
    "BulkResource",
    "FlagWidget",
    "KeyWidget",
    "MomentWidget",
    "MoneyWidget",
    "PersonalField",
    "Rule",
    "TextWidget",
    "WholeNumberWidget",
]
