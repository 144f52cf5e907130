"""Which variants the codes of a channel's file mean."""

from collections.abc import Collection

from django.db import connection

# the channel's own code first, then our SKU, then a code that holds everywhere, then the barcode
_MATCH = """
SELECT DISTINCT ON (code) code, variant_id FROM (
    SELECT c.code, c.variant_id, 1 AS rank FROM catalog_variantcode c
    WHERE c.sales_channel_id = %(channel)s AND c.code = ANY(%(codes)s)
    UNION ALL SELECT v.sku, v.id, 2 FROM catalog_variant v WHERE v.sku = ANY(%(codes)s)
    UNION ALL SELECT c.code, c.variant_id, 3 FROM catalog_variantcode c
    WHERE c.sales_channel_id IS NULL AND c.code = ANY(%(codes)s)
    UNION ALL SELECT v.barcode, v.id, 4 FROM catalog_variant v WHERE v.barcode = ANY(%(codes)s) AND v.barcode <> ''
) found ORDER BY code, rank
"""


def match_variants(*, codes: Collection[str], sales_channel_id: int) -> dict[str, int]:
    """Return code -> variant id for the codes that are known; one statement, for thousands."""
    wanted = [code for code in codes if code]
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_MATCH, {"channel": sales_channel_id, "codes": wanted})
        return dict(cursor.fetchall())
