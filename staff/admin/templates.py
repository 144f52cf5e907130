"""Task templates with their check list, pictures and approvals."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget

from core.admin.tables import TableFilesMixin
from core.ui import ModelAdmin, TabularInline, columns
from staff.admin.resources import TaskTemplateResource
from staff.models import Role, TaskTemplate, TemplateItem
from staff.selectors import role_label

STEPS = 4


class StepsWidget(forms.MultiWidget):
    """One select for each approval step."""

    template_name = "staff/widgets/steps.html"

    def __init__(self) -> None:
        choices = [("", "–"), *Role.choices]
        super().__init__([UnfoldAdminSelectWidget(choices=choices) for _step in range(STEPS)])

    def decompress(self, value: list[str] | None) -> list[str]:
        """Return the roles, then blanks."""
        roles = list(value or [])[:STEPS]
        return roles + [""] * (STEPS - len(roles))


class StepsField(forms.MultiValueField):
    """The roles that approve, in order."""

    def __init__(self, **kwargs: Any) -> None:
        fields = [forms.ChoiceField(choices=[("", "–"), *Role.choices], required=False) for _step in range(STEPS)]
        super().__init__(fields, widget=StepsWidget(), require_all_fields=False, **kwargs)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare all steps: Django takes a list for one value a field and stops at the shorter one."""
        return super().has_changed(self.widget.decompress(initial), data)

    def compress(self, data_list: list[str]) -> list[str]:
        """Return the chosen roles without the blanks."""
        return [role for role in data_list or [] if role]


class TemplateForm(forms.ModelForm):  # type: ignore[type-arg] # Django's own class takes no parameter
    """A template; somebody approves once, in one place of the order."""

    review_roles = StepsField(
        label=gettext_lazy("Approved by"),
        required=False,
        help_text=gettext_lazy("In this order; nobody for work that needs no approval."),
    )

    def clean(self) -> dict[str, Any]:
        """Ask for a title in at least one language, and for each role once."""
        data: dict[str, Any] = super().clean() or {}
        if not any(data.get(f"title_{language}") for language in ("en", "ko", "ja")):
            self.add_error("title_en", _("Write a title in at least one language."))
        roles = data.get("review_roles") or []
        if len(set(roles)) != len(roles):
            self.add_error("review_roles", _("Each role approves once."))
        return data


class ItemForm(forms.ModelForm):  # type: ignore[type-arg]
    """A line of the check list."""

    def clean(self) -> dict[str, Any]:
        """Ask for a text in at least one language."""
        data: dict[str, Any] = super().clean() or {}
        if not any(data.get(f"text_{language}") for language in ("en", "ko", "ja")):
            self.add_error("text_en", _("Write a text in at least one language."))
        return data


class ItemInline(TabularInline):
    """The check list; who may change the template may change its lines, and take them away."""

    model = TemplateItem
    form = ItemForm
    fields = ("position", "text_en", "text_ko", "text_ja", "is_required")
    ordering = ("position", "id")
    can_delete = True

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """As for the template."""
        return request.user.has_perm("staff.view_tasktemplate")

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """As for the template."""
        return request.user.has_perm("staff.change_tasktemplate")

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """As for the template."""
        return self.has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """As for the template: tasks keep the words of a line that is gone."""
        return self.has_change_permission(request)


@admin.register(TaskTemplate)
class TaskTemplateAdmin(TableFilesMixin, ModelAdmin):
    """What usual tasks start with."""

    resource_class = TaskTemplateResource
    form = TemplateForm
    few_rows = True
    list_display = [
        columns.two_lines("title", "code", gettext_lazy("Task template")),
        columns.computed("kind", pgettext_lazy("task", "Kind"), lambda template: template.get_kind_display()),
        columns.computed("role", gettext_lazy("Role"), lambda template: template.get_role_display()),
        columns.number("estimate_minutes", gettext_lazy("Estimate (minutes)")),
        columns.number("lead_days", gettext_lazy("Days before")),
        columns.number("slot_count", gettext_lazy("Creative slots")),
        columns.computed(
            "steps",
            gettext_lazy("Approved by"),
            lambda template: " → ".join(role_label(role) for role in template.review_roles),
        ),
        columns.flag("is_active", pgettext_lazy("template", "Active")),
    ]
    ordering = ["kind", "code", "id"]
    list_filter = ["kind", "role", "is_active"]
    search_fields = ["code", "title_en", "title_ko", "title_ja"]
    filter_horizontal = ("slots",)
    fieldsets = [
        (None, {"fields": [("code", "kind"), "title_en", "title_ko", "title_ja", "is_active"]}),
        (
            gettext_lazy("Work"),
            {"fields": [("role", "priority"), ("estimate_minutes", "revision_limit"), "lead_days", "review_roles"]},
        ),
        (gettext_lazy("Pictures"), {"fields": ["slots"]}),
    ]
    inlines = [ItemInline]
    empty_title = gettext_lazy("No templates here")
    empty_text = gettext_lazy("Add one for each kind of work that comes again.")

    class Media:
        css = {"all": ["backoffice/tasks.css"]}

    def for_display(self, request: HttpRequest, queryset: QuerySet[TaskTemplate]) -> QuerySet[TaskTemplate]:
        """Count the slots of the page's rows."""
        return queryset.annotate(slot_count=Count("slots"))
