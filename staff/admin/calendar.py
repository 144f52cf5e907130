"""Work calendars: hours and holidays of a place."""

from itertools import pairwise
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.ui import ModelAdmin, TabularInline, actor, columns, service_action
from core.ui.countries import CountryMixin
from staff.models import Holiday, WorkCalendar, WorkingHours, WorkProfile
from staff.services.people.calendars import choose_own_calendar, sync_holidays


class HoursFormSet(BaseInlineFormSet):  # type: ignore[type-arg]
    """Spans of one weekday that do not overlap."""

    def clean(self) -> None:
        """Refuse overlapping spans, each with its neighbour."""
        super().clean()
        kept = [form.cleaned_data for form in self.forms if getattr(form, "cleaned_data", None)]
        spans = sorted(
            (row["weekday"], row["opens_at"], row["closes_at"])
            for row in kept
            if not row.get("DELETE") and row.get("opens_at") and row.get("closes_at")
        )
        for (day, _opens, closes), (next_day, opens, _closes) in pairwise(spans):
            if day == next_day and opens < closes:
                raise forms.ValidationError(_("Hours of one day overlap. Make one span of them, or leave a break."))


class PartOfCalendar(TabularInline):
    """Rows that belong to the calendar: who may change it may change them."""

    hide_title = True

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Follow the calendar."""
        return request.user.has_perm("staff.view_workcalendar")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Follow the calendar."""
        return request.user.has_perm("staff.change_workcalendar")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Follow the calendar."""
        return request.user.has_perm("staff.change_workcalendar")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Follow the calendar, where rows may go at all."""
        return self.can_delete and request.user.has_perm("staff.change_workcalendar")


class HoursInline(PartOfCalendar):
    """When work is done; several spans of a day make breaks."""

    model = WorkingHours
    formset = HoursFormSet
    can_delete = True
    fields = ["weekday", "opens_at", "closes_at"]


class HolidayInline(PartOfCalendar):
    """Days off from this year on; one that is worked all the same is ticked, because the law's days come back."""

    model = Holiday
    fields = ["on", "name", "is_worked"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Holiday]:
        """Leave out past years."""
        rows: QuerySet[Holiday] = super().get_queryset(request)
        return rows.filter(on__year__gte=timezone.localdate().year)


def _next_holiday(calendar: WorkCalendar) -> str:
    coming = [row for row in calendar.holidays.all() if not row.is_worked and row.on >= timezone.localdate()]
    first = min(coming, key=lambda row: row.on, default=None)
    return f"{columns.moment('on', '')(first)} {first.name}" if first else ""


@admin.register(WorkCalendar)
class WorkCalendarAdmin(CountryMixin, ModelAdmin):
    """Hours and holidays that deadlines, load and reminders follow."""

    few_rows = True
    list_display = [
        columns.two_lines("name", "code", gettext_lazy("Work calendar"), order=True),
        columns.country("country", gettext_lazy("Country")),
        columns.number("people", gettext_lazy("People who follow it by name")),
        columns.computed("next_holiday", gettext_lazy("Next holiday"), _next_holiday),
        columns.flag("is_default", gettext_lazy("The shop’s own")),
    ]
    search_fields = ["name", "code"]
    ordering = ["name", "id"]
    fields = [("name", "code"), "country"]
    inlines = [HoursInline, HolidayInline]
    show_timeline = False
    empty_title = gettext_lazy("No work calendar yet")
    empty_text = gettext_lazy("Without one, Monday to Friday from nine to six are worked, and there are no holidays.")

    def for_display(self, request: HttpRequest, queryset: QuerySet[WorkCalendar]) -> QuerySet[WorkCalendar]:
        """Count who follows it, fetch its holidays."""
        followers = WorkProfile.objects.filter(calendar=OuterRef("pk")).order_by().values("calendar")
        counted = Coalesce(Subquery(followers.annotate(count=Count("pk")).values("count")), 0)
        return queryset.annotate(people=counted).prefetch_related("holidays")

    @service_action(
        gettext_lazy("Make it the shop’s own"),
        permission="staff.change_workcalendar",
        icon="storefront",
        question=gettext_lazy("Deadlines and everybody without a calendar of their own follow it from now on."),
        available=lambda user, obj: not obj.is_default,
    )
    def choose(self, request: HttpRequest, obj: WorkCalendar, data: dict[str, Any]) -> str:
        """Let the shop follow this calendar."""
        choose_own_calendar(calendar_id=obj.pk, actor=actor(request))
        return _("The shop follows “%(name)s” from now on.") % {"name": obj}

    @service_action(
        pgettext_lazy("holidays", "Fill in holidays"),
        permission="staff.change_workcalendar",
        icon="event_upcoming",
        question=gettext_lazy("Public holidays of this and the next year are added; what stands there stays."),
        available=lambda user, obj: bool(obj.country),
    )
    def fill(self, request: HttpRequest, obj: WorkCalendar, data: dict[str, Any]) -> str:
        """Add public holidays that are missing."""
        year = timezone.localdate().year
        added = sync_holidays(years=[year, year + 1], calendar_ids=[obj.pk])
        return _("%(count)s holidays were added.") % {"count": added}
