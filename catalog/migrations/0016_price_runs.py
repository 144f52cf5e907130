"""Changes of many prices by one rule, with what became of each price: two new tables."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0022_wanted_pictures"),
        ("core", "0005_table_imports"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PriceRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("wish", models.JSONField(default=dict, verbose_name="rule")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("queued", "Being applied"),
                            ("done", "Applied"),
                            ("taking_back", "Being taken back"),
                            ("taken_back", "Taken back"),
                        ],
                        default="draft",
                        editable=False,
                        max_length=20,
                        verbose_name="status",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="created"),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="created by",
                    ),
                ),
                (
                    "job",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="core.job",
                    ),
                ),
            ],
            options={
                "verbose_name": "price change by rule",
                "verbose_name_plural": "price changes by rule",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="PriceRunRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("before", models.BigIntegerField(blank=True, null=True)),
                ("amount", models.BigIntegerField(blank=True, null=True)),
                ("compare_at", models.BigIntegerField(blank=True, null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Not yet"),
                            ("set", "Set"),
                            ("unchanged", "Unchanged"),
                            ("waiting", "Waits for approval"),
                            ("refused", "Refused"),
                            ("taken_back", "Taken back"),
                            ("conflict", "Changed since"),
                        ],
                        default="pending",
                        max_length=20,
                    ),
                ),
                ("sentence", models.CharField(blank=True, max_length=300)),
                ("done", models.JSONField(blank=True, null=True)),
                ("proposal_id", models.BigIntegerField(blank=True, null=True)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="rows", to="catalog.pricerun"
                    ),
                ),
                (
                    "sales_channel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.saleschannel"
                    ),
                ),
                (
                    "variant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="catalog.variant"
                    ),
                ),
            ],
            options={
                "verbose_name": "price of a change",
                "verbose_name_plural": "prices of a change",
                "ordering": ["id"],
                "default_permissions": (),
            },
        ),
        migrations.AddConstraint(
            model_name="pricerun",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["draft", "queued", "done", "taking_back", "taken_back"])),
                name="catalog_pricerun_state_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="pricerunrow",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["pending", "set", "unchanged", "waiting", "refused", "taken_back", "conflict"])
                ),
                name="catalog_pricerunrow_state_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="pricerunrow",
            constraint=models.UniqueConstraint(
                fields=("run", "variant", "sales_channel"), name="catalog_pricerunrow_once"
            ),
        ),
    ]
