"""Pictures that a file names: fetched after the import, each with what became of it. A new table; it goes with its rows."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0010_bundles_and_kinds"),
        ("core", "0005_table_imports"),
    ]

    operations = [
        migrations.CreateModel(
            name="WantedPicture",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("place", models.PositiveSmallIntegerField(default=0, verbose_name="position")),
                ("source", models.CharField(max_length=2000, verbose_name="address or file name")),
                ("alt_text", models.CharField(blank=True, max_length=200, verbose_name="alternative text")),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "Waiting"), ("done", "Taken over"), ("refused", "Refused")],
                        default="waiting",
                        editable=False,
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=300, verbose_name="reason")),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="created"),
                ),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="finished")),
                (
                    "image",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="catalog.productimage",
                        verbose_name="picture",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="wanted_pictures",
                        to="catalog.product",
                        verbose_name="product",
                    ),
                ),
                (
                    "table_import",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="wanted_pictures",
                        to="core.tableimport",
                        verbose_name="table import",
                    ),
                ),
                (
                    "variant",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="catalog.variant",
                        verbose_name="variant",
                    ),
                ),
            ],
            options={
                "verbose_name": "picture named by a file",
                "verbose_name_plural": "pictures named by files",
                "ordering": ["product_id", "place", "id"],
                "default_permissions": ("view",),
            },
        ),
        migrations.AddIndex(
            model_name="wantedpicture",
            index=models.Index(fields=["table_import", "state", "id"], name="catalog_wantedpicture_import"),
        ),
        migrations.AddConstraint(
            model_name="wantedpicture",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["waiting", "done", "refused"])),
                name="catalog_wantedpicture_state_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="wantedpicture",
            constraint=models.CheckConstraint(
                condition=models.Q(("source", ""), _negated=True), name="catalog_wantedpicture_source_given"
            ),
        ),
    ]
