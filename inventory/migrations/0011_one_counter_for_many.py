"""``inventory_take_turn``: many clients ask for stock at once, and whoever comes first serves all who wait.

A hot SKU that many reserve one by one is as slow as its row's lock is handed on. Here each client commits what it asks
for and takes its turn; who gets it serves everybody who has asked so far by one ``inventory_reserve`` and writes down
their answers, so that those behind it find theirs when their turn comes. See inventory.services.queueing.
"""

import django.contrib.postgres.fields
import django.db.models.functions.datetime
from django.db import migrations, models


TAKE_TURN = """
CREATE FUNCTION inventory_take_turn(mine bigint) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    said jsonb;
    ids bigint[];
    keys text[];
    documents text[];
    variants bigint[];
    quantities int[];
    channels bigint[];
    countries text[];
    all_differ boolean;
BEGIN
    -- 1. My turn; it ends with this statement's transaction. Perhaps somebody has served me meanwhile.
    PERFORM pg_advisory_xact_lock(7305001);
    DELETE FROM inventory_reservationrequest WHERE id = mine AND answer IS NOT NULL RETURNING answer INTO said;
    IF said IS NOT NULL THEN
        RETURN said;
    END IF;

    -- 2. Everybody who waits, in the order of coming. Nobody waits longer than a minute (statement_timeout is shorter):
    -- what is older belongs to a client that is gone, and to serve it would reserve for nobody.
    DELETE FROM inventory_reservationrequest WHERE created_at < now() - interval '1 minute';
    SELECT array_agg(q.id ORDER BY q.id, n.seq), array_agg(n.key ORDER BY q.id, n.seq),
           array_agg(q.reference ORDER BY q.id, n.seq), array_agg(n.variant ORDER BY q.id, n.seq),
           array_agg(n.pieces ORDER BY q.id, n.seq), array_agg(q.channel_number ORDER BY q.id, n.seq),
           array_agg(q.country ORDER BY q.id, n.seq), count(DISTINCT n.key) = count(*)
    INTO ids, keys, documents, variants, quantities, channels, countries, all_differ
    FROM inventory_reservationrequest q,
         unnest(q.keys, q.variant_numbers, q.quantities) WITH ORDINALITY AS n (key, variant, pieces, seq)
    WHERE q.answer IS NULL;
    IF all_differ IS NOT TRUE THEN
        RETURN NULL;
    END IF;

    -- 3. All or none of them: if it is not plain, no answer is written and the client goes the long way.
    UPDATE inventory_reservationrequest q SET answer = a.answer
    FROM (
        SELECT n.id, jsonb_build_object(
            'ids', jsonb_object_agg(r.held_key, jsonb_build_array(r.held_by)), 'warehouse', min(r.warehouse_id)
        ) AS answer
        FROM inventory_reserve(keys, documents, variants, quantities, channels, countries, false) r
        JOIN unnest(ids, keys) AS n (id, key) ON n.key = r.held_key GROUP BY n.id
    ) a WHERE q.id = a.id;
    DELETE FROM inventory_reservationrequest WHERE id = mine AND answer IS NOT NULL RETURNING answer INTO said;
    RETURN said;
END
$$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("inventory", "0020_movements_by_hand"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReservationRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(blank=True, max_length=80, verbose_name="document")),
                ("country", models.CharField(blank=True, max_length=2, verbose_name="country")),
                ("channel_number", models.BigIntegerField(default=0, verbose_name="sales channel")),
                ("take", models.CharField(max_length=10, verbose_name="if there is not enough")),
                (
                    "keys",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=80), size=None, verbose_name="for"
                    ),
                ),
                (
                    "variant_numbers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), size=None, verbose_name="variants"
                    ),
                ),
                (
                    "quantities",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(), size=None, verbose_name="quantities"
                    ),
                ),
                ("answer", models.JSONField(null=True, verbose_name="answer")),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="at"),
                ),
            ],
            options={
                "verbose_name": "request for stock",
                "verbose_name_plural": "requests for stock",
                "default_permissions": (),
            },
        ),
        migrations.RunSQL(TAKE_TURN, "DROP FUNCTION inventory_take_turn(bigint)"),
    ]
