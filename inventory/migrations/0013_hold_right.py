"""A right of its own to hold stock back: quality managers may, who receive nothing."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("inventory", "0005_ledger_rules")]
    operations = [
        migrations.AlterModelOptions(
            name="stockhold",
            options={
                "ordering": ["-id"],
                "permissions": [("hold_stock", "Can hold stock back and free it")],
                "verbose_name": "hold",
                "verbose_name_plural": "holds",
            },
        )
    ]
