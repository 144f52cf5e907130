"""What must be true of purchasing at every commit."""

from core.verify import invariant

invariant(
    "purchasing.order_total_equals_lines",
    "a purchase order's total is the sum of its lines",
    """
    SELECT o.id AS purchase_order, o.total, coalesce(l.total, 0) AS by_lines
    FROM purchasing_purchaseorder o
    LEFT JOIN (SELECT order_id, sum(quantity::bigint * unit_price) AS total
               FROM purchasing_purchaseorderline GROUP BY order_id) l ON l.order_id = o.id
    WHERE o.total <> coalesce(l.total, 0)
    """,
)
invariant(
    "purchasing.order_state_follows_lines",
    "a purchase order is received when no line is open, and partly received when something came",
    """
    SELECT o.id AS purchase_order, o.state
    FROM purchasing_purchaseorder o
    WHERE (o.state IN ('received', 'closed') AND EXISTS (
               SELECT FROM purchasing_purchaseorderline l
               WHERE l.order_id = o.id AND l.quantity > l.received + l.given_up))
       OR (o.state NOT IN ('partly_received', 'received', 'closed') AND EXISTS (
               SELECT FROM purchasing_purchaseorderline l WHERE l.order_id = o.id AND l.received > 0))
    """,
)
invariant(
    "purchasing.order_numbers_below_sequence",
    "the next number of a purchase order was never used",
    """
    SELECT s.name AS series, s.next_value, d.highest
    FROM core_sequence s
    JOIN (SELECT max(substr(number, 4)::bigint) AS highest
          FROM purchasing_purchaseorder WHERE number ~ '^PO-[0-9]+$') d ON s.name = 'purchasing.order'
    WHERE d.highest >= s.next_value
    """,
)
invariant(
    "purchasing.sent_orders_owe_no_mail",
    "a mail is under way only for an approved purchase order",
    """
    SELECT m.id AS mail, m.state, o.id AS purchase_order, o.state AS order_state
    FROM purchasing_purchasemail m JOIN purchasing_purchaseorder o ON o.id = m.order_id
    WHERE m.state IN ('waiting', 'sending', 'unclear') AND o.state <> 'approved'
    """,
)
invariant(
    "purchasing.receipt_numbers_below_sequence",
    "the next number of a goods receipt was never used",
    """
    SELECT s.name AS series, s.next_value, d.highest
    FROM core_sequence s
    JOIN (SELECT max(substr(number, 4)::bigint) AS highest
          FROM purchasing_goodsreceipt WHERE number ~ '^GR-[0-9]+$') d ON s.name = 'purchasing.receipt'
    WHERE d.highest >= s.next_value
    """,
)
invariant(
    "purchasing.received_equals_receipts",
    "what a purchase order line received is what its receipts took in",
    """
    SELECT l.id AS line, l.received, coalesce(r.taken, 0) AS by_receipts
    FROM purchasing_purchaseorderline l
    LEFT JOIN (SELECT g.order_line_id, sum(g.accepted + g.damaged + g.to_inspect) AS taken
               FROM purchasing_goodsreceiptline g JOIN purchasing_goodsreceipt d ON d.id = g.receipt_id
               WHERE d.undone_at IS NULL GROUP BY g.order_line_id) r ON r.order_line_id = l.id
    WHERE l.received <> coalesce(r.taken, 0)
    """,
)
invariant(
    "purchasing.receipts_equal_entries",
    "what a receipt took in is what its stock entry added",
    """
    SELECT d.id AS receipt, d.taken, coalesce(m.pieces, 0) AS by_movements
    FROM (SELECT r.id, r.entry_id, sum(l.accepted + l.damaged + l.to_inspect) AS taken
          FROM purchasing_goodsreceipt r JOIN purchasing_goodsreceiptline l ON l.receipt_id = r.id
          GROUP BY r.id) d
    LEFT JOIN (SELECT entry_id, sum(on_hand_change) AS pieces FROM inventory_stockmovement
               WHERE entry_id IN (SELECT entry_id FROM purchasing_goodsreceipt WHERE entry_id IS NOT NULL)
               GROUP BY entry_id) m ON m.entry_id = d.entry_id
    WHERE d.taken <> coalesce(m.pieces, 0)
    """,
)
invariant(
    "purchasing.values_equal_stock",
    "a variant whose movements are all valued has as many valued pieces as are on hand",
    """
    SELECT v.variant_id AS variant, v.quantity, coalesce(s.on_hand, 0) AS on_hand
    FROM purchasing_variantvalue v
    LEFT JOIN (SELECT variant_id, sum(on_hand) AS on_hand FROM inventory_stockitem GROUP BY variant_id) s
           ON s.variant_id = v.variant_id
    WHERE v.quantity <> coalesce(s.on_hand, 0) AND NOT EXISTS (
        SELECT FROM inventory_stockmovement m JOIN inventory_stockitem i ON i.id = m.stock_item_id
        WHERE i.variant_id = v.variant_id AND m.on_hand_change <> 0
          AND m.id > (SELECT coalesce(max(settled_id), 0) FROM purchasing_valuationprogress)
          AND NOT EXISTS (SELECT FROM purchasing_costentry c WHERE c.movement_id = m.id))
    """,
)
invariant(
    "purchasing.values_equal_layers",
    "a variant's pieces and their first-in-first-out value are those of its layers",
    """
    SELECT v.variant_id AS variant, v.quantity, v.fifo_value, coalesce(l.remaining, 0) AS by_layers,
           coalesce(l.worth, 0) AS worth_by_layers
    FROM purchasing_variantvalue v
    LEFT JOIN (SELECT variant_id, sum(remaining) AS remaining, sum(remaining * unit_cost) AS worth
               FROM purchasing_costlayer WHERE remaining > 0 GROUP BY variant_id) l ON l.variant_id = v.variant_id
    WHERE v.quantity <> coalesce(l.remaining, 0) OR v.fifo_value <> coalesce(l.worth, 0)
    """,
)
invariant(
    "purchasing.values_equal_entries",
    "a variant's pieces and values are the sums of its cost entries",
    """
    SELECT v.variant_id AS variant, v.quantity, v.average_value, v.fifo_value, coalesce(e.quantity, 0) AS by_entries
    FROM purchasing_variantvalue v
    LEFT JOIN (SELECT variant_id, sum(quantity) AS quantity, sum(average_value) AS average, sum(fifo_value) AS fifo
               FROM purchasing_costentry GROUP BY variant_id) e ON e.variant_id = v.variant_id
    WHERE v.quantity <> coalesce(e.quantity, 0) OR v.average_value <> coalesce(e.average, 0)
       OR v.fifo_value <> coalesce(e.fifo, 0)
    """,
)
invariant(
    "purchasing.landed_shares_add_up",
    "the shares of a receipt's lines add up to its landed costs",
    """
    SELECT r.receipt_id AS receipt, r.shared, coalesce(c.amount, 0) AS amount
    FROM (SELECT receipt_id, sum(landed) AS shared FROM purchasing_goodsreceiptline GROUP BY receipt_id) r
    LEFT JOIN (SELECT receipt_id, sum(in_shop_currency) AS amount FROM purchasing_landedcost
               WHERE withdrawn_at IS NULL GROUP BY receipt_id) c ON c.receipt_id = r.receipt_id
    WHERE r.shared <> coalesce(c.amount, 0)
    """,
)
invariant(
    "purchasing.landed_lines_equal_shares",
    "what a receipt's line carries is its shares of the costs that were not withdrawn, and each cost is shared out",
    """
    SELECT l.id AS line, l.landed, coalesce(s.amount, 0) AS by_shares
    FROM purchasing_goodsreceiptline l
    LEFT JOIN (SELECT s.line_id, sum(s.amount) AS amount
               FROM purchasing_landedcostshare s JOIN purchasing_landedcost c ON c.id = s.cost_id
               WHERE c.withdrawn_at IS NULL GROUP BY s.line_id) s ON s.line_id = l.id
    WHERE l.landed <> coalesce(s.amount, 0)
    UNION ALL
    SELECT c.id, c.in_shop_currency, coalesce(s.amount, 0)
    FROM purchasing_landedcost c
    LEFT JOIN (SELECT cost_id, sum(amount) AS amount FROM purchasing_landedcostshare GROUP BY cost_id) s
           ON s.cost_id = c.id
    WHERE c.in_shop_currency <> coalesce(s.amount, 0)
    """,
)
invariant(
    "purchasing.return_numbers_below_sequence",
    "the next number of a return to a supplier was never used",
    """
    SELECT s.name AS series, s.next_value, d.highest
    FROM core_sequence s
    JOIN (SELECT max(substr(number, 4)::bigint) AS highest
          FROM purchasing_supplierreturn WHERE number ~ '^SR-[0-9]+$') d ON s.name = 'purchasing.return'
    WHERE d.highest >= s.next_value
    """,
)
invariant(
    "purchasing.returns_equal_entries",
    "what a sent return names is what its stock entry took away",
    """
    SELECT d.id AS supplier_return, d.pieces, coalesce(-m.pieces, 0) AS by_movements
    FROM (SELECT r.id, r.entry_id, sum(l.quantity) AS pieces
          FROM purchasing_supplierreturn r JOIN purchasing_supplierreturnline l ON l.supplier_return_id = r.id
          WHERE r.state IN ('sent', 'credited') GROUP BY r.id) d
    LEFT JOIN (SELECT entry_id, sum(on_hand_change) AS pieces FROM inventory_stockmovement
               WHERE entry_id IN (SELECT entry_id FROM purchasing_supplierreturn WHERE entry_id IS NOT NULL)
               GROUP BY entry_id) m ON m.entry_id = d.entry_id
    WHERE d.pieces <> coalesce(-m.pieces, 0)
    """,
)
