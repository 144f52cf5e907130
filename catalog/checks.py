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
