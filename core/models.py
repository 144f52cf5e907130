"""Tables of the shared kernel."""

from typing import Any

import pgtrigger
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy


def append_only(name: str) -> list[pgtrigger.Trigger]:
    """Return triggers that refuse UPDATE, DELETE and TRUNCATE of a ledger's rows, whoever asks."""
    return [
        pgtrigger.Protect(name=f"{name}_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        pgtrigger.Trigger(
            name=f"{name}_no_truncate",
            level=pgtrigger.Statement,
            when=pgtrigger.Before,
            operation=pgtrigger.Truncate,
            func="RAISE EXCEPTION 'a ledger cannot be emptied (%)', TG_TABLE_NAME;",
        ),
        pgtrigger.Trigger(
            name=f"{name}_at_by_database",
            when=pgtrigger.Before,
            operation=pgtrigger.Insert,
            # a back-dated entry would be a forged one; business time has its own column
            func="NEW.at = statement_timestamp(); RETURN NEW;",
        ),
    ]


class EventRecord(models.Model):
    """One fact that became true; append-only; people read it as history."""

    name = models.CharField(_("event"), max_length=100)
    subject_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, verbose_name=_("subject type"))
    subject_id = models.BigIntegerField(_("subject"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("by"),
    )
    data = models.JSONField(_("details"))
    at = models.DateTimeField(pgettext_lazy("moment", "at"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [models.Index(fields=["subject_type", "subject_id", "-id"], name="core_event_subject")]
        triggers = append_only("core_event")

    def __str__(self) -> str:
        return self.name


class Delivery(models.Model):
    """One handler's share of a fact; without ``done_at`` it is still owed, with ``parked_at`` it waits for a person."""

    record = models.ForeignKey(
        EventRecord, on_delete=models.PROTECT, related_name="deliveries", verbose_name=_("event")
    )
    handler = models.CharField(_("handler"), max_length=200)
    # copied from the record: the order of deliveries is kept per handler and subject
    subject_type = models.ForeignKey(
        ContentType, on_delete=models.PROTECT, related_name="+", verbose_name=_("subject type")
    )
    subject_id = models.BigIntegerField(_("subject"))
    due_at = models.DateTimeField(_("due"), db_default=Now())
    done_at = models.DateTimeField(pgettext_lazy("moment", "done"), null=True, blank=True)
    parked_at = models.DateTimeField(_("given up"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    error = models.TextField(_("last error"), blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [models.UniqueConstraint(fields=["record", "handler"], name="core_delivery_once")]
        indexes = [
            models.Index(
                fields=["due_at", "id"], condition=models.Q(done_at=None, parked_at=None), name="core_delivery_due"
            ),
            models.Index(
                fields=["handler", "subject_type", "subject_id", "id"],
                condition=models.Q(done_at=None),
                name="core_delivery_owed",
            ),
        ]
        permissions = [("retry_delivery", gettext_noop("Can retry or skip failed deliveries"))]

    def __str__(self) -> str:
        return f"{self.record} → {self.handler}"


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


class ImportFormat(models.Model):
    """How one kind of file becomes rows of one target; mall formats come from data files, others are made in the UI."""

    code = models.SlugField(_("code"), max_length=80)
    version = models.CharField(_("version"), max_length=20, default="1")
    name = models.CharField(_("name"), max_length=120)
    target = models.CharField(_("target"), max_length=60)
    definition = models.JSONField(_("definition"))
    is_builtin = models.BooleanField(_("delivered with the software"), default=False)
    is_active = models.BooleanField(_("offered for new imports"), default=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("made by"),
    )
    created_at = models.DateTimeField(_("created"), db_default=Now())

    class Meta:
        verbose_name = _("file format")
        verbose_name_plural = _("file formats")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="core_importformat_code_version")]

    def __str__(self) -> str:
        return self.name


class ImportState(models.TextChoices):
    """Life of one imported file."""

    UPLOADED = "uploaded", pgettext_lazy("import", "Uploaded")
    PREVIEWED = "previewed", pgettext_lazy("import", "Preview ready")
    IMPORTING = "importing", pgettext_lazy("import", "Importing")
    DONE = "done", pgettext_lazy("import", "Imported")
    REFUSED = "refused", pgettext_lazy("import", "File refused")
    FAILED = "failed", pgettext_lazy("import", "Stopped by an error")


class ImportBatch(models.Model):
    """One file on its way in: what it was, how it was read, what became of its rows."""

    target = models.CharField(_("target"), max_length=60)
    format = models.ForeignKey(ImportFormat, null=True, blank=True, on_delete=models.PROTECT, verbose_name=_("format"))
    file = models.FileField(_("file"), upload_to="imports/%Y/%m/", max_length=255)
    filename = models.CharField(_("file name"), max_length=255)
    sha256 = models.CharField(max_length=64)
    encoding = models.CharField(_("encoding"), max_length=20, blank=True)
    mapping = models.JSONField(_("mapping"), default=dict, blank=True)  # a definition made for this file alone
    options = models.JSONField(_("options"), default=dict, blank=True)
    state = models.CharField(
        _("state"), max_length=20, choices=ImportState.choices, default=ImportState.UPLOADED, editable=False
    )
    # why the file was refused: code and parameters, put into words by core.imports.reasons in the reader's language
    problem = models.JSONField(_("problem"), null=True, blank=True)
    columns = models.JSONField(_("columns of the file"), default=list, blank=True)
    layout = models.JSONField(_("how the file is laid out"), default=dict, blank=True)
    # rows of one document never part over two chunks, and a chunk is one transaction; empty until all rows are staged
    chunk_count = models.PositiveIntegerField(null=True, blank=True, editable=False)
    unknown_columns = models.JSONField(_("unknown columns"), default=list, blank=True)
    row_count = models.PositiveIntegerField(_("rows"), default=0)
    counts = models.JSONField(_("outcomes"), default=dict, blank=True)
    totals = models.JSONField(_("totals"), default=dict, blank=True)
    job = models.ForeignKey(
        Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("job")
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("imported by"),
    )
    created_at = models.DateTimeField(_("uploaded"), db_default=Now())
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=ImportState.values), name="core_import_state_valid")
        ]
        indexes = [models.Index(fields=["state", "-id"], name="core_import_state")]
        permissions = [
            ("see_personal_columns", gettext_noop("Can see personal data in imported rows")),
            ("import_data", gettext_noop("Can import tables from files")),
            ("export_data", gettext_noop("Can export tables to files")),
        ]

    def __str__(self) -> str:
        return self.filename


class RowOutcome(models.TextChoices):
    """What became of one row of a file."""

    PENDING = "pending", pgettext_lazy("row", "Not yet imported")
    CREATED = "created", pgettext_lazy("row", "Created")
    UPDATED = "updated", pgettext_lazy("row", "Updated")
    UNCHANGED = "unchanged", pgettext_lazy("row", "Unchanged")
    REPEATED = "repeated", pgettext_lazy("row", "Repeated in the file")
    REFUSED = "refused", pgettext_lazy("row", "Refused")


class ImportRow(models.Model):
    """One row as it stood in the file, and what became of it."""

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="rows", verbose_name=_("import"))
    number = models.PositiveIntegerField(_("row"))  # as a spreadsheet counts: the header is a row too
    raw = models.JSONField(_("as in the file"))  # list of cell texts, in the order of the file's columns
    chunk = models.PositiveIntegerField(default=0, editable=False)
    outcome = models.CharField(_("outcome"), max_length=12, choices=RowOutcome.choices, default=RowOutcome.PENDING)
    kind = models.CharField(_("became"), max_length=20, blank=True)
    reference = models.CharField(_("reference"), max_length=80, blank=True)
    object_id = models.BigIntegerField(null=True, blank=True, editable=False)  # of the row it became; kind says where
    reason = models.JSONField(_("reason"), null=True, blank=True)  # list of codes with parameters, see ImportBatch

    class Meta:
        verbose_name = _("imported row")
        verbose_name_plural = _("imported rows")
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="core_importrow_number"),
            models.CheckConstraint(
                condition=models.Q(outcome__in=RowOutcome.values), name="core_importrow_outcome_valid"
            ),
        ]
        indexes = [
            # what people look for; the others are most of the file, and each index is paid on each row
            models.Index(
                fields=["batch", "outcome", "number"],
                condition=models.Q(outcome__in=["updated", "repeated", "refused"]),
                name="core_importrow_outcome",
            ),
            models.Index(
                fields=["batch", "chunk", "number"],
                condition=models.Q(outcome="pending"),
                name="core_importrow_pending",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}"

    def cells(self, columns: list[str]) -> dict[str, Any]:
        """Return the raw cells by column name."""
        return dict(zip(columns, self.raw, strict=False))


class SearchWord(models.Model):
    """A word that occurs in an app's search texts, for ``core.similar``; may occur twice, or outlive its texts.

    Not unique, because a unique key would make who saves wait for a long import that brings the same new word.
    """

    subject = models.CharField(_("app"), max_length=40)
    word = models.CharField(_("word"), max_length=40)
    alike = models.CharField(max_length=160)  # as core.similar.alike writes the word
    letters = models.CharField(max_length=160)  # those of ``alike``, sorted: finds letters that changed places

    class Meta:
        default_permissions = ()
        verbose_name = _("search word")
        verbose_name_plural = _("search words")
        indexes = [
            models.Index(fields=["subject", "word"], name="core_searchword_word"),
            models.Index(fields=["subject", "letters"], name="core_searchword_letters"),
            GinIndex(OpClass(models.F("alike"), name="gin_trgm_ops"), name="core_searchword_alike"),
        ]

    def __str__(self) -> str:
        return self.word
