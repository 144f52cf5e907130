"""Imports and file formats in the admin."""

import re
from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.formats import localize
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.imports import pages, result_pages
from core.imports.definitions import Source
from core.imports.mapping_page import MappingCheckPart, MappingPage
from core.imports.page_rows import STATE_COLOURS, shares
from core.imports.reasons import sentence
from core.imports.targets import all_targets, target_of
from core.models import ImportBatch, ImportFormat, ImportState
from core.ui import Tab, columns
from core.ui.readonly import ReadOnlyAdmin

IN_PROGRESS = Q(state__in=[ImportState.UPLOADED, ImportState.PREVIEWED, ImportState.IMPORTING])
ATTENTION = Q(state__in=[ImportState.REFUSED, ImportState.FAILED]) | Q(counts__refused__gt=0)
DONE = Q(state=ImportState.DONE)


def outcome_bar(batch: ImportBatch) -> Any:
    """Return the outcomes as one stacked bar with its numbers as a title."""
    parts = shares(batch.counts)
    if not parts:
        return ""
    title = ", ".join(f"{part.label} {part.count}" for part in parts)
    bar = format_html_join("", '<i class="{}" style="width: {}%"></i>', ((p.colour, p.percent) for p in parts))
    return format_html('<span class="stack" role="img" title="{0}" aria-label="{0}">{1}</span>', title, bar)


@admin.register(ImportBatch)
class ImportBatchAdmin(ReadOnlyAdmin):
    """Files on their way in and what became of them."""

    change_list_template = "core/imports/change_list.html"
    list_display = [
        columns.two_lines(
            "filename", lambda row: row.format.name if row.format_id else "", pgettext_lazy("import", "File")
        ),
        columns.badge("state", _("state"), colours={state.value: colour for state, colour in STATE_COLOURS.items()}),
        columns.computed("kind", _("rows of"), lambda row: target_of(row.target).label),
        columns.computed(
            "row_count",
            _("rows"),
            lambda row: localize(row.row_count) if row.row_count else "",
            order="row_count",
            css="num",
        ),
        columns.computed("outcomes", _("outcomes"), outcome_bar),
        columns.text("created_by", _("imported by")),
        columns.moment("created_at", _("uploaded"), order=True),
    ]
    list_select_related = ["format", "created_by"]
    search_fields = ["filename"]
    ordering = ["-id"]
    tabs = [
        Tab("all", _("All"), count=False),
        Tab("open", _("In progress"), IN_PROGRESS, empty=_("No import is under way.")),
        Tab("attention", _("Needs attention"), ATTENTION, empty=_("Nothing was refused."), alert=True),
        Tab("done", pgettext_lazy("imports", "Done"), DONE, count=False),
    ]
    empty_title = _("No imports yet")
    empty_text = _("Bring in the order file of a shop or mall: its format is recognised.")
    show_timeline = False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Tell the list whether to show the button for a new import."""
        may = any(pages.may_import(request.user, target.code) for target in all_targets())
        return super().changelist_view(request, {"may_import": may, **(extra_context or {})})

    def get_urls(self) -> list[URLPattern]:
        """Put the import's pages before Django's catch-all; the row's own address shows the import."""
        routes: Sequence[tuple[str, Any, str]] = (
            ("new/", pages.NewImportPage, "new"),
            ("<int:object_id>/change/", result_pages.BatchPage, "change"),
            ("<int:object_id>/columns/", MappingPage, "mapping"),
            ("<int:object_id>/columns/check/", MappingCheckPart, "mapping_check"),
            ("<int:object_id>/encoding/", pages.EncodingAction, "encoding"),
            ("<int:object_id>/format/", pages.FormatAction, "format"),
            ("<int:object_id>/preview/", pages.PreviewPage, "preview"),
            ("<int:object_id>/progress/", result_pages.ProgressPart, "progress"),
            ("<int:object_id>/refused.csv", result_pages.RefusedFile, "refused"),
            ("<int:object_id>/reconciliation/", result_pages.ReconciliationPage, "reconciliation"),
        )
        own = [
            path(route, self.admin_site.admin_view(view.as_view(model_admin=self)), name=f"core_importbatch_{name}")
            for route, view, name in routes
        ]
        return [*own, *super().get_urls()]


@admin.register(ImportFormat)
class ImportFormatAdmin(ReadOnlyAdmin):
    """How files are read; delivered ones and those kept from a mapping."""

    change_form_template = "core/imports/format.html"
    list_display = [
        columns.two_lines("name", "code", _("name"), order=True),
        columns.computed("kind", _("rows of"), lambda row: target_of(row.target).label),
        columns.text("version", _("version")),
        columns.computed("columns", _("columns"), lambda row: len(row.definition.get("fields", {})), css="num"),
        columns.flag("is_builtin", _("delivered")),
        columns.flag("is_active", pgettext_lazy("format", "in use")),
        columns.moment("created_at", _("created")),
    ]
    search_fields = ["name", "code"]
    ordering = ["name"]
    tabs = [
        Tab("all", _("All"), count=False),
        Tab("delivered", _("Delivered"), Q(is_builtin=True)),
        Tab("own", _("Own"), Q(is_builtin=False), empty=_("Save a mapping as a format, and it appears here.")),
    ]
    show_timeline = False

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """The page shows tables instead of the stored definition."""
        return [(None, {"fields": ["name"]})]

    def facts(self, request: HttpRequest, obj: Any) -> Sequence[tuple[Any, Any]]:
        """Say what the format is for."""
        definition = obj.definition
        pairs = [
            (_("rows of"), target_of(obj.target).label),
            (_("code"), obj.code),
            (_("version"), obj.version),
            (_("encoding"), definition.get("encoding", "")),
            (_("time zone"), definition.get("time_zone", "")),
            (_("source"), definition.get("source", "")),
        ]
        return [(label, value) for label, value in pairs if value]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Add the definition as tables."""
        if context.get("original"):
            context["told"] = described(context["original"])
        return super().render_change_form(request, context, *args, **kwargs)


def described(row: ImportFormat) -> dict[str, Any]:
    """Return a format's definition as rows of tables."""
    target, definition = target_of(row.target), row.definition
    labels = {f.name: f for f in target.fields}
    order = {f.name: place for place, f in enumerate(target.fields)}
    personal = {str(name) for name in definition.get("personal", ())}
    required = {f.name for f in target.fields if f.is_required} | set(definition.get("required", ()))
    return {
        "fields": [
            {
                "label": labels[name].label if name in labels else name,
                "columns": _column_texts(source),
                "is_required": name in required,
                "is_personal": (name in labels and labels[name].is_personal) or bool(personal & set(_names(source))),
            }
            for name, source in sorted(definition.get("fields", {}).items(), key=lambda item: order.get(item[0], 999))
        ],
        "constants": [
            (_label(labels, name), _value_label(labels, name, value))
            for name, value in definition.get("constants", {}).items()
        ],
        "values": [
            (_label(labels, name), [(word, _value_label(labels, name, value)) for word, value in words.items()])
            for name, words in definition.get("values", {}).items()
        ],
        "rules": [_rule_text(labels, rule) for rule in definition.get("rules", ())],
        "ignored": definition.get("ignored", ()),
    }


def _names(source: Any) -> list[str]:
    return list(dict.fromkeys(Source.of(source).columns()))


def _column_texts(source: Any) -> list[str]:
    read = Source.of(source)
    if read.mode == "first":
        return list(read.parts[0])
    return [" + ".join(" / ".join(part) for part in read.parts)]


def _pattern_text(pattern: str) -> str:
    """Return a pattern as words where it is one of the simple ones that the mapping page makes."""
    found = re.fullmatch(r"(\^?)\(\?:(.*?)\)(\$?)", pattern)
    if pattern == ".":
        return str(_("is filled"))
    if not found:
        return pattern
    words = ", ".join(re.sub(r"\\(.)", r"\1", word) for word in found[2].split("|"))
    if found[1] and found[3]:
        return f"= {words}"
    return f"{words}…" if found[1] else f"…{words}…"


def _label(labels: dict[str, Any], name: str) -> Any:
    return labels[name].label if name in labels else name


def _value_label(labels: dict[str, Any], name: str, value: str) -> Any:
    choices = labels[name].choices if name in labels else None
    return dict(choices.choices).get(value, value) if choices else value


def _rule_text(labels: dict[str, Any], rule: dict[str, Any]) -> dict[str, Any]:
    return {
        "when": [(_label(labels, name), _pattern_text(str(pattern))) for name, pattern in rule["when"].items()],
        "sets": [(_label(labels, n), _value_label(labels, n, v)) for n, v in rule.get("set", {}).items()],
        "refuse": sentence({"code": rule["refuse"]}) if rule.get("refuse") else "",
    }
