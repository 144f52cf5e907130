"""What must be true of papers at every commit."""

from core.verify import invariant

invariant(
    "accounting.numbers_without_gaps",
    "a series numbers its papers from 1 on, without a gap, up to the one before its next number",
    """
    SELECT s.id AS series, s.prefix, s.next_serial, count(d.id) AS papers, max(d.serial) AS highest
    FROM accounting_documentseries s LEFT JOIN accounting_issueddocument d ON d.series_id = s.id
    GROUP BY s.id
    HAVING count(d.id) <> s.next_serial - 1 OR coalesce(max(d.serial), 0) <> s.next_serial - 1
        OR coalesce(min(d.serial), 1) <> 1
    """,
)
invariant(
    "accounting.papers_equal_their_rates",
    "what a paper tells of each rate adds up to its total",
    """
    SELECT d.id AS paper, d.number, d.gross, d.net, d.tax, t.gross AS by_rates
    FROM accounting_issueddocument d
    LEFT JOIN (SELECT document_id, sum(gross) AS gross, sum(net) AS net, sum(tax) AS tax
               FROM accounting_documenttax GROUP BY document_id) t ON t.document_id = d.id
    WHERE (d.gross, d.net, d.tax) IS DISTINCT FROM (coalesce(t.gross, 0), coalesce(t.net, 0), coalesce(t.tax, 0))
    """,
)
invariant(
    "accounting.corrections_within_papers",
    "corrections take back no more of a rate than the paper billed at it",
    """
    SELECT d.id AS paper, d.number, t.percent, sum(t.gross) AS gross, sum(t.tax) AS tax
    FROM accounting_issueddocument d
    JOIN accounting_issueddocument c ON c.id = d.id OR c.corrects_id = d.id
    JOIN accounting_documenttax t ON t.document_id = c.id
    WHERE d.corrects_id IS NULL AND d.gross > 0
    GROUP BY d.id, d.number, t.tax_class, t.percent
    HAVING sum(t.gross) < 0 OR sum(t.tax) < 0
    """,
)
invariant(
    "accounting.papers_have_their_file",
    "every paper knows the file it was issued as, and its pages in it",
    """
    SELECT d.id AS paper, d.number FROM accounting_issueddocument d
    LEFT JOIN accounting_issuedfile f ON f.id = d.file_id
    WHERE f.id IS NULL OR d.page_count < 1 OR f.digest !~ '^[0-9a-f]{64}$'
    """,
)
invariant(
    "accounting.settlements_add_up",
    "a statement tells the sum and number of its lines, and how many differences are to decide",
    """
    SELECT s.id AS settlement, s.reference, s.total, l.total AS lines_total, s.line_count, s.difference_count
    FROM accounting_settlement s
    LEFT JOIN (SELECT settlement_id, sum(amount) AS total, count(*) AS lines
               FROM accounting_settlementline GROUP BY settlement_id) l ON l.settlement_id = s.id
    LEFT JOIN (SELECT settlement_id, count(*) AS waiting FROM accounting_settlementdifference
               WHERE state <> 'accepted' GROUP BY settlement_id) d ON d.settlement_id = s.id
    WHERE (s.total, s.line_count, s.difference_count)
        IS DISTINCT FROM (coalesce(l.total, 0), coalesce(l.lines, 0), coalesce(d.waiting, 0))
    """,
)
invariant(
    "accounting.settlement_lines_fit",
    "a line of a statement belongs to an order of its channel, and its order line to that order",
    """
    SELECT l.id AS line, s.reference FROM accounting_settlementline l
    JOIN accounting_settlement s ON s.id = l.settlement_id
    LEFT JOIN orders_order o ON o.id = l.order_id
    LEFT JOIN orders_orderline n ON n.id = l.order_line_id
    WHERE o.sales_channel_id <> s.sales_channel_id OR (n.id IS NOT NULL AND n.order_id IS DISTINCT FROM l.order_id)
    """,
)
invariant(
    "accounting.ads_are_spread_whole",
    "the shares of an advertising cost add up to it",
    """
    SELECT a.id AS ad_cost, a.amount, sum(s.amount) AS shares
    FROM accounting_adcost a JOIN accounting_adshare s ON s.ad_cost_id = a.id
    GROUP BY a.id HAVING sum(s.amount) <> a.amount
    """,
)
invariant(
    "accounting.lines_bear_their_ads",
    "a line bears the advertising that its shares say",
    """
    SELECT p.id AS profit, p.ads, coalesce(s.amount, 0) AS shares FROM accounting_lineprofit p
    LEFT JOIN (SELECT line_id, sum(amount) AS amount FROM accounting_adshare GROUP BY line_id) s ON s.line_id = p.id
    WHERE p.ads <> -coalesce(s.amount, 0)
    """,
)
