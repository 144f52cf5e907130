"""What must be true of payments at every commit."""

from core.verify import invariant

invariant(
    "payments.grants_within_paid",
    "what is granted and not sent is within what is paid (or what overtook it is still to be told)",
    """
    SELECT r.order_id, o.number, o.paid_total, r.promised
    FROM (SELECT order_id, sum(amount) AS promised FROM payments_refund
          WHERE state IN ('granted', 'sending', 'failed') GROUP BY order_id) r
    JOIN orders_order o ON o.id = r.order_id
    WHERE r.promised > o.paid_total
      AND NOT EXISTS (SELECT FROM core_delivery d
                      JOIN django_content_type t ON t.id = d.subject_type_id
                      WHERE d.done_at IS NULL AND d.handler LIKE 'payments.handlers.%%'
                        AND t.app_label = 'orders' AND t.model = 'order' AND d.subject_id = r.order_id)
      AND NOT EXISTS (SELECT FROM payments_refund s WHERE s.order_id = r.order_id AND s.state = 'sending')
    """,
)
invariant(
    "payments.sent_equals_ledger",
    "a sent refund is a refund of the same amount, order and currency in the ledger",
    """
    SELECT r.id AS refund, r.number, r.amount, p.amount AS ledger
    FROM payments_refund r JOIN orders_payment p ON p.id = r.payment_id
    WHERE (p.kind, p.order_id, p.amount, p.currency) IS DISTINCT FROM ('refund', r.order_id, r.amount, r.currency)
    """,
)
invariant(
    "payments.refund_lines_within",
    "lines of a refund add up to no more than it, those of an order line to no more than it was worth",
    """
    SELECT r.id AS refund, NULL::bigint AS order_line, sum(l.amount) AS lines, r.amount AS most
    FROM payments_refund r JOIN payments_refundline l ON l.refund_id = r.id
    GROUP BY r.id HAVING sum(l.amount) > r.amount
    UNION ALL
    SELECT NULL, l.order_line_id, sum(l.amount), max(l.line_total)
    FROM payments_refundline l JOIN payments_refund r ON r.id = l.refund_id AND r.state <> 'withdrawn'
    GROUP BY l.order_line_id HAVING sum(l.amount) > max(l.line_total)
    """,
)
invariant(
    "payments.refund_numbers_below_sequence",
    "the next number of a refund was never used",
    """
    SELECT s.name AS series, s.next_value, d.highest
    FROM core_sequence s
    JOIN (SELECT max(substr(number, 4)::bigint) AS highest FROM payments_refund WHERE number ~ '^RF-[0-9]+$') d ON true
    WHERE s.name = 'payments.refund' AND d.highest >= s.next_value
    """,
)
invariant(
    "payments.counters_equal_transactions",
    "what is authorised, captured and refunded at a provider is the sum of its transactions",
    """
    SELECT p.id AS payment, p.authorised, p.captured, p.refunded, t.captured AS by_captures, t.refunded AS by_refunds
    FROM payments_providerpayment p
    LEFT JOIN (SELECT payment_id, sum(amount) FILTER (WHERE kind = 'authorise') AS authorised,
                      sum(amount) FILTER (WHERE kind = 'capture') AS captured,
                      sum(amount) FILTER (WHERE kind = 'refund') AS refunded
               FROM payments_providertransaction GROUP BY payment_id) t ON t.payment_id = p.id
    WHERE (p.captured, p.refunded) <> (coalesce(t.captured, 0), coalesce(t.refunded, 0))
       OR p.authorised <> greatest(coalesce(t.authorised, 0), coalesce(t.captured, 0))
    """,
)
invariant(
    "payments.transactions_equal_ledger",
    "what a provider took or gave back is a row of the order's ledger, or a person is asked why not",
    """
    SELECT t.id AS transaction, t.payment_id, t.kind, t.amount, l.amount AS ledger
    FROM payments_providertransaction t
    JOIN payments_providerpayment p ON p.id = t.payment_id
    LEFT JOIN orders_payment l ON l.id = t.ledger_id
    WHERE (t.kind IN ('capture', 'refund') AND l.id IS NULL AND p.problem = '')
       OR (l.id IS NOT NULL AND (l.kind, l.order_id, l.amount) IS DISTINCT FROM (t.kind, p.order_id, t.amount))
       OR (t.kind IN ('authorise', 'void') AND l.id IS NOT NULL)
    """,
)
invariant(
    "payments.sending_is_asked",
    "a refund that is being sent has one open question to a provider, and no other refund has one",
    """
    SELECT r.id AS refund, r.number, r.state, count(c.id) AS open_calls
    FROM payments_refund r
    LEFT JOIN payments_providercall c ON c.refund_id = r.id AND c.state IN ('waiting', 'asked', 'unknown')
    WHERE r.state = 'sending' OR c.id IS NOT NULL
    GROUP BY r.id HAVING (r.state = 'sending') <> (count(c.id) = 1)
    """,
)
invariant(
    "payments.deposits_equal_matches",
    "what is matched of a deposit is the sum of its matches, each with its payment in the ledger",
    """
    SELECT d.id AS deposit, d.matched, coalesce(m.total, 0) AS by_matches, m.wrong
    FROM payments_bankdeposit d
    LEFT JOIN (SELECT m.deposit_id, sum(m.amount) FILTER (WHERE m.undone_at IS NULL) AS total,
                      count(*) FILTER (WHERE (p.kind, p.order_id, p.amount)
                                       IS DISTINCT FROM ('capture', m.order_id, m.amount)) AS wrong
               FROM payments_depositmatch m JOIN orders_payment p ON p.id = m.payment_id
               GROUP BY m.deposit_id) m ON m.deposit_id = d.id
    WHERE d.matched <> coalesce(m.total, 0) OR m.wrong > 0
    """,
)
