"""How often what is counted by the clock."""

from django.contrib import admin
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.ui import ModelAdmin, columns
from inventory.models import CountPlan


@admin.register(CountPlan)
class CountPlanAdmin(ModelAdmin):
    """One row for each warehouse and ABC class."""

    few_rows = True
    list_display = [
        columns.two_lines(
            "warehouse.name", lambda row: row.abc or pgettext_lazy("ABC class", "not classed"),
            gettext_lazy("Warehouse"),
        ),
        columns.number("every_days", gettext_lazy("Counted every (days)"), order=True),
        columns.number("lines_a_day", gettext_lazy("Most lines a day")),
        columns.flag("is_active", gettext_lazy("Active")),
    ]  # fmt: skip
    ordering = ["warehouse_id", "abc", "id"]
    fields = ["warehouse", "abc", "every_days", "lines_a_day", "is_active"]
    show_timeline = False
    empty_title = gettext_lazy("No count plans yet")
    empty_text = gettext_lazy(
        "With a plan, a little is counted every day: A every 30 days, B every 90, C every 180, for example."
    )
