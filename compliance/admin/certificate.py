"""Certificate kinds, and the notices whose goods need them."""

import re
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from compliance.admin.rule import DATES, PLACE_COLUMN, SOURCE_COLUMNS, RuleAdmin, RuleForm, verification
from compliance.models import CertificateKind, CertificateNeed
from core.ui import Panel, TabularInline, columns, register_panel


class KindForm(RuleForm):
    """A kind of certificate; its pattern is one, and fits the example."""

    def clean_number_pattern(self) -> str:
        """Refuse what is no regular expression."""
        pattern: str = self.cleaned_data["number_pattern"].strip()
        try:
            re.compile(pattern)
        except re.error as error:
            raise forms.ValidationError(_("This is no regular expression: %(error)s.") % {"error": error}) from error
        return pattern

    def clean(self) -> dict[str, Any]:
        """Refuse a pattern without a number, and an example that does not fit."""
        data = super().clean()
        pattern, example = data.get("number_pattern"), data.get("number_example")
        if pattern and data.get("needs_number") is False:
            self.add_error("number_pattern", _("A certificate without a number has no pattern."))
        elif pattern and example and not re.fullmatch(pattern, example):
            self.add_error("number_example", _("The example does not fit the pattern."))
        return data


class NeedInline(TabularInline):
    """The notices whose goods need it; who may change the kind may change this."""

    model = CertificateNeed
    fields = ("notice_type", "is_required")
    ordering = ("notice_type__position", "id")
    can_delete = True
    hide_title = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[CertificateNeed]:
        """Bring both names along."""
        rows: QuerySet[CertificateNeed] = super().get_queryset(request)
        return rows.select_related("certificate_kind", "notice_type")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer the notices as they are; they are made on their own page."""
        field: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "notice_type":
            for name in ("can_add_related", "can_change_related", "can_view_related"):
                setattr(field.widget, name, False)
        return field

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As for the kind."""
        return request.user.has_perm("compliance.view_certificatekind")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As for the kind."""
        return request.user.has_perm("compliance.change_certificatekind")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As for the kind."""
        return self.has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As for the kind: a need is a link, nothing else hangs on it."""
        return self.has_change_permission(request)


def _parts(kind: CertificateKind) -> Any:
    wanted = (
        (kind.needs_number, pgettext("certificate", "Number")),
        (kind.needs_document, pgettext("certificate", "Document")),
        (kind.needs_expiry, pgettext("certificate", "Expiry date")),
    )
    words = ", ".join(word for is_wanted, word in wanted if is_wanted) or pgettext("certificate", "Only the mark")
    return format_html("{}<small>{}</small>", words, kind.number_example) if kind.number_example else words


@admin.register(CertificateKind)
class CertificateKindAdmin(RuleAdmin):
    """What a certificate looks like, which ones satisfy each other, and who needs one."""

    form = KindForm
    list_display = [
        columns.two_lines("name", "code", gettext_lazy("Certificate kind")),
        PLACE_COLUMN,
        columns.computed("parts", gettext_lazy("What has to be there"), _parts),
        columns.number("need_count", gettext_lazy("Notice types")),
        *SOURCE_COLUMNS,
    ]
    fieldsets = [
        (None, {"fields": [("code", "jurisdiction"), "name_en", "name_ko", "name_ja", ("group", "position")]}),
        (
            gettext_lazy("What has to be there"),
            {
                "fields": [
                    ("needs_number", "needs_document", "needs_expiry"),
                    ("number_pattern", "number_example"),
                ]
            },
        ),
        DATES,
    ]
    inlines = [NeedInline]
    empty_title = gettext_lazy("No certificate kinds here")
    verify = verification("compliance.change_certificatekind")

    def for_display(self, request: HttpRequest, queryset: QuerySet[CertificateKind]) -> QuerySet[CertificateKind]:
        """Count the notices."""
        return queryset.annotate(need_count=Count("needs"))


def alternatives(request: HttpRequest, kind: CertificateKind) -> dict[str, Any] | None:
    """Give the other kinds of the group: each of them will do as well."""
    if not kind.group:
        return None
    others = CertificateKind.objects.filter(group=kind.group, jurisdiction=kind.jurisdiction).exclude(pk=kind.pk)
    rows = list(others.order_by("position", "pk"))
    return {"kinds": rows} if rows else None


register_panel(
    CertificateKind,
    Panel(
        "alternatives",
        pgettext_lazy("certificate", "Any of these will do as well"),
        "compliance/panels/alternatives.html",
        alternatives,
        position=10,
        above=True,
    ),
)
