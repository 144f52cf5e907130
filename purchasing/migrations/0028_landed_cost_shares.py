"""What each line carries of a landed cost, so that a wrong one can be withdrawn."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def share_out(apps, _schema_editor):
    """Note the shares of the costs there are: by pieces of today's lines, the last of a receipt takes what is left."""
    cost_model, share_model = (
        apps.get_model("purchasing", "LandedCost"),
        apps.get_model("purchasing", "LandedCostShare"),
    )
    line_model = apps.get_model("purchasing", "GoodsReceiptLine")
    receipts = cost_model.objects.order_by("receipt").values_list("receipt", flat=True).distinct()
    for receipt_id in receipts.iterator(chunk_size=1000):
        costs = list(cost_model.objects.filter(receipt=receipt_id).order_by("pk"))
        lines = list(line_model.objects.filter(receipt=receipt_id).exclude(landed=0).order_by("pk"))
        left = {line.pk: line.landed for line in lines}
        whole = sum(left.values())
        shares = []
        for place, cost in enumerate(costs):
            is_last = place == len(costs) - 1
            rest = cost.in_shop_currency
            for n, line in enumerate(lines):
                part = cost.in_shop_currency * line.landed // whole if n < len(lines) - 1 else rest
                amount = left[line.pk] if is_last else part
                rest -= part
                left[line.pk] -= amount
                shares.append(share_model(cost=cost, line=line, amount=amount))
        share_model.objects.bulk_create(shares, batch_size=1000)


class Migration(migrations.Migration):
    """New columns are empty, the new table is filled from what lines carry; both small beside movements."""

    dependencies = [
        ("purchasing", "0027_credit_notes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="landedcost",
            name="withdrawn_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="withdrawn by",
            ),
        ),
        migrations.AddField(
            model_name="landedcost",
            name="withdrawn_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="withdrawn"),
        ),
        migrations.AddField(
            model_name="landedcost",
            name="withdraw_reason",
            field=models.CharField(blank=True, db_default="", default="", max_length=200, verbose_name="reason"),
        ),
        migrations.AddConstraint(
            model_name="landedcost",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("withdraw_reason", ""), ("withdrawn_at", None)),
                    models.Q(("withdrawn_at__isnull", False), models.Q(("withdraw_reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="purchasing_landedcost_withdrawn_with_reason",
            ),
        ),
        migrations.CreateModel(
            name="LandedCostShare",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount", models.BigIntegerField(verbose_name="amount")),
                (
                    "cost",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="shares",
                        to="purchasing.landedcost",
                        verbose_name="landed cost",
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="landed_shares",
                        to="purchasing.goodsreceiptline",
                        verbose_name="goods receipt line",
                    ),
                ),
            ],
            options={
                "verbose_name": "share of a landed cost",
                "verbose_name_plural": "shares of landed costs",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=("cost", "line"), name="purchasing_landedcostshare_once")
                ],
            },
        ),
        migrations.RunPython(share_out, migrations.RunPython.noop),
    ]
