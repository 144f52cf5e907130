"""Import and export pages for the admin of any model that has a ``BulkResource``."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.test import RequestFactory
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.admin.table_exports import TableExportView
from core.admin.table_imports import TableImportView, TablePreviewView
from core.errors import NotAllowed
from core.jobs import JobResult, JobRun, job, owner_of
from core.models import Job
from core.resources import BulkResource
from core.resources.transfer import export_table, import_table, read_table

_EXPORT, _IMPORT = "core.table_export", "core.table_import"


class TableFilesMixin:
    """Put before ``ModelAdmin`` and name a ``resource_class``: the list gets the buttons Import and Export.

    Importing needs the right to change rows (new rows: to add them) and ``core.import_data``; exporting needs the right
    to view and ``core.export_data``. Exports follow the list's tab, filters and search, and the person's scope.
    """

    resource_class: ClassVar[type[BulkResource]]
    # tables exported together with this one: name in the address -> (resource, its path to this model)
    detail_tables: ClassVar[Mapping[str, tuple[type[BulkResource], str]]] = {}
    change_list_template = "core/tables/change_list.html"
    opts: Any
    model: Any
    admin_site: Any

    def may_import(self, request: HttpRequest) -> bool:
        """Tell whether this person may import this table."""
        return bool(
            self.resource_class.can_import
            and request.user.has_perm("core.import_data")
            and self.has_change_permission(request)  # type: ignore[attr-defined]
        )

    def may_export(self, request: HttpRequest, part: str = "") -> bool:
        """Tell whether this person may export this table, or one of its detail tables."""
        if part:
            opts = self.detail_tables[part][0]._meta.model._meta
            if not request.user.has_perm(f"{opts.app_label}.view_{opts.model_name}"):
                return False
        return bool(request.user.has_perm("core.export_data") and self.has_view_permission(request))  # type: ignore[attr-defined]

    def resource_for(self, request: HttpRequest, part: str = "") -> BulkResource:
        """Return the resource as this person may use it."""
        if part:
            return self.detail_tables[part][0](user=request.user)
        may_create = self.resource_class.may_create and self.has_add_permission(request)  # type: ignore[attr-defined]
        return self.resource_class(user=request.user, reach=self.get_queryset(request), may_create=may_create)  # type: ignore[attr-defined]

    def rows_to_export(self, request: HttpRequest, part: str = "") -> Any:
        """Return the rows of the list as it is filtered now, or what belongs to them, in no order."""
        rows = self.get_changelist_instance(request).queryset.order_by()  # type: ignore[attr-defined]
        if not part:
            return rows
        resource, path_to_here = self.detail_tables[part]
        return resource._meta.model._default_manager.filter(**{f"{path_to_here}__in": rows.values("pk")})

    def get_urls(self) -> list[URLPattern]:
        """Put the pages before Django's catch-all."""
        base = f"{self.opts.app_label}_{self.opts.model_name}"
        pages: Sequence[tuple[str, type[Any], str]] = (
            ("import/", TableImportView, "import"),
            ("import/<str:token>/", TablePreviewView, "import_preview"),
            ("export/", TableExportView, "export"),
            ("export/<slug:part>/", TableExportView, "export_part"),
        )
        own = [
            path(route, self.admin_site.admin_view(view.as_view(model_admin=self)), name=f"{base}_{name}")
            for route, view, name in pages
        ]
        return [*own, *super().get_urls()]  # type: ignore[misc]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Tell the list which buttons to show."""
        buttons = {"may_import": self.may_import(request), "may_export": self.may_export(request)}
        return super().changelist_view(request, {**buttons, **(extra_context or {})})  # type: ignore[misc]


def _admin_of(label: str) -> Any:
    return next(a for model, a in admin.site._registry.items() if model._meta.label_lower == label)  # noqa: SLF001 by label


def _request_of(run: JobRun, query: str = "") -> HttpRequest:
    """Return a request with the rights the owner has now, so that a job sees the rows its page would show."""
    owner = owner_of(run)
    if owner is None:
        raise NotAllowed(_("The account that asked for this is closed."))
    request = RequestFactory().get(f"/?{query}")
    request.user = owner
    return request


@job(_EXPORT, label=gettext_lazy("Table export"))
def run_export(run: JobRun) -> JobResult:
    """Write the file of a large export; parameters: model, query, fields, kind, reason."""
    wanted = run.parameters
    part = wanted.get("part", "")
    model_admin, request = _admin_of(wanted["model"]), _request_of(run, wanted["query"])
    if not model_admin.may_export(request, part):
        raise NotAllowed(_("You may not export this table any more."))
    resource = model_admin.resource_for(request, part)
    content, count = export_table(
        resource=resource,
        queryset=model_admin.rows_to_export(request, part),
        names=wanted["fields"],
        kind=wanted["kind"],
        reason=wanted["reason"],
        job=Job.objects.get(pk=run.job_id),
        actor=request.user,
        progress=run.alive,
    )
    return JobResult({"rows": count}, f"{resource._meta.model._meta.model_name}.{wanted['kind']}", content)


@job(_IMPORT, label=pgettext_lazy("file", "Table import"))
def run_import(run: JobRun) -> JobResult:
    """Import a large file; parameters: model, file, encoding. The refused rows are the file to download."""
    wanted = run.parameters
    model_admin, request = _admin_of(wanted["model"]), _request_of(run)
    if not model_admin.may_import(request):
        raise NotAllowed(_("You may not import this table any more."))
    resource = model_admin.resource_for(request)
    table = read_table(name=wanted["file"], encoding=wanted["encoding"])
    counts, refused = import_table(
        resource=resource, dataset=table.dataset, job=Job.objects.get(pk=run.job_id), actor=request.user
    )
    return JobResult(counts, "refused.csv" if refused else "", refused or None)
