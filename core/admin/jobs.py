"""Long work: one's own, or everybody's with the right to see it; progress, outcome, file."""

from collections.abc import Callable, Sequence
from typing import Any

from axes.helpers import get_client_ip_address
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core import jobs
from core.files import register_files
from core.models import Job, JobState
from core.taking import note_job_file_taken
from core.ui import Tab, actor, columns, service_action
from core.ui.readonly import ReadOnlyAdmin

OPEN = Q(state__in=[JobState.QUEUED, JobState.RUNNING])
COLOURS = {"queued": "grey", "running": "blue", "done": "green", "failed": "red", "cancelled": "amber"}


def _bar(row: Job) -> Any:
    if row.state != JobState.RUNNING:
        return ""
    return format_html('<div class="progress" title="{0} %"><i style="width: {0}%"></i></div>', row.percent)


def may_see(user: Any, job: Job) -> bool:
    """Tell whether the person may see this job: the own ones, or all with the right."""
    return bool(job.owner_id == user.pk or user.has_perm("core.view_all_jobs"))


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    """Own jobs, or all."""

    list_display = [
        columns.two_lines("title", lambda row: jobs.kind_label(row.kind), _("job")),
        columns.badge("state", _("state"), colours=COLOURS),
        columns.computed("progress", _("progress"), _bar),
        columns.text("owner", _("started by")),
        columns.moment("created_at", _("created")),
    ]
    list_select_related = ["owner"]
    tabs = [
        Tab("all", _("All"), count=False),
        Tab("open", pgettext_lazy("jobs", "Running and waiting"), OPEN, empty=_("Nothing is running.")),
        Tab("failed", pgettext_lazy("jobs", "Failed"), Q(state=JobState.FAILED), empty=_("No job failed."), alert=True),
    ]
    search_fields = ["title"]
    ordering = ["-id"]
    empty_title = _("No jobs yet")
    empty_text = _("Imports, exports and other long work appear here with their progress.")
    change_form_template = "core/pages/job.html"
    show_timeline = False

    def scope(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Show own jobs; all with the right."""
        return queryset if request.user.has_perm("core.view_all_jobs") else queryset.filter(owner=request.user.pk)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """The page shows what people need; parameters may hold personal data."""
        return [(None, {"fields": ["title"]})]

    def facts(self, request: HttpRequest, obj: Any) -> Sequence[tuple[Any, Any]]:
        """Say what it is and whose."""
        return [(_("Kind"), jobs.kind_label(obj.kind)), (_("Started by"), obj.owner or "—")]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Add the address that the progress bar asks."""
        if context.get("original"):
            job = context["original"]
            context["progress_url"] = reverse("admin:core_job_progress", args=[job.pk])
            context["colour"] = COLOURS[job.state]
        return super().render_change_form(request, context, *args, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        """Add the part of the page that refreshes itself."""
        own = path("<int:job_id>/progress/", self.admin_site.admin_view(self.progress_view), name="core_job_progress")
        return [own, *super().get_urls()]

    def progress_view(self, request: HttpRequest, job_id: int) -> HttpResponse:
        """Return the progress as it stands; it stops asking when the job has ended."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        job = self.get_queryset(request).filter(pk=job_id).first()
        if job is None:
            raise Http404
        context = {"original": job, "progress_url": request.path, "colour": COLOURS[job.state]}
        return TemplateResponse(request, "components/job_progress.html", context)

    @service_action(
        _("Cancel"),
        permission="core.view_job",
        icon="cancel",
        variant="danger",
        available=lambda user, obj: may_see(user, obj) and obj.state in {JobState.QUEUED, JobState.RUNNING},
        question=_("What is already done stays."),
        submit=_("Cancel this job"),
    )
    def cancel(self, request: HttpRequest, obj: Job, data: Any) -> str:
        """End the job."""
        jobs.cancel_job(job_id=obj.pk, actor=actor(request))
        return gettext("The job is cancelled.")

    @service_action(
        _("Start again"),
        permission="core.view_job",
        icon="replay",
        available=lambda user, obj: may_see(user, obj) and obj.state in {JobState.FAILED, JobState.CANCELLED},
        question=_("It goes on where it stopped."),
    )
    def retry(self, request: HttpRequest, obj: Job, data: Any) -> str:
        """Let the job start again."""
        jobs.retry_job(job_id=obj.pk, actor=actor(request))
        return gettext("The job starts again.")


def _own_file(user: Any, name: str) -> bool:
    job = Job.objects.filter(file=name).first()
    return job is not None and user.has_perm("core.view_job") and may_see(user, job)


_tellings: dict[str, Callable[[HttpRequest, Job], None]] = {}


def register_job_file(kind: str, telling: Callable[[HttpRequest, Job], None]) -> None:
    """Let ``telling`` keep who fetches the file of such a job, where the making of it told nothing of persons."""
    _tellings[kind] = telling


def _note_taken(request: HttpRequest, name: str) -> None:
    job = Job.objects.filter(file=name).first()
    if job is not None and (telling := _tellings.get(job.kind)) is not None:
        telling(request, job)
    elif job is not None:
        note_job_file_taken(job=job, address=str(get_client_ip_address(request) or ""), actor=actor(request))


register_files("jobs", _own_file, on_taken=_note_taken)
