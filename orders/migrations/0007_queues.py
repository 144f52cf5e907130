"""Work queues are counted by partial indexes, made beside the day's work; no order waits for a day without a reason."""

from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("orders", "0006_holds")]
    operations = [
        AddIndexConcurrently(
            model_name="order",
            index=models.Index(
                condition=models.Q(("status", "new"), ("is_held", True), _connector="OR"),
                fields=["-placed_at", "-id"],
                name="orders_order_to_check",
            ),
        ),
        AddIndexConcurrently(
            model_name="order",
            index=models.Index(
                condition=models.Q(
                    ("is_held", False),
                    (
                        "status__in",
                        ["new", "awaiting_payment", "to_confirm", "awaiting_stock", "to_ship", "partly_shipped"],
                    ),
                ),
                fields=["status", "not_before", "wait_reason"],
                name="orders_order_queue",
            ),
        ),
        AddConstraintNotValid(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("not_before", None), ("wait_reason", "")),
                    models.Q(("not_before__isnull", False), ("wait_reason__in", ["release", "delivery"])),
                    _connector="OR",
                ),
                name="orders_order_wait_has_reason",
            ),
        ),
        ValidateConstraint(model_name="order", name="orders_order_wait_has_reason"),
    ]
