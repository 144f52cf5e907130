"""Pages of a table's import: choose a file, look at what it would change, do it."""

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext_lazy
from django.utils.translation import gettext as _
from django.views.generic import TemplateView
from unfold.views import UnfoldModelAdminViewMixin

from core.commands import once
from core.errors import DomainError
from core.imports.encoding import CHOICES
from core.jobs import enqueue
from core.models import Job
from core.resources.columns import PersonalField
from core.resources.transfer import (
    AT_ONCE,
    error_sentence,
    finished_job,
    import_table,
    read_table,
    summary,
)
from core.ui import actor

SALT = "core.table_import"
LARGEST = 50 * 1024 * 1024
PREVIEWED = 20_000  # rows; of a longer file only these are tried before the import
VALID_FOR = 24 * 3600
KIND = "core.table_import"


class TableFileForm(forms.Form):
    """One file, and its encoding when it cannot be found out."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("CSV, TSV or Excel with the column names in the first row."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.xls,.ods"}),
    )
    encoding = forms.ChoiceField(
        label=gettext_lazy("Encoding"),
        required=False,
        choices=[("", gettext_lazy("Find out")), *((name, name.upper()) for name in CHOICES)],
    )

    def clean_file(self) -> Any:
        """Refuse files too large for a table."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError(_("The file is larger than 50 MB. Split it."))
        return file


class TablePage(UnfoldModelAdminViewMixin, TemplateView):
    """What the pages of one table have in common."""

    def has_permission(self) -> bool:
        """Only who may import this table."""
        return bool(self.model_admin.may_import(self.request))

    @property
    def opts(self) -> Any:
        """The model's options."""
        return self.model_admin.opts

    def address(self, page: str, *args: Any) -> str:
        """Return the address of another page of this table."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}", args=args)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what every page shows."""
        return super().get_context_data(opts=self.opts, list_url=self.address("changelist"), **kwargs)


class TableImportView(TablePage):
    """Choose a file."""

    template_name = "core/tables/import.html"
    title = pgettext_lazy("file", "Import")

    def post(self, request: HttpRequest) -> HttpResponse:
        """Keep the file and go on to its preview."""
        form = TableFileForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        file = form.cleaned_data["file"]
        name = default_storage.save(f"tables/{uuid.uuid4().hex}{_suffix(file.name)}", ContentFile(file.read()))
        try:
            read_table(name=name, encoding=form.cleaned_data["encoding"], language=get_language() or "", limit=1)
        except DomainError as error:
            default_storage.delete(name)
            form.add_error("file", str(error))
            return self.render_to_response(self.get_context_data(form=form))
        token = signing.dumps(
            {"file": name, "shown": file.name[:100], "encoding": form.cleaned_data["encoding"],
             "language": get_language() or "", "user": request.user.pk, "model": self.opts.label_lower},
            salt=SALT, compress=True,
        )  # fmt: skip
        return HttpResponseRedirect(self.address("import_preview", token))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the form and the columns that a file may have."""
        kwargs.setdefault("form", TableFileForm())
        resource = self.model_admin.resource_for(self.request)
        return super().get_context_data(columns=column_help(resource), **kwargs)


class TablePreviewView(TablePage):
    """What a file would change, and the button that does it."""

    template_name = "core/tables/preview.html"
    title = pgettext_lazy("file", "Import: preview")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Know the file again; 404 for another person's, another table's or an old one."""
        try:
            self.kept = signing.loads(kwargs["token"], salt=SALT, max_age=VALID_FOR)
        except signing.BadSignature as error:
            raise Http404 from error
        if self.kept["user"] != request.user.pk or self.kept["model"] != self.opts.label_lower:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Try the import and take it back."""
        try:
            table = self._table(limit=PREVIEWED + 1)
        except (DomainError, FileNotFoundError) as error:
            messages.error(
                request, str(error) if isinstance(error, DomainError) else _("The file is gone. Upload it again.")
            )
            return HttpResponseRedirect(self.address("import"))
        is_cut = len(table.dataset) > PREVIEWED
        resource = self.model_admin.resource_for(request)
        result = resource.import_data(table.dataset, dry_run=True)
        counts = summary(result)
        return self.render_to_response(
            self.get_context_data(
                filename=self.kept["shown"],
                layout=table.layout,
                result=result,
                base_errors=[error_sentence(error.error) for error in result.base_errors],
                counts=counts,
                good=counts["created"] + counts["updated"],
                is_cut=is_cut,
                refused=[_refused(row, result) for row in result.invalid_rows[:200]],
                upload_url=self.address("import"),
            )
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Import once, however often the button is pressed."""
        try:
            answer = once(key=f"table-import:{self.kept['file']}", parameters=self.kept, run=lambda: self._run(request))
        except (DomainError, FileNotFoundError) as error:
            messages.error(
                request, str(error) if isinstance(error, DomainError) else _("The file is gone. Upload it again.")
            )
            return HttpResponseRedirect(self.address("import"))
        if answer["counts"] is None:
            return HttpResponseRedirect(reverse("admin:core_job_change", args=[answer["job"]]))
        self._say(request, answer)
        return HttpResponseRedirect(self.address("changelist"))

    def _run(self, request: HttpRequest) -> dict[str, Any]:
        title = _("Import of %(table)s: %(file)s") % {
            "table": self.opts.verbose_name_plural,
            "file": self.kept["shown"],
        }
        parameters = {"model": self.opts.label_lower, "file": self.kept["file"], "encoding": self.kept["encoding"]}
        table = self._table()
        if len(table.dataset) > AT_ONCE:
            parameters["encoding"] = table.layout.encoding
            job = enqueue(kind=KIND, title=title, parameters=parameters, owner=actor(request))
            return {"job": job.pk, "counts": None}
        job = finished_job(kind=KIND, title=title, parameters=parameters, actor=request.user)
        counts, refused = import_table(
            resource=self.model_admin.resource_for(request), dataset=table.dataset, job=job, actor=request.user
        )
        job.outcome = counts
        if refused:
            job.file.save("refused.csv", ContentFile(refused), save=False)
        job.save(update_fields=["outcome", "file"])
        return {"job": job.pk, "counts": counts}

    def _say(self, request: HttpRequest, answer: dict[str, Any]) -> None:
        counts = answer["counts"]
        sentence = _("Imported: %(created)s new, %(updated)s changed, %(unchanged)s unchanged.") % counts
        messages.success(request, sentence)
        if counts["refused"]:
            told = ngettext("%(count)s row was refused.", "%(count)s rows were refused.", counts["refused"])
            file = Job.objects.get(pk=answer["job"]).file
            messages.warning(
                request,
                format_html('{} <a href="{}" download>{}</a>', told % {"count": counts["refused"]}, file.url,
                            _("Download them with the reasons")),
            )  # fmt: skip

    def _table(self, limit: int | None = None) -> Any:
        return read_table(
            name=self.kept["file"], encoding=self.kept["encoding"], language=self.kept["language"], limit=limit
        )


def _suffix(name: str) -> str:
    suffix = "." + name.rsplit(".", 1)[-1].lower()
    return suffix if suffix in {".csv", ".tsv", ".txt", ".xlsx", ".xls", ".ods"} else ".bin"


def _refused(row: Any, result: Any) -> dict[str, Any]:
    faults = [{"column": "" if column == "__all__" else column, "text": " ".join(texts)}
              for column, texts in row.error_dict.items()]  # fmt: skip
    cells = [value for value in row.values if value not in {"---", "", None}][:4]
    return {"number": row.number + 1, "faults": faults, "cells": cells}


def column_help(resource: Any) -> Sequence[dict[str, Any]]:
    """Return the columns that a file may have: name, meaning, whether it is the key, whether it is only read."""
    keys = resource.get_import_id_fields()
    shown = []
    for name in resource.get_import_order():
        field = resource.fields[name]
        model_field = resource.model_field(field)
        hidden = isinstance(field, PersonalField) and not resource.sees_personal_data
        shown.append(
            {
                "name": field.column_name,
                "label": model_field.verbose_name if model_field else "",
                "choices": [value for value, _label in model_field.flatchoices] if model_field else [],
                "is_key": name in keys,
                "is_read_only": field.readonly or hidden,
            }
        )
    return shown
