"""What written orders must be; their originals are found by a partial index, made beside the day's work."""

from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("orders", "0008_written_orders")]
    operations = [
        AddIndexConcurrently(
            model_name="order",
            index=models.Index(
                condition=models.Q(("original__isnull", False)), fields=["original"], name="orders_order_original"
            ),
        ),
        AddConstraintNotValid(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(("source__in", ["channel", "manual", "replacement"])),
                name="orders_order_source_valid",
            ),
        ),
        ValidateConstraint(model_name="order", name="orders_order_source_valid"),
        AddConstraintNotValid(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("source", "replacement"), _negated=True), ("original__isnull", False), _connector="OR"
                ),
                name="orders_order_replaces_one",
            ),
        ),
        ValidateConstraint(model_name="order", name="orders_order_replaces_one"),
    ]
