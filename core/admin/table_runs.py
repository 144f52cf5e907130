"""The page of one import of a table: its preview, corrected in place; then what became of it, and its undoing."""

import csv
import io
import re
from typing import Any

from axes.helpers import get_client_ip_address
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy

from core.admin.jobs import may_see as may_see_job
from core.admin.table_forms import ImportChoicesForm, UndoForm
from core.admin.table_imports import TablePage
from core.errors import DomainError, InvalidInput
from core.jobs import enqueue
from core.models import JobState, TableChangeState, TableImport, TableImportState
from core.resources.choices import Shown
from core.resources.conflicts import conflicts_of
from core.resources.preview import KINDS, preview
from core.resources.reading import guard
from core.resources.runs import choose, correct, corrected, queue, run_now
from core.resources.transfer import AT_ONCE
from core.resources.undoing import queue_undo, undo_table_import
from core.taking import note_file_taken
from core.ui import actor

PREVIEWED = 20_000  # rows; of a longer file only these are tried before the import
KIND, UNDO_KIND = "core.table_import", "core.table_undo"
PAGE = Shown().count
STATE_COLOURS = {
    "preview": "grey", "queued": "blue", "running": "blue", "done": "green", "failed": "red", "undone": "violet",
    "partly_undone": "amber",
}  # fmt: skip
_CELL = re.compile(r"cell-(\d{1,7})-(\d{1,4})")


def may_see(user: Any, row: TableImport) -> bool:
    """Tell whether the person may see this import, given that the table may be imported: previews are their owner's."""
    if row.state == TableImportState.PREVIEW:
        return bool(row.owner_id == user.pk)
    return bool(row.owner_id == user.pk or user.has_perm("core.view_tableimport"))


class TableRunView(TablePage):
    """One import; GET shows it, POST does what the pressed button says (``do``)."""

    title = pgettext_lazy("file", "Import")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Know the import; 404 for another person's preview, another table's or one that is gone."""
        row = TableImport.objects.filter(pk=kwargs["object_id"], model=self.opts.label_lower).first()
        if row is None or not may_see(request.user, row):
            raise Http404
        self.row: TableImport = row
        return super().dispatch(request, *args, **kwargs)

    # --- looking

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the preview, or what became of the import; ``?file=conflicts`` is the list of conflicts as CSV."""
        if self.row.state == TableImportState.PREVIEW:
            return self._preview(request)
        if request.GET.get("file") == "conflicts":
            return self._conflict_file()
        self.template_name = "core/tables/run.html"
        return self.render_to_response(self._run_context())

    def _preview(self, request: HttpRequest) -> HttpResponse:
        kind = request.GET.get("show", "")
        page = request.GET.get("page", "1")
        if kind not in KINDS or not page.isdigit() or not 0 < int(page) < 10_000:
            raise Http404
        try:
            table = self.model_admin.read_import(self.row, PREVIEWED + 1)
        except DomainError as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(self.address("import"))
        is_cut = len(table.dataset) > PREVIEWED
        resource = self.model_admin.import_resource_for(request)
        found = preview(self.row, resource, table, kind=kind, page=int(page))
        self.template_name = "core/tables/preview.html"
        return self.render_to_response(
            self.get_context_data(
                row=self.row,
                found=found,
                counts=found.counts,
                notes=self.model_admin.import_notes(self.row, table),
                is_cut=is_cut,
                is_stopped=self.row.is_all_or_nothing and found.counts["refused"] > 0,
                chips=self._chips(found, kind),
                show=kind,
                pager=_pager(found.page, found.pages, kind),
                choices_form=ImportChoicesForm(initial=self.row.options),
                upload_url=self.address("import"),
            )
        )

    @staticmethod
    def _chips(found: Any, kind: str) -> list[dict[str, Any]]:
        counts = found.counts
        chips = [
            ("", _("All"), found.total, ""),
            ("new", pgettext_lazy("row", "New"), counts["created"], "green"),
            ("changed", pgettext_lazy("row", "Changed"), counts["updated"], "blue"),
            ("unchanged", pgettext_lazy("row", "Unchanged"), counts["unchanged"], ""),
            ("refused", pgettext_lazy("row", "Refused"), counts["refused"], "red"),
        ]
        return [
            {"key": key, "label": label, "count": count, "colour": colour, "active": key == kind}
            for key, label, count, colour in chips
        ]

    def _run_context(self) -> dict[str, Any]:
        row = self.row
        resource = self.model_admin.import_resource_for(self.request)
        conflicts = row.changes.filter(state=TableChangeState.CONFLICT).order_by("row_no", "id")
        pages = Paginator(conflicts, PAGE)
        page = pages.get_page(self.request.GET.get("page", "1"))
        open_job = next((job for job in (row.undo_job, row.job) if job and job.state in {"queued", "running"}), None)
        ended_badly = {JobState.FAILED, JobState.CANCELLED}
        return self.get_context_data(
            row=row,
            state_colour=STATE_COLOURS[row.state],
            counts=row.counts,
            changes=row.changes.count(),
            conflicts=conflicts_of(list(page.object_list), resource),
            conflict_count=pages.count,
            pager=_pager(page.number, pages.num_pages, ""),
            job_url=reverse("admin:core_job_change", args=[open_job.pk]) if open_job else "",
            job=open_job,
            bad_job=next((job for job in (row.undo_job, row.job) if job and job.state in ended_badly), None),
            refused_url=row.job.file.url
            if row.job and row.job.file and may_see_job(self.request.user, row.job)
            else "",
            is_undoable=row.is_undoable and not (row.undo_job and row.undo_job.state in {"queued", "running"}),
            undo_form=UndoForm(),
            panel=self.model_admin.import_panel(self.request, row),
            past_url=reverse("admin:core_tableimport_changelist"),
            upload_url=self.address("import"),
        )

    def _conflict_file(self) -> HttpResponse:
        """Answer all conflicts as CSV."""
        resource = self.model_admin.import_resource_for(self.request)
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        heads = [_("Row"), _("Key"), _("Column"), _("Before"), _("Imported"), _("Stands now"), _("Reason")]
        writer.writerow([guard(str(head)) for head in heads])
        changes = list(self.row.changes.filter(state=TableChangeState.CONFLICT).order_by("row_no", "id"))
        for start in range(0, len(changes), 1000):
            for found in conflicts_of(changes[start : start + 1000], resource):
                cells = [found.change.row_no + 2, found.name, found.column, found.before, found.imported,
                         found.stands, found.note]  # fmt: skip
                writer.writerow([guard(str(cell)) for cell in cells])
        self._note_conflicts_taken(resource, len(changes))
        response = HttpResponse(text.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="conflicts-{self.row.pk}.csv"'
        response["Cache-Control"] = "private, no-store"
        return response

    def _note_conflicts_taken(self, resource: Any, count: int) -> None:
        """Keep it in the download register where the table has personal columns that this person sees in full."""
        if count and resource.has_personal_data and resource.sees_personal_data:
            note_file_taken(
                subject=self.row, table=_("Conflicts of an undone import"), rows=count,
                columns=resource.personal_names, reason=self.row.undo_reason,
                address=str(get_client_ip_address(self.request) or ""), actor=actor(self.request),
            )  # fmt: skip

    # --- doing

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Do what the button says; a refusal is a message on the page."""
        does = {"choose": self._choose, "correct": self._correct, "undo": self._undo}
        try:
            return does.get(request.POST.get("do", ""), self._start)(request)
        except DomainError as error:
            messages.error(request, str(error))
            return self._back()

    def _back(self) -> HttpResponse:
        query = self.request.GET.urlencode()
        return HttpResponseRedirect(f"{self.request.path}{'?' + query if query else ''}")

    def _choose(self, request: HttpRequest) -> HttpResponse:
        form = ImportChoicesForm(request.POST)
        if form.is_valid():
            choose(table_import_id=self.row.pk, options=form.cleaned_data, actor=request.user)
        return self._back()

    def _correct(self, request: HttpRequest) -> HttpResponse:
        """Keep the cells that differ from what the file says, and try again."""
        dataset = corrected(self.row, self.model_admin.read_import(self.row, PREVIEWED + 1))
        headers, rows = dataset.headers, list(dataset)
        corrections: dict[int, dict[str, str]] = {}
        for name, value in request.POST.items():
            found = _CELL.fullmatch(name)
            if found is None or int(found[1]) >= len(rows) or int(found[2]) >= len(headers):
                continue
            index, place, text = int(found[1]), int(found[2]), str(value).replace("\r\n", "\n")
            if "\x00" in text:
                raise InvalidInput(_("A character in it could not be read (NUL, or �). Type it again."))
            if text != str(rows[index][place] or ""):
                corrections.setdefault(index, {})[headers[place]] = text
        if corrections:
            correct(table_import_id=self.row.pk, corrections=corrections, actor=request.user)
            count = sum(len(cells) for cells in corrections.values())
            told = ngettext("%(count)s cell corrected.", "%(count)s cells corrected.", count)
            messages.success(request, told % {"count": count})
        return self._back()

    def _start(self, request: HttpRequest) -> HttpResponse:
        """Import once, however often the button is pressed; long files go to a worker."""
        if self.row.state == TableImportState.PREVIEW:
            self._run(request)
        if self.row.state in {TableImportState.QUEUED, TableImportState.RUNNING} and self.row.job_id:
            return HttpResponseRedirect(reverse("admin:core_job_change", args=[self.row.job_id]))
        self._say(request)
        return HttpResponseRedirect(request.path)

    def _run(self, request: HttpRequest) -> None:
        title = _("Import of %(table)s: %(file)s") % {
            "table": self.opts.verbose_name_plural,
            "file": self.row.filename,
        }
        table = self.model_admin.read_import(self.row, AT_ONCE + 1)
        if len(table.dataset) > AT_ONCE:
            self.row = queue(
                table_import_id=self.row.pk,
                enqueue=lambda: enqueue(
                    kind=KIND, title=title, parameters={"table_import": self.row.pk}, owner=actor(request)
                ),
            )
            return
        self.row = run_now(
            table_import_id=self.row.pk,
            resource=self.model_admin.import_resource_for(request),
            read=self.model_admin.read_import,
            title=title,
            kind=KIND,
            actor=request.user,
        )

    def _say(self, request: HttpRequest) -> None:
        counts = self.row.counts
        if not counts:
            return
        messages.success(
            request, _("Imported: %(created)s new, %(updated)s changed, %(unchanged)s unchanged.") % counts
        )
        if counts["refused"] and self.row.job and self.row.job.file:
            told = ngettext("%(count)s row was refused.", "%(count)s rows were refused.", counts["refused"])
            messages.warning(
                request,
                format_html('{} <a href="{}" download>{}</a>', told % {"count": counts["refused"]},
                            self.row.job.file.url, _("Download them with the reasons")),
            )  # fmt: skip

    def _undo(self, request: HttpRequest) -> HttpResponse:
        form = UndoForm(request.POST)
        if not form.is_valid():
            raise InvalidInput(_("Say why the import is undone."))
        reason = form.cleaned_data["reason"]
        if self.row.is_undoable and self.row.changes.count() > AT_ONCE:
            return self._undo_later(request, reason)
        row = undo_table_import(
            table_import_id=self.row.pk,
            resource=self.model_admin.import_resource_for(request),
            reason=reason,
            actor=request.user,
        )
        undone, stay = row.counts["undone"], row.counts["conflicts"]
        told = ngettext("%(count)s row is as it was before.", "%(count)s rows are as they were before.", undone)
        messages.success(request, told % {"count": undone})
        if stay:
            told = ngettext("%(count)s row stays; see why below.", "%(count)s rows stay; see why below.", stay)
            messages.warning(request, told % {"count": stay})
        return HttpResponseRedirect(request.path)

    def _undo_later(self, request: HttpRequest, reason: str) -> HttpResponse:
        title = _("Undoing the import of %(table)s: %(file)s") % {
            "table": self.opts.verbose_name_plural,
            "file": self.row.filename,
        }
        parameters = {"table_import": self.row.pk, "reason": reason}
        job = queue_undo(
            table_import_id=self.row.pk,
            reason=reason,
            enqueue=lambda: enqueue(kind=UNDO_KIND, title=title, parameters=parameters, owner=actor(request)),
        )
        return HttpResponseRedirect(reverse("admin:core_job_change", args=[job.pk]))


def _pager(page: int, pages: int, kind: str) -> dict[str, Any] | None:
    if pages < 2:
        return None
    query = f"show={kind}&" if kind else ""
    return {
        "page": page,
        "pages": pages,
        "before": f"?{query}page={page - 1}" if page > 1 else "",
        "after": f"?{query}page={page + 1}" if page < pages else "",
    }
