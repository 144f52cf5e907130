"""What must be true of stock at every commit."""

from core.verify import invariant

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
    FROM (SELECT *, lag(on_hand_after, 1, 0) OVER w AS on_hand_before,
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
    SELECT r.id AS reservation, r.quantity, r.shipped, r.released
    FROM inventory_reservation r
    LEFT JOIN (SELECT reservation_id,
                      sum(reserved_change) FILTER (WHERE kind = 'reserved') AS quantity,
                      -sum(on_hand_change) FILTER (WHERE kind = 'shipped') AS shipped,
                      -sum(reserved_change) FILTER (WHERE kind = 'released') AS released
               FROM inventory_stockmovement WHERE reservation_id IS NOT NULL GROUP BY reservation_id) m
           ON m.reservation_id = r.id
    WHERE (r.quantity, r.shipped, r.released)
          <> (coalesce(m.quantity, 0), coalesce(m.shipped, 0), coalesce(m.released, 0))
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
