"""``inventory_reserve``: what reserve_stock does in the plain case, in one round trip (docs/adr/0020).

Plain is: nothing is held yet, no bundle, and the warehouse that is asked first has everything for the whole batch. Then
serving all at once gives what serving one by one in the order given would. In any other case, and where the caller is
outside a transaction and a fact would have to be recorded, nothing is changed, no row is returned, and
``inventory.services.reserving`` goes the long way.

It is a function because what step 3 reads must be younger than the locks of step 2: in READ COMMITTED each statement of
a function sees what was committed when it began. Inside one statement, a key that another one has just reserved
elsewhere would be invisible.
"""

from django.db import migrations

RESERVE = """
CREATE FUNCTION inventory_reserve(
    keys text[], documents text[], variants bigint[], quantities int[], channels bigint[], countries text[],
    in_transaction boolean
) RETURNS TABLE (
    held_key text, held_by bigint, item_id bigint, variant_id bigint, warehouse_id bigint, low_at int,
    available_before int, available_after int
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    chosen bigint[];  -- the stock item of each need
    locked bigint[];
BEGIN
    -- 1. Where each document asks first, and the stock items there.
    WITH need AS (
        SELECT * FROM unnest(variants, channels, countries) WITH ORDINALITY AS t (variant, channel, country, seq)
    ), place AS (
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

    -- 2. Lock in the order of primary keys. Who goes the long way in this transaction will want the same variants'
    -- items of all warehouses: taken at once, or two of them might wait for each other.
    locked := chosen;
    IF in_transaction THEN
        locked := ARRAY(
            SELECT s.id FROM inventory_stockitem s JOIN inventory_warehouse w ON w.id = s.warehouse_id
            WHERE s.variant_id = ANY (variants) AND w.is_active
        );
    END IF;
    PERFORM FROM inventory_stockitem WHERE id = ANY (locked) ORDER BY id FOR NO KEY UPDATE;

    -- 3. Is it plain? Seen from under the locks.
    IF EXISTS (
        SELECT FROM (
            SELECT s.on_hand - s.reserved - s.held AS before, s.low_at, t.pieces
            FROM (SELECT item, sum(pieces) AS pieces FROM unnest(chosen, quantities) AS u (item, pieces) GROUP BY item) t
            JOIN inventory_stockitem s ON s.id = t.item
        ) s
        WHERE before < pieces
           OR NOT in_transaction AND (before = pieces OR before > low_at AND before - pieces <= low_at)
    ) OR EXISTS (SELECT FROM inventory_reservation WHERE key = ANY (keys) AND quantity > released) THEN
        RETURN;
    END IF;

    -- 4. Reservations, counters and the movements that explain them, in one statement.
    RETURN QUERY
    WITH wanted AS (
        SELECT * FROM unnest(chosen, keys, documents, quantities)
            WITH ORDINALITY AS t (item, key, document, pieces, seq)
    ), reservation AS (
        INSERT INTO inventory_reservation AS r (stock_item_id, key, reference, quantity, per_unit, shipped, released)
        SELECT item, key, document, pieces, 1, 0, 0 FROM wanted ORDER BY seq
        ON CONFLICT (key, stock_item_id)
            DO UPDATE SET quantity = r.quantity + excluded.quantity, per_unit = excluded.per_unit
        RETURNING r.id, r.key
    ), item AS (
        UPDATE inventory_stockitem AS s SET reserved = s.reserved + t.pieces
        FROM (SELECT item, sum(pieces)::int AS pieces FROM wanted GROUP BY item) t WHERE s.id = t.item
        RETURNING s.id, s.variant_id, s.warehouse_id, s.low_at, s.on_hand, s.reserved, s.held, t.pieces
    ), movement AS (
        INSERT INTO inventory_stockmovement
            (stock_item_id, kind, on_hand_change, reserved_change, held_change, on_hand_after, reserved_after, held_after,
             reservation_id)
        SELECT item.id, 'reserved', 0, wanted.pieces, 0, item.on_hand,
               item.reserved - item.pieces + sum(wanted.pieces) OVER (PARTITION BY item.id ORDER BY wanted.seq),
               item.held, reservation.id
        FROM wanted JOIN reservation USING (key) JOIN item ON item.id = wanted.item ORDER BY wanted.seq
    )
    SELECT wanted.key, reservation.id, item.id, item.variant_id, item.warehouse_id, item.low_at,
           item.on_hand - item.reserved - item.held + item.pieces, item.on_hand - item.reserved - item.held
    FROM wanted JOIN reservation USING (key) JOIN item ON item.id = wanted.item ORDER BY wanted.seq;
END
$$
"""
DROP = "DROP FUNCTION inventory_reserve(text[], text[], bigint[], int[], bigint[], text[], boolean)"


class Migration(migrations.Migration):
    dependencies = [("inventory", "0016_transfers_and_kits")]
    operations = [migrations.RunSQL(RESERVE, DROP)]
