"""The new rules of old rows are proved without keeping anybody waiting."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("orders", "0004_withdrawals")]
    operations = [
        ValidateConstraint(model_name="order", name="orders_order_jurisdiction_valid"),
        ValidateConstraint(model_name="shipment", name="orders_shipment_source_valid"),
        ValidateConstraint(model_name="shipment", name="orders_shipment_delivery_told"),
    ]
