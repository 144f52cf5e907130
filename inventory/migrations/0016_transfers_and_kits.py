"""Rights to move stock and to pack kits, and why the rest of a transfer is lost (a constant default: no rewrite)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("inventory", "0013_hold_right")]
    operations = [
        migrations.AlterModelOptions(
            name="transfer",
            options={
                "ordering": ["-id"],
                "permissions": [("move_stock", "Can send and receive transfers between warehouses")],
                "verbose_name": "transfer",
                "verbose_name_plural": "transfers",
            },
        ),
        migrations.AlterModelOptions(
            name="assembly",
            options={
                "ordering": ["-id"],
                "permissions": [("assemble_kits", "Can pack kits and take them apart")],
                "verbose_name": "assembly",
                "verbose_name_plural": "assemblies",
            },
        ),
        migrations.AddField(
            model_name="transfer",
            name="loss_reason",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=200, verbose_name="why the rest is lost"
            ),
        ),
    ]
