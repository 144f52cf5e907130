"""Orders that people write, replacements among them; presents; prices that somebody decided."""

import django.db.models.deletion
from django.db import migrations, models

NOSHI = [
    ("celebration", "Celebration (御祝)"),
    ("wedding", "Wedding (寿)"),
    ("family", "Thanks of a family (内祝)"),
    ("thanks", "Thanks (御礼)"),
    ("midyear", "Midyear present (御中元)"),
    ("yearend", "Year-end present (御歳暮)"),
    ("get_well", "Get well (御見舞)"),
    ("condolence", "Condolence (志)"),
    ("plain", "Without words (無地)"),
]
PLACES = [("inside", "Inside (内のし)"), ("outside", "Outside (外のし)")]
SOURCES = [("channel", "Sales channel"), ("manual", "Written by hand (phone)"), ("replacement", "Replacement")]


class Migration(migrations.Migration):
    dependencies = [("orders", "0007_queues")]
    operations = [
        migrations.CreateModel(
            name="Gift",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "order",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="gift",
                        to="orders.order",
                        verbose_name="order",
                    ),
                ),
                ("wrapping", models.CharField(blank=True, max_length=80, verbose_name="wrapping")),
                ("noshi_kind", models.CharField(blank=True, choices=NOSHI, max_length=12, verbose_name="noshi")),
                ("noshi_name", models.CharField(blank=True, max_length=80, verbose_name="name on the noshi")),
                (
                    "noshi_place",
                    models.CharField(blank=True, choices=PLACES, max_length=8, verbose_name="place of the noshi"),
                ),
                ("message", models.CharField(blank=True, max_length=500, verbose_name="gift message")),
                (
                    "hides_prices",
                    models.BooleanField(
                        default=True,
                        help_text="The recipient does not learn what it cost.",
                        verbose_name="packing slip without prices",
                    ),
                ),
            ],
            options={"verbose_name": "gift", "verbose_name_plural": "gifts", "default_permissions": ("view",)},
        ),
        migrations.AddConstraint(
            model_name="gift",
            constraint=models.CheckConstraint(
                condition=models.Q(("noshi_kind__in", ["", *(code for code, _label in NOSHI)])),
                name="orders_gift_noshi_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="gift",
            constraint=models.CheckConstraint(
                condition=models.Q(("noshi_place__in", ["", "inside", "outside"])), name="orders_gift_place_valid"
            ),
        ),
        migrations.AddConstraint(
            model_name="gift",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("noshi_kind", ""), _negated=True),
                    models.Q(("noshi_name", ""), ("noshi_place", "")),
                    _connector="OR",
                ),
                name="orders_gift_noshi_whole",
            ),
        ),
        migrations.AlterModelOptions(
            name="order",
            options={
                "ordering": ["-placed_at", "-id"],
                "permissions": [
                    ("confirm_order", "Can confirm orders and allocate stock"),
                    ("ship_order", "Can ship orders"),
                    ("cancel_order", "Can cancel orders"),
                    ("record_payment", "Can record payments and refunds"),
                    ("record_return", "Can record returns"),
                    ("record_delivery", "Can record when parcels were received"),
                    ("override_price", "Can sell at another price than the price list’s"),
                ],
                "verbose_name": "order",
                "verbose_name_plural": "orders",
            },
        ),
        migrations.AddField(
            model_name="order",
            name="original",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="replacements",
                to="orders.order",
                verbose_name="replaces goods of",
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="source",
            field=models.CharField(
                choices=SOURCES,
                db_default="channel",
                default="channel",
                editable=False,
                max_length=12,
                verbose_name="source",
            ),
        ),
        migrations.AddField(
            model_name="orderline",
            name="list_price",
            field=models.BigIntegerField(blank=True, editable=False, null=True, verbose_name="price of the price list"),
        ),
        migrations.AddField(
            model_name="orderline",
            name="price_reason",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                editable=False,
                max_length=200,
                verbose_name="why another price",
            ),
        ),
    ]
