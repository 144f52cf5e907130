"""Tables of the shared kernel."""

from core.models.events import Delivery, EventRecord, append_only
from core.models.imports import ImportBatch, ImportFormat, ImportRow, ImportState, RowOutcome
from core.models.running import CommandKey, Heartbeat, Job, JobState, Sequence
from core.models.tables import ExportLayout, TableChange, TableChangeState, TableImport, TableImportState
from core.models.views import SavedView
from core.models.words import SearchWord

__all__ = [
    "CommandKey",
    "Delivery",
    "EventRecord",
    "ExportLayout",
    "Heartbeat",
    "ImportBatch",
    "ImportFormat",
    "ImportRow",
    "ImportState",
    "Job",
    "JobState",
    "RowOutcome",
    "SavedView",
    "SearchWord",
    "Sequence",
    "TableChange",
    "TableChangeState",
    "TableImport",
    "TableImportState",
    "append_only",
]
