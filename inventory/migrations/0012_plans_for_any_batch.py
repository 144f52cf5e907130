"""One plan for all batches: a plan made for the numbers of a call costs more to make than to run.

Left alone, PostgreSQL compares what each kind of plan promises and makes a new one for every call, because it guesses
ten lines where most calls have one. And the warehouse asked first is found once for each place, not for each line.
"""

from importlib import import_module

from django.db import migrations

first = import_module("inventory.migrations.0010_reserve_in_one_trip")
HEAD = ") LANGUAGE plpgsql AS $$"
RESERVE = (
    first.RESERVE.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1)
    .replace(HEAD, ") LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$", 1)
    .replace("place AS (", "place AS MATERIALIZED (", 1)
)
BEFORE = first.RESERVE.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1)
TURN = "ALTER FUNCTION inventory_take_turn(bigint)"


class Migration(migrations.Migration):
    dependencies = [("inventory", "0011_one_counter_for_many")]
    operations = [
        migrations.RunSQL(RESERVE, BEFORE),
        migrations.RunSQL(f"{TURN} SET plan_cache_mode = force_generic_plan", f"{TURN} RESET plan_cache_mode"),
    ]
