"""``reserve_together``, its table and its function go: nothing used them (docs/adr/0020)."""

from importlib import import_module

from django.db import migrations

COUNTER = import_module("inventory.migrations.0011_one_counter_for_many")
TURN = "FUNCTION inventory_take_turn(bigint)"


class Migration(migrations.Migration):
    dependencies = [("inventory", "0030_fewer_steps_to_reserve")]
    operations = [
        migrations.RunSQL(
            f"DROP {TURN}", [COUNTER.TAKE_TURN, f"ALTER {TURN} SET plan_cache_mode = force_generic_plan"]
        ),
        migrations.DeleteModel("ReservationRequest"),
    ]
