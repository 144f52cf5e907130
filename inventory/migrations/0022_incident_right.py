"""Who closes an incident of stock, and sets counters right, needs a right of its own."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("inventory", "0010_reserve_in_one_trip")]
    operations = [
        migrations.AlterModelOptions(
            name="stockincident",
            options={
                "ordering": ["-id"],
                "permissions": [("close_stockincident", "Can close stock incidents and set counters right")],
                "verbose_name": "stock incident",
                "verbose_name_plural": "stock incidents",
            },
        )
    ]
