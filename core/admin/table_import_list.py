"""Every file of a table that came in: who, when, what became of it, and the way to its page."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.formats import localize
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.admin.table_runs import STATE_COLOURS
from core.admin.tables import TableFilesMixin
from core.models import TableImport, TableImportState
from core.ui import Tab, columns
from core.ui.readonly import ReadOnlyAdmin

CHANGED = Q(state__in=[TableImportState.DONE, TableImportState.UNDONE, TableImportState.PARTLY_UNDONE])
ATTENTION = Q(state__in=[TableImportState.FAILED, TableImportState.PARTLY_UNDONE])


def table_name(row: TableImport) -> str:
    """Return the table as people call it."""
    for model in admin.site._registry:  # noqa: SLF001 by label
        if model._meta.label_lower == row.model:
            return capfirst(str(model._meta.verbose_name_plural))
    return row.model


WORDS = {
    "created": pgettext_lazy("row", "New"),
    "updated": pgettext_lazy("row", "Changed"),
    "unchanged": pgettext_lazy("row", "Unchanged"),
    "refused": pgettext_lazy("row", "Refused"),
    "conflicts": _("Conflicts"),
}


def outcomes(row: TableImport) -> str:
    """Return the counts in words."""
    return ", ".join(f"{word} {localize(row.counts[key])}" for key, word in WORDS.items() if row.counts.get(key))


@admin.register(TableImport)
class TableImportAdmin(ReadOnlyAdmin):
    """Files of tables; each has its page with the admin of its table."""

    list_display = [
        columns.two_lines("filename", table_name, pgettext_lazy("import", "File")),
        columns.badge("state", _("state"), colours=STATE_COLOURS),
        columns.computed("outcomes", _("outcomes"), outcomes),
        columns.text("owner", _("imported by")),
        columns.moment("created_at", _("uploaded"), order=True),
        columns.moment("undone_at", _("undone")),
    ]
    list_select_related = ["owner"]
    search_fields = ["filename", "model"]
    ordering = ["-id"]
    tabs = [
        Tab("done", pgettext_lazy("imports", "Imported"), CHANGED, count=False),
        Tab("attention", _("Needs attention"), ATTENTION, empty=_("Nothing went wrong."), alert=True),
        Tab("preview", pgettext_lazy("imports", "Previews"), Q(state=TableImportState.PREVIEW), count=False),
        Tab("all", _("All"), count=False),
    ]
    empty_title = _("No table was imported yet")
    empty_text = _("Open a list, such as the variants, and press Import.")
    show_timeline = False

    def scope(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Show imports of tables that the person may import, and of previews the own ones only."""
        labels = [
            model._meta.label_lower
            for model, model_admin in self.admin_site._registry.items()  # noqa: SLF001 no public way
            if isinstance(model_admin, TableFilesMixin) and model_admin.may_import(request)
        ]
        own_previews = ~Q(state=TableImportState.PREVIEW) | Q(owner=request.user.pk)
        return queryset.filter(own_previews, model__in=labels)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lead to the import's page; what is posted is refused as on any page that is only read."""
        row = self.get_object(request, object_id)
        if row is None or request.method == "POST":
            refused: HttpResponse = super().change_view(request, object_id, form_url, extra_context)
            return refused
        app, model = row.model.split(".")
        return HttpResponseRedirect(reverse(f"admin:{app}_{model}_import_preview", args=[row.pk]))
