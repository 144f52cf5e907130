"""Parcels as they are planned, and the rules of what may lie in one."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


def write_rules(apps, _schema_editor):
    """Begin with what every shop wants: no company for presents, other ways to pay and other wished days."""
    rule = apps.get_model("orders", "ParcelRule")
    rule.objects.bulk_create(rule(kind=kind) for kind in ("gift", "payment", "wish"))


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0026_channel_time_zone"),
        ("inventory", "0031_no_counter_for_many"),
        ("orders", "0009_written_orders_checked"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ParcelPiece",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("quantity", models.PositiveIntegerField(verbose_name="quantity")),
            ],
            options={
                "verbose_name": "planned pieces",
                "verbose_name_plural": "planned pieces",
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="ParcelRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("channel", "Orders of this channel always leave alone"),
                            ("channels", "Orders of different channels do not share a parcel"),
                            ("payment", "Prepaid and cash on delivery do not share a parcel"),
                            ("gift", "A present always leaves alone"),
                            ("wish", "Different wished days or times do not share a parcel"),
                            ("tag", "Goods with this tag (such as frozen) need parcels of their own"),
                            ("weight", "A parcel is not heavier than (g)"),
                            ("value", "A parcel to abroad is not worth more than"),
                            ("automatic", "What may be combined is combined by itself"),
                            ("shipping", "Shipping that was paid twice is given back"),
                        ],
                        max_length=10,
                        verbose_name="rule",
                    ),
                ),
                ("tag", models.CharField(blank=True, max_length=60, verbose_name="product tag")),
                (
                    "limit",
                    models.BigIntegerField(
                        blank=True,
                        help_text="Grams, or the smallest unit of the currency.",
                        null=True,
                        verbose_name="limit",
                    ),
                ),
                (
                    "currency",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("KRW", "South Korean won"),
                            ("JPY", "Japanese yen"),
                            ("USD", "US dollar"),
                            ("EUR", "Euro"),
                            ("GBP", "British pound"),
                            ("BRL", "Brazilian real"),
                            ("CNY", "Chinese yuan"),
                            ("TWD", "New Taiwan dollar"),
                        ],
                        max_length=3,
                        verbose_name="currency",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
            ],
            options={
                "verbose_name": "rule of parcels",
                "verbose_name_plural": "rules of parcels",
                "ordering": ["kind", "id"],
            },
        ),
        migrations.CreateModel(
            name="Parcel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("combined", "Combined orders"),
                            ("stock", "What is there leaves first"),
                            ("apart", "Goods that need a parcel of their own"),
                            ("weight", "Too heavy for one parcel"),
                            ("hand", "Divided by hand"),
                        ],
                        max_length=10,
                        verbose_name="reason",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("planned", "Planned"), ("left", "Left"), ("undone", "Undone")],
                        default="planned",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                (
                    "planned_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="planned"),
                ),
                (
                    "planned_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="planned by",
                    ),
                ),
                (
                    "warehouse",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parcels",
                        to="inventory.warehouse",
                        verbose_name="warehouse",
                    ),
                ),
            ],
            options={
                "verbose_name": "planned parcel",
                "verbose_name_plural": "planned parcels",
                "ordering": ["-id"],
                "permissions": [("plan_parcel", "Can combine orders to one parcel and divide them")],
                "default_permissions": ("view",),
            },
        ),
        migrations.AddField(
            model_name="shipment",
            name="parcel",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="shipments",
                to="orders.parcel",
                verbose_name="planned parcel",
            ),
        ),
        migrations.AddField(
            model_name="parcelpiece",
            name="line",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="parcel_pieces",
                to="orders.orderline",
                verbose_name="order line",
            ),
        ),
        migrations.AddField(
            model_name="parcelpiece",
            name="parcel",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="pieces",
                to="orders.parcel",
                verbose_name="parcel",
            ),
        ),
        migrations.AddField(
            model_name="parcelrule",
            name="sales_channel",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="parcel_rules",
                to="catalog.saleschannel",
                verbose_name="sales channel",
            ),
        ),
        migrations.AddIndex(
            model_name="parcel",
            index=models.Index(condition=models.Q(("state", "planned")), fields=["id"], name="orders_parcel_planned"),
        ),
        migrations.AddConstraint(
            model_name="parcel",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason__in", ["combined", "stock", "apart", "weight", "hand"])),
                name="orders_parcel_reason_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="parcel",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["planned", "left", "undone"])), name="orders_parcel_state_valid"
            ),
        ),
        migrations.AddConstraint(
            model_name="parcelpiece",
            constraint=models.UniqueConstraint(fields=("parcel", "line"), name="orders_parcelpiece_once"),
        ),
        migrations.AddConstraint(
            model_name="parcelpiece",
            constraint=models.CheckConstraint(
                condition=models.Q(("quantity__gt", 0)), name="orders_parcelpiece_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="parcelrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "channel",
                            "channels",
                            "payment",
                            "gift",
                            "wish",
                            "tag",
                            "weight",
                            "value",
                            "automatic",
                            "shipping",
                        ],
                    )
                ),
                name="orders_parcelrule_kind_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="parcelrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("currency__in", ["", "KRW", "JPY", "USD", "EUR", "GBP", "BRL", "CNY", "TWD"])),
                name="orders_parcelrule_currency_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="parcelrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(("kind", "channel"), ("sales_channel__isnull", False)),
                        models.Q(models.Q(("kind", "channel"), _negated=True), ("sales_channel", None)),
                        _connector="OR",
                    ),
                    models.Q(
                        models.Q(("kind", "tag"), models.Q(("tag", ""), _negated=True)),
                        models.Q(models.Q(("kind", "tag"), _negated=True), ("tag", "")),
                        _connector="OR",
                    ),
                    models.Q(
                        models.Q(("kind__in", ["weight", "value"]), ("limit__gt", 0)),
                        models.Q(models.Q(("kind__in", ["weight", "value"]), _negated=True), ("limit", None)),
                        _connector="OR",
                    ),
                    models.Q(
                        models.Q(("kind", "value"), models.Q(("currency", ""), _negated=True)),
                        models.Q(models.Q(("kind", "value"), _negated=True), ("currency", "")),
                        _connector="OR",
                    ),
                ),
                name="orders_parcelrule_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="parcelrule",
            constraint=models.UniqueConstraint(
                fields=("kind", "sales_channel", "tag", "currency"), name="orders_parcelrule_once", nulls_distinct=False
            ),
        ),
        migrations.RunPython(write_rules, migrations.RunPython.noop),
    ]
