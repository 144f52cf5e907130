"""Tables in and out of files: import-export's resources, whole columns at a time. Read ``bulk``, then ``composite``."""

from core.resources.batch import Batch
from core.resources.bulk import BulkResource
from core.resources.choices import Choices
from core.resources.columns import LEAVE, PersonalField
from core.resources.composite import CompositeResource
from core.resources.merge import Rule
from core.resources.parts import BulkPart, Part, PartRow, PartRun, settle
from core.resources.widgets import (
    FlagWidget,
    KeyWidget,
    MomentWidget,
    MoneyWidget,
    TextWidget,
    WholeNumberWidget,
)

__all__ = [
    "LEAVE",
    "Batch",
    "BulkPart",
    "BulkResource",
    "Choices",
    "CompositeResource",
    "FlagWidget",
    "KeyWidget",
    "MomentWidget",
    "MoneyWidget",
    "Part",
    "PartRow",
    "PartRun",
    "PersonalField",
    "Rule",
    "TextWidget",
    "WholeNumberWidget",
    "settle",
]
