"""What apps need to write admin pages; see README.md beside this file."""

from core.ui.acting import actor
from core.ui.actions import (
    ActionForm,
    Answer,
    BulkOutcome,
    bulk_action,
    link_action,
    register_action,
    service_action,
)
from core.ui.base import ModelAdmin, StackedInline, TabularInline
from core.ui.panels import NextAction, Panel, register_next_actions, register_panel
from core.ui.tabs import Tab

__all__ = [
    "ActionForm",
    "Answer",
    "BulkOutcome",
    "ModelAdmin",
    "NextAction",
    "Panel",
    "StackedInline",
    "Tab",
    "TabularInline",
    "actor",
    "bulk_action",
    "link_action",
    "register_action",
    "register_next_actions",
    "register_panel",
    "service_action",
]
