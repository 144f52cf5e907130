"""Shipments of one planned parcel are found by a partial index, made beside the day's work."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("orders", "0010_parcels")]
    operations = [
        AddIndexConcurrently(
            model_name="shipment",
            index=models.Index(
                condition=models.Q(("parcel__isnull", False)), fields=["parcel"], name="orders_shipment_parcel"
            ),
        ),
    ]
