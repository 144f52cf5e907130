"""The page of a table's export: kind of file, columns, and the reason when personal data leaves."""

from collections.abc import Callable
from typing import Any

from axes.helpers import get_client_ip_address
from django.contrib import messages
from django.core.exceptions import FieldDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from core.admin.table_forms import TableExportForm
from core.admin.table_imports import TablePage
from core.errors import DomainError
from core.jobs import enqueue
from core.models import ExportLayout
from core.resources.columns import PersonalField
from core.resources.layouts import layouts_for, remove_layout, rename_layout, save_layout
from core.resources.transfer import AT_ONCE, export_table, finished_job
from core.resources.writing import FILE_KINDS
from core.ui import actor

KIND = "core.table_export"


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
        kwargs.setdefault("form", TableExportForm(resource=resource, label=_label))
        count = self.model_admin.rows_to_export(self.request, self.part)[: AT_ONCE + 1].count()
        masked = [f.column_name for f in resource.fields.values() if isinstance(f, PersonalField)]
        return super().get_context_data(
            count=count,
            is_large=count > AT_ONCE,
            limit=AT_ONCE,
            masked=[] if resource.sees_personal_data else masked,
            query=self.request.GET.urlencode(),
            tables=self._tables(),
            layouts=self._layouts(),
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

    @property
    def _layout_model(self) -> str:
        return f"{self.opts.label_lower}:{self.part}" if self.part else str(self.opts.label_lower)

    def _layouts(self) -> list[ExportLayout]:
        """Return the layouts this person may use, the own ones first; ``is_own`` says which may be changed."""
        user = self.request.user
        rows = list(layouts_for(user, self._layout_model))
        for row in rows:
            row.is_own = row.owner_id == user.pk  # type: ignore[attr-defined]
        return sorted(rows, key=lambda row: not row.is_own)  # type: ignore[attr-defined]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Do what the button says: export, or load, save, rename or remove a layout."""
        does = request.POST.get("do", "export")
        changes = {"load": self._load, "rename": self._rename, "remove": self._remove}
        if does in changes:
            return changes[does](request)
        resource = self.model_admin.resource_for(request, self.part)
        form = TableExportForm(request.POST, resource=resource, label=_label, does=does)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        return self._save(request, form) if does == "save" else self._export(request, resource, form)

    def _load(self, request: HttpRequest) -> HttpResponse:
        """Show the page with the columns of a layout."""
        wanted = request.POST.get("layout", "")
        layout = layouts_for(request.user, self._layout_model).filter(pk=wanted if wanted.isdigit() else 0).first()
        if layout is None:
            raise Http404
        resource = self.model_admin.resource_for(request, self.part)
        form = TableExportForm(resource=resource, label=_label, layout=layout)
        return self.render_to_response(self.get_context_data(form=form, layout=layout))

    def _save(self, request: HttpRequest, form: TableExportForm) -> HttpResponse:
        chosen = form.cleaned_data
        save_layout(
            model=self._layout_model, name=chosen["layout_name"], fields=chosen["columns"], kind=chosen["kind"],
            is_shared=chosen["layout_shared"], actor=request.user,
        )  # fmt: skip
        return self._done(_("The layout is kept."))

    def _rename(self, request: HttpRequest) -> HttpResponse:
        return self._change(
            lambda: rename_layout(layout_id=self._wanted(), name=request.POST.get("name", ""), actor=request.user)
        )

    def _remove(self, request: HttpRequest) -> HttpResponse:
        return self._change(lambda: remove_layout(layout_id=self._wanted(), actor=request.user))

    def _wanted(self) -> int:
        wanted = self.request.POST.get("layout", "")
        return int(wanted) if wanted.isdigit() and len(wanted) < 18 else 0

    def _change(self, run: Callable[[], Any]) -> HttpResponse:
        try:
            run()
        except DomainError as error:
            messages.error(self.request, str(error))
            return HttpResponseRedirect(self.request.get_full_path())
        return self._done(_("The layouts are changed."))

    def _done(self, sentence: str) -> HttpResponse:
        messages.success(self.request, sentence)
        return HttpResponseRedirect(self.request.get_full_path())

    def _export(self, request: HttpRequest, resource: Any, form: TableExportForm) -> HttpResponse:
        """Answer with the file, or start a job for a large one."""
        queryset = self.model_admin.rows_to_export(request, self.part)
        title = _("Export of %(table)s") % {"table": resource.get_display_name()}
        parameters = {
            "model": self.opts.label_lower,
            "part": self.part,
            "query": request.GET.urlencode(),
            "fields": form.cleaned_data["columns"],
            "kind": form.cleaned_data["kind"],
            "reason": form.cleaned_data.get("reason", ""),
            "address": str(get_client_ip_address(request) or ""),
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
        contents: list[bytes] = []
        count = export_table(
            resource=resource, queryset=queryset, names=wanted["fields"], kind=wanted["kind"], reason=wanted["reason"],
            job=job, actor=request.user, deliver=lambda path: contents.append(path.read_bytes()),
            address=wanted["address"],
        )  # fmt: skip
        job.outcome = {"rows": count}
        job.save(update_fields=["outcome"])
        kind = FILE_KINDS[wanted["kind"]]
        name = f"{resource._meta.model._meta.model_name}-{timezone.localdate().isoformat()}{kind.suffix}"
        response = HttpResponse(contents[0], content_type=kind.media_type)
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        response["Cache-Control"] = "private, no-store"
        return response


def _label(resource: Any, name: str) -> str:
    """Return the column as people call it, followed through relations ("order__placed_at" is "ordered")."""
    field = resource.fields[name]
    model, label = resource._meta.model, field.column_name
    if not field.attribute:
        return _named(resource, field)
    for part in field.attribute.split("__"):
        try:
            found = model._meta.get_field(part.removesuffix("_id"))
        except FieldDoesNotExist:
            return _named(resource, field)
        label, model = found.verbose_name, found.related_model or model
    return str(label)


def _named(resource: Any, field: Any) -> str:
    """Return what the column means with its name in the file: "title · title_ko"."""
    label, name = str(resource.column_label(field)), str(field.column_name)
    if label.casefold() == name.casefold():
        return label  # only differently written: "SKU"
    return f"{label} · {name}" if label else name
