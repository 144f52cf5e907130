"""Counts and adjustments are found without reading all movements; the index is made while others write."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("inventory", "0019_counting")]
    operations = [
        AddIndexConcurrently(
            model_name="stockmovement",
            index=models.Index(
                condition=models.Q(("kind__in", ["counted", "adjusted"])),
                fields=["stock_item", "kind", "-at"],
                name="inventory_movement_by_hand",
            ),
        )
    ]
