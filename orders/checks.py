"""What must be true of orders at every commit."""

from core.verify import invariant

invariant(
    "orders.totals_equal_lines",
    "an order's totals are the sums of its lines",
    """
    SELECT o.id AS order_id, o.number, o.goods_total, o.extras_total, o.total, o.line_count
    FROM orders_order o
    LEFT JOIN (SELECT order_id, sum(total) FILTER (WHERE kind = 'product') AS goods,
                      sum(total) FILTER (WHERE kind <> 'product') AS extras, count(*) AS lines
               FROM orders_orderline GROUP BY order_id) l ON l.order_id = o.id
    WHERE (o.goods_total, o.extras_total, o.total, o.line_count::bigint)
          <> (coalesce(l.goods, 0), coalesce(l.extras, 0), coalesce(l.goods, 0) + coalesce(l.extras, 0),
              coalesce(l.lines, 0))
    """,
)
invariant(
    "orders.paid_equals_payments",
    "what is paid is the sum of payments less refunds",
    """
    SELECT o.id AS order_id, o.number, o.paid_total, coalesce(p.paid, 0) AS paid_by_payments
    FROM orders_order o
    LEFT JOIN (SELECT order_id, sum(CASE kind WHEN 'refund' THEN -amount ELSE amount END) AS paid
               FROM orders_payment GROUP BY order_id) p ON p.order_id = o.id
    WHERE o.paid_total <> coalesce(p.paid, 0)
    """,
)
invariant(
    "orders.payment_currency",
    "a payment is in the currency of its order",
    """
    SELECT p.id AS payment, o.number, p.currency, o.currency AS order_currency
    FROM orders_payment p JOIN orders_order o ON o.id = p.order_id WHERE p.currency <> o.currency
    """,
)
invariant(
    "orders.shipped_equals_shipments",
    "a line's shipped pieces are the sum of its shipment lines",
    """
    SELECT l.id AS line, l.order_id, l.shipped_count, coalesce(s.shipped, 0) AS shipped_by_shipments
    FROM orders_orderline l
    LEFT JOIN (SELECT line_id, sum(quantity) AS shipped FROM orders_shipmentline GROUP BY line_id) s ON s.line_id = l.id
    WHERE l.shipped_count <> coalesce(s.shipped, 0)
    """,
)
invariant(
    "orders.returned_equals_returns",
    "a line's returned pieces are the sum of its return lines",
    """
    SELECT l.id AS line, l.order_id, l.returned_count, coalesce(r.returned, 0) AS returned_by_returns
    FROM orders_orderline l
    LEFT JOIN (SELECT order_line_id, sum(quantity) AS returned FROM orders_returnline
               WHERE order_line_id IS NOT NULL GROUP BY order_line_id) r ON r.order_line_id = l.id
    WHERE l.returned_count <> coalesce(r.returned, 0)
    """,
)
invariant(
    "orders.return_totals_equal_lines",
    "a return's value is the sum of its lines",
    """
    SELECT r.id AS return_id, r.number, r.total, r.line_count
    FROM orders_return r
    LEFT JOIN (SELECT record_id, sum(total) AS total, count(*) AS lines FROM orders_returnline GROUP BY record_id) l
           ON l.record_id = r.id
    WHERE (r.total, r.line_count::bigint) <> (coalesce(l.total, 0), coalesce(l.lines, 0))
    """,
)
invariant(
    "orders.holdings_match_status",
    "all open pieces of orders to ship are reserved (or a part, if they ship in parts), and none of any other order",
    """
    SELECT l.id AS line, l.order_id, o.status, l.quantity - l.shipped_count - l.cancelled_count AS open,
           coalesce(h.held, 0) AS held
    FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
    LEFT JOIN (SELECT line_id, sum(held) AS held
               FROM (SELECT a.line_id,  -- of a bundle whole sets: one reservation for each component
                            CASE WHEN min(r.sets) = max(r.sets) THEN min(r.sets) ELSE -1 END AS held
                     FROM orders_allocation a JOIN orders_orderline l ON l.id = a.line_id
                     JOIN (SELECT id, stock_item_id, (quantity - shipped - released)::numeric / per_unit AS sets
                           FROM inventory_reservation p
                           WHERE quantity > released OR NOT EXISTS (  -- all released, and nothing reserved since
                               SELECT FROM inventory_reservation n
                               JOIN inventory_stockmovement m ON m.reservation_id = n.id AND m.kind = 'reserved'
                               WHERE n.key = p.key AND m.id > (SELECT max(id) FROM inventory_stockmovement
                                                               WHERE reservation_id = p.id))
                          ) r ON r.id = a.reservation_id
                     JOIN inventory_stockitem s ON s.id = r.stock_item_id
                     WHERE a.line_id IN (  -- and of these also the components of which nothing is held any more
                         SELECT b.line_id FROM orders_allocation b
                         JOIN inventory_reservation h ON h.id = b.reservation_id
                         WHERE h.quantity > h.shipped + h.released)
                     GROUP BY a.line_id, s.warehouse_id, s.variant_id = l.variant_id) one
               GROUP BY line_id) h ON h.line_id = l.id
    WHERE (o.status IN ('to_ship', 'partly_shipped') OR h.held IS NOT NULL)
      AND coalesce(h.held, 0) <> CASE WHEN l.kind <> 'product' OR o.status NOT IN ('to_ship', 'partly_shipped') THEN 0
                                      WHEN o.ships_in_parts AND h.held >= 0
                                      THEN least(h.held, l.quantity - l.shipped_count - l.cancelled_count)
                                      WHEN o.ships_in_parts AND h.held IS NULL THEN 0
                                      ELSE l.quantity - l.shipped_count - l.cancelled_count END
    """,
)
invariant(
    "orders.status_matches_counts",
    "an order's status says what became of its pieces",
    """
    SELECT o.id AS order_id, o.number, o.status, l.shipped, l.open
    FROM orders_order o
    JOIN (SELECT order_id, sum(shipped_count) AS shipped, sum(quantity - shipped_count - cancelled_count) AS open
          FROM orders_orderline WHERE kind = 'product' GROUP BY order_id) l ON l.order_id = o.id
    WHERE (o.status IN ('shipped', 'cancelled') AND l.open > 0)
       OR (o.status = 'partly_shipped' AND (l.open = 0 OR l.shipped = 0))
       OR (o.status IN ('to_confirm', 'awaiting_stock', 'to_ship') AND l.shipped > 0)
       OR (o.status = 'cancelled' AND l.shipped > 0)
    """,
)
invariant(
    "orders.numbers_below_sequence",
    "the next document number was never used",
    """
    SELECT s.name AS series, s.next_value, d.highest
    FROM core_sequence s
    JOIN (SELECT 'orders.order' AS name, max(substr(number, 3)::bigint) AS highest
          FROM orders_order WHERE number ~ '^O-[0-9]+$'
          UNION ALL SELECT 'orders.shipment', max(substr(number, 3)::bigint)
          FROM orders_shipment WHERE number ~ '^S-[0-9]+$'
          UNION ALL SELECT 'orders.return', max(substr(number, 3)::bigint)
          FROM orders_return WHERE number ~ '^R-[0-9]+$') d ON d.name = s.name
    WHERE d.highest >= s.next_value
    """,
)
invariant(
    "orders.held_equals_holds",
    "an order says that it is held exactly while something holds it, and nothing holds a closed order",
    """
    SELECT o.id AS order_id, o.number, o.status, o.is_held, coalesce(h.holds, 0) AS holds
    FROM orders_order o
    LEFT JOIN (SELECT order_id, count(*) AS holds FROM orders_orderhold WHERE released_at IS NULL GROUP BY order_id) h
           ON h.order_id = o.id
    WHERE (o.is_held OR h.holds IS NOT NULL)
      AND (o.is_held IS DISTINCT FROM (h.holds IS NOT NULL) OR o.status IN ('shipped', 'cancelled'))
    """,
)
invariant(
    "orders.planned_pieces_are_open",
    "planned parcels hold open pieces of orders to ship only, each piece in one of them",
    """
    SELECT l.id AS line, l.order_id, o.status, sum(p.quantity) AS planned,
           l.quantity - l.shipped_count - l.cancelled_count AS open
    FROM orders_parcelpiece p
    JOIN orders_parcel c ON c.id = p.parcel_id AND c.state = 'planned'
    JOIN orders_orderline l ON l.id = p.line_id JOIN orders_order o ON o.id = l.order_id
    GROUP BY l.id, o.id
    HAVING sum(p.quantity) > l.quantity - l.shipped_count - l.cancelled_count
        OR o.status NOT IN ('to_ship', 'partly_shipped')
    """,
)
invariant(
    "orders.combined_parcels_may_leave",
    "nothing holds an order of a combined parcel, and there are at least two in it",
    """
    SELECT c.id AS parcel, count(DISTINCT o.id) AS orders, bool_or(o.is_held) AS held
    FROM orders_parcel c JOIN orders_parcelpiece p ON p.parcel_id = c.id
    JOIN orders_orderline l ON l.id = p.line_id JOIN orders_order o ON o.id = l.order_id
    WHERE c.state = 'planned' AND c.reason = 'combined'
    GROUP BY c.id HAVING count(DISTINCT o.id) < 2 OR bool_or(o.is_held)
    """,
)
invariant(
    "orders.open_changes_are_owed",
    "what a change asked for is open exactly as long as the order's payments do not settle it",
    """
    SELECT c.id AS change, c.order_id, c.extra, c.owed, o.total, o.paid_total
    FROM orders_orderchange c JOIN orders_order o ON o.id = c.order_id
    WHERE c.settled_at IS NULL
      AND (o.status = 'cancelled' OR (c.owed = 0 AND o.paid_total >= o.total)
           OR (c.extra = 0 AND o.paid_total <= o.total))
    """,
)
