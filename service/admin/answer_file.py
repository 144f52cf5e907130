"""Files that the team keeps to send along, in each language, and the list of them below the answer."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.ui import ActionForm, Answer, ModelAdmin, Tab, actor, columns, service_action
from service import services
from service.models import AnswerFile
from staff.models import Language


class PutInForm(ActionForm):
    """The file in one language."""

    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=Language.choices)
    file = forms.FileField(label=gettext_lazy("File"), help_text=gettext_lazy("A picture or a PDF of at most 10 MB."))


@admin.register(AnswerFile)
class AnswerFileAdmin(ModelAdmin):
    """Return forms, care instructions: what goes along with answers, in the customer's language."""

    few_rows = True
    list_display = [
        columns.text("name", pgettext_lazy("customer service", "File to send along"), order=True),
        columns.computed("languages", gettext_lazy("Languages"), lambda row: ", ".join(languages_of(row)) or "–"),
        columns.flag("is_active", gettext_lazy("Active")),
    ]
    tabs = [
        Tab("active", pgettext_lazy("files", "Active"), Q(is_active=True)),
        Tab("all", pgettext_lazy("files", "All"), count=False),
    ]
    ordering = ["name", "id"]
    search_fields = ["name"]
    fields = ["name", "is_active"]
    empty_title = gettext_lazy("No files yet")
    empty_text = gettext_lazy("Keep here what you send along often: a return form, how to care for something.")

    def for_display(self, request: HttpRequest, queryset: "QuerySet[AnswerFile]") -> "QuerySet[AnswerFile]":
        """Read the languages of a page at once."""
        return queryset.prefetch_related("versions")

    def facts(self, request: HttpRequest, obj: AnswerFile) -> Sequence[tuple[Any, Any]]:
        """Return the file of each language, to be opened."""
        kept = {row.language: row for row in obj.versions.all()}
        return [(label, _shown(kept.get(code))) for code, label in Language.choices]

    @service_action(
        gettext_lazy("Put in a file"),
        permission="service.change_answerfile",
        form=PutInForm,
        icon="upload_file",
        variant="primary",
        submit=gettext_lazy("Save"),
        initial=lambda _request, row: {"language": next(iter(set(Language.values) - set(languages_of(row))), "ko")},
    )
    def put_in(self, request: HttpRequest, obj: AnswerFile, data: dict[str, Any]) -> Answer:
        """Keep the file in this language; what was sent before stays as it was."""
        given = services.GivenFile(name=data["file"].name or "", content=data["file"].read())
        kept = services.keep_answer_file(
            answer_file_id=obj.pk, language=data["language"], file=given, actor=actor(request)
        )
        return Answer(_("Kept: %(name)s.") % {"name": kept.filename})


def languages_of(row: AnswerFile) -> list[str]:
    """Return the languages in which there is a file."""
    return sorted(version.language for version in row.versions.all())


def _shown(version: Any) -> Any:
    if version is None:
        return "–"
    url = reverse("file", args=[version.file.name])
    size = filesizeformat(version.size_bytes)
    return format_html('<a href="{}" download>{}</a> · {}', url, version.filename, size)
