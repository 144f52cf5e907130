"""Orders that are being written: kept, with their prices frozen until a day."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0026_channel_time_zone"),
        ("orders", "0012_changes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ManualDraft",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("caller", models.CharField(blank=True, max_length=120, verbose_name="buyer")),
                ("contents", models.JSONField(verbose_name="what")),
                ("total", models.BigIntegerField(default=0, verbose_name="total")),
                ("priced_at", models.DateTimeField(verbose_name="prices of")),
                ("prices_until", models.DateField(blank=True, null=True, verbose_name="prices hold until")),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("placed", "Placed"), ("dropped", "Dropped")],
                        default="open",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="written"),
                ),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="written by",
                    ),
                ),
                (
                    "order",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="draft",
                        to="orders.order",
                        verbose_name="order",
                    ),
                ),
                (
                    "sales_channel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.saleschannel",
                        verbose_name="sales channel",
                    ),
                ),
            ],
            options={
                "verbose_name": "written order",
                "verbose_name_plural": "written orders",
                "ordering": ["-updated_at", "-id"],
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "open")), fields=["-updated_at"], name="orders_draft_open"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["open", "placed", "dropped"])),
                        name="orders_draft_state_valid",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("order__isnull", False), ("state", "placed")),
                            models.Q(models.Q(("state", "placed"), _negated=True), ("order", None)),
                            _connector="OR",
                        ),
                        name="orders_draft_placed_has_order",
                    ),
                ],
            },
        ),
    ]
