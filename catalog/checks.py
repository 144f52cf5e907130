"""What must be true of the catalogue at every commit."""

from core.verify import invariant

invariant(
    "catalog.price_currency",
    "a price is in the currency of its channel",
    """
    SELECT p.id AS price, p.currency, c.currency AS channel_currency
    FROM catalog_price p JOIN catalog_saleschannel c ON c.id = p.sales_channel_id
    WHERE p.currency <> c.currency
    """,
)
invariant(
    "catalog.main_picture",
    "a product shows one of its own pictures, or none",
    """
    SELECT p.id AS product FROM catalog_product p
    WHERE p.image_path <> ''
      AND NOT EXISTS (SELECT FROM catalog_productimage i WHERE i.product_id = p.id AND i.file = p.image_path)
    """,
)
invariant(
    "catalog.live_is_on_sale",
    "a product that is live or paused somewhere is on sale",
    """
    SELECT l.id AS listing, l.product_id AS product, l.state, p.status
    FROM catalog_listing l JOIN catalog_product p ON p.id = l.product_id
    WHERE l.state IN ('live', 'paused') AND p.status <> 'active'
    """,
)
invariant(
    "catalog.review_waits_with_product",
    "a product is in review exactly while one round waits for its decision",
    """
    SELECT p.id AS product, p.status, count(r.id) AS waiting
    FROM catalog_product p LEFT JOIN catalog_review r ON r.product_id = p.id AND r.verdict = 'waiting'
    WHERE p.status = 'in_review' OR r.id IS NOT NULL
    GROUP BY p.id, p.status
    HAVING (p.status = 'in_review') <> (count(r.id) = 1)
    """,
)
invariant(
    "catalog.approved_by_somebody",
    "the last decision about an approved product is an approval",
    """
    SELECT p.id AS product, coalesce(last.verdict, 'none') AS verdict
    FROM catalog_product p
    LEFT JOIN LATERAL (SELECT verdict FROM catalog_review r
                       WHERE r.product_id = p.id AND r.verdict IN ('approved', 'changes_requested')
                       ORDER BY r.id DESC LIMIT 1) last ON true
    WHERE p.status = 'approved' AND last.verdict IS DISTINCT FROM 'approved'
    """,
)
invariant(
    "catalog.replaced_without_circle",
    "only what has ended is replaced, and never by itself by way of others",
    """
    WITH RECURSIVE chain (start, id, next) AS (
        SELECT id, id, replaced_by_id FROM catalog_product WHERE replaced_by_id IS NOT NULL
        UNION SELECT c.start, p.id, p.replaced_by_id FROM chain c JOIN catalog_product p ON p.id = c.next
    )
    SELECT DISTINCT p.id AS product, p.status, p.replaced_by_id AS replaced_by
    FROM catalog_product p LEFT JOIN chain c ON c.start = p.id AND c.next = p.id
    WHERE p.replaced_by_id IS NOT NULL AND (p.status <> 'ended' OR c.start IS NOT NULL)
    """,
)
