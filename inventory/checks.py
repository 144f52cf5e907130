"""What must be true of stock at every commit."""

from core.proving import after_proof
from core.verify import invariant
from inventory.services import note_findings

invariant(
    "inventory.counters_equal_movements",
    "on hand, reserved and held are the sums of the movements",
    """
    SELECT s.id AS stock_item, s.on_hand, s.reserved, coalesce(m.on_hand, 0) AS on_hand_by_movements,
           coalesce(m.reserved, 0) AS reserved_by_movements, s.held, coalesce(m.held, 0) AS held_by_movements
    FROM inventory_stockitem s
    LEFT JOIN (SELECT stock_item_id, sum(on_hand_change) AS on_hand, sum(reserved_change) AS reserved,
                      sum(held_change) AS held
               FROM inventory_stockmovement GROUP BY stock_item_id) m ON m.stock_item_id = s.id
    WHERE s.on_hand <> coalesce(m.on_hand, 0) OR s.reserved <> coalesce(m.reserved, 0)
       OR s.held <> coalesce(m.held, 0)
    """,
)
invariant(
    "inventory.reserved_equals_reservations",
    "reserved is what the reservations still hold",
    """
    SELECT s.id AS stock_item, s.reserved, coalesce(r.held, 0) AS held
    FROM inventory_stockitem s
    LEFT JOIN (SELECT stock_item_id, sum(quantity - shipped - released) AS held
               FROM inventory_reservation WHERE quantity > shipped + released GROUP BY stock_item_id) r
           ON r.stock_item_id = s.id
    WHERE s.reserved <> coalesce(r.held, 0)
    """,
)
invariant(
    "inventory.held_equals_holds",
    "held is what the holds still keep back",
    """
    SELECT s.id AS stock_item, s.held, coalesce(h.kept, 0) AS kept
    FROM inventory_stockitem s
    LEFT JOIN (SELECT stock_item_id, sum(quantity - released) AS kept
               FROM inventory_stockhold WHERE quantity > released GROUP BY stock_item_id) h ON h.stock_item_id = s.id
    WHERE s.held <> coalesce(h.kept, 0)
    """,
)
invariant(
    "inventory.shelves_within_on_hand",
    "shelves name no more pieces than there are",
    """
    SELECT s.id AS stock_item, s.on_hand, sum(q.quantity) AS on_shelves
    FROM inventory_stockitem s JOIN inventory_shelfstock q ON q.stock_item_id = s.id
    GROUP BY s.id HAVING sum(q.quantity) > s.on_hand
    """,
)
invariant(
    "inventory.shelves_equal_movements",
    "a shelf's pieces are the sum of its movements",
    """
    SELECT q.id AS shelf, q.quantity, coalesce(m.pieces, 0) AS by_movements
    FROM inventory_shelfstock q
    LEFT JOIN (SELECT shelf_id, sum(change) AS pieces FROM inventory_shelfmovement GROUP BY shelf_id) m
           ON m.shelf_id = q.id
    WHERE q.quantity <> coalesce(m.pieces, 0)
    """,
)
invariant(
    "inventory.balances_chain",
    "each movement's balance is the one before it plus its change",
    """
    SELECT id AS movement, stock_item_id AS stock_item, on_hand_after, reserved_after, held_after
    FROM (SELECT id, stock_item_id, on_hand_change, reserved_change, held_change,  -- sorted: not all columns
                 on_hand_after, reserved_after, held_after, lag(on_hand_after, 1, 0) OVER w AS on_hand_before,
                 lag(reserved_after, 1, 0) OVER w AS reserved_before,
                 lag(held_after, 1, 0) OVER w AS held_before
          FROM inventory_stockmovement WINDOW w AS (PARTITION BY stock_item_id ORDER BY id)) m
    WHERE on_hand_after <> on_hand_before + on_hand_change OR reserved_after <> reserved_before + reserved_change
       OR held_after <> held_before + held_change
    """,
)
invariant(
    "inventory.reservations_equal_movements",
    "a reservation's pieces are the sums of its movements",
    """
    SELECT reservation_id AS reservation, sum(quantity) AS quantity_unexplained, sum(shipped) AS shipped_unexplained,
           sum(released) AS released_unexplained
    FROM (SELECT id AS reservation_id, quantity, shipped, released FROM inventory_reservation
          UNION ALL  -- one aggregate over both is half of an aggregate and a join
          SELECT reservation_id, CASE kind WHEN 'reserved' THEN -reserved_change ELSE 0 END,
                 CASE kind WHEN 'shipped' THEN on_hand_change ELSE 0 END,
                 CASE kind WHEN 'released' THEN reserved_change ELSE 0 END
          FROM inventory_stockmovement WHERE reservation_id IS NOT NULL) m
    GROUP BY reservation_id HAVING sum(quantity) <> 0 OR sum(shipped) <> 0 OR sum(released) <> 0
    """,
)
invariant(
    "inventory.reserved_within_on_hand",
    "nobody is promised what is not there",
    """
    SELECT id AS stock_item, on_hand, reserved, held FROM inventory_stockitem
    WHERE reserved < 0 OR held < 0 OR reserved + held > on_hand
    """,
)
invariant(
    "inventory.numbers_below_sequence",
    "the next number of a stock entry was never used",
    """
    SELECT s.name AS series, s.next_value, d.highest
    FROM core_sequence s
    JOIN (SELECT max(substr(number, 3)::bigint) AS highest
          FROM inventory_stockentry WHERE number ~ '^E-[0-9]+$') d ON s.name = 'inventory.entry'
    WHERE d.highest >= s.next_value
    """,
)
invariant(
    "inventory.transfers_equal_movements",
    "what left and arrived by a transfer is what its movements say",
    """
    SELECT coalesce(l.transfer_id, m.transfer_id) AS transfer, coalesce(l.variant_id, m.variant_id) AS variant,
           coalesce(l.sent, 0) AS sent, coalesce(l.received, 0) AS received, coalesce(m.moved_out, 0) AS moved_out,
           coalesce(m.moved_in, 0) AS moved_in
    FROM (SELECT transfer_id, variant_id, sum(sent) AS sent, sum(received) AS received
          FROM inventory_transferline GROUP BY transfer_id, variant_id) l
    FULL JOIN (SELECT e.transfer_id, s.variant_id,
                      -sum(v.on_hand_change) FILTER (WHERE v.kind = 'moved_out') AS moved_out,
                      sum(v.on_hand_change) FILTER (WHERE v.kind = 'moved_in') AS moved_in
               FROM inventory_stockentry e
               JOIN inventory_stockmovement v ON v.entry_id = e.id
               JOIN inventory_stockitem s ON s.id = v.stock_item_id
               WHERE e.transfer_id IS NOT NULL GROUP BY e.transfer_id, s.variant_id) m
           ON m.transfer_id = l.transfer_id AND m.variant_id = l.variant_id
    WHERE (coalesce(l.sent, 0), coalesce(l.received, 0)) <> (coalesce(m.moved_out, 0), coalesce(m.moved_in, 0))
    """,
)
invariant(
    "inventory.transfer_states_follow_lines",
    "a transfer is under way as long as pieces are in transit",
    """
    SELECT t.id AS transfer, t.state, coalesce(sum(l.sent), 0) AS sent,
           coalesce(sum(l.sent - l.received - l.lost), 0) AS in_transit
    FROM inventory_transfer t LEFT JOIN inventory_transferline l ON l.transfer_id = t.id
    GROUP BY t.id
    HAVING (t.state IN ('in_transit', 'partly_received')) <> (coalesce(sum(l.sent - l.received - l.lost), 0) > 0)
        OR (t.state IN ('draft', 'cancelled')) <> (coalesce(sum(l.sent), 0) = 0)
    """,
)
invariant(
    "inventory.assemblies_equal_movements",
    "an assembly's kits came or left by its entry, and its components the other way",
    """
    SELECT a.id AS assembly, a.quantity, coalesce(m.kits, 0) AS kits, coalesce(m.components, 0) AS components
    FROM inventory_assembly a
    LEFT JOIN (SELECT e.assembly_id, sum(v.on_hand_change) FILTER (WHERE s.variant_id = b.bundle_id) AS kits,
                      sum(v.on_hand_change) FILTER (WHERE s.variant_id <> b.bundle_id) AS components
               FROM inventory_stockentry e
               JOIN inventory_assembly b ON b.id = e.assembly_id
               JOIN inventory_stockmovement v ON v.entry_id = e.id AND v.kind = 'assembled'
               JOIN inventory_stockitem s ON s.id = v.stock_item_id
               GROUP BY e.assembly_id) m ON m.assembly_id = a.id
    WHERE coalesce(m.kits, 0) <> CASE a.kind WHEN 'unkit' THEN -a.quantity ELSE a.quantity END
       OR sign(coalesce(m.components, 0)) <> CASE a.kind WHEN 'unkit' THEN 1 ELSE -1 END
    """,
)
for _series, _table, _pattern in (
    ("inventory.transfer", "inventory_transfer", "^TR-[0-9]+$"),
    ("inventory.assembly", "inventory_assembly", "^K-[0-9]+$"),
):
    invariant(
        f"{_series}_numbers_below_sequence",
        "the next number of a transfer or an assembly was never used",
        f"""
        SELECT s.name AS series, s.next_value, d.highest
        FROM core_sequence s
        JOIN (SELECT max(split_part(number, '-', 2)::bigint) AS highest
              FROM {_table} WHERE number ~ '{_pattern}') d ON s.name = '{_series}'
        WHERE d.highest >= s.next_value
        """,  # noqa: S608 names of our own
    )
invariant(
    "inventory.serials_within_on_hand",
    "no more numbered pieces are in stock than pieces",
    """
    SELECT s.id AS stock_item, s.on_hand, count(*) AS numbered
    FROM inventory_stockitem s JOIN inventory_serialnumber n ON n.stock_item_id = s.id
    GROUP BY s.id HAVING count(*) > s.on_hand
    """,
)
invariant(
    "inventory.serials_travel_once",
    "a number is in transit with exactly one transfer, and is nowhere else",
    """
    SELECT n.id AS serial, n.state, count(t.id) AS transfers
    FROM inventory_serialnumber n
    LEFT JOIN inventory_transferserial t ON t.serial_id = n.id AND t.state = 'in_transit'
    WHERE n.state = 'in_transit' OR t.id IS NOT NULL
    GROUP BY n.id HAVING count(t.id) <> 1 OR n.state <> 'in_transit'
    """,
)
invariant(
    "inventory.transfer_serials_within_lines",
    "no more numbers than pieces left, arrived and were lost with a line",
    """
    SELECT l.id AS line, l.sent, l.received, l.lost, count(*) AS numbered
    FROM inventory_transferline l JOIN inventory_transferserial t ON t.line_id = l.id
    GROUP BY l.id
    HAVING count(*) > l.sent OR count(*) FILTER (WHERE t.state = 'received') > l.received
        OR count(*) FILTER (WHERE t.state = 'lost') > l.lost
    """,
)
invariant(
    "inventory.shelves_of_their_item",
    "a shelf's lot is of its item's variant, its bin stands in its item's warehouse",
    """
    SELECT q.id AS shelf, q.stock_item_id AS stock_item, q.lot_id AS lot, q.bin_id AS bin
    FROM inventory_shelfstock q JOIN inventory_stockitem s ON s.id = q.stock_item_id
    LEFT JOIN inventory_lot l ON l.id = q.lot_id
    LEFT JOIN inventory_bin b ON b.id = q.bin_id
    WHERE l.variant_id <> s.variant_id OR b.warehouse_id <> s.warehouse_id
    """,
)
invariant(
    "inventory.stocktakes_equal_movements",
    "what a stocktake posted is the sum of its lines' differences, item by item",
    """
    SELECT coalesce(l.entry_id, m.entry_id) AS entry, coalesce(l.stock_item_id, m.stock_item_id) AS stock_item,
           coalesce(l.difference, 0) AS by_lines, coalesce(m.pieces, 0) AS by_movements
    FROM (SELECT entry_id, stock_item_id, sum(counted - expected) AS difference
          FROM inventory_stocktakeline WHERE entry_id IS NOT NULL GROUP BY 1, 2) l
    FULL JOIN (SELECT m.entry_id, m.stock_item_id, sum(m.on_hand_change) AS pieces
               FROM inventory_stockentry e JOIN inventory_stockmovement m ON m.entry_id = e.id
               WHERE e.stocktake_id IS NOT NULL GROUP BY 1, 2) m
           ON m.entry_id = l.entry_id AND m.stock_item_id = l.stock_item_id
    WHERE l.difference IS DISTINCT FROM m.pieces
    """,
)
invariant(
    "inventory.posted_stocktakes_are_done",
    "a posted stocktake has no difference left, and was approved by somebody who neither planned nor counted it",
    """
    SELECT s.id AS stocktake, l.id AS line, l.state, coalesce(s.approved_by_id, 0) AS approved_by
    FROM inventory_stocktake s JOIN inventory_stocktakeline l ON l.stocktake_id = s.id
    WHERE s.state = 'posted' AND (
        (l.state <> 'skipped' AND l.counted IS DISTINCT FROM l.expected AND l.entry_id IS NULL)
        OR l.state NOT IN ('counted', 'accepted', 'skipped')
        OR s.approved_by_id = s.created_by_id
        OR EXISTS (SELECT FROM inventory_stocktakecount c
                   WHERE c.line_id = l.id AND c.counted_by_id = s.approved_by_id)
    )
    """,
)
invariant(
    "inventory.lines_say_their_last_count",
    "a line says what its last count said",
    """
    SELECT l.id AS line, coalesce(l.counted, -1) AS counted, coalesce(l.expected, -1) AS expected,
           coalesce(c.counted, -1) AS last_counted, coalesce(c.expected, -1) AS last_expected
    FROM inventory_stocktakeline l
    LEFT JOIN LATERAL (SELECT counted, expected, counted_by_id FROM inventory_stocktakecount
                       WHERE line_id = l.id ORDER BY id DESC LIMIT 1) c ON true
    WHERE (l.counted, l.expected, l.counted_by_id)
          IS DISTINCT FROM (c.counted, c.expected, c.counted_by_id)
    """,
)
invariant(
    "inventory.stocktake_numbers_below_sequence",
    "the next number of a stocktake was never used",
    """
    SELECT s.name AS series, s.next_value, d.highest
    FROM core_sequence s
    JOIN (SELECT max(substr(number, 3)::bigint) AS highest
          FROM inventory_stocktake WHERE number ~ '^C-[0-9]+$') d ON s.name = 'inventory.stocktake'
    WHERE d.highest >= s.next_value
    """,
)

after_proof("inventory", note_findings)
