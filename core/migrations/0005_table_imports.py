"""Imports of tables that are kept and can be undone; layouts of exports."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0004_search_words"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="TableImport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("model", models.CharField(max_length=100, verbose_name="table")),
                ("file", models.FileField(blank=True, upload_to="tables/", verbose_name="file")),
                ("filename", models.CharField(max_length=200, verbose_name="file name")),
                ("encoding", models.CharField(blank=True, max_length=20, verbose_name="encoding")),
                ("language", models.CharField(blank=True, max_length=10, verbose_name="language")),
                ("format_code", models.CharField(blank=True, max_length=80, verbose_name="format")),
                ("options", models.JSONField(blank=True, default=dict, verbose_name="options")),
                ("corrections", models.JSONField(blank=True, default=dict, verbose_name="corrections")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("preview", "Preview"),
                            ("queued", "Waiting"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("undone", "Undone"),
                            ("partly_undone", "Partly undone"),
                        ],
                        default="preview",
                        editable=False,
                        max_length=20,
                        verbose_name="state",
                    ),
                ),
                ("counts", models.JSONField(blank=True, default=dict, verbose_name="outcomes")),
                ("error", models.TextField(blank=True, verbose_name="error")),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="uploaded"),
                ),
                ("started_at", models.DateTimeField(blank=True, null=True, verbose_name="started")),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="finished")),
                ("undone_at", models.DateTimeField(blank=True, null=True, verbose_name="undone")),
                ("undo_reason", models.CharField(blank=True, max_length=200, verbose_name="reason for undoing")),
                ("purged_at", models.DateTimeField(blank=True, null=True, verbose_name="undo data deleted")),
                (
                    "job",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="core.job",
                        verbose_name="job",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="imported by",
                    ),
                ),
                (
                    "undo_job",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="core.job",
                        verbose_name="job of the undoing",
                    ),
                ),
                (
                    "undone_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="undone by",
                    ),
                ),
            ],
            options={
                "verbose_name": "table import",
                "verbose_name_plural": "table imports",
                "ordering": ["-id"],
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="TableChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("part", models.PositiveSmallIntegerField(default=0, verbose_name="part")),
                ("row_no", models.PositiveIntegerField(verbose_name="row")),
                ("table", models.CharField(max_length=100, verbose_name="table")),
                ("object_id", models.BigIntegerField(verbose_name="object")),
                ("created", models.BooleanField(default=False, verbose_name="created")),
                ("before", models.JSONField(default=dict, verbose_name="before")),
                ("after", models.JSONField(default=dict, verbose_name="after")),
                (
                    "state",
                    models.CharField(
                        blank=True,
                        choices=[("", "Standing"), ("undone", "Undone"), ("conflict", "Conflict")],
                        default="",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("conflicts", models.JSONField(blank=True, default=dict, verbose_name="what stands now")),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="note")),
                (
                    "table_import",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="changes",
                        to="core.tableimport",
                        verbose_name="table import",
                    ),
                ),
            ],
            options={
                "verbose_name": "table change",
                "verbose_name_plural": "table changes",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="ExportLayout",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("model", models.CharField(max_length=140, verbose_name="table")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("fields", models.JSONField(verbose_name="columns")),
                (
                    "kind",
                    models.CharField(
                        choices=[("xlsx", "XLSX"), ("csv", "CSV")],
                        default="xlsx",
                        max_length=4,
                        verbose_name="kind of file",
                    ),
                ),
                ("is_shared", models.BooleanField(default=False, verbose_name="shared with colleagues")),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
            ],
            options={
                "verbose_name": "export layout",
                "verbose_name_plural": "export layouts",
                "ordering": ["name", "id"],
                "default_permissions": (),
                "indexes": [models.Index(fields=["model", "name"], name="core_exportlayout_model")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("owner", "model", "name"),
                        name="core_exportlayout_name",
                        violation_error_message="You have a layout of this name already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["xlsx", "csv"])), name="core_exportlayout_kind_valid"
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="tableimport",
            index=models.Index(fields=["model", "-id"], name="core_tableimport_model"),
        ),
        migrations.AddIndex(
            model_name="tableimport",
            index=models.Index(fields=["state", "-id"], name="core_tableimport_state"),
        ),
        migrations.AddConstraint(
            model_name="tableimport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["preview", "queued", "running", "done", "failed", "undone", "partly_undone"])
                ),
                name="core_tableimport_state_valid",
            ),
        ),
        migrations.AddIndex(
            model_name="tablechange",
            index=models.Index(fields=["table_import", "part", "row_no"], name="core_tablechange_order"),
        ),
        migrations.AddConstraint(
            model_name="tablechange",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["", "undone", "conflict"])), name="core_tablechange_state_valid"
            ),
        ),
    ]
