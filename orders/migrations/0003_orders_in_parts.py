"""Orders that ship in parts are few and asked for often: an index made beside the day's work."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("orders", "0002_oversells")]
    operations = [
        AddIndexConcurrently(
            model_name="order",
            index=models.Index(
                condition=models.Q(("ships_in_parts", True), ("status__in", ["to_ship", "partly_shipped"])),
                fields=["placed_at", "id"],
                name="orders_order_in_parts",
            ),
        )
    ]
