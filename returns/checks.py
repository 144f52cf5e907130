"""What must be true of return cases at every commit."""

from core.verify import invariant

invariant(
    "returns.received_equals_returns",
    "what came back of a case's line is what its return says",
    """
    SELECT l.id AS line, l.request_id, l.received_count, coalesce(r.quantity, 0) AS by_return
    FROM returns_requestline l
    LEFT JOIN (SELECT rl.record_id, rl.order_line_id, sum(rl.quantity) AS quantity
               FROM orders_returnline rl GROUP BY rl.record_id, rl.order_line_id) r
           ON r.record_id = l.return_record_id AND r.order_line_id = l.order_line_id
    WHERE l.received_count <> coalesce(r.quantity, 0)
    """,
)
invariant(
    "returns.findings_equal_pieces",
    "every piece of an inspected case was found once, and is worth what the ledger says",
    """
    SELECT l.id AS line, q.number, coalesce(f.pieces, 0) AS pieces, coalesce(f.value, 0) AS value
    FROM returns_requestline l
    JOIN returns_returnrequest q ON q.id = l.request_id
    LEFT JOIN (SELECT line_id, sum(quantity) AS pieces, sum(value) AS value FROM returns_finding GROUP BY line_id) f
           ON f.line_id = l.id
    LEFT JOIN orders_returnline r ON r.record_id = l.return_record_id AND r.order_line_id = l.order_line_id
    WHERE (q.state IN ('inspected', 'resolved')
           AND coalesce(f.pieces, 0) <> CASE q.kind WHEN 'claim' THEN l.quantity ELSE l.received_count END)
       OR (q.state NOT IN ('inspected', 'resolved') AND f.pieces IS NOT NULL)
       OR (q.kind = 'return' AND f.pieces IS NOT NULL AND f.value <> greatest(r.total, 0))
    """,
)
invariant(
    "returns.resolved_has_outcomes",
    "every piece of a resolved case has an outcome",
    """
    SELECT f.id AS finding, q.number FROM returns_finding f
    JOIN returns_requestline l ON l.id = f.line_id JOIN returns_returnrequest q ON q.id = l.request_id
    WHERE q.state = 'resolved' AND f.resolution = ''
    """,
)
invariant(
    "returns.kept_pieces_are_held",
    "what is kept for an exchange is held, and nothing else is held as such for a case",
    """
    SELECT coalesce(l.id, 0) AS line, coalesce(h.id, 0) AS hold, coalesce(l.quantity, 0) AS kept,
           coalesce(h.quantity - h.released, 0) AS held
    FROM returns_requestline l
    FULL JOIN (SELECT * FROM inventory_stockhold WHERE key LIKE 'exchange:%' AND quantity > released) h
           ON h.key = 'exchange:' || l.id
    WHERE (l.held_until IS NOT NULL AND coalesce(h.quantity - h.released, 0) <> l.quantity)
       OR (l.held_until IS NULL AND h.id IS NOT NULL)
    """,
)
invariant(
    "returns.not_more_than_shipped",
    "cases never speak for more pieces than the customer has",
    """
    SELECT o.id AS order_line, o.order_id, o.shipped_count, o.returned_count, a.pieces
    FROM orders_orderline o
    JOIN (SELECT l.order_line_id, sum(l.quantity) AS pieces FROM returns_requestline l
          JOIN returns_returnrequest q ON q.id = l.request_id
          WHERE (q.kind = 'return' AND q.state IN ('requested', 'approved', 'in_transit'))
             OR (q.kind = 'claim' AND q.state NOT IN ('refused', 'called_off'))
          GROUP BY l.order_line_id) a ON a.order_line_id = o.id
    WHERE a.pieces > o.shipped_count
    """,
)
invariant(
    "returns.numbers_below_sequence",
    "case numbers were drawn from their sequence",
    """
    SELECT q.id AS request, q.number FROM returns_returnrequest q
    LEFT JOIN core_sequence s ON s.name = 'returns.request'
    WHERE q.number LIKE 'RC-%' AND substr(q.number, 4)::bigint >= coalesce(s.next_value, 1)
    """,
)
