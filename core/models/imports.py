"""Files of documents on their way in."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from core.models.running import Job


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
