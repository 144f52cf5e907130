"""The page on which a person says which column holds what."""

from itertools import islice
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import DomainError
from core.imports import services
from core.imports.errors import FileRefused
from core.imports.files import open_rows
from core.imports.mapping import RULE_ROWS, Given, check, definition_from, field_groups, posted, stored, word_tables
from core.imports.page_rows import Shower
from core.imports.pages import OPEN_STATES, ImportPage
from core.imports.reasons import sentence
from core.imports.screens import screen_of
from core.imports.sources import layout_of, local_file
from core.imports.staging import body_of
from core.imports.targets import target_of
from core.models import ImportBatch, ImportFormat
from core.ui import actor

SAMPLED = 500
GROUPS = {
    "needed": gettext_lazy("Needed"),
    "row": gettext_lazy("Of the row"),
    "document": gettext_lazy("Of the document"),
    "person": gettext_lazy("Of persons"),
}
DATES = [
    ("", gettext_lazy("Year first (2026-12-31), or found out")),
    ("day", gettext_lazy("Day first (31/12/2026)")),
    ("month", gettext_lazy("Month first (12/31/2026)")),
]
MATCH_LABELS = [
    ("is", gettext_lazy("is")),
    ("begins", gettext_lazy("begins with")),
    ("contains", gettext_lazy("contains")),
]


class MappingPage(ImportPage):
    """Each column with samples and the field it fills; fixed values, words, special codes; kept as a format."""

    template_name = "core/imports/mapping.html"
    step = "mapping"
    changes = True
    title = gettext_lazy("Import: columns")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the mapping as it is."""
        if self.batch.state not in OPEN_STATES or not self.batch.columns:
            return self.go("change")
        return self.render_to_response(self.page(stored(self.batch)))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Use the mapping, keep it as a format when it got a name, and go on to the preview."""
        if self.batch.state not in OPEN_STATES or not self.batch.columns:
            return self.go("change")
        given = posted(request.POST, self.batch)
        name = request.POST.get("format_name", "").strip()[:120]
        try:
            with transaction.atomic():
                self._keep(given, name)
        except (DomainError, FileRefused) as error:
            messages.error(request, str(error))
            return self.render_to_response(self.page(given, format_name=name))
        batch = ImportBatch.objects.get(pk=self.batch.pk)
        if batch.problem:
            messages.error(request, sentence(batch.problem))
            return self.go("mapping")
        return self.go("preview")

    def _keep(self, given: Given, name: str) -> None:
        user = actor(self.request)
        services.set_mapping(batch_id=self.batch.pk, definition=definition_from(given, self.batch), actor=user)
        if name:
            code = f"own-{slugify(name) or 'format'}"[:70]
            taken = ImportFormat.objects.filter(code=code).exclude(name=name, target=self.batch.target).exists()
            code = f"{code}-{self.batch.pk}" if taken else code
            services.save_format(batch_id=self.batch.pk, code=code, name=name, actor=user)
            messages.success(
                self.request,
                _("The format “%(name)s” is kept: such files are recognised from now on.") % {"name": name},
            )

    def page(self, given: Given, **more: Any) -> dict[str, Any]:
        """Return what the page shows."""
        rows = sampled_rows(self.batch)
        shower = Shower(self.batch, self.request.user)
        shown = [shower.cells(raw) for raw in rows[:4]]
        target, screen = target_of(self.batch.target), screen_of(self.batch.target)
        rules = [*given.rules, *[{} for _n in range(RULE_ROWS)]][:RULE_ROWS]
        return self.get_context_data(
            columns=[
                {"place": place, "name": name, "field": given.columns.get(place, ""),
                 "samples": list(dict.fromkeys(row[place] for row in shown if row[place]))[:3]}
                for place, name in enumerate(self.batch.columns)
            ],
            groups=[(GROUPS[key], fields) for key, fields in field_groups(target) if fields],
            fixed=[{"field": target.field(name), "value": given.fixed.get(name, "")} for name in screen.fixed],
            dates=DATES,
            given=given,
            tables=word_tables(given, self.batch, rows),
            rules=list(enumerate(rules)),
            matches=MATCH_LABELS,
            meanings=screen.meanings,
            check=check(given, self.batch),
            **more,
        )  # fmt: skip


class MappingCheckPart(MappingPage):
    """The live check: what is missing, and the words of the columns chosen now. Nothing is kept."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer the part of the page that depends on the choices."""
        given = posted(request.POST, self.batch)
        context = {
            "check": check(given, self.batch),
            "tables": word_tables(given, self.batch, sampled_rows(self.batch)),
        }
        return TemplateResponse(request, "core/imports/mapping_check.html", context)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Only the form asks."""
        return self.go("mapping")


def sampled_rows(batch: ImportBatch) -> list[list[str]]:
    """Return the first rows of the file; empty when it cannot be read."""
    try:
        with local_file(batch) as path, open_rows(path, layout_of(batch)) as opened:
            return [raw for _number, raw in islice(body_of(opened, batch.layout["header_row"]), SAMPLED)]
    except (FileRefused, OSError):
        return []
