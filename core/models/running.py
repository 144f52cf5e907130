"""Work that runs: numbers, commands that run once, jobs and signs of life."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy


class Sequence(models.Model):
    """The next number of one series of documents; drawn under a row lock inside the document's own transaction."""

    name = models.CharField(_("series"), max_length=60, primary_key=True)
    next_value = models.BigIntegerField(_("next number"), default=1)

    class Meta:
        verbose_name = _("number series")
        verbose_name_plural = _("number series")

    def __str__(self) -> str:
        return self.name


class CommandKey(models.Model):
    """A command that must not run twice, with the answer it got: the same key answers the same, a refusal included."""

    key = models.CharField(max_length=200, primary_key=True)
    fingerprint = models.CharField(max_length=64)
    result = models.JSONField(null=True)
    refusal = models.TextField(blank=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("command key")
        verbose_name_plural = _("command keys")

    def __str__(self) -> str:
        return self.key


class JobState(models.TextChoices):
    """Life of a long job."""

    QUEUED = "queued", pgettext_lazy("job", "Waiting")
    RUNNING = "running", pgettext_lazy("job", "Running")
    DONE = "done", pgettext_lazy("job", "Done")
    FAILED = "failed", pgettext_lazy("job", "Failed")
    CANCELLED = "cancelled", pgettext_lazy("job", "Cancelled")


class Job(models.Model):
    """Long work with an owner, a progress and an outcome; Celery is only its alarm clock."""

    kind = models.CharField(_("kind"), max_length=60)
    title = models.CharField(_("title"), max_length=200)
    parameters = models.JSONField(_("parameters"), default=dict, blank=True)
    state = models.CharField(
        _("state"), max_length=20, choices=JobState.choices, default=JobState.QUEUED, editable=False
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("started by"),
    )
    done_count = models.PositiveIntegerField(_("done"), default=0)
    total_count = models.PositiveIntegerField(_("of"), default=0)
    outcome = models.JSONField(_("outcome"), default=dict, blank=True)
    error = models.TextField(_("error"), blank=True)
    file = models.FileField(_("file"), upload_to="jobs/%Y/%m/", blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    seen_at = models.DateTimeField(_("last sign of life"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = pgettext_lazy("long work", "job")
        verbose_name_plural = pgettext_lazy("long work", "jobs")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=JobState.values), name="core_job_state_valid")
        ]
        indexes = [
            models.Index(fields=["seen_at"], condition=models.Q(state__in=["queued", "running"]), name="core_job_open"),
            models.Index(fields=["owner", "-id"], name="core_job_owner"),
        ]
        permissions = [("view_all_jobs", gettext_noop("Can view the jobs of all people"))]

    def __str__(self) -> str:
        return self.title

    @property
    def percent(self) -> int:
        """Whole per cent done; 100 only when nothing is left."""
        if self.state == JobState.DONE:
            return 100
        return min(99, self.done_count * 100 // self.total_count) if self.total_count else 0


class Heartbeat(models.Model):
    """The last sign of life of a background process (PGMQ answers no ping)."""

    name = models.CharField(_("process"), max_length=100, primary_key=True)
    seen_at = models.DateTimeField(_("last sign of life"), db_default=Now())
    details = models.JSONField(_("details"), default=dict)

    class Meta:
        verbose_name = _("background process")
        verbose_name_plural = _("background processes")

    def __str__(self) -> str:
        return self.name
