"""Both functions that reserve take fewer steps (docs/adr/0020): they lock by what they read or write anyway.

``inventory_reserve_one`` locks by the update of the counter itself, ``inventory_reserve`` reads what is free by the
statement that locks, and draws the ids of reservations ahead instead of joining them by their keys. So in a batch a key
that was ever used goes the long way, also when all of its pieces were released.
"""

from importlib import import_module

from django.db import migrations

RESERVE_ONE = """
CREATE OR REPLACE FUNCTION inventory_reserve_one(
    wanted_key text, document text, wanted bigint, pieces int, channel bigint, land text, in_transaction boolean,
    OUT held_key text, OUT held_by bigint, OUT item_id bigint, OUT variant_id bigint, OUT warehouse_id bigint,
    OUT low_at int, OUT available_before int, OUT available_after int
) LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    has_own boolean := false;  -- warehouses of its own: the sales channel
    place bigint;
    item bigint;
    stock int;
    promised int;
    kept int;
    low int;
    reservation bigint;
BEGIN
    -- 1. Where the document asks first, if its sales channel says so.
    IF channel <> 0 THEN
        SELECT count(*) > 0,
               (array_agg(w.id ORDER BY c.rank, w.country <> land, w.rank, w.id) FILTER (WHERE w.is_active))[1]
        INTO has_own, place
        FROM inventory_channelwarehouse c JOIN inventory_warehouse w ON w.id = c.warehouse_id
        WHERE c.sales_channel_id = channel;
    END IF;

    -- 2. Who may go the long way later in this transaction will want the variant's items of all warehouses. Not those
    -- of a bundle: its components' items come first there.
    IF in_transaction THEN
        PERFORM FROM inventory_stockitem s JOIN inventory_warehouse w ON w.id = s.warehouse_id
        WHERE s.variant_id = wanted AND w.is_active
          AND NOT EXISTS (SELECT FROM catalog_bundlecomponent b WHERE b.bundle_id = wanted)
        ORDER BY s.id FOR NO KEY UPDATE OF s;
    END IF;

    -- 3. Take the pieces, if it is plain. This locks, and waits for whoever holds the lock and looks again.
    UPDATE inventory_stockitem s SET reserved = s.reserved + pieces
    WHERE s.variant_id = wanted AND s.warehouse_id = CASE WHEN has_own THEN place ELSE (
            SELECT w.id FROM inventory_warehouse w WHERE w.is_active
            ORDER BY w.country <> land, w.rank, w.id LIMIT 1) END
      AND s.on_hand - s.reserved - s.held >= pieces
      AND (in_transaction OR s.on_hand - s.reserved - s.held > pieces AND NOT (
            s.on_hand - s.reserved - s.held > s.low_at AND s.on_hand - s.reserved - s.held - pieces <= s.low_at))
      AND NOT EXISTS (SELECT FROM catalog_bundlecomponent b WHERE b.bundle_id = wanted)
    RETURNING s.id, s.warehouse_id, s.on_hand, s.reserved, s.held, s.low_at
    INTO item, place, stock, promised, kept, low;
    IF item IS NULL THEN
        RETURN;
    END IF;

    -- 4. The reservation, unless the key holds pieces: seen from under the lock.
    INSERT INTO inventory_reservation AS r (stock_item_id, key, reference, quantity, per_unit, shipped, released)
    SELECT item, wanted_key, document, pieces, 1, 0, 0
    WHERE NOT EXISTS (SELECT FROM inventory_reservation o WHERE o.key = wanted_key AND o.quantity > o.released)
    ON CONFLICT (key, stock_item_id)
        DO UPDATE SET quantity = r.quantity + excluded.quantity, per_unit = excluded.per_unit
    RETURNING r.id INTO reservation;
    IF reservation IS NULL THEN
        UPDATE inventory_stockitem s SET reserved = s.reserved - pieces WHERE s.id = item;
        RETURN;
    END IF;

    -- 5. The movement that explains the counter: together, because the caller's statement is one.
    INSERT INTO inventory_stockmovement
        (stock_item_id, kind, on_hand_change, reserved_change, held_change, on_hand_after, reserved_after, held_after,
         reservation_id)
    VALUES (item, 'reserved', 0, pieces, 0, stock, promised, kept, reservation);
    held_key := wanted_key;
    held_by := reservation;
    item_id := item;
    variant_id := wanted;
    warehouse_id := place;
    low_at := low;
    available_after := stock - promised - kept;
    available_before := available_after + pieces;
END
$$
"""
RESERVE = """
CREATE OR REPLACE FUNCTION inventory_reserve(
    keys text[], documents text[], variants bigint[], quantities int[], channels bigint[], countries text[],
    in_transaction boolean
) RETURNS TABLE (
    held_key text, held_by bigint, item_id bigint, variant_id bigint, warehouse_id bigint, low_at int,
    available_before int, available_after int
) LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    chosen bigint[];  -- the stock item of each need
    is_plain boolean;
BEGIN
    -- 1. Where each document asks first, and the stock items there.
    WITH need AS (
        SELECT * FROM unnest(variants, channels, countries) WITH ORDINALITY AS t (variant, channel, country, seq)
    ), place AS MATERIALIZED (
        SELECT asked.channel, asked.country, (
            SELECT w.id FROM inventory_warehouse w
            LEFT JOIN inventory_channelwarehouse c ON c.warehouse_id = w.id AND c.sales_channel_id = asked.channel
            WHERE w.is_active AND (c.id IS NOT NULL OR NOT EXISTS (
                SELECT FROM inventory_channelwarehouse o WHERE o.sales_channel_id = asked.channel))
            ORDER BY coalesce(c.rank, 0), w.country <> asked.country, w.rank, w.id LIMIT 1
        ) AS warehouse
        FROM (SELECT DISTINCT channel, country FROM need) asked
    )
    SELECT array_agg(s.id ORDER BY need.seq) INTO chosen
    FROM need JOIN place USING (channel, country)
    JOIN inventory_stockitem s ON s.variant_id = need.variant AND s.warehouse_id = place.warehouse
    WHERE NOT EXISTS (SELECT FROM catalog_bundlecomponent b WHERE b.bundle_id = need.variant);
    IF cardinality(chosen) IS DISTINCT FROM cardinality(keys) THEN
        RETURN;
    END IF;

    -- 2. Who may go the long way later in this transaction will want the same variants' items of all warehouses: taken
    -- at once, or two of them might wait for each other.
    IF in_transaction THEN
        PERFORM FROM inventory_stockitem s JOIN inventory_warehouse w ON w.id = s.warehouse_id
        WHERE s.variant_id = ANY (variants) AND w.is_active
        ORDER BY s.id FOR NO KEY UPDATE OF s;
    END IF;

    -- 3. Lock in the order of primary keys. Is it plain? Read as it locks: after waiting, what the other one left.
    SELECT bool_and(free >= pieces AND (
        in_transaction OR free > pieces AND NOT (free > low_at AND free - pieces <= low_at)))
    INTO is_plain
    FROM (
        SELECT s.id, s.on_hand - s.reserved - s.held AS free, s.low_at FROM inventory_stockitem s
        WHERE s.id = ANY (chosen) ORDER BY s.id FOR NO KEY UPDATE
    ) s
    JOIN (SELECT item, sum(pieces) AS pieces FROM unnest(chosen, quantities) AS u (item, pieces) GROUP BY item) t
        ON t.item = s.id;
    IF is_plain IS NOT TRUE THEN
        RETURN;
    END IF;

    -- 4. Reservations, counters and the movements that explain them, in one statement; nothing, if a key is known: seen
    -- from under the locks.
    RETURN QUERY
    WITH wanted AS MATERIALIZED (
        SELECT nextval('inventory_reservation_id_seq') AS id, s.id AS item, t.key, t.document, t.pieces,
               s.variant_id, s.warehouse_id, s.low_at, s.on_hand, s.reserved, s.held,
               s.reserved + sum(t.pieces) OVER (PARTITION BY s.id ORDER BY t.seq) AS promised
        FROM unnest(chosen, keys, documents, quantities) WITH ORDINALITY AS t (item, key, document, pieces, seq)
        JOIN inventory_stockitem s ON s.id = t.item
        WHERE NOT EXISTS (SELECT FROM inventory_reservation o WHERE o.key = ANY (keys))
    ), reservation AS (
        INSERT INTO inventory_reservation (id, stock_item_id, key, reference, quantity, per_unit, shipped, released)
        SELECT id, item, key, document, pieces, 1, 0, 0 FROM wanted
    ), item AS (
        UPDATE inventory_stockitem AS s SET reserved = t.promised
        FROM (SELECT item, max(promised) AS promised FROM wanted GROUP BY item) t WHERE s.id = t.item
    ), movement AS (
        INSERT INTO inventory_stockmovement
            (stock_item_id, kind, on_hand_change, reserved_change, held_change, on_hand_after, reserved_after, held_after,
             reservation_id)
        SELECT item, 'reserved', 0, pieces, 0, on_hand, promised, held, id FROM wanted
    )
    SELECT key, id, item, variant_id, warehouse_id, low_at, on_hand - reserved - held,
           (on_hand - held - max(promised) OVER (PARTITION BY item))::int
    FROM wanted;
END
$$
"""
BEFORE_ONE = import_module("inventory.migrations.0026_one_need_in_scalars").RESERVE_ONE
BEFORE_ONE = BEFORE_ONE.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1)
BEFORE = import_module("inventory.migrations.0012_plans_for_any_batch").RESERVE


class Migration(migrations.Migration):
    dependencies = [("inventory", "0033_other_grades")]
    operations = [migrations.RunSQL(RESERVE_ONE, BEFORE_ONE), migrations.RunSQL(RESERVE, BEFORE)]
