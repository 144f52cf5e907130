"""Notices: what has to be told about goods of a class."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from compliance.admin.rule import (
    DATES,
    PLACE_COLUMN,
    SOURCE_COLUMNS,
    RuleAdmin,
    RuleForm,
    time_badge,
    time_text,
    verification,
)
from compliance.models import FieldKind, NoticeField, NoticeType
from compliance.models.rule import holds
from compliance.selectors import needed_certificates
from core.ui import Panel, StackedInline, columns, register_panel


class FieldForm(RuleForm):
    """A line of a notice; only what is written has a length."""

    named = ("label_en", "label_ko", "label_ja")

    def clean(self) -> dict[str, Any]:
        """Refuse a length for a date or a yes."""
        data = super().clean()
        if data.get("max_length") is not None and data.get("kind") not in {FieldKind.TEXT, FieldKind.LONG_TEXT}:
            self.add_error("max_length", _("Only texts have a length."))
        return data

    def clean_max_length(self) -> int | None:
        """Refuse a length of nothing."""
        length: int | None = self.cleaned_data["max_length"]
        if length == 0:
            raise forms.ValidationError(_("Leave it empty for any length."))
        return length


class FieldInline(StackedInline):
    """The lines, for those who may change them; a line is ended, not removed."""

    model = NoticeField
    form = FieldForm
    collapsible = True
    ordering = ("position", "id")
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("code", "position"),
                    "label_en",
                    "label_ko",
                    "label_ja",
                    ("kind", "max_length"),
                    ("is_required", "needed_when"),
                    "help_en",
                    "help_ko",
                    "help_ja",
                    ("valid_from", "valid_until"),
                ]
            },
        )
    ]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who only reads, reads the panel above."""
        return request.user.has_perm("compliance.change_noticetype")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As for the notice."""
        return request.user.has_perm("compliance.change_noticetype")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As for the notice."""
        return self.has_change_permission(request)


@admin.register(NoticeType)
class NoticeTypeAdmin(RuleAdmin):
    """Find the notice for a product; keep its lines and its dates true."""

    list_display = [
        columns.two_lines("name", "code", gettext_lazy("Notice type")),
        PLACE_COLUMN,
        columns.computed(
            "applies",
            pgettext_lazy("notice", "For"),
            lambda row: pgettext("notice", "All products") if row.applies_to_all else pgettext("notice", "Chosen"),
        ),
        columns.number("field_count", gettext_lazy("Fields")),
        *SOURCE_COLUMNS,
    ]
    fieldsets = [
        (
            None,
            {"fields": [("code", "jurisdiction"), "name_en", "name_ko", "name_ja", ("applies_to_all", "position")]},
        ),
        DATES,
    ]
    inlines = [FieldInline]
    empty_title = gettext_lazy("No notices here")
    verify = verification("compliance.change_noticetype")

    def for_display(self, request: HttpRequest, queryset: QuerySet[NoticeType]) -> QuerySet[NoticeType]:
        """Count the lines that hold today."""
        today = timezone.localdate()
        holds = (Q(fields__valid_from__isnull=True) | Q(fields__valid_from__lte=today)) & (
            Q(fields__valid_until__isnull=True) | Q(fields__valid_until__gte=today)
        )
        return queryset.annotate(field_count=Count("fields", filter=holds))


@dataclass(frozen=True)
class Line:
    """One line of a notice as it is read."""

    field: NoticeField
    kind: str
    badge: Any
    dates: str


def lines(request: HttpRequest, notice_type: NoticeType) -> dict[str, Any] | None:
    """Give the lines in the reader's language, those of other times with their time."""
    today = timezone.localdate()
    rows = notice_type.fields.order_by("position", "pk")
    shown = [
        Line(
            field,
            field.get_kind_display() + (f" ≤ {field.max_length}" if field.max_length else ""),
            None if holds(field, today) else time_badge(field),
            time_text(field),
        )
        for field in rows
    ]
    return {"lines": shown} if shown else None


def certificates(request: HttpRequest, notice_type: NoticeType) -> dict[str, Any] | None:
    """Give what goods with this notice need beside it."""
    groups = needed_certificates([notice_type.pk], notice_type.jurisdiction)
    return {"groups": groups} if groups else None


register_panel(
    NoticeType,
    Panel("lines", gettext_lazy("What has to be told"), "compliance/panels/lines.html", lines, position=10, above=True),
)
register_panel(
    NoticeType,
    Panel(
        "certificates",
        gettext_lazy("Certificates"),
        "compliance/panels/certificates.html",
        certificates,
        permission="compliance.view_certificatekind",
        position=20,
        above=True,
    ),
)
