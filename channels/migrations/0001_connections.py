"""How malls are reached."""

import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    """The app's first table."""

    initial = True

    dependencies = [
        ("catalog", "0026_channel_time_zone"),
        ("service", "0021_questions_in_malls"),
    ]

    operations = [
        migrations.CreateModel(
            name="Connection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("account", models.CharField(blank=True, max_length=120, verbose_name="account")),
                ("user", models.CharField(blank=True, max_length=120, verbose_name="user of the account")),
                (
                    "tells_shipments",
                    models.BooleanField(
                        default=True,
                        help_text="Parcels that left are told to the mall by themselves.",
                        verbose_name="tells tracking numbers",
                    ),
                ),
                (
                    "asks_since",
                    models.DateField(
                        default=django.utils.timezone.localdate,
                        help_text="Older ones stay in the mall and become no tickets.",
                        verbose_name="questions since",
                    ),
                ),
                (
                    "key_expires_on",
                    models.DateField(
                        blank=True,
                        help_text="Who keeps the connections is told two weeks before.",
                        null=True,
                        verbose_name="key ends on",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                (
                    "mall_until",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="inquiries read until"),
                ),
                (
                    "question_until",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="questions read until"),
                ),
                ("asked_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("reread_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("lease", models.CharField(blank=True, editable=False, max_length=32)),
                ("leased_until", models.DateTimeField(blank=True, editable=False, null=True)),
                ("due_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                (
                    "failure_count",
                    models.PositiveSmallIntegerField(default=0, editable=False, verbose_name="failures in a row"),
                ),
                (
                    "problem",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("no_secret", "Its keys are not set in the environment"),
                            ("refused", "The mall refuses account or keys"),
                            ("said_no", "The mall does not do what it was asked"),
                            ("unreachable", "The mall does not answer"),
                            ("odd", "The mall answers otherwise than it documents"),
                        ],
                        editable=False,
                        max_length=20,
                        verbose_name="problem",
                    ),
                ),
                ("word", models.CharField(blank=True, editable=False, max_length=120, verbose_name="the mall’s word")),
                ("worked_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="last talk")),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="created"),
                ),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
                (
                    "mall_inlet",
                    models.OneToOneField(
                        blank=True,
                        help_text="They come in here. Empty: they are not read.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mall_connection",
                        to="service.inlet",
                        verbose_name="inquiries of customers",
                    ),
                ),
                (
                    "question_inlet",
                    models.OneToOneField(
                        blank=True,
                        help_text="They come in here. Empty: they are not read.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="question_connection",
                        to="service.inlet",
                        verbose_name="questions about products",
                    ),
                ),
                (
                    "sales_channel",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="connection",
                        to="catalog.saleschannel",
                        verbose_name="sales channel",
                    ),
                ),
            ],
            options={
                "verbose_name": "connection",
                "verbose_name_plural": "connections",
                "ordering": ["sales_channel__name", "id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("is_active", True)), fields=["due_at"], name="channels_connection_due"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("problem__in", ["no_secret", "refused", "said_no", "unreachable", "odd", ""])
                        ),
                        name="channels_connection_problem_valid",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("mall_inlet", None),
                            ("question_inlet", None),
                            models.Q(("mall_inlet", models.F("question_inlet")), _negated=True),
                            _connector="OR",
                        ),
                        name="channels_connection_inlets_differ",
                    ),
                ],
            },
        ),
    ]
