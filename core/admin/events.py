"""What happened, for operators: facts, read-only."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.events import fact
from core.models import EventRecord
from core.ui import columns
from core.ui.readonly import ReadOnlyAdmin


def sentence(record: EventRecord) -> str:
    """Return the fact as a sentence; the bare name when this version does not know it."""
    event = fact(record)
    return event.sentence() if event else record.name


@admin.register(EventRecord)
class EventRecordAdmin(ReadOnlyAdmin):
    """All facts, newest first."""

    list_display = [
        columns.computed("sentence", pgettext_lazy("history", "What happened"), sentence),
        columns.text("name", _("event")),
        columns.computed(
            "subject", _("subject"), lambda row: f"{row.subject_type.name} {row.subject_id}", related=("subject_type",)
        ),
        columns.text("actor", _("by")),
        columns.text("origin", pgettext_lazy("history", "from where")),
        columns.moment("at", pgettext_lazy("moment", "at")),
    ]
    list_select_related = ["actor"]
    list_filter = ["subject_type"]
    filter_lookups = ["subject_id"]
    exact_search_fields = ["name"]
    search_fields = ["name"]
    search_help_text = _("Name of the event, such as orders.order_confirmed")
    ordering = ["-id"]
    show_timeline = False
    empty_title = _("Nothing has happened yet")

    def facts(self, request: HttpRequest, obj: Any) -> Sequence[tuple[Any, Any]]:
        """Say it in words above the raw fields."""
        return [(pgettext_lazy("history", "What happened"), sentence(obj))]
