"""A right of its own for writing suppliers' credit notes down."""

from django.db import migrations


class Migration(migrations.Migration):
    """Only names rights."""

    dependencies = [("purchasing", "0030_demand_in_lumps")]

    operations = [
        migrations.AlterModelOptions(
            name="supplierreturn",
            options={
                "ordering": ["-id"],
                "permissions": [
                    ("send_supplierreturn", "Can send goods back to suppliers"),
                    ("credit_supplierreturn", "Can write down suppliers' credit notes"),
                ],
                "verbose_name": "return to a supplier",
                "verbose_name_plural": "returns to suppliers",
            },
        )
    ]
