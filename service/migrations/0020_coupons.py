"""Coupons that macros give: what their codes are worth, and each code with the ticket that got it."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Two new tables, and a column that no row fills yet."""

    dependencies = [
        ("catalog", "0026_channel_time_zone"),
        ("service", "0019_newest_tickets_of_all"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Coupon",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, unique=True, verbose_name="name")),
                ("amount", models.PositiveBigIntegerField(verbose_name="worth")),
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
                (
                    "valid_until",
                    models.DateField(help_text="The last day. No code is given after it.", verbose_name="valid until"),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="created"),
                ),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
                (
                    "sales_channel",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        help_text="Where the codes were made. Empty: at any of our shops.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.saleschannel",
                        verbose_name="redeemed at",
                    ),
                ),
            ],
            options={
                "verbose_name": "coupon",
                "verbose_name_plural": "coupons",
                "ordering": ["name", "id"],
                "permissions": [("give_coupon", "Can give coupons to customers")],
                "default_permissions": ("view", "add", "change"),
            },
        ),
        migrations.AddField(
            model_name="macro",
            name="coupon",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="A code of it for each customer; the text names it as {{coupon.code}}.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="macros",
                to="service.coupon",
                verbose_name="gives a coupon",
            ),
        ),
        migrations.CreateModel(
            name="CouponCode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=60, verbose_name="code")),
                ("given_at", models.DateTimeField(blank=True, null=True, verbose_name="given")),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="created"),
                ),
                (
                    "coupon",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="codes",
                        to="service.coupon",
                        verbose_name="coupon",
                    ),
                ),
                (
                    "given_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="coupons",
                        to="service.ticket",
                        verbose_name="ticket",
                    ),
                ),
            ],
            options={
                "verbose_name": "coupon code",
                "verbose_name_plural": "coupon codes",
                "ordering": ["id"],
                "default_permissions": (),
            },
        ),
        migrations.AddConstraint(
            model_name="coupon",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gt", 0)), name="service_coupon_amount_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="coupon",
            constraint=models.CheckConstraint(
                condition=models.Q(("currency__in", ["KRW", "JPY", "USD", "EUR", "GBP", "BRL", "CNY", "TWD"])),
                name="service_coupon_currency_valid",
            ),
        ),
        migrations.AddIndex(
            model_name="couponcode",
            index=models.Index(
                condition=models.Q(("ticket", None)), fields=["coupon", "id"], name="service_couponcode_free"
            ),
        ),
        migrations.AddConstraint(
            model_name="couponcode",
            constraint=models.UniqueConstraint(fields=("coupon", "code"), name="service_couponcode_once"),
        ),
        migrations.AddConstraint(
            model_name="couponcode",
            constraint=models.UniqueConstraint(
                fields=("coupon", "ticket"), name="service_couponcode_once_for_a_ticket"
            ),
        ),
        migrations.AddConstraint(
            model_name="couponcode",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("given_at", None), ("given_by", None), ("ticket", None)),
                    models.Q(("given_at__isnull", False), ("ticket__isnull", False)),
                    _connector="OR",
                ),
                name="service_couponcode_given_or_not",
            ),
        ),
    ]
