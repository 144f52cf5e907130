"""The last proof of the books on the home page of administrators."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.display import moment_text
from core.models import Job, JobState
from core.proving import KIND
from core.ui.tiles import Kpi, Tile, register_tile


def last_proof(request: HttpRequest) -> Kpi | None:
    """Say whether the last finished proof held; nothing before the first."""
    ended = Job.objects.filter(kind=KIND, state__in=[JobState.DONE, JobState.FAILED])
    job = ended.order_by("-finished_at").defer("parameters", "outcome").first()
    if job is None:
        return None
    holds = job.state == JobState.DONE
    return Kpi(
        value=gettext("Adds up") if holds else gettext("Broken"),
        note=moment_text(job.finished_at),
        url=reverse("admin:core_job_change", args=[job.pk]),
        level="" if holds else "danger",
        icon="fact_check",
    )


register_tile(Tile("core.proof", _("Proof of the books"), last_proof, "core.view_all_jobs", "system", 90))
