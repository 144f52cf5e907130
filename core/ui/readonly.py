"""Pages that only show: ledgers, logs and what services alone may write."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest

from core.ui.base import ModelAdmin


class ReadOnlyAdmin(ModelAdmin):
    """Nobody adds, changes or deletes here; buttons may still call services."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Rows come from services."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Rows are shown."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Rows stay."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Sequence[str]:
        """Show every field as text."""
        return [field.name for field in self.opts.concrete_fields if field.name != "id"]
