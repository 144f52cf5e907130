"""Macros as a list, a form with its variables, and tables in and out of files."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from import_export.fields import Field
from import_export.widgets import Widget

from core.admin.tables import TableFilesMixin
from core.resources import BulkResource, KeyWidget
from core.resources.widgets import TextWidget
from core.ui import ModelAdmin, Tab, columns
from returns.models import ReturnReason
from service.admin.macro_words import done_by
from service.models import Macro, MacroHand, MacroStatus, ReasonNode, Team
from service.selectors.variables import COUPON_CODE, VARIABLES, unknown_variables, variables_in
from staff.selectors import users_with_permission

TEXTS = ("body_en", "body_ko", "body_ja", "note")


def problem_of(text: str) -> str:
    """Return what is wrong with the variables of a text, in words; empty when nothing is."""
    unknown = unknown_variables(text)
    names = ", ".join("{{" + name + "}}" for name in unknown)
    return _("There is no variable %(names)s.") % {"names": names} if unknown else ""


class MacroForm(forms.ModelForm):  # type: ignore[type-arg]
    """Words with variables that exist, and what belongs together."""

    def clean(self) -> dict[str, Any]:
        """Refuse unknown variables, a macro that says and does nothing, and half of a pair."""
        data = super().clean() or {}
        for name in TEXTS:
            if problem := problem_of(data.get(name) or ""):
                self.add_error(name, problem)
        if "tags" in data:
            data["tags"] = sorted({tag.strip() for tag in data["tags"] or () if tag.strip()})
        if (data.get("hand") == MacroHand.COLLEAGUE) != bool(data.get("colleague")):
            self.add_error("colleague", _("Choose the colleague here and “this colleague” beside it."))
        if data.get("reason") and data.get("status") != MacroStatus.RESOLVED:
            self.add_error("reason", _("A reason is for a macro that resolves the ticket."))
        if bool(data.get("task_title")) != bool(data.get("task_role")):
            self.add_error("task_role", _("A task has words and a role that does it."))
        self._check_coupon(data)
        acts = ("coupon", "tags", "status", "hand", "team", "task_title", "return_reason")
        if not self.errors and not any(data.get(name) for name in (*TEXTS, *acts)):
            raise forms.ValidationError(_("This macro says and does nothing."))
        return data

    def _check_coupon(self, data: dict[str, Any]) -> None:
        """A coupon is told by its code in each language that has words; nothing else names one."""
        said = {name: variables_in(data.get(name) or "") for name in TEXTS}
        if not data.get("coupon"):
            if any(one.startswith("coupon.") for names in said.values() for one in names):
                self.add_error("coupon", _("The words name a coupon: choose which."))
            return
        bodies = [name for name in TEXTS if name.startswith("body_") and data.get(name)]
        for name in bodies or ["body_ko"]:
            if COUPON_CODE not in said[name]:
                self.add_error(name, _("A coupon is told by its code: write %(name)s.") % {"name": "{{coupon.code}}"})


class VariableTextWidget(TextWidget):
    """Words whose variables exist."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        """Return the words; ValueError names what is no variable."""
        text = str(super().clean(value, row, **kwargs) or "")
        if problem := problem_of(text):
            raise ValueError(problem)
        return text


class TagsWidget(Widget):
    """Tags with commas between them."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> list[str]:
        """Return them as a list."""
        return sorted({tag.strip()[:40] for tag in str(value or "").split(",") if tag.strip()})

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Return them as one text."""
        return ", ".join(value or ())


def _words(name: str) -> Field:
    return Field(attribute=name, column_name=name, widget=VariableTextWidget())


class MacroResource(BulkResource):
    """Macros by name; who gets a ticket as a certain colleague, and the files sent along, are not in files."""

    body_en, body_ko, body_ja, note = (_words(name) for name in TEXTS)
    tags = Field(attribute="tags", column_name="tags", widget=TagsWidget())
    team = Field(attribute="team", column_name="team", widget=KeyWidget(Team, field="name"))
    return_reason = Field(
        attribute="return_reason", column_name="return_reason", widget=KeyWidget(ReturnReason, field="code")
    )
    reason = Field(attribute="reason", column_name="reason", widget=KeyWidget(ReasonNode, field="code"))
    use_count = Field(attribute="use_count", column_name="use_count", readonly=True)

    class Meta:
        model = Macro
        import_id_fields = ["name"]
        fields = [
            "name", "shortcut", *TEXTS, "tags", "status", "reason", "team", "task_title", "task_role", "return_reason",
            "is_active", "use_count",
        ]  # fmt: skip
        name = pgettext_lazy("customer service", "Macros")


@admin.register(Macro)
class MacroAdmin(TableFilesMixin, ModelAdmin):
    """What is answered often, in three languages, and what is done then."""

    resource_class = MacroResource
    form = MacroForm
    few_rows = True
    list_display = [
        columns.two_lines("name", "shortcut", pgettext_lazy("customer service", "Macro")),
        columns.computed("languages", gettext_lazy("Languages"), lambda macro: _languages(macro) or "–"),
        columns.computed("does", gettext_lazy("Does"), lambda macro: ", ".join(map(str, done_by(macro))) or "–"),
        columns.number("use_count", gettext_lazy("Used"), order=True),
        columns.flag("is_active", gettext_lazy("Active")),
    ]
    list_select_related = ("team", "colleague", "return_reason", "reason", "coupon")
    tabs = [
        Tab("active", pgettext_lazy("macro", "Active"), Q(is_active=True)),
        Tab("all", pgettext_lazy("macro", "All"), count=False),
    ]
    ordering = ["name", "id"]
    search_fields = ["name", "shortcut", "body_en", "body_ko", "body_ja"]
    fieldsets = [
        (None, {"fields": [("name", "shortcut"), "is_active"]}),
        (gettext_lazy("Words"), {"fields": ["body_ko", "body_ja", "body_en"]}),
        (
            gettext_lazy("What is done then"),
            {
                "fields": [
                    "tags",
                    ("status", "reason"),
                    ("hand", "colleague"),
                    ("team", "files"),
                    ("task_title", "task_role"),
                    ("return_reason", "coupon"),
                    "note",
                ]
            },
        ),
    ]
    empty_title = gettext_lazy("No macros yet")
    empty_text = gettext_lazy("Write down what you answer often; in the editor a slash finds it.")

    def get_field_queryset(self, db: str | None, db_field: Any, request: HttpRequest) -> "QuerySet[Any]":
        """Offer the colleagues who work on tickets: who leads chooses one without seeing accounts."""
        if db_field.name == "colleague":
            return users_with_permission("service.work_on_ticket").order_by("pk")
        return super().get_field_queryset(db, db_field, request)

    def get_autocomplete_fields(self, request: HttpRequest) -> Sequence[str]:
        """Colleagues stand in a plain list: the search of accounts is not for who leads."""
        return [name for name in super().get_autocomplete_fields(request) if name != "colleague"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Sequence[str]:
        """Let who may change macros choose the colleague."""
        return [name for name in super().get_readonly_fields(request, obj) if name != "colleague"]

    def facts(self, request: HttpRequest, obj: Macro) -> Sequence[tuple[Any, Any]]:
        """Return how often it was used, and which variables there are."""
        known = format_html_join(
            " · ", "<code>{{{{{}}}}}</code> {}", ((name, one.label) for name, one in VARIABLES.items())
        )
        return [(_("Used"), obj.use_count), (_("Variables"), known)]


def _languages(macro: Macro) -> str:
    return ", ".join(code for code in ("ko", "ja", "en") if getattr(macro, f"body_{code}"))
