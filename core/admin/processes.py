"""Background processes: are they alive, and what runs again and again."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)

from core.models import Heartbeat
from core.ui import columns
from core.ui.readonly import ReadOnlyAdmin

# The schedule lives in code (core.schedule): pages to edit it would be overwritten by the next start.
for model in (ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnlyAdmin):
    """Signs of life."""

    list_display = [
        columns.text("name", _("process")),
        columns.moment("seen_at", _("last sign of life")),
        columns.computed("host", _("host"), lambda row: row.details.get("host", "")),
    ]
    list_display_links = None
    ordering = ["name"]
    show_timeline = False
    empty_title = _("No background process has reported yet")
    empty_text = _("Start the worker and the beat, or wait a minute.")


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(ReadOnlyAdmin):
    """What runs again and again."""

    list_display = [
        columns.text("name", _("task")),
        columns.computed(
            "when", _("when"), lambda row: str(row.interval or row.crontab or ""), related=("interval", "crontab")
        ),
        columns.moment("last_run_at", _("last started")),
        columns.flag("enabled", _("enabled")),
    ]
    list_display_links = None
    ordering = ["name", "id"]
    show_timeline = False
    fields = ["name", "task"]  # the list says the rest, without the library's words for programmers
