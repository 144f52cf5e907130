"""Files of whole tables on their way in, what they changed, and layouts of files on their way out."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.models.running import Job


class TableImportState(models.TextChoices):
    """Life of one file of a table."""

    PREVIEW = "preview", pgettext_lazy("table import", "Preview")
    QUEUED = "queued", pgettext_lazy("table import", "Waiting")
    RUNNING = "running", pgettext_lazy("table import", "Running")
    DONE = "done", pgettext_lazy("table import", "Done")
    FAILED = "failed", pgettext_lazy("table import", "Failed")
    UNDONE = "undone", pgettext_lazy("table import", "Undone")
    PARTLY_UNDONE = "partly_undone", pgettext_lazy("table import", "Partly undone")


class TableImport(models.Model):
    """One file of a table, from its upload to its undoing; ``model`` says whose admin reads it."""

    model = models.CharField(_("table"), max_length=100)
    file = models.FileField(_("file"), upload_to="tables/", blank=True)  # empty once it was deleted
    filename = models.CharField(_("file name"), max_length=200)
    encoding = models.CharField(_("encoding"), max_length=20, blank=True)
    language = models.CharField(
        _("language"), max_length=10, blank=True
    )  # of who uploaded it; helps to find the encoding
    format_code = models.CharField(_("format"), max_length=80, blank=True)  # empty: columns as the table names them
    # {"blanks": "keep" | "clear", "mode": "rows" | "all"}, and what a format adds
    options = models.JSONField(_("options"), default=dict, blank=True)
    corrections = models.JSONField(_("corrections"), default=dict, blank=True)  # {row index: {column: text}}
    state = models.CharField(
        _("state"), max_length=20, choices=TableImportState.choices, default=TableImportState.PREVIEW, editable=False
    )
    counts = models.JSONField(_("outcomes"), default=dict, blank=True)
    error = models.TextField(_("error"), blank=True)
    job = models.ForeignKey(
        Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("job")
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("imported by"),
    )  # fmt: skip
    created_at = models.DateTimeField(_("uploaded"), db_default=Now())
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("undone by"),
    )  # fmt: skip
    undo_job = models.ForeignKey(
        Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("job of the undoing")
    )
    undo_reason = models.CharField(_("reason for undoing"), max_length=200, blank=True)
    purged_at = models.DateTimeField(_("undo data deleted"), null=True, blank=True)

    class Meta:
        verbose_name = _("table import")
        verbose_name_plural = _("table imports")
        ordering = ["-id"]
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=TableImportState.values), name="core_tableimport_state_valid"
            )
        ]
        indexes = [
            models.Index(fields=["model", "-id"], name="core_tableimport_model"),
            models.Index(fields=["state", "-id"], name="core_tableimport_state"),
        ]

    def __str__(self) -> str:
        return self.filename

    @property
    def clears_blanks(self) -> bool:
        """Whether a blank cell empties the value."""
        return bool(self.options.get("blanks") == "clear")

    @property
    def is_all_or_nothing(self) -> bool:
        """Whether one refused row keeps everything out."""
        return bool(self.options.get("mode") == "all")

    @property
    def is_undoable(self) -> bool:
        """Whether it was imported, not undone yet, and what it changed is still known."""
        return self.state == TableImportState.DONE and self.purged_at is None


class TableChangeState(models.TextChoices):
    """What became of one change when its import was undone."""

    STANDING = "", pgettext_lazy("change", "Standing")
    UNDONE = "undone", pgettext_lazy("change", "Undone")
    CONFLICT = "conflict", pgettext_lazy("change", "Conflict")


class TableChange(models.Model):
    """One row that an import wrote: the changed columns before and after, of a created row all of them after."""

    # no constraint in the database: its check is paid for each row, and one service deletes both
    table_import = models.ForeignKey(
        TableImport, on_delete=models.CASCADE, related_name="changes", db_constraint=False, db_index=False,
        verbose_name=_("table import"),
    )  # fmt: skip
    part = models.PositiveSmallIntegerField(_("part"), default=0)  # of a composite, in the order of writing
    row_no = models.PositiveIntegerField(_("row"))  # from 0
    table = models.CharField(_("table"), max_length=100)  # "catalog.variant", or the label of a composite's own part
    object_id = models.BigIntegerField(_("object"))
    created = models.BooleanField(_("created"), default=False)
    before = models.JSONField(_("before"), default=dict)
    after = models.JSONField(_("after"), default=dict)
    state = models.CharField(_("state"), max_length=10, choices=TableChangeState.choices, default="", blank=True)
    conflicts = models.JSONField(_("what stands now"), default=dict, blank=True)  # column -> value found when undoing
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("table change")
        verbose_name_plural = _("table changes")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=TableChangeState.values), name="core_tablechange_state_valid"
            )
        ]
        indexes = [models.Index(fields=["table_import", "part", "row_no"], name="core_tablechange_order")]

    def __str__(self) -> str:
        return f"{self.table} {self.object_id}"

    def columns(self) -> dict[str, tuple[Any, Any]]:
        """Return the changed columns with their values before and after."""
        return {name: (self.before.get(name), value) for name, value in self.after.items()}


class ExportLayout(models.Model):
    """Which columns a table's file has, and in which order; kept by a person, for the own use or everybody's."""

    model = models.CharField(_("table"), max_length=140)  # with ":part" for a detail table
    name = models.CharField(_("name"), max_length=80)
    fields = models.JSONField(_("columns"))
    kind = models.CharField(_("kind of file"), max_length=4, choices=[("xlsx", "XLSX"), ("csv", "CSV")], default="xlsx")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=pgettext_lazy("layout", "owner"),
    )
    is_shared = models.BooleanField(_("shared with colleagues"), default=False)

    class Meta:
        verbose_name = _("export layout")
        verbose_name_plural = _("export layouts")
        ordering = ["name", "id"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "model", "name"],
                name="core_exportlayout_name",
                violation_error_message=_("You have a layout of this name already."),
            ),
            models.CheckConstraint(condition=models.Q(kind__in=["xlsx", "csv"]), name="core_exportlayout_kind_valid"),
        ]
        indexes = [models.Index(fields=["model", "name"], name="core_exportlayout_model")]

    def __str__(self) -> str:
        return self.name
