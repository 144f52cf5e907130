"""The pages of an import: file, columns, preview, progress and result, reconciliation."""

from collections import Counter
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.generic import TemplateView
from unfold.views import UnfoldModelAdminViewMixin

from core.errors import DomainError
from core.imports import services
from core.imports.errors import FileRefused
from core.imports.page_rows import (
    STATE_COLOURS,
    Shower,
    confidence,
    shares,
)
from core.imports.reasons import sentences
from core.imports.screens import FileForm, page_url, screen_of
from core.imports.selectors import (
    formats_for,
)
from core.imports.targets import all_targets, target_of
from core.models import ImportBatch, ImportState
from core.ui import actor

OPEN_STATES = {ImportState.UPLOADED, ImportState.PREVIEWED, ImportState.REFUSED}
SHOWN = 50


def may_import(user: Any, target: str) -> bool:
    """Tell whether this person may bring files of this kind in."""
    permission = target_of(target).permission
    return bool(user.has_perm("core.add_importbatch") and (not permission or user.has_perm(permission)))


class ImportPage(UnfoldModelAdminViewMixin, TemplateView):
    """What all pages of one import have in common."""

    step = "file"
    changes = False  # True: only for people who may import
    title = pgettext_lazy("file", "Import")

    def has_permission(self) -> bool:
        """Seeing needs the right to view imports; changing needs the target's right too."""
        if not self.request.user.has_perm("core.view_importbatch"):
            return False
        if self.changes or self.request.method == "POST":
            return may_import(self.request.user, self.batch.target)
        return True

    @classmethod
    def opens_for(cls, user: Any) -> bool:
        """Tell whether this page opens for the person with at least one kind of file (for `manage.py permissions`)."""
        sees = user.has_perm("core.view_importbatch")
        return bool(sees and (not cls.changes or any(may_import(user, target.code) for target in all_targets())))

    @cached_property
    def batch(self) -> ImportBatch:
        """The import; 404 when there is none."""
        queryset = self.model_admin.get_queryset(self.request).select_related("format", "job", "created_by")
        batch: ImportBatch | None = queryset.filter(pk=self.kwargs["object_id"]).first()
        if batch is None:
            raise Http404
        return batch

    def go(self, page: str) -> HttpResponse:
        """Go to another page of this import."""
        return HttpResponseRedirect(page_url(page, self.batch.pk))

    def refuse(self, error: DomainError, page: str = "change") -> HttpResponse:
        """Say why not, and go to a page."""
        messages.error(self.request, str(error))
        return self.go(page)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what every page shows."""
        batch = self.batch
        told = screen_of(batch.target).options.told(batch.options)
        return super().get_context_data(
            batch=batch,
            state_colour=STATE_COLOURS[ImportState(batch.state)],
            steps=_steps(batch, self.step),
            told=told,
            confidence=confidence(batch),
            may_import=may_import(self.request.user, batch.target),
            list_url=reverse("admin:core_importbatch_changelist"),
            urls={name: page_url(name, batch.pk) for name in PAGES},
            **kwargs,
        )


PAGES = ("change", "mapping", "mapping_check", "preview", "progress", "refused", "reconciliation", "encoding", "format")


def _steps(batch: ImportBatch, active: str) -> list[dict[str, Any]]:
    is_open = batch.state in OPEN_STATES
    pages = [
        ("file", gettext_lazy("File"), "change", is_open),
        ("mapping", gettext_lazy("Columns"), "mapping", is_open and bool(batch.columns)),
        ("preview", gettext_lazy("Preview"), "preview", is_open and batch.state != ImportState.REFUSED),
        ("result", pgettext_lazy("file", "Import"), "change", not is_open),
        ("reconciliation", gettext_lazy("Reconciliation"), "reconciliation", batch.state == ImportState.DONE),
    ]
    order = [key for key, *_rest in pages]
    reached = order.index(active)
    return [
        {
            "label": label,
            "url": page_url(page, batch.pk) if opens and key != active else "",
            "active": key == active,
            "done": place < reached or (not is_open and place < 3),
        }
        for place, (key, label, page, opens) in enumerate(pages)
    ]


class NewImportPage(UnfoldModelAdminViewMixin, TemplateView):
    """Choose a file and where it comes from."""

    template_name = "core/imports/new.html"
    title = gettext_lazy("New import")

    def has_permission(self) -> bool:
        """Only for people who may bring in something."""
        return any(may_import(self.request.user, target.code) for target in all_targets())

    @cached_property
    def target(self) -> Any:
        """The chosen kind of rows; the first one that this person may import."""
        allowed = [t for t in all_targets() if may_import(self.request.user, t.code)]
        wanted = self.request.GET.get("target") or allowed[0].code
        found = next((target for target in allowed if target.code == wanted), None)
        if found is None:
            raise PermissionDenied
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the forms."""
        kwargs.setdefault("form", FileForm(formats=formats_for(self.target.code)))
        kwargs.setdefault("options", screen_of(self.target.code).options())
        allowed = [t for t in all_targets() if may_import(self.request.user, t.code)]
        return super().get_context_data(
            target=self.target,
            targets=allowed,
            formats=formats_for(self.target.code),
            list_url=reverse("admin:core_importbatch_changelist"),
            formats_url=reverse("admin:core_importformat_changelist"),
            **kwargs,
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        """Keep the file, find out what it is, and show it."""
        form = FileForm(request.POST, request.FILES, formats=formats_for(self.target.code))
        options = screen_of(self.target.code).options(request.POST)
        if not (form.is_valid() and options.is_valid()):
            return self.render_to_response(self.get_context_data(form=form, options=options))
        given = options.options()
        if form.cleaned_data["encoding"]:
            given["encoding"] = form.cleaned_data["encoding"]
        try:
            batch = services.upload_file(
                target=self.target.code, file=form.cleaned_data["file"], options=given, actor=actor(request)
            )
            chosen = form.cleaned_data["format"]
            if chosen and batch.columns and batch.format_id != chosen.pk:
                services.choose_format(batch_id=batch.pk, format_id=chosen.pk, actor=actor(request))
        except DomainError as error:
            form.add_error("file", str(error))
            return self.render_to_response(self.get_context_data(form=form, options=options))
        return HttpResponseRedirect(page_url("change", batch.pk))


class EncodingAction(ImportPage):
    """Read the file in another encoding."""

    changes = True
    http_method_names = ("post", "options")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Overrule the encoding."""
        try:
            services.set_encoding(
                batch_id=self.batch.pk, encoding=request.POST.get("encoding", ""), actor=actor(request)
            )
        except DomainError as error:
            return self.refuse(error)
        return self.go("change")


class FormatAction(ImportPage):
    """Read the file through another format."""

    changes = True
    http_method_names = ("post", "options")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Overrule the format."""
        wanted = request.POST.get("format", "")
        found = formats_for(self.batch.target).filter(pk=wanted if wanted.isdecimal() else 0).first()
        if found is None:
            messages.error(request, _("Choose a format."))
            return self.go("change")
        try:
            services.choose_format(batch_id=self.batch.pk, format_id=found.pk, actor=actor(request))
        except DomainError as error:
            return self.refuse(error)
        return self.go("change")


class PreviewPage(ImportPage):
    """What the first rows would become, and the button that imports."""

    template_name = "core/imports/preview.html"
    step = "preview"
    changes = True
    title = gettext_lazy("Import: preview")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Try the first rows; they are taken back."""
        if self.batch.state not in OPEN_STATES:
            return self.go("change")
        try:
            found = services.preview(batch_id=self.batch.pk, limit=SHOWN, actor=actor(request))
        except (FileRefused, DomainError) as error:
            return self.refuse(error)
        shower = Shower(self.batch, request.user)
        rows = [shower.row(row) for row in found.rows]
        counted = Counter(row.outcome for row in rows)
        wanted = request.GET.get("outcome", "")
        labels = {name: target_of(self.batch.target).field(name).label for name in found.fields}
        return self.render_to_response(
            self.get_context_data(
                found=found,
                columns=shower.columns,
                rows=[row for row in rows if not wanted or row.outcome == wanted],
                outcome=wanted,
                shares=shares(dict(counted)),
                shown_count=len(rows),
                refused_rows=[(number, sentences(reasons)) for number, reasons in found.refused_rows[:200]],
                refused_count=len(found.refused_rows),
                scanned_all=found.scanned < services.SCANNED_ROWS,
                totals=screen_of(self.batch.target).totals(self.batch, found.rows),
                read=[(labels[name], columns) for name, columns in found.fields.items()],
            )
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Start the import; a second press only shows the running one."""
        try:
            services.start_import(batch_id=self.batch.pk, actor=actor(request))
        except FileRefused as error:
            return self.refuse(error, "mapping")
        except DomainError:
            return self.go("change")
        return self.go("change")
