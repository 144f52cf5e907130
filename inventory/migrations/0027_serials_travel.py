"""Serial numbers travel with transfers: in transit, arrived or lost; the wider rule is checked without a long lock."""

import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models

STATES = ["in_stock", "in_transit", "shipped", "gone", "lost"]


class Migration(migrations.Migration):
    atomic = False  # so that validating holds no lock that keeps sales out

    dependencies = [("inventory", "0026_one_need_in_scalars")]
    operations = [
        migrations.RemoveConstraint(model_name="serialnumber", name="inventory_serialnumber_state"),
        migrations.AlterField(
            model_name="serialnumber",
            name="state",
            field=models.CharField(
                choices=[
                    ("in_stock", "In stock"), ("in_transit", "In transit"), ("shipped", "Shipped"), ("gone", "Gone"),
                    ("lost", "Lost on the way"),
                ],
                default="in_stock", max_length=12, verbose_name="state",
            ),
        ),
        AddConstraintNotValid(
            model_name="serialnumber",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", STATES)), name="inventory_serialnumber_state"
            ),
        ),
        ValidateConstraint(model_name="serialnumber", name="inventory_serialnumber_state"),
        migrations.CreateModel(
            name="TransferSerial",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[("in_transit", "In transit"), ("received", "Arrived"), ("lost", "Lost on the way")],
                        default="in_transit", max_length=12, verbose_name="state",
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="serials",
                        to="inventory.transferline", verbose_name="transfer line",
                    ),
                ),
                (
                    "serial",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="travels",
                        to="inventory.serialnumber", verbose_name="serial number",
                    ),
                ),
            ],
            options={
                "verbose_name": "serial number on a transfer",
                "verbose_name_plural": "serial numbers on transfers",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=["line", "serial"], name="inventory_transferserial_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "in_transit")), fields=["serial"],
                        name="inventory_transferserial_one_way_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["in_transit", "received", "lost"])),
                        name="inventory_transferserial_state",
                    ),
                ],
            },
        ),
    ]  # fmt: skip
