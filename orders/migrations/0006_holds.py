"""Orders can be held, by rules or by hand, and wait for a day; how a channel's orders go on by themselves."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0013_listing_problems"),
        ("customers", "0001_initial"),
        ("orders", "0005_withdrawals_checked"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ChannelHandling",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "confirms_itself",
                    models.BooleanField(
                        default=False,
                        help_text="Orders that nothing speaks against are confirmed and reserve their stock within a minute.",
                        verbose_name="confirms by itself",
                    ),
                ),
                (
                    "transit_days",
                    models.PositiveSmallIntegerField(
                        default=1,
                        help_text="An order with a wished delivery date leaves so many days before it.",
                        verbose_name="days on the way",
                    ),
                ),
            ],
            options={
                "verbose_name": "handling of a channel",
                "verbose_name_plural": "handling of channels",
                "ordering": ["sales_channel_id"],
            },
        ),
        migrations.CreateModel(
            name="HoldRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, unique=True, verbose_name="name")),
                ("conditions", models.JSONField(verbose_name="conditions")),
                (
                    "takes_stock",
                    models.BooleanField(
                        default=False,
                        help_text="Yes: they are confirmed and reserve their pieces, but do not leave. No: they are not confirmed.",
                        verbose_name="held orders take stock",
                    ),
                ),
                (
                    "rank",
                    models.PositiveSmallIntegerField(
                        default=100, help_text="Lower numbers are named first.", verbose_name="rank"
                    ),
                ),
                ("valid_from", models.DateField(blank=True, null=True, verbose_name="valid from")),
                ("valid_until", models.DateField(blank=True, null=True, verbose_name="valid until")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                (
                    "applied_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="applied to open orders"),
                ),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="written"),
                ),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
            ],
            options={
                "verbose_name": "hold rule",
                "verbose_name_plural": "hold rules",
                "ordering": ["rank", "id"],
            },
        ),
        migrations.CreateModel(
            name="OrderHold",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("rule", "By a rule"),
                            ("address", "Address to be asked for"),
                            ("customer", "The customer asked to wait"),
                            ("payment", "Payment looks odd"),
                            ("goods", "Something with the goods"),
                            ("other", "Another reason"),
                        ],
                        max_length=10,
                        verbose_name="reason",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="note")),
                ("takes_stock", models.BooleanField(default=False, verbose_name="takes stock")),
                (
                    "held_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="held"),
                ),
                ("released_at", models.DateTimeField(blank=True, null=True, verbose_name="released")),
                ("release_note", models.CharField(blank=True, max_length=300, verbose_name="note of the release")),
            ],
            options={
                "verbose_name": "hold",
                "verbose_name_plural": "holds",
                "ordering": ["-id"],
                "permissions": [("hold_order", "Can hold orders"), ("release_order", "Can release held orders")],
                "default_permissions": ("view",),
            },
        ),
        migrations.AddField(
            model_name="order",
            name="customs_code",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=20, verbose_name="personal customs code"
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="delivery_on",
            field=models.DateField(blank=True, null=True, verbose_name="wished delivery date"),
        ),
        migrations.AddField(
            model_name="order",
            name="delivery_slot",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=40, verbose_name="wished time of day"
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="is_held",
            field=models.BooleanField(db_default=False, default=False, editable=False, verbose_name="held"),
        ),
        migrations.AddField(
            model_name="order",
            name="not_before",
            field=models.DateField(blank=True, editable=False, null=True, verbose_name="leaves not before"),
        ),
        migrations.AddField(
            model_name="order",
            name="wait_reason",
            field=models.CharField(
                blank=True,
                choices=[("release", "Release date"), ("delivery", "Wished delivery date")],
                db_default="",
                default="",
                editable=False,
                max_length=10,
                verbose_name="because of",
            ),
        ),
        migrations.AddField(
            model_name="channelhandling",
            name="sales_channel",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="handling",
                to="catalog.saleschannel",
                verbose_name="sales channel",
            ),
        ),
        migrations.AddConstraint(
            model_name="holdrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("conditions", {}), _negated=True), name="orders_holdrule_has_conditions"
            ),
        ),
        migrations.AddConstraint(
            model_name="holdrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_from", None),
                    ("valid_until", None),
                    ("valid_until__gte", models.F("valid_from")),
                    _connector="OR",
                ),
                name="orders_holdrule_dates",
            ),
        ),
        migrations.AddField(
            model_name="orderhold",
            name="held_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="held by",
            ),
        ),
        migrations.AddField(
            model_name="orderhold",
            name="order",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="holds",
                to="orders.order",
                verbose_name="order",
            ),
        ),
        migrations.AddField(
            model_name="orderhold",
            name="released_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="released by",
            ),
        ),
        migrations.AddField(
            model_name="orderhold",
            name="rule",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="holds",
                to="orders.holdrule",
                verbose_name="hold rule",
            ),
        ),
        migrations.AddConstraint(
            model_name="channelhandling",
            constraint=models.CheckConstraint(
                condition=models.Q(("transit_days__lte", 30)), name="orders_handling_transit_days"
            ),
        ),
        migrations.AddConstraint(
            model_name="orderhold",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason__in", ["rule", "address", "customer", "payment", "goods", "other"])),
                name="orders_hold_reason_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderhold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("reason", "rule"), ("rule__isnull", False)),
                    models.Q(models.Q(("reason", "rule"), _negated=True), ("rule", None)),
                    _connector="OR",
                ),
                name="orders_hold_rule_or_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderhold",
            constraint=models.UniqueConstraint(
                condition=models.Q(("released_at", None), ("rule__isnull", False)),
                fields=("order", "rule"),
                name="orders_hold_rule_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderhold",
            constraint=models.UniqueConstraint(
                condition=models.Q(("released_at", None), ("rule", None)),
                fields=("order", "reason"),
                name="orders_hold_reason_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderhold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("released_at__isnull", False),
                    models.Q(("release_note", ""), ("released_by", None)),
                    _connector="OR",
                ),
                name="orders_hold_released_whole",
            ),
        ),
    ]
