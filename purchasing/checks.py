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
