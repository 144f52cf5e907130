"""What people changed about orders, what became dearer or cheaper by it, and what waits for that."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0011_shipments_of_parcels"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="OrderChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("contents", models.JSONField(verbose_name="what")),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="reason")),
                (
                    "currency",
                    models.CharField(
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
                ("total_before", models.BigIntegerField(verbose_name="total before")),
                ("total_after", models.BigIntegerField(verbose_name="total after")),
                ("extra", models.BigIntegerField(default=0, verbose_name="extra payment")),
                ("owed", models.BigIntegerField(default=0, verbose_name="to be refunded")),
                ("settled_at", models.DateTimeField(blank=True, null=True, verbose_name="settled")),
                (
                    "made_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="changed"),
                ),
            ],
            options={
                "verbose_name": "change of an order",
                "verbose_name_plural": "changes of orders",
                "ordering": ["-id"],
                "default_permissions": ("view",),
            },
        ),
        migrations.RemoveConstraint(
            model_name="orderhold",
            name="orders_hold_reason_valid",
        ),
        migrations.AddField(
            model_name="orderline",
            name="told",
            field=models.JSONField(blank=True, editable=False, null=True),
        ),
        migrations.AlterField(
            model_name="orderhold",
            name="reason",
            field=models.CharField(
                choices=[
                    ("rule", "By a rule"),
                    ("address", "Address to be asked for"),
                    ("customer", "The customer asked to wait"),
                    ("payment", "Payment looks odd"),
                    ("goods", "Something with the goods"),
                    ("extra", "Extra payment is due"),
                    ("other", "Another reason"),
                ],
                max_length=10,
                verbose_name="reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderhold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("reason__in", ["rule", "address", "customer", "payment", "goods", "extra", "other"])
                ),
                name="orders_hold_reason_valid",
            ),
        ),
        migrations.AddField(
            model_name="orderchange",
            name="made_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="changed by",
            ),
        ),
        migrations.AddField(
            model_name="orderchange",
            name="order",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="changes",
                to="orders.order",
                verbose_name="order",
            ),
        ),
        migrations.AddIndex(
            model_name="orderchange",
            index=models.Index(condition=models.Q(("settled_at", None)), fields=["order"], name="orders_change_open"),
        ),
        migrations.AddConstraint(
            model_name="orderchange",
            constraint=models.CheckConstraint(
                condition=models.Q(("currency__in", ["KRW", "JPY", "USD", "EUR", "GBP", "BRL", "CNY", "TWD"])),
                name="orders_change_currency_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderchange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("extra__gte", 0), ("owed__gte", 0), models.Q(("extra", 0), ("owed", 0), _connector="OR")
                ),
                name="orders_change_one_way",
            ),
        ),
    ]
