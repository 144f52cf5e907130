"""The page of a table's export: kind of file, columns, and the reason when personal data leaves."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import FieldDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.admin.table_imports import TablePage
from core.errors import DomainError
from core.jobs import enqueue
from core.resources.columns import PersonalField
from core.resources.transfer import AT_ONCE, check_reason, export_table, finished_job
from core.resources.writing import FILE_KINDS
from core.ui import actor

KIND = "core.table_export"


class TableExportForm(forms.Form):
    """What the file is to hold."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Kind of file"),
        choices=[("xlsx", gettext_lazy("Excel workbook")), ("csv", gettext_lazy("CSV (UTF-8)"))],
        initial="xlsx",
        widget=forms.RadioSelect,
    )
    columns = forms.MultipleChoiceField(label=gettext_lazy("Columns"), widget=forms.CheckboxSelectMultiple)
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("Needed when personal data is in the file; kept in the history."),
    )

    def __init__(self, *args: Any, resource: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.resource = resource
        names = resource.export_names()
        labels = [(name, _label(resource, name)) for name in names]
        self.fields["columns"].choices = labels  # type: ignore[attr-defined]
        self.fields["columns"].initial = names
        if not (resource.has_personal_data and resource.sees_personal_data):
            del self.fields["reason"]

    def clean(self) -> dict[str, Any]:
        """Ask for the reason where it is needed."""
        cleaned: dict[str, Any] = super().clean() or {}
        try:
            check_reason(resource=self.resource, names=cleaned.get("columns", ()), reason=cleaned.get("reason") or "")
        except DomainError as error:
            self.add_error("reason", str(error))
        return cleaned


class TableExportView(TablePage):
    """Export the list as it is filtered now."""

    template_name = "core/tables/export.html"
    title = pgettext_lazy("file", "Export")

    @property
    def part(self) -> str:
        """The detail table asked for, empty for the list's own; 404 for one that is not offered."""
        part = str(self.kwargs.get("part", ""))
        if part and part not in self.model_admin.detail_tables:
            raise Http404
        return part

    def has_permission(self) -> bool:
        """Only who may export this table."""
        return bool(self.model_admin.may_export(self.request, self.part))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the form and how many rows it is about."""
        resource = self.model_admin.resource_for(self.request, self.part)
        kwargs.setdefault("form", TableExportForm(resource=resource))
        count = self.model_admin.rows_to_export(self.request, self.part)[: AT_ONCE + 1].count()
        masked = [f.column_name for f in resource.fields.values() if isinstance(f, PersonalField)]
        return super().get_context_data(
            count=count,
            is_large=count > AT_ONCE,
            limit=AT_ONCE,
            masked=[] if resource.sees_personal_data else masked,
            query=self.request.GET.urlencode(),
            tables=self._tables(),
            **kwargs,
        )

    def _tables(self) -> list[dict[str, Any]]:
        """Return the tables that can be exported from here, when there is a choice."""
        details = [part for part in self.model_admin.detail_tables if self.model_admin.may_export(self.request, part)]
        own = {"label": self.model_admin.resource_class.get_display_name(), "url": self.address("export"), "part": ""}
        shown = [
            {
                "label": self.model_admin.detail_tables[part][0].get_display_name(),
                "url": self.address("export_part", part),
                "part": part,
            }
            for part in details
        ]
        return [{**table, "active": table["part"] == self.part} for table in [own, *shown]] if shown else []

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer with the file, or start a job for a large one."""
        resource = self.model_admin.resource_for(request, self.part)
        form = TableExportForm(request.POST, resource=resource)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        queryset = self.model_admin.rows_to_export(request, self.part)
        title = _("Export of %(table)s") % {"table": resource.get_display_name()}
        parameters = {
            "model": self.opts.label_lower,
            "part": self.part,
            "query": request.GET.urlencode(),
            "fields": form.cleaned_data["columns"],
            "kind": form.cleaned_data["kind"],
            "reason": form.cleaned_data.get("reason", ""),
        }
        if queryset[: AT_ONCE + 1].count() > AT_ONCE:
            job = enqueue(kind=KIND, title=title, parameters=parameters, owner=actor(request))
            messages.success(request, _("The file is being made. It can be downloaded here when it is ready."))
            return HttpResponseRedirect(reverse("admin:core_job_change", args=[job.pk]))
        return self._file(request, resource, queryset, title, parameters)

    def _file(
        self, request: HttpRequest, resource: Any, queryset: Any, title: str, wanted: dict[str, Any]
    ) -> HttpResponse:
        job = finished_job(kind=KIND, title=title, parameters=wanted, actor=request.user)
        content, count = export_table(
            resource=resource, queryset=queryset, names=wanted["fields"], kind=wanted["kind"], reason=wanted["reason"],
            job=job, actor=request.user,
        )  # fmt: skip
        job.outcome = {"rows": count}
        job.save(update_fields=["outcome"])
        kind = FILE_KINDS[wanted["kind"]]
        name = f"{resource._meta.model._meta.model_name}-{timezone.localdate().isoformat()}{kind.suffix}"
        response = HttpResponse(content, content_type=kind.media_type)
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        response["Cache-Control"] = "private, no-store"
        return response


def _label(resource: Any, name: str) -> str:
    """Return the column as people call it, followed through relations ("order__placed_at" is "ordered")."""
    field = resource.fields[name]
    model, label = resource._meta.model, field.column_name
    for part in field.attribute.split("__"):
        try:
            found = model._meta.get_field(part.removesuffix("_id"))
        except FieldDoesNotExist:
            return str(label)
        label, model = found.verbose_name, found.related_model or model
    return str(label)
