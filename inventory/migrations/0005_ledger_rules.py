"""Prove the ledger's new rules for the rows that were there, while others read and write."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("inventory", "0004_stock_states")]
    operations = [
        ValidateConstraint(model_name="stockmovement", name="inventory_movement_one_cause"),
        ValidateConstraint(model_name="stockmovement", name="inventory_movement_kind_valid"),
        ValidateConstraint(model_name="stockmovement", name="inventory_movement_balance_valid"),
    ]
