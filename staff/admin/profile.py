"""Work profiles: what a person can do, how much of a day, and who stands in."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from core.ui import ModelAdmin, columns
from staff.admin.people import PersonField
from staff.models import TaskKind, WorkProfile
from staff.selectors.load import hours_text


class SkillsField(forms.TypedMultipleChoiceField):
    """Kinds of tasks, ticked; stored as a list."""

    widget = UnfoldAdminCheckboxSelectMultipleWidget


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    """What somebody can do, and who stands in."""

    user = PersonField(label=gettext_lazy("Person"))
    delegate = PersonField(
        label=gettext_lazy("Delegate"),
        required=False,
        help_text=gettext_lazy("Who decides for this person during leave."),
    )
    skills = SkillsField(label=gettext_lazy("Skills"), choices=TaskKind.choices, required=False)

    class Meta:
        model = WorkProfile
        fields: ClassVar[list[str]] = ["user", "skills", "daily_minutes", "wip_limit", "calendar", "delegate"]


def _skills(profile: WorkProfile) -> str:
    return ", ".join(str(TaskKind(skill).label) for skill in profile.skills) or "–"


@admin.register(WorkProfile)
class WorkProfileAdmin(ModelAdmin):
    """People whose work is planned; without a profile somebody follows the shop's calendar with seven hours a day."""

    form = ProfileForm
    list_display = [
        columns.computed("person", gettext_lazy("Person"), lambda row: row.user, order="user", related=("user",)),
        columns.computed("skills", gettext_lazy("Skills"), _skills),
        columns.computed(
            "hours", gettext_lazy("Hours for tasks each day"), lambda row: hours_text(row.daily_minutes), css="num"
        ),
        columns.computed(
            "calendar", gettext_lazy("Work calendar"), lambda row: row.calendar or "–", related=("calendar",)
        ),
        columns.computed("delegate", gettext_lazy("Delegate"), lambda row: row.delegate or "–", related=("delegate",)),
    ]
    list_filter = ["calendar"]
    search_fields = ["user__username", "user__first_name", "user__last_name"]
    ordering = ["user__username", "id"]
    fields = ["user", "skills", ("daily_minutes", "wip_limit"), ("calendar", "delegate")]
    show_timeline = False
    empty_title = gettext_lazy("No work profiles yet")
    empty_text = gettext_lazy("Enter what people can do: suggestions whom to give a task then fit better.")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002
        """Whose profile it is, is asked once."""
        form = super().get_form(request, obj, change=change, **kwargs)
        if obj is not None:
            form.base_fields.pop("user", None)
        return form

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Whose profile it is stays; delegates are named by who may not see accounts, too."""
        fixed = {*super().get_readonly_fields(request, obj), *(["user"] if obj is not None else [])}
        return sorted(fixed - {"delegate"})
