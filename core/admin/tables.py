"""Import and export pages for the admin of any model that has a ``BulkResource``."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from axes.helpers import get_client_ip_address
from django.contrib import admin
from django.http import HttpRequest
from django.test import RequestFactory
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from core.admin.jobs import register_job_file
from core.admin.table_exports import TableExportView
from core.admin.table_forms import TableFileForm
from core.admin.table_imports import TableImportView
from core.admin.table_runs import TableRunView
from core.errors import DomainError, NotAllowed
from core.jobs import JobResult, JobRun, job, owner_of
from core.models import Job, TableImport, TableImportState
from core.resources import BulkResource
from core.resources.runs import check_import, fail, read_import, run_queued
from core.resources.transfer import Table, export_table, keep_file
from core.resources.undoing import undo_table_import
from core.taking import note_file_taken
from core.ui import actor

_EXPORT, _IMPORT, _UNDO = "core.table_export", "core.table_import", "core.table_undo"


class TableFilesMixin:
    """Put before ``ModelAdmin`` and name a ``resource_class``: the list gets the buttons Import and Export.

    Importing and undoing need the right to change rows (new rows: to add them) and ``core.import_data``; exporting the
    right to view and ``core.export_data``. Exports follow the list's tab, filters and search, and the person's
    scope. ``read_import`` is the place where files of other layouts become the resource's columns.
    """

    resource_class: ClassVar[type[BulkResource]]
    import_form_class: ClassVar[type[TableFileForm]] = TableFileForm
    # tables exported together with this one: name in the address -> (resource, its path to this model)
    detail_tables: ClassVar[Mapping[str, tuple[type[BulkResource], str]]] = {}
    change_list_template = "core/tables/change_list.html"
    opts: Any
    model: Any
    admin_site: Any

    def may_import(self, request: HttpRequest) -> bool:
        """Tell whether this person may import this table."""
        return bool(
            self.import_resource_class.can_import
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

    @property
    def import_resource_class(self) -> type[BulkResource]:
        """The resource that takes files; usually the same that writes them."""
        return self.resource_class

    def resource_for(self, request: HttpRequest, part: str = "") -> BulkResource:
        """Return the resource as this person may use it, for exports."""
        if part:
            return self.detail_tables[part][0](user=request.user)
        return self._made(self.resource_class, request)

    def import_resource_for(self, request: HttpRequest) -> BulkResource:
        """Return the resource as this person may use it, for imports and their undoing."""
        return self._made(self.import_resource_class, request)

    def _made(self, resource_class: type[BulkResource], request: HttpRequest) -> BulkResource:
        may_create = resource_class.may_create and self.has_add_permission(request)  # type: ignore[attr-defined]
        return resource_class(user=request.user, reach=self.get_queryset(request), may_create=may_create)  # type: ignore[attr-defined]

    def import_formats(self) -> Sequence[tuple[str, Any]]:
        """Return (code, name) of the layouts a file may have besides the table's own; ``read_import`` reads them."""
        return ()

    def read_import(self, row: TableImport, limit: int | None = None) -> Table:
        """Return at most ``limit`` rows of the file (None: all) as the resource's columns; DomainError if unreadable.

        Override it to shape files of other formats (``row.format_code``): keep ``numbers``, what each row is called in
        the file, and put what parts need besides into ``extra``.
        """
        return read_import(row, limit)

    def check_import(self, row: TableImport) -> None:
        """Refuse (DomainError) a file that cannot be imported as a whole; reads all of it and keeps nothing."""
        if row.format_code:
            self.read_import(row, None)
        else:
            check_import(row)

    def import_initial(self, request: HttpRequest) -> dict[str, Any]:
        """Return what is chosen already when the page opens: a page that leads here may have said it."""
        return {}

    def uploaded(self, request: HttpRequest, row: TableImport, form: Any) -> None:
        """Keep what ``import_form_class`` asked for besides; runs when the file was stored and before it is read."""

    def import_notes(self, row: TableImport, table: Table) -> Sequence[str]:
        """Return sentences that stand above the preview: what reading the file as its format has left out or made."""
        return ()

    def import_panel(self, request: HttpRequest, row: TableImport) -> str:
        """Return safe HTML for the page of an import that was started: what goes on after it."""
        return ""

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
            ("import/<int:object_id>/", TableRunView, "import_preview"),
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


def table_admin(label: str) -> Any:
    """Return the admin of the table "app.model"; None when there is none (any more)."""
    registered: dict[Any, Any] = admin.site._registry  # noqa: SLF001 by label
    found = (a for model, a in registered.items() if model._meta.label_lower == label)
    return next((a for a in found if isinstance(a, TableFilesMixin)), None)


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
    model_admin, request = table_admin(wanted["model"]), _request_of(run, wanted["query"])
    if not model_admin.may_export(request, part):
        raise NotAllowed(_("You may not export this table any more."))
    resource = model_admin.resource_for(request, part)
    row = Job.objects.get(pk=run.job_id)
    name = f"{resource._meta.model._meta.model_name}.{wanted['kind']}"
    count = export_table(
        resource=resource,
        queryset=model_admin.rows_to_export(request, part),
        names=wanted["fields"],
        kind=wanted["kind"],
        reason=wanted["reason"],
        job=row,
        actor=request.user,
        deliver=lambda path: keep_file(row, path, name),
        progress=run.alive,
        address=wanted.get("address", ""),
    )
    return JobResult({"rows": count})


@job(_IMPORT, label=pgettext_lazy("file", "Table import"))
def run_import(run: JobRun) -> JobResult:
    """Import a large file; parameters: table_import. The refused rows are the file to download."""
    try:
        row, model_admin, request = _import_of(run)
        row, refused = run_queued(
            table_import_id=row.pk, resource=model_admin.import_resource_for(request), read=model_admin.read_import,
            actor=request.user,
        )  # fmt: skip
    except Exception as error:
        told = str(error) if isinstance(error, DomainError) else type(error).__name__
        fail(table_import_id=run.parameters["table_import"], error=told)
        raise
    if row.state == TableImportState.PREVIEW:
        raise NotAllowed(row.error)
    return JobResult(row.counts, "refused.csv" if refused else "", refused or None)


def _note_refused_taken(request: HttpRequest, row: Job) -> None:
    """Keep who fetches refused rows of a table with personal columns: they are as they were uploaded, unmasked."""
    imported = TableImport.objects.filter(job=row).first()
    model_admin = table_admin(imported.model) if imported is not None else None
    if imported is None or model_admin is None:
        return
    if columns := model_admin.import_resource_for(request).personal_names:
        note_file_taken(
            subject=row, table=pgettext("rows", "Refused rows"), rows=imported.counts.get("refused", 0),
            columns=columns, address=str(get_client_ip_address(request) or ""), actor=actor(request),
        )  # fmt: skip


register_job_file(_IMPORT, _note_refused_taken)


@job(_UNDO, label=gettext_lazy("Undoing a table import"))
def run_undo(run: JobRun) -> JobResult:
    """Undo a large import; parameters: table_import, reason."""
    row, model_admin, request = _import_of(run)
    undone = undo_table_import(
        table_import_id=row.pk, resource=model_admin.import_resource_for(request), reason=run.parameters["reason"],
        actor=request.user,
    )  # fmt: skip
    return JobResult({name: undone.counts[name] for name in ("undone", "conflicts")})


def _import_of(run: JobRun) -> tuple[TableImport, Any, HttpRequest]:
    row = TableImport.objects.get(pk=run.parameters["table_import"])
    model_admin, request = table_admin(row.model), _request_of(run)
    if model_admin is None or not model_admin.may_import(request):
        raise NotAllowed(_("You may not import this table any more."))
    return row, model_admin, request
